// SPDX-License-Identifier: Apache-2.0
// Which item of a redaction has the say, and what it does.
#include "stdlib/hl7/redaction_rules.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace smarthl7::hl7 {
namespace {

constexpr PhiMark kName{PhiLabel::direct, PhiKind::name};
constexpr PhiMark kDate{PhiLabel::quasi, PhiKind::date};
constexpr PhiMark kCode{PhiLabel::clinical, PhiKind::clinical};
constexpr PhiMark kNobody{PhiLabel::none, PhiKind::none};

RedactionRule path(std::uint16_t layer, std::uint16_t field, std::uint16_t component, PhiMethod method) {
  RedactionRule rule;
  rule.layer = layer;
  rule.segment = name_key("PID");
  rule.field = field;
  rule.component = component;
  rule.method = method;
  return rule;
}
RedactionRule labels(std::uint16_t layer, std::string_view word, PhiMethod method) {
  RedactionRule rule;
  rule.layer = layer;
  rule.kinds = redaction_label(word)->kinds;
  rule.labels = redaction_label(word)->labels;
  rule.method = method;
  return rule;
}
RedactionPlace pid(std::uint16_t field, std::uint16_t component = 1) { return {name_key("PID"), field, component, 1}; }

TEST(RedactionRules, theDeeperPlaceHasTheSay) {
  const std::vector<RedactionRule> rules = {path(0, 5, 1, PhiMethod::hash), path(0, 5, 0, PhiMethod::remove)};
  EXPECT_EQ(effect_at(rules, false, pid(5, 1), kName).method, PhiMethod::hash);
  EXPECT_EQ(effect_at(rules, false, pid(5, 2), kName).method, PhiMethod::remove);
  EXPECT_EQ(effect_at(rules, false, pid(6, 1), kName).method, PhiMethod::keep);
  EXPECT_EQ(effect_at(rules, true, pid(6, 1), kName).method, PhiMethod::remove);
}

TEST(RedactionRules, aLaterLayerHasTheSayOverADeeperPlace) {
  const std::vector<RedactionRule> rules = {path(0, 5, 1, PhiMethod::hash), path(1, 5, 0, PhiMethod::remove)};
  EXPECT_EQ(effect_at(rules, false, pid(5, 1), kName).method, PhiMethod::remove);
  const std::vector<RedactionRule> by_label = {path(0, 5, 1, PhiMethod::keep), labels(1, "name", PhiMethod::remove)};
  EXPECT_EQ(effect_at(by_label, true, pid(5, 1), kName).method, PhiMethod::remove);
}

TEST(RedactionRules, aPlaceBeforeAKindBeforeALabel) {
  const std::vector<RedactionRule> rules = {labels(0, "direct", PhiMethod::remove), labels(0, "name", PhiMethod::synthetic),
                                            labels(0, "quasi", PhiMethod::keep), path(0, 9, 0, PhiMethod::hash)};
  EXPECT_EQ(effect_at(rules, true, pid(5), kName).method, PhiMethod::synthetic);
  EXPECT_EQ(effect_at(rules, true, pid(19), PhiMark({PhiLabel::direct, PhiKind::ssn})).method, PhiMethod::remove);
  EXPECT_EQ(effect_at(rules, true, pid(9), kName).method, PhiMethod::hash);
  EXPECT_EQ(effect_at(rules, true, pid(7), kDate).method, PhiMethod::keep);
  EXPECT_EQ(effect_at(rules, true, pid(8), kCode).method, PhiMethod::remove);
}

TEST(RedactionRules, aMethodThatDoesNotFitRemoves) {
  const std::vector<RedactionRule> rules = {labels(0, "direct", PhiMethod::year), labels(0, "date", PhiMethod::year)};
  EXPECT_EQ(effect_at(rules, true, pid(5), kName).method, PhiMethod::remove);
  EXPECT_EQ(effect_at(rules, true, pid(7), kDate).method, PhiMethod::year);
}

TEST(RedactionRules, anAllowLeavesTheHeaderThatAReceiverNeeds) {
  const auto msh = [](std::uint16_t field) { return RedactionPlace{name_key("MSH"), field, 1, 1}; };
  for (const std::uint16_t field : std::to_array<std::uint16_t>({1, 2, 9, 10, 11, 12, 18})) {
    EXPECT_EQ(effect_at({}, true, msh(field), kNobody).method, PhiMethod::keep) << field;
  }
  for (const std::uint16_t field : std::to_array<std::uint16_t>({3, 4, 5, 6, 8, 13})) {
    EXPECT_EQ(effect_at({}, true, msh(field), kNobody).method, PhiMethod::remove) << field;
  }
  EXPECT_EQ(effect_at({}, true, msh(7), kDate).method, PhiMethod::year);
  RedactionRule rule;
  rule.segment = name_key("MSH");
  rule.field = 10;
  rule.method = PhiMethod::hash;
  EXPECT_EQ(effect_at(std::vector{rule}, true, msh(10), kNobody).method, PhiMethod::hash);
}

TEST(RedactionRules, everyKindHasItsWord) {
  std::uint32_t kinds = 0;
  for (const RedactionLabel& label : redaction_labels()) kinds |= label.kinds;
  EXPECT_EQ(kinds, (std::uint32_t{1} << kPhiKinds) - 1);
}

}  // namespace
}  // namespace smarthl7::hl7
