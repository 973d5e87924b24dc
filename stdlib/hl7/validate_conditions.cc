// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate_conditions.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "stdlib/base/assert.h"
#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::hl7 {
namespace {

constexpr Rule kMust = Rule::condition;
constexpr Rule kExpected = Rule::condition_expected;

// Sections are those of 2.5.1 where it has the statement, else of the first version that does. What the standard words as
// a habit ("should"), or what a receiver can do without, is expected; what leaves a value unreadable is a must.
constexpr std::array kFacts = std::to_array<ConditionFacts>({
    // Chapter 2: enhanced mode names both acknowledgements.
    {"MSH-15", "MSH-16 present", "2.2", "", kExpected, "2.15.9.15"},
    {"MSH-16", "MSH-15 present", "2.2", "", kExpected, "2.15.9.16"},
    // Chapter 2.A: data types.
    {"CX.4 or CX.9 or CX.10", "", "2.7", "", kExpected, "2.7: 2.A.14.4"},
    // Chapter 3: patient administration.
    {"PID-35", "PID-36 present", "2.4", "", kMust, "3.4.2.35"},
    {"PID-35", "PID-38 present", "2.4", "", kMust, "3.4.2.35"},
    {"PID-36", "PID-37 present", "2.4", "", kMust, "3.4.2.36"},
    {"PV1-3", "event in A02", "2.2", "", kExpected, "3.3.2"},
    {"PV1-6", "event in A02", "2.2", "", kExpected, "3.3.2"},
    {"MRG-3", "event in A35 A41 A44 A49", "2.3", "", kExpected, "3.3.35, 3.3.41, 3.3.44, 3.3.49"},
    {"MRG-5", "event in A42 A45 A50", "2.3.1", "", kExpected, "3.3.42, 3.3.45, 3.3.50"},
    // Chapter 4: orders.
    {"TQ1-12", "next is TQ1", "2.5", "", kExpected, "4.5.4.12"},
    {"TQ2-3 or TQ2-4 or TQ2-5", "", "2.5", "", kMust, "4.5.5.3"},
    {"TQ2-6 or TQ2-10", "", "2.5", "", kMust, "4.5.5.6"},
    // Chapter 6: diagnoses and procedures of P12.
    {"DG1-20", "event in P12", "2.5", "", kExpected, "6.5.2.20"},
    {"DG1-21", "event in P12", "2.5", "", kExpected, "6.5.2.21"},
    {"PR1-19", "event in P12", "2.5", "", kExpected, "6.5.4.19"},
    {"PR1-20", "event in P12", "2.5", "", kExpected, "6.5.4.20"},
    // Chapter 7: observations.
    {"OBR-7", "event in R01 R30 R31 R32", "2.3", "", kExpected, "7.4.1.7"},
    {"OBR-25", "event in R01 R30 R31 R32", "2.3", "", kExpected, "7.4.1.25"},
    {"OBX-2", "OBX-5 present and OBX-11 not in X", "2.2", "", kMust, "7.4.2.2"},
    {"OBX-5", "OBX-11 in F C and OBX-8 absent", "2.3", "", kExpected, "7.4.2.5"},
    // Chapter 8: master files.
    {"MFE-2", "MFI-6 in AL ER SU", "2.2", "", kExpected, "8.5.2.2"},
    // Chapter 9: documents.
    {"TXA-3", "event in T02 T04 T06 T08 T10", "2.3", "", kExpected, "9.6.1.3"},
    {"TXA-13", "event in T05 T06 T09 T10", "2.3", "", kExpected, "9.6.1.13"},
    {"TXA-22", "TXA-17 in AU LA", "2.3", "", kExpected, "9.6.1.22"},
    // Chapter 10: scheduling.
    {"SCH-1 or SCH-2", "", "2.3", "", kMust, "10.6.1.1"},
    {"RGS-2", "event in S03 S14", "2.3", "", kExpected, "10.6.3.2"},
    {"AIS-2", "event in S03 S14", "2.3", "", kExpected, "10.6.4.2"},
    {"AIG-2", "event in S03 S14", "2.3", "", kExpected, "10.6.5.2"},
    {"AIL-2", "event in S03 S14", "2.3", "", kExpected, "10.6.6.2"},
    {"AIP-2", "event in S03 S14", "2.3", "", kExpected, "10.6.7.2"},
});

[[nodiscard]] std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + separator.size(), text.size()));
  }
  return parts;
}

/// "OBX-5" and "CX.4": a name and a number.
[[nodiscard]] std::pair<std::string_view, std::uint16_t> read_place(std::string_view text) {
  const std::size_t at = text.find_first_of("-.");
  SMARTHL7_ASSERT(at != std::string_view::npos, "a condition names no place");
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
  SMARTHL7_ASSERT(error == std::errc() && end == text.data() + text.size() && number > 0, "a condition names no place");
  return {text.substr(0, at), number};
}

[[nodiscard]] ConditionTerm read_term(std::string_view text, std::string_view own) {
  std::vector<std::string_view> words = split(text, " ");
  ConditionTerm term;
  const auto values_from = [&](std::size_t first) {
    term.values.assign(words.begin() + static_cast<long>(first), words.end());
  };
  if (words[0] == "event") {
    term.kind = ConditionTerm::Kind::event;
    values_from(2);
    return term;
  }
  if (words[0] == "next") {
    term.kind = ConditionTerm::Kind::next_is;
    term.segment = name_key(words[2]);
    return term;
  }
  const auto [name, number] = read_place(words[0]);
  if (name != own) term.segment = name_key(name);
  term.number = number;
  if (words[1] == "present") {
    term.kind = ConditionTerm::Kind::present;
  } else if (words[1] == "absent") {
    term.kind = ConditionTerm::Kind::absent;
  } else if (words[1] == "in") {
    term.kind = ConditionTerm::Kind::in;
    values_from(2);
  } else {
    SMARTHL7_ASSERT(words[1] == "not" && words.size() > 3, "a condition that nobody reads");
    term.kind = ConditionTerm::Kind::not_in;
    values_from(3);
  }
  return term;
}

[[nodiscard]] std::uint64_t bit_of(std::uint16_t number) { return number < 64 ? std::uint64_t{1} << number : 0; }

[[nodiscard]] Condition read_condition(const ConditionFacts& facts, std::string_view own) {
  Condition condition;
  condition.facts = &facts;
  for (const std::string_view place : split(facts.wanted, " or ")) {
    condition.wanted.push_back(read_place(place).second);
    condition.quick.any_of |= bit_of(condition.wanted.back());
  }
  for (const std::string_view text : split(facts.when, " and ")) {
    ConditionTerm term = read_term(text, own);
    const bool here = term.segment == 0 && term.number != 0;
    if (here && (term.kind == ConditionTerm::Kind::present || term.kind == ConditionTerm::Kind::in)) {
      condition.quick.if_present |= bit_of(term.number);
    }
    // An absent one is not asked for here: what stands there may be null, which only the closer look sees.
    condition.terms.push_back(std::move(term));
  }
  return condition;
}

}  // namespace

std::span<const ConditionFacts> condition_facts() { return kFacts; }

std::vector<Condition> conditions_of(std::string_view name, std::string_view version) {
  std::vector<Condition> found;
  for (const ConditionFacts& facts : kFacts) {
    if (facts.wanted.substr(0, facts.wanted.find_first_of("-.")) != name) continue;
    if (compare_versions(version, facts.from).value_or(-1) < 0) continue;
    if (!facts.to.empty() && compare_versions(version, facts.to).value_or(1) > 0) continue;
    found.push_back(read_condition(facts, name));
  }
  return found;
}

}  // namespace smarthl7::hl7
