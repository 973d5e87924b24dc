// SPDX-License-Identifier: Apache-2.0
// Conditional usage: "OBX-2 is required where OBX-5 is valued, unless OBX-11 is X". The standard's statements stand in one
// table (validate_conditions.cc) with their section and versions, are read when a Validator is made, and cost a test of bits
// per segment. Immutable once made; any thread. Internal to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/finding_rule.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/quick_check.h"

namespace smarthl7::hl7 {

/// One line of the table.
struct ConditionFacts {
  std::string_view wanted;  // "OBX-2", "SCH-1 or SCH-2", "CX.4 or CX.9": one of them must be there
  std::string_view when;    // "OBX-5 present and OBX-11 not in X", "event in T02 T04", "next is TQ1"; empty: always
  std::string_view from;    // oldest version
  std::string_view to;      // newest version; empty: all that follow
  Rule rule;                // condition: the message cannot be read without; condition_expected: the standard asks for it
  std::string_view section;
};
[[nodiscard]] std::span<const ConditionFacts> condition_facts();

struct ConditionTerm {
  enum class Kind : std::uint8_t { present, absent, in, not_in, event, next_is };
  Kind kind = Kind::present;
  NameKey segment = 0;  // 0: the segment (or value) itself; else the first of that name in the message
  std::uint16_t number = 0;
  std::vector<std::string> values;
};

struct Condition {
  const ConditionFacts* facts = nullptr;
  std::vector<std::uint16_t> wanted;
  std::vector<ConditionTerm> terms;
  QuickNeed quick;
};

/// Those of a segment ("OBX") or data type ("CX") in a version.
[[nodiscard]] std::vector<Condition> conditions_of(std::string_view name, std::string_view version);

}  // namespace smarthl7::hl7
