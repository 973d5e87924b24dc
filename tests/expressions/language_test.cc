// SPDX-License-Identifier: Apache-2.0
// The sentences of the language about operators, types, absent and null, each with conditions that would differ if it were not
// so: whether a condition passes the check, and what it is for a message.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/eval/bound_plan.h"
#include "runtime/eval/interpreter.h"
#include "runtime/eval/stage.h"
#include "tests/expressions/project.h"

namespace smarthl7 {
namespace {

using testing::Project;

/// A message with these bytes in PID-19 (ST), PID-23 (ST), PID-25 (NM) and PID-33 (TS), as `19|23|25|33`.
std::string message_of(std::string_view fields) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= fields.size();) {
    const std::size_t bar = std::min(fields.find('|', at), fields.size());
    parts.emplace_back(fields.substr(at, bar - at));
    at = bar + 1;
  }
  parts.resize(4);
  return fmt::format(
      "MSH|^~\\&|A|B|C|D|20261123101500||ADT^A01^ADT_A01|M1|P|2.5.1\rEVN||20261123101500\r"
      "PID|1||7^^^A^MR~8^^^B^PI||S||||||||||||||{}||||{}||{}||||||||{}\rPV1|1|I\r",
      parts[0], parts[1], parts[2], parts[3]);
}

std::string route_of(std::string_view condition) {
  return fmt::format(
      "table wards from csv \"wards.csv\" {{ key code  value name }}\n"
      "message adt = hl7 2.5.1 ADT_A01 {{ }}\nmapping m : adt {{\n  when {} {{\n    PID-24 = \"Y\"\n  }}\n}}\n",
      condition);
}

/// The codes of the errors, with blanks between them.
std::string errors_of(std::string_view condition) {
  const Project project(route_of(condition));
  std::string codes;
  for (const diag::Diagnostic& one : project.sink().sorted()) {
    if (diag::info(one.code).severity != diag::Severity::error) continue;
    codes += (codes.empty() ? "" : " ") + std::string(diag::name_of(one.code));
  }
  return codes;
}

bool holds(std::string_view condition, std::string_view fields) {
  const Project project(route_of(condition));
  EXPECT_FALSE(project.sink().has_errors()) << condition << ": " << errors_of(condition);
  if (project.sink().has_errors()) return false;
  eval::Bound bound(project.lowered(), {}, {});
  EXPECT_TRUE(bound.prepare({}).has_value()) << condition;
  const plan::Plan& plan = bound.plan();
  hl7::Message message;
  const std::string bytes = message_of(fields);
  EXPECT_TRUE(message.reset(std::string_view(bytes)));
  eval::Stage stage;
  stage.receive(bound, message, hl7::Charset::utf8);
  eval::Interpreter interpreter(bound);
  interpreter.reset();
  interpreter.look_at(stage, 0);
  builtins::Value value;
  const bool computed = interpreter.evaluate(plan.statements[plan.lists[plan.mappings[0].body.first]].condition, value);
  EXPECT_TRUE(computed) << condition << " of " << fields << ": " << interpreter.failure().text;
  return computed && value.truth;
}

struct Case {
  const char* condition;
  const char* fields;
  bool holds;
};

void expect(const char* sentence, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(holds(one.condition, one.fields), one.holds) << sentence << "\n" << one.condition << " of " << one.fields;
  }
}

struct Refused {
  const char* condition;
  const char* codes;
};

void expect(const char* sentence, const std::vector<Refused>& cases) {
  for (const Refused& one : cases) EXPECT_EQ(errors_of(one.condition), one.codes) << sentence << "\n" << one.condition;
}

TEST(AbsentAndNull, AreDifferentEachWithItsTestAndPresentIsNeither) {
  expect("absent, null, present", {{"PID-19 absent", "", true},
                                   {"PID-19 absent", "\"\"", false},
                                   {"PID-19 absent", "x", false},
                                   {"PID-19 null", "", false},
                                   {"PID-19 null", "\"\"", true},
                                   {"PID-19 null", "x", false},
                                   {"PID-19 present", "", false},
                                   {"PID-19 present", "\"\"", false},
                                   {"PID-19 present", "x", true},
                                   {"PID-3[.5 == \"MR\"] present", "", true},
                                   {"PID-3[.5 == \"XX\"] absent", "", true},
                                   {"PID-3 present", "", true},
                                   {"NK1 present", "", false},
                                   {"NK1 absent", "", true},
                                   {"PV1 present", "", true},
                                   {"PID-3[*].4 present", "", true}});
}

TEST(AbsentAndNull, ForReadingNullBehavesLikeAbsent) {
  expect("for reading", {{"(PID-19 or \"U\") == \"U\"", "\"\"", true},
                         {"(PID-19 or \"U\") == \"U\"", "", true},
                         {"(PID-19 or \"U\") == \"U\"", "x", false},
                         {"PID-19 == \"\\\"\\\"\"", "\"\"", false}});
}

TEST(AbsentAndNull, TheLiteralOfNothingIsEmptyText) {
  expect("empty text", {{"PID-19 == \"\"", "", false}, {"(PID-19 or \"\") == \"\"", "", true}, {"\"\" == \"\"", "", true}});
}

TEST(AbsentAndNull, LogicIsTwoValuedAnAbsentValueEqualsNoValue) {
  for (const char* fields : {"", "\"\""}) {
    expect("an absent value equals no value", {{"PID-19 == \"NM\"", fields, false},
                                               {"PID-19 != \"NM\"", fields, true},
                                               {"not (PID-19 == \"NM\")", fields, true},
                                               {"PID-19 == \"NM\" or not (PID-19 == \"NM\")", fields, true},
                                               {"PID-19 in \"NM\", \"ST\"", fields, false},
                                               {"not (PID-19 in \"NM\", \"ST\")", fields, true},
                                               {"PID-19 in wards", fields, false},
                                               {"PID-19 in PID-3[*].5", fields, false},
                                               {"PID-19 matches r\".*\"", fields, false}});
  }
  expect("an absent value equals no value", {{"PID-19 == \"NM\"", "NM", true}, {"PID-19 != \"NM\"", "NM", false}});
}

TEST(AbsentAndNull, ComparingTwoPathsNeedsThePresenceOfOneToBeProven) {
  expect("two absent identifiers are no match", std::vector<Refused>{{"PID-19 == PID-23", "E0413"},
                                                                     {"PID-19 != PID-23", "E0413"},
                                                                     {"upper(PID-19) == lower(PID-23)", "E0413"},
                                                                     {"PID-19 present or PID-19 == PID-23", "E0413"},
                                                                     {"not (PID-19 absent) and PID-19 == PID-23", "E0413"}});
  expect("one proven present", {{"PID-19 present and PID-19 == PID-23", "x|x", true},
                                {"PID-19 present and PID-19 == PID-23", "", false},
                                {"PID-23 present and PID-19 != PID-23", "|x", true},
                                {"not (PID-19 absent or PID-19 null) and PID-19 == PID-23", "x|x", true},
                                {"not (PID-19 present) or PID-19 == PID-23", "", true},
                                {"contains(PID-19, \"\") and PID-19 == PID-23", "x|x", true},
                                {"MSH-10 == PID-19", "M1", true}});
}

TEST(AbsentAndNull, FunctionsPassAbsenceThroughAndThoseOfBoolNever) {
  expect("functions", {{"upper(PID-19) == \"X\"", "x", true},
                       {"upper(PID-19) == \"X\"", "", false},
                       {"upper(PID-19) != \"X\"", "", true},
                       {"contains(PID-19, \"x\")", "", false},
                       {"not contains(PID-19, \"x\")", "", true},
                       {"(upper(PID-19) or \"U\") == \"U\"", "\"\"", true}});
}

TEST(AbsentAndNull, WhatCannotDoWithoutAValueNeedsADefaultOrAProof) {
  expect("order, arithmetic, keys", std::vector<Refused>{{"length(PID-19) > 3", "E0412"},
                                                         {"length(PID-19) + 1 == 3", "E0412"},
                                                         {"wards[PID-19] == \"One\"", "E0412"},
                                                         {"PID-33 == PID-3[1].1", "E0413"}});
  expect("with a default or a proof", {{"length(PID-19 or \"\") > 3", "", false},
                                       {"(length(PID-19) or 7) > 3", "", true},
                                       {"PID-19 present and length(PID-19) > 3", "abcd", true},
                                       {"PID-19 in wards and wards[PID-19] == \"One\"", "W1", true},
                                       {"PID-19 in wards and wards[PID-19] == \"One\"", "", false}});
}

TEST(Operators, BindAsTheyAreListed) {
  expect("loosest first", {{"PID-19 == \"a\" or PID-23 == \"b\" and PID-19 == \"z\"", "a|b", true},
                           {"(PID-19 == \"a\" or PID-23 == \"b\") and PID-19 == \"z\"", "a|b", false},
                           {"not PID-19 == \"a\" and PID-23 == \"b\"", "x|b", true},
                           {"not (PID-19 == \"a\" and PID-23 == \"b\")", "a|x", true},
                           {"2 + 3 * 4 == 14", "", true},
                           {"10 - 2 - 3 == 5", "", true},
                           {"12 / 2 / 3 == 2", "", true},
                           {"1 + 1 > 1 and 2 * 2 < 5", "", true},
                           {"0.1 + 0.2 == 0.3", "", true},
                           {"1.0 == 1", "", true},
                           {"1 / 3 == 0.3333333333", "", true},
                           {"2 / 3 == 0.6666666667", "", true}});
}

TEST(Operators, MatchesIsTheWholeValue) {
  expect("whole value", {{"PID-19 matches r\"[a-z]+\"", "abc", true},
                         {"PID-19 matches r\"[a-z]\"", "abc", false},
                         {"PID-19 matches r\"[a-z]+\"", "abc1", false}});
}

TEST(Types, NothingIsConvertedSilently) {
  expect("no silent conversion", std::vector<Refused>{{"PID-25 == 5", "E0401"},
                                                      {"PID-19 == true", "E0401"},
                                                      {"PID-33 == date(\"2026-01-01\")", "E0401"},
                                                      {"30s == 30", "E0401"},
                                                      {"30s == 1MiB", "E0401"},
                                                      {"date(\"2026-01-01\") == timestamp(\"2026-01-01\")", "E0401"},
                                                      {"PID-25 + 1 == 2", "E0401"},
                                                      {"PID-19 < PID-23", "E0401"},
                                                      {"\"a\" + \"b\" == \"ab\"", "E0401"},
                                                      {"(PID-25 or 0) == 5", "E0401"},
                                                      {"date(\"2026-01-01\") + 1 == date(\"2026-01-02\")", "E0401"},
                                                      {"1h * 2h > 1h", "E0401"}});
}

TEST(Types, ANumberReadFromAFieldKeepsItsDigits) {
  expect("digits as sent", {{"is_number(PID-25) and text(number(PID-25)) == \"007.50\"", "||007.50", true},
                            {"is_number(PID-25) and number(PID-25) == 7.5", "||007.50", true},
                            {"is_number(PID-25) and text(round(number(PID-25), 1)) == \"7.5\"", "||7.46", true},
                            {"is_number(PID-25)", "", false}});
}

TEST(Types, DatesKeepTheirPrecisionAndNeedItToBeComparable) {
  expect("equal or stated precision",
         std::vector<Refused>{{"date(\"2026\") < date(\"2026-01-31\")", "E0424"},
                              {"timestamp(\"2026-01-31T10:15Z\") < timestamp(\"2026-01-31T10:15\")", "E0424"},
                              {"PID-33 present and date(PID-33) < date(\"2026-01-31\")", "E0411"},
                              {"PID-33 present and date(PID-33, \"day\") < date(\"2026-01-31\")", "E0411"},
                              {"date(\"2026-01-31\") + 1h == date(\"2026-01-31\")", "E0425"},
                              {"date(\"2026\") - date(\"2025\") > 1d", "E0425"},
                              {"date(\"2026-02-30\") == date(\"2026-01-31\")", "E0422"},
                              {"date(\"2026-01-31\", \"hour\") == date(\"2026-01-31\")", "E0422"},
                              {"date(\"2026-01-31\", \"fortnight\") == date(\"2026-01-31\")", "E0422"},
                              {"date(\"2026-01-31\", PID-19) == date(\"2026-01-31\")", "E0423"}});
  expect("compared", {{"is_date(PID-33, \"day\") and date(PID-33, \"day\") < date(\"2026-01-31\")", "|||20260130", true},
                      {"is_date(PID-33, \"day\") and date(PID-33, \"day\") < date(\"2026-01-31\")", "|||202601301015", true},
                      {"is_date(PID-33, \"day\") and date(PID-33, \"day\") < date(\"2026-01-31\")", "|||202601", false},
                      {"is_date(PID-33, \"day\") and date(PID-33, \"day\") < date(\"2026-01-31\")", "", false},
                      {"timestamp(\"2026-01-31T10:15Z\") == timestamp(\"2026-01-31T11:15+01:00\")", "", true},
                      {"date(\"2026-03-01\") - date(\"2026-02-01\") == 28d", "", true},
                      {"date(\"2024-02-28\") + 1d == date(\"2024-02-29\")", "", true},
                      {"timestamp(\"2026-01-31T23:59\") + 1m == timestamp(\"2026-02-01T00:00\")", "", true},
                      {"1h + 30m == 90m and 90m / 30m == 3 and 90m * 2 == 3h", "", true},
                      {"64MiB > 1GiB - 1020MiB", "", true}});
}

TEST(Types, ListsAreNoValues) {
  expect("a list for one", std::vector<Refused>{{"PID-3[*].5 == \"MR\"", "E0410"},
                                                {"PID-3[*].5 in \"MR\", \"PI\"", "E0410"},
                                                {"PID-3[*].5 matches r\"MR\"", "E0410"},
                                                {"upper(PID-3[*].5) == \"MR\"", "E0410"},
                                                {"\"MR\" in PID-3[1].5", "E0410"},
                                                {"1 in PID-3[*].5", "E0401"}});
  expect("lists", {{"\"MR\" in PID-3[*].5", "", true},
                   {"\"SS\" in PID-3[*].5", "", false},
                   {"\"{PID-3[*].1}\" == \"7, 8\"", "", true},
                   {"\"{NK1[*]-1}\" == \"\"", "", true}});
}

TEST(Types, CodesAreThoseOfTheirTable) {
  expect("closed tables", std::vector<Refused>{{"PID-24 == \"Q\"", "E0404"},
                                               {"\"Q\" == PID-24", "E0404"},
                                               {"PID-24 in \"Y\", \"Q\"", "E0404"},
                                               {"(PID-24 or \"Q\") == \"Y\"", "E0404"},
                                               {"code(PID-24, 9998) == \"Y\"", "E0427"},
                                               {"code(PID-24) == \"Y\"", "E0427"}});
  expect("codes", {{"PID-24 == \"Y\"", "", false}, {"PID-24 != \"Y\"", "", true}, {"PID-8 == \"Q\"", "", false}});
}

}  // namespace
}  // namespace smarthl7
