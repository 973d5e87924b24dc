// SPDX-License-Identifier: Apache-2.0
// What stands inside of declarations: options, `else`, types, the items of messages, mappings and redactions.
// Part of the tree of a route file; ast.h says who owns the nodes, how long they live and how to read them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/syntax/ast_expression.h"

namespace smarthl7::syntax {

// ---- Parts that several declarations share ------------------------------------------------------------------------

/// What stands between an option's name and its value.
enum class Connective : std::uint8_t { none, file, secret, oauth, when, within, by, after, because, from };
[[nodiscard]] std::string_view spelling(Connective connective);

struct Option;
struct OptionBlock : Node {
  List<Option> options;

  /// The first option of that name, or null.
  [[nodiscard]] const Option* find(std::string_view name) const;
};
/// `name [connective] value {, value}`, `name { ... }`, or `name option` as in `unreachable give_up after 24h`.
/// Exactly one of values, block and nested is there, unless poisoned.
struct Option : Node {
  const Name* name = nullptr;
  Connective connective = Connective::none;
  List<Expr> values;
  const OptionBlock* block = nullptr;
  const Option* nested = nullptr;
};

enum class ElseKind : std::uint8_t { reject, proceed, keep, dead, drop, deliver, value };
/// What happens if the statement fails. `proceed` is written `continue`.
struct ElseClause : Node {
  ElseKind kind = ElseKind::keep;
  const Name* ack_code = nullptr;      // reject: AE, AR, ...; null means AE
  const StringExpr* reason = nullptr;  // reject (may be null), dead, drop
  List<Name> destinations;             // deliver
  const Expr* value = nullptr;         // value
};

/// `port`, `text`, `code(0105)`, `list of text`, `optional number`.
struct TypeRef : Node {
  const Name* name = nullptr;
  std::string_view argument;         // the table of code(...)
  const TypeRef* element = nullptr;  // of list and optional
};

/// `hl7 2.5.1 from 2.3 ORU_R01`, `xml`, `json`, `bytes`, or the name of a message.
struct MessageType : Node {
  const Name* format = nullptr;        // hl7, xml, json, bytes, or a declared message
  const Name* version = nullptr;       // may be null
  const Name* from_version = nullptr;  // may be null
  const Name* structure = nullptr;     // may be null
};

// ---- Items of a message -----------------------------------------------------------------------------------------

enum class MessageItemKind : std::uint8_t { one, require, condition, segment, rule, table, structure, error };
struct MessageItem : Family<MessageItem> {
  MessageItemKind kind = MessageItemKind::error;
};
struct ErrorMessageItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::error;
};
/// `one PATIENT_RESULT`.
struct OneItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::one;
  const PathExpr* what = nullptr;
};
/// `require PID-3, PID-5`.
struct RequireItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::require;
  List<PathExpr> paths;
};
/// A condition on the values that are there.
struct ConditionItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::condition;
  const Expr* condition = nullptr;
};
/// `1 instrument : ST(20) required repeats phi none`.
struct SegmentField : Node {
  std::uint32_t number = 0;
  const Name* name = nullptr;
  const Name* type = nullptr;
  std::uint32_t length = 0;  // 0: not said
  bool required = false;
  bool repeats = false;
  const Name* phi = nullptr;  // null: missing, which the checker refuses
};
/// `segment ZLR optional repeats after OBR { ... }`.
struct SegmentItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::segment;
  const Name* name = nullptr;
  bool required = false;
  bool repeats = false;
  const PathExpr* after = nullptr;  // may be null
  List<SegmentField> fields;
};
/// `rule "text" : CONDITION`; the condition may be an EachExpr.
struct RuleItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::rule;
  const StringExpr* text = nullptr;
  const Expr* condition = nullptr;
};
/// `table 0105 adds "INTERNAL"`, `table 0001 closed`.
struct TableItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::table;
  const Name* table = nullptr;
  bool closed = false;  // then nothing is added
  List<Expr> adds;
};

/// `structure { MSH PID {OBR [{OBX}]} }`: the site's own, in HL7's abstract syntax, instead of the standard's.
struct StructureItem : MessageItem {
  static constexpr MessageItemKind kKind = MessageItemKind::structure;
  const Name* text = nullptr;  // what stands between the outer braces, as written
};

// ---- Items of a mapping -----------------------------------------------------------------------------------------

enum class MappingItemKind : std::uint8_t { each, assign, remove, insert, when, error };
struct MappingItem : Family<MappingItem> {
  MappingItemKind kind = MappingItemKind::error;
};
struct ErrorMappingItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::error;
};
/// `each PID-3 [where COND] { ... }`.
struct EachItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::each;
  const PathExpr* scope = nullptr;
  const Expr* where = nullptr;  // may be null
  List<MappingItem> items;
};
/// `PATH = EXPR [else ...]`.
struct AssignItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::assign;
  const PathExpr* target = nullptr;
  const Expr* value = nullptr;
  const ElseClause* otherwise = nullptr;  // the else; may be null
};
/// `delete PATH {, PATH} [where COND] [else ...]`.
struct DeleteItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::remove;
  List<PathExpr> paths;
  const Expr* where = nullptr;            // may be null
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `insert SEG [after SEG] { -1 = ... } [else ...]`.
struct InsertItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::insert;
  const PathExpr* segment = nullptr;
  const PathExpr* after = nullptr;  // may be null
  List<MappingItem> items;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// One arm of `when A { } otherwise when B { } otherwise { }`; the last may be without condition.
struct WhenMappingArm : Node {
  const Expr* condition = nullptr;  // null: otherwise
  List<MappingItem> items;
};
struct WhenItem : MappingItem {
  static constexpr MappingItemKind kKind = MappingItemKind::when;
  List<WhenMappingArm> arms;
};

/// An item of a redaction: `PID-5, PID-9 remove`, `PID-3 hash key secret k`, `labels date year`, or what stays, alone.
struct RedactionItem : Node {
  List<PathExpr> paths;          // empty with labels
  List<Name> labels;             // empty with paths
  const Name* method = nullptr;  // may be null: stays as it is
  List<Option> arguments;        // `key secret k`, `vault v`, `days by key PID-3`
};

}  // namespace smarthl7::syntax
