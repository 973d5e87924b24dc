// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/finding_rule.h"

#include <array>

namespace smarthl7::hl7 {
namespace {

// In the order of Rule.
constexpr std::array<RuleFacts, kRuleCount> kRules = {{
    {Rule::other, "other", 207, "EEE", "", "made by another part of the hub"},
    {Rule::encoding_characters, "encoding-characters", 102, "WWE", "2.5.4, 2.15.9.2", "encoding characters"},
    {Rule::version, "version", 203, "EEE", "2.15.9.12", "version of the message"},
    {Rule::message_type, "message-type", 200, "EEE", "2.15.9.9", "message of another structure"},
    {Rule::structure_name, "structure-name", 200, "IWE", "2.15.9.9", "structure named in MSH-9.3"},
    {Rule::segment_missing, "segment-missing", 100, "EEE", "2.12", "required segment missing"},
    {Rule::group_missing, "group-missing", 100, "EEE", "2.12", "required group missing"},
    {Rule::segment_unexpected, "segment-unexpected", 100, "WWE", "2.6.2", "segment of the standard, not of this message"},
    {Rule::segment_unknown, "segment-unknown", 100, "WWE", "2.6.2", "segment that the version does not have"},
    {Rule::segment_undeclared, "segment-undeclared", 100, "--E", "2.11", "Z-segment that the site has not declared"},
    {Rule::segment_order, "segment-order", 100, "EEE", "2.12", "segment out of order"},
    {Rule::segment_repeats, "segment-repeats", 100, "EEE", "2.12", "segment repeats too often"},
    {Rule::group_repeats, "group-repeats", 100, "EEE", "2.12", "group repeats too often"},
    {Rule::field_required, "field-required", 101, "WEE", "2.5.3.4", "required field missing"},
    {Rule::component_required, "component-required", 101, "WEE", "2.5.3.4, 2.A", "required component missing"},
    {Rule::field_repeats, "field-repeats", 102, "WEE", "2.5.3.5", "field repeats too often"},
    {Rule::field_withdrawn, "field-withdrawn", 102, "WWE", "2.8.4", "withdrawn field in use"},
    {Rule::component_withdrawn, "component-withdrawn", 102, "WWE", "2.8.4", "withdrawn component in use"},
    {Rule::field_extra, "field-extra", 102, "IWE", "2.6.2", "field beyond the segment's definition"},
    {Rule::component_extra, "component-extra", 102, "IWE", "2.6.2", "component beyond the data type's definition"},
    {Rule::condition, "condition", 101, "WEE", "2.5.3.4", "field required by another one"},
    {Rule::condition_expected, "condition-expected", 101, "IWE", "2.5.3.4", "field expected because of another one"},
    {Rule::same_value, "same-value", 102, "IWE", "4.5.1.2", "two fields that must agree"},
    {Rule::number, "number", 102, "WEE", "2.A.47", "number (NM)"},
    {Rule::sequence_id, "sequence-id", 102, "WEE", "2.A.70", "sequence id (SI)"},
    {Rule::date, "date", 102, "WEE", "2.A.21", "date (DT)"},
    {Rule::time, "time", 102, "WEE", "2.A.75", "time (TM)"},
    {Rule::timestamp, "timestamp", 102, "WEE", "2.A.22, 2.A.77", "date and time (DTM, TS)"},
    {Rule::telephone, "telephone", 102, "IWW", "2.A.89; 2.3: 2.8.41", "telephone number (TN, XTN)"},
    {Rule::universal_id, "universal-id", 101, "WEE", "2.A.33, 2.A.28", "universal id and its type (HD, EI)"},
    {Rule::object_identifier, "object-identifier", 102, "IWE", "2.A.33", "object identifier of type ISO"},
    {Rule::check_digit, "check-digit", 102, "IWE", "2.A.14", "check digit (CX, XCN, XON)"},
    {Rule::value_type, "value-type", 102, "WWE", "7.4.2.2", "type of a value that varies"},
    {Rule::structured_numeric, "structured-numeric", 102, "WEE", "2.A.71", "structured numeric (SN)"},
    {Rule::money, "money", 102, "IWE", "2.A.41", "denomination (MO)"},
    {Rule::encapsulated, "encapsulated", 102, "WEE", "2.A.24", "encapsulated data (ED)"},
    {Rule::escape_sequence, "escape-sequence", 102, "IWE", "2.7", "escape sequence"},
    {Rule::length_most, "length-most", 104, "WWE", "2.5.3.2", "value too long"},
    {Rule::length_least, "length-least", 104, "WWE", "2.7: 2.5.5.1", "value too short"},
    {Rule::truncated, "truncated", 104, "III", "2.7: 2.5.5.2", "truncated value"},
    {Rule::code, "code", 103, "WEE", "2.5.3.6", "code of a table that HL7 defines"},
    {Rule::code_suggested, "code-suggested", 103, "--E", "2.5.3.6", "code that a user-defined table suggests"},
    {Rule::code_closed_by_site, "code-closed-by-site", 103, "WEE", "2.5.3.6", "code of a table that the site closed"},
    {Rule::site_required, "site-required", 101, "WEE", "the site's `require`", "required by the site"},
    {Rule::site_condition, "site-condition", 102, "WEE", "the site's condition", "value as the site states"},
    {Rule::site_rule, "site-rule", 102, "WEE", "the site's `rule`", "the site's rule"},
    {Rule::site_cardinality, "site-cardinality", 100, "EEE", "the site's `one`", "how often the site allows it"},
}};

consteval bool in_order() {
  for (std::size_t at = 0; at < kRules.size(); ++at) {
    if (kRules[at].rule != static_cast<Rule>(at) || kRules[at].severity.size() != 3) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

const RuleFacts& facts_of(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }

std::optional<Rule> find_rule(std::string_view id) {
  for (const RuleFacts& facts : kRules) {
    if (facts.id == id) return facts.rule;
  }
  return std::nullopt;
}

std::optional<Severity> severity_of(Rule rule, Strictness strictness) {
  switch (facts_of(rule).severity[static_cast<std::size_t>(strictness)]) {
    case 'E': return Severity::error;
    case 'W': return Severity::warning;
    case 'I': return Severity::information;
    default: return std::nullopt;
  }
}

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::information: return "information";
  }
  return "error";
}

}  // namespace smarthl7::hl7
