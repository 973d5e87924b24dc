// SPDX-License-Identifier: Apache-2.0
// Sources, destinations and retries as understood: what their options say, in the words of the plan.
// Value types. Names and expressions are views into the tree, which outlives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/plan/plan.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::check {

struct RetryInfo {
  const syntax::RetryDecl* declaration = nullptr;
  std::optional<std::uint64_t> first_micros;
  std::optional<std::uint64_t> most_micros;
  std::uint32_t jitter_percent = 20;
  std::uint64_t give_up_micros = 0;
  std::uint32_t give_up_attempts = 0;
  std::uint64_t unreachable_give_up_micros = 0;
  bool broken = false;
};

/// An option of the connector's own, by its full name ("tls.certificate").
struct OptionInfo {
  std::string name;
  plan::OptionKind kind = plan::OptionKind::text;
  const syntax::Expr* value =
      nullptr;  // text and names of settings; null for literals of a number kind, files, secrets, blocks
  std::vector<const syntax::Expr*> more{};  // texts of a list after the first
  std::uint64_t number = 0;                 // literal: number, duration (microseconds), size (bytes), boolean (0 or 1)
  std::string_view secret;
  std::string file;  // from the project folder
};

/// `oauth NAME { ... }`
struct OauthInfo {
  const syntax::OauthDecl* declaration = nullptr;
  std::vector<OptionInfo> options;
  bool broken = false;
  bool by_source = false;  // one of them uses it
  bool by_destination = false;
};

struct AcceptedEvent {
  std::string_view code;       // "ORU"; empty: any
  std::string_view trigger;    // empty: any
  std::string_view structure;  // empty: any
  source::Span span;
};

struct SourceInfo {
  const syntax::SourceDecl* declaration = nullptr;
  std::vector<OptionInfo> options;
  std::vector<AcceptedEvent> accepts;
  plan::AckMode ack = plan::AckMode::when_stored;
  plan::Level level = plan::Level::identified;
  std::string_view application_ack;  // name of the destination; empty: none
  bool refuses_gaps = false;
  std::uint64_t answer_within_micros = 0;  // of `ack when delivered`
  std::uint64_t resends_micros = 0;        // how long its sender tries one message again; 0: not said
  bool refused = false;                    // its transport does not run yet, or its options had errors
};

struct DestinationInfo {
  const syntax::DestinationDecl* declaration = nullptr;
  std::vector<OptionInfo> options;
  plan::Destination values;                          // everything but names, options and ids
  std::vector<const syntax::PathExpr*> order_keys;   // of `order by PATH`
  std::vector<const syntax::PathExpr*> urgent_keys;  // of `urgent by PATH`
  std::vector<std::string_view> urgent_codes;
  std::vector<std::string> idempotent;  // by which paths its receiver knows a copy, as written: "MSH-10"
  std::vector<AcceptedEvent> barriers;
  const syntax::Option* idempotent_option = nullptr;
  const syntax::Option* delivery_option = nullptr;
  std::string_view retry;  // name
  bool refused = false;
};

}  // namespace smarthl7::check
