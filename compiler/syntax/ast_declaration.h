// SPDX-License-Identifier: Apache-2.0
// Declarations, with the statements of a test and the conditions of an alert.
// Part of the tree of a route file; ast.h says who owns the nodes, how long they live and how to read them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/syntax/ast_step.h"

namespace smarthl7::syntax {

// ---- Statements of a test and conditions of an alert ---------------------------------------------------------------

enum class AnswerKind : std::uint8_t { code, nothing, garbage };
/// `AE late by 5s 2 times`.
struct Answer : Node {
  AnswerKind kind = AnswerKind::code;
  const Name* code = nullptr;   // of kind code
  const Expr* late = nullptr;   // may be null
  const Expr* times = nullptr;  // null: from then on
};
enum class TestItemKind : std::uint8_t { given_answers, given_down, send, after, expect_ack, expect_gets, expect_alert, error };
struct TestItem : Family<TestItem> {
  TestItemKind kind = TestItemKind::error;
};
struct ErrorTestItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::error;
};
struct GivenAnswersItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::given_answers;
  const Name* destination = nullptr;
  List<Answer> answers;
};
struct GivenDownItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::given_down;
  const Name* destination = nullptr;
  const Expr* duration = nullptr;  // null: for good
};
struct SendItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::send;
  bool file = false;  // `text` names a file
  const StringExpr* text = nullptr;
  const Name* source = nullptr;  // may be null: the only source
};
struct AfterItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::after;
  const Expr* duration = nullptr;
};
struct ExpectAckItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::expect_ack;
  const Name* code = nullptr;
};
/// `expect mercy gets 1 { ... }`; the destination's name may be `dead`.
struct ExpectGetsItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::expect_gets;
  const Name* destination = nullptr;
  const Expr* count = nullptr;
  List<Expr> conditions;
  bool block = false;
};
struct ExpectAlertItem : TestItem {
  static constexpr TestItemKind kKind = TestItemKind::expect_alert;
  const Name* alert = nullptr;
};

/// `when p99 of delivery_time in lab_results > 60s for 5m`.
struct AlertCondition : Node {
  const Name* quantile = nullptr;  // `p99`; may be null
  const Name* metric = nullptr;
  bool of_destination = false;  // `of D`; else `in FLOW`
  const Name* subject = nullptr;
  BinaryOp op = BinaryOp::greater;
  const Expr* value = nullptr;
  const Expr* duration = nullptr;  // may be null
};

// ---- Declarations -------------------------------------------------------------------------------------------------

enum class DeclKind : std::uint8_t {
  language,
  use,
  setting,
  secret,
  oauth,
  contact,
  environment,
  table,
  message,
  mapping,
  redaction,
  retry,
  source,
  destination,
  flow,
  alert,
  test,
  error,
};
[[nodiscard]] std::string_view spelling(DeclKind kind);

struct Declaration : Family<Declaration> {
  DeclKind kind = DeclKind::error;
  const Name* name = nullptr;              // null for language, use and test, and where it was not read
  std::span<const std::string_view> docs;  // lines of /// before it, without the slashes
};
/// A declaration whose head was read at most; `name` keeps its uses silent.
struct ErrorDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::error;
  DeclKind intended = DeclKind::error;
};
struct LanguageDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::language;
  std::string_view version;
};
struct UseDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::use;
  const Name* what = nullptr;
};
struct SettingDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::setting;
  const TypeRef* type = nullptr;
  const Expr* value = nullptr;  // may be null: each environment says
};
struct SecretDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::secret;
};
struct OauthDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::oauth;
  const OptionBlock* options = nullptr;
};
struct ContactDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::contact;
  const OptionBlock* options = nullptr;
};
/// `hub_port = 2575`, in an environment.
struct SettingValue : Node {
  const Name* setting = nullptr;
  const Expr* value = nullptr;
};
struct EnvironmentDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::environment;
  List<SettingValue> values;
};
/// `table facilities from csv "facilities.csv" { key code  value namespace }`.
struct TableDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::table;
  const Name* format = nullptr;
  const StringExpr* file = nullptr;
  const OptionBlock* options = nullptr;
};
struct MessageDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::message;
  const MessageType* type = nullptr;
  List<MessageItem> items;
};
struct MappingDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::mapping;
  const Name* from = nullptr;
  const Name* to = nullptr;  // null: edits a copy
  List<MappingItem> items;
};
/// `redaction N [from BASE] [allow] { ... }`.
struct RedactionDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::redaction;
  const Name* base = nullptr;  // may be null
  bool allow = false;
  List<RedactionItem> items;
};
struct RetryDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::retry;
  const Name* base = nullptr;  // may be null
  const OptionBlock* options = nullptr;
};
struct SourceDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::source;
  const Name* transport = nullptr;
  const OptionBlock* options = nullptr;
};
struct DestinationDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::destination;
  const Name* transport = nullptr;
  const OptionBlock* options = nullptr;
};
struct FlowDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::flow;
  List<Step> steps;
};
struct AlertDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::alert;
  List<AlertCondition> conditions;
  List<Name> notify;
};
struct TestDecl : Declaration {
  static constexpr DeclKind kKind = DeclKind::test;
  const StringExpr* title = nullptr;
  List<TestItem> items;
};

}  // namespace smarthl7::syntax
