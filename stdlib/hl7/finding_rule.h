// SPDX-License-Identifier: Apache-2.0
// Rule: what a finding is about, as a stable id ("field-required") that tables, tests and sites can name, and how much it
// weighs at each strictness. The standard lets receivers ignore what they do not expect (2.5.1 chapter 2, 2.6.2): such
// findings are errors only where a site asks for `strict`. Constant tables; any thread; no failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace smarthl7::hl7 {

enum class Severity : std::uint8_t { error, warning, information };  // table 0516: E, W, I

/// How a site wants its messages measured: what stands in fields is reported only; the standard's demands on meaning are
/// errors; all that the standard states is an error.
enum class Strictness : std::uint8_t { tolerant, usual, strict };

enum class Rule : std::uint8_t {
  other,  // of no rule here: made elsewhere in the hub
  // the header
  encoding_characters,
  version,
  message_type,
  structure_name,
  // segments and groups
  segment_missing,
  group_missing,
  segment_unexpected,
  segment_unknown,
  segment_undeclared,
  segment_order,
  segment_repeats,
  group_repeats,
  // usage and cardinality
  field_required,
  component_required,
  field_repeats,
  field_withdrawn,
  component_withdrawn,
  field_extra,
  component_extra,
  condition,
  condition_expected,
  same_value,
  // data types
  number,
  sequence_id,
  date,
  time,
  timestamp,
  telephone,
  universal_id,
  object_identifier,
  check_digit,
  value_type,
  structured_numeric,
  money,
  encapsulated,
  escape_sequence,
  // lengths
  length_most,
  length_least,
  truncated,
  // tables
  code,
  code_suggested,
  code_closed_by_site,
  // what the site states
  site_required,
  site_condition,
  site_rule,
  site_cardinality,
};
inline constexpr std::size_t kRuleCount = static_cast<std::size_t>(Rule::site_cardinality) + 1;

struct RuleFacts {
  Rule rule;
  std::string_view id;        // "field-required"
  std::uint16_t code;         // of table 0357
  std::string_view severity;  // tolerant, usual, strict: E, W, I; '-': not looked for
  std::string_view section;   // where the standard states it; 2.5.1 unless said
  std::string_view title;     // for people
};

[[nodiscard]] const RuleFacts& facts_of(Rule rule);
[[nodiscard]] inline std::string_view id_of(Rule rule) { return facts_of(rule).id; }
[[nodiscard]] std::optional<Rule> find_rule(std::string_view id);
/// nullopt: not looked for at this strictness.
[[nodiscard]] std::optional<Severity> severity_of(Rule rule, Strictness strictness);
[[nodiscard]] std::string_view name_of(Severity severity);  // "error"

}  // namespace smarthl7::hl7
