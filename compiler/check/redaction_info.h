// SPDX-License-Identifier: Apache-2.0
// A redaction as understood: its items as rules, those that it starts `from` first, with what each method needs. Value types;
// names are views into the tree, which outlives them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/ast.h"
#include "stdlib/hl7/redaction_rules.h"

namespace smarthl7::check {

/// A place of a message in every occurrence: "PID-3.4.1".
struct RedactionTarget {
  std::string segment;
  std::uint16_t field = 0;
  std::uint16_t component = 0;
  std::uint16_t subcomponent = 0;
  friend bool operator==(const RedactionTarget&, const RedactionTarget&) = default;
};
[[nodiscard]] std::string describe(const RedactionTarget& target);

/// One path or the labels of one item.
struct RedactionRuleInfo {
  const syntax::RedactionItem* item = nullptr;
  source::Span span;       // of the path or the labels
  RedactionTarget target;  // of a path
  std::vector<std::string_view> labels;
  std::string_view secret;   // name; empty: none
  RedactionTarget key;       // of shift
  std::uint32_t amount = 0;  // shift: days; hash: characters; mask: characters that stay
  bool shape = false;        // mask
  bool standard = false;     // written in the standard library
};

struct RedactionInfo {
  const syntax::RedactionDecl* declaration = nullptr;
  bool allow = false;
  bool broken = false;                     // an error was reported
  std::vector<RedactionRuleInfo> details;  // beside `rules`
  std::vector<hl7::RedactionRule> rules;   // what hl7::effect_at asks
  std::uint16_t layers = 0;
};

}  // namespace smarthl7::check
