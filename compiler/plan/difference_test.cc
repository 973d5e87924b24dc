// SPDX-License-Identifier: Apache-2.0
#include "compiler/plan/difference.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"

namespace smarthl7::plan {
namespace {

constexpr std::string_view kBase = R"(
use std.retry
source lab = mllp { listen "127.0.0.1:2575"  accept ORU^R01  insecure because "a test" }
destination mercy = mllp { connect "127.0.0.1:3001"  ack within 5s  insecure because "a test"  retry quick }
destination st_john = mllp { connect "127.0.0.1:3002"  insecure because "a test" }
retry quick from std.retry.exponential { first 1s  most 5m  give_up after 24h }
table facilities from csv "facilities.csv" { key code  value namespace }
message result = hl7 2.5.1 ORU_R01 {
  one PATIENT_RESULT
  require PID-8
  rule "units" : each OBX where OBX-2 == "NM" : OBX-6 present
}
mapping tidy : result {
  PID-5[1].1.1 = upper(PID-5[1].1.1)
  each PID-3 { .4.1 = facilities[.4.1] else keep }
}
flow results {
  from lab
  validate result else reject AE
  dedup by MSH-10 within 7d
  map tidy
  route PV1-3.4.1 {
    "MERCY"   -> mercy
    "STJOHN"  -> st_john
    otherwise -> dead "no hospital"
  }
}
)";

Plan compiled(std::string text, const std::string& table = "code,namespace\nM1,MERCY\nS1,STJ\n") {
  check::Files files;
  files.read = [&table](const std::string&) -> Result<std::string> { return table; };
  files.exists = [](const std::string&) { return true; };
  driver::Compilation compilation = driver::compile_texts({{"lab.route", std::move(text)}}, files);
  for (const diag::Diagnostic& one : compilation.diagnostics) {
    if (one.severity() == diag::Severity::error) ADD_FAILURE() << one.message;
  }
  return compilation.plan.value_or(Plan{});
}

std::string with(std::string_view what, std::string_view instead) {
  std::string text(kBase);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), instead);
}

std::vector<std::string> told(const Plan& before, const Plan& after) {
  std::vector<std::string> all;
  for (const Change& one : difference(before, after))
    all.push_back(std::string(name_of(one.area)) + " | " + one.subject + " | " + sentence(one));
  return all;
}

void expect_one(const std::string& changed, const std::string& expected) {
  const std::vector<std::string> all = told(compiled(std::string(kBase)), compiled(changed));
  EXPECT_EQ(all, std::vector<std::string>{expected});
}

TEST(Difference, NoneForLayoutAndComments) {
  EXPECT_TRUE(told(compiled(std::string(kBase)), compiled("// moved\n\n\n" + std::string(kBase))).empty());
}

TEST(Difference, OfWhereMessagesGo) {
  const std::vector<std::string> all =
      told(compiled(std::string(kBase)), compiled(with("\"STJOHN\"  -> st_john", "\"STJOHN\"  -> mercy")));
  EXPECT_EQ(all, (std::vector<std::string>{
                     "flows | flow results | route PV1-3.4.1: now \"STJOHN\" -> mercy; was \"STJOHN\" -> st_john",
                     "patient data | destination st_john | gone: gets identified data from flow results"}));
  expect_one(with("\"STJOHN\"  -> st_john", "\"STJOHN\"  -> st_john\n \"X\" -> drop \"why\""),
             "flows | flow results | route PV1-3.4.1: new: \"X\" drop \"why\"");
}

TEST(Difference, OfTheOrderOfSteps) {
  expect_one(with("dedup by MSH-10 within 7d\n  map tidy", "map tidy\n  dedup by MSH-10 within 7d"),
             "flows | flow results | now in the order validate result, map tidy, dedup, route PV1-3.4.1; "
             "was in the order validate result, dedup, map tidy, route PV1-3.4.1");
}

TEST(Difference, OfWhatIsAgreedOn) {
  expect_one(with("require PID-8", "require PID-8, PID-7"), "messages | message result | new: require PID-7");
  expect_one(with("OBX-6 present", "OBX-7 present"),
             "messages | message result | now rule \"units\" : each OBX where OBX-2 == \"NM\" : OBX-7 present; "
             "was rule \"units\" : each OBX where OBX-2 == \"NM\" : OBX-6 present");
}

TEST(Difference, OfMappings) {
  expect_one(with("upper(PID-5[1].1.1)", "lower(PID-5[1].1.1)"),
             "mappings | mapping tidy | now PID-5[1].1.1 = lower(PID-5[1].1.1); was PID-5[1].1.1 = upper(PID-5[1].1.1)");
}

TEST(Difference, OfDestinationsAndRetries) {
  expect_one(with("ack within 5s", "ack within 9s"), "destinations | destination mercy | now ack within 9s; was ack within 5s");
  expect_one(
      with("give_up after 24h", "give_up after 5 attempts"),
      "retries | destination mercy | now gives up what is refused for now after 5 attempts; was gives up what is refused for "
      "now after 1d");
}

TEST(Difference, OfTables) {
  const std::vector<std::string> all =
      told(compiled(std::string(kBase)), compiled(std::string(kBase), "code,namespace\nM1,MERCY\nS1,OTHER\nT1,TEST\n"));
  EXPECT_EQ(all, (std::vector<std::string>{"tables | table facilities | now `S1` is `OTHER`; was `S1` is `STJ`",
                                           "tables | table facilities | new: `T1` is `TEST`"}));
}

TEST(Difference, OfTablesThatReload) {
  const std::string live = with("{ key code  value namespace }", "{ key code  value namespace  reload when changed }");
  const Plan before = compiled(live);
  EXPECT_EQ(plan_digest(before), plan_digest(compiled(live, "code,namespace\nM1,OTHER\n"))) << "its rows are no part of it";
  EXPECT_NE(plan_digest(before), plan_digest(compiled(std::string(kBase))));
  const std::string told_only =
      with("{ key code  value namespace }", "{ key code  value namespace  reload when told  optional namespace  least 5 }");
  const std::vector<std::string> all = told(before, compiled(told_only, "code,namespace\nA,\nB,\nC,\nD,\nE,x\n"));
  EXPECT_EQ(all, (std::vector<std::string>{
                     "tables | table facilities | now read again from \"facilities.csv\" when told; was read again from "
                     "\"facilities.csv\" when it changed",
                     "tables | table facilities | now namespace may be empty; was no column may be empty",
                     "tables | table facilities | now at least 5 rows; was at least 0 rows"}));
}

TEST(Difference, OfPatientData) {
  const std::vector<std::string> all = told(compiled(std::string(kBase)), compiled(with("\"STJOHN\"  -> st_john\n", "")));
  EXPECT_NE(
      std::find(all.begin(), all.end(), "patient data | destination st_john | gone: gets identified data from flow results"),
      all.end());
}

TEST(Difference, IsEmptyOnlyForPlansOfOneDigest) {
  // Each of these changes is told somehow.
  for (const auto& [what, instead] :
       {std::pair("within 7d", "within 8d"), std::pair("accept ORU^R01", "accept ORU^R01, ORU^R30"),
        std::pair("127.0.0.1:3002", "127.0.0.1:3004"), std::pair("else keep", "else \"x\""), std::pair("first 1s", "first 2s"),
        std::pair("dead \"no hospital\"", "dead \"none\""),
        std::pair("retry quick }", "retry quick  order by patient  connections 2 }")}) {
    EXPECT_FALSE(told(compiled(std::string(kBase)), compiled(with(what, instead))).empty()) << what;
  }
}

}  // namespace
}  // namespace smarthl7::plan
