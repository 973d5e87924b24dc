// SPDX-License-Identifier: Apache-2.0
// docs/hl7/validation.md says of every rule and condition what the program does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "stdlib/hl7/finding_rule.h"
#include "stdlib/hl7/validate_conditions.h"

namespace smarthl7::hl7 {
namespace {

std::string page() {
  std::ifstream in(std::string(SMARTHL7_SOURCE_DIR) + "/docs/hl7/validation.md");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string_view weight(Rule rule, Strictness strictness) {
  const auto severity = severity_of(rule, strictness);
  return severity ? name_of(*severity) : "-";
}

TEST(ValidationPage, HasEveryRuleAsItIs) {
  const std::string text = page();
  for (std::size_t at = 1; at < kRuleCount; ++at) {
    const RuleFacts& facts = facts_of(static_cast<Rule>(at));
    const std::string row = fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |", facts.id, facts.title, facts.code,
                                        weight(facts.rule, Strictness::tolerant), weight(facts.rule, Strictness::usual),
                                        weight(facts.rule, Strictness::strict), facts.section);
    EXPECT_NE(text.find(row), std::string::npos) << "docs/hl7/validation.md lacks\n" << row;
  }
}

TEST(ValidationPage, HasEveryConditionAsItIs) {
  const std::string text = page();
  for (const ConditionFacts& facts : condition_facts()) {
    const std::string row =
        fmt::format("| {} | {} | {} | `{}` | {} |", facts.wanted, facts.when.empty() ? "always" : facts.when, facts.from,
                    id_of(facts.rule), facts.section);
    EXPECT_NE(text.find(row), std::string::npos) << "docs/hl7/validation.md lacks\n" << row;
  }
}

}  // namespace
}  // namespace smarthl7::hl7
