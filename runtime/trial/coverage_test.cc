// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/coverage.h"

#include <gmock/gmock.h>

namespace smarthl7::trial {
namespace {

plan::Plan plan_of_one_file() {
  plan::Plan plan;
  plan.strings = {"", "lab.route"};
  plan.inputs.push_back({1, {}});
  plan.places = {{0, 3, 1}, {0, 3, 20}, {0, 5, 3}, {plan::kNone, 9, 9}};
  plan::Step when;
  when.op = plan::StepOp::when;
  when.place = 0;
  plan::Step deliver;
  deliver.place = 1;
  plan::Step elsewhere;  // of a file that is no input
  elsewhere.place = 3;
  plan.steps = {when, deliver, elsewhere};
  plan::Statement line;
  line.place = 2;
  line.on_failure.kind = plan::ElseKind::keep;
  plan.statements = {line};
  return plan;
}

TEST(Coverage, counts_places_and_their_ways) {
  const plan::Plan plan = plan_of_one_file();
  eval::Recorder recorder(plan);
  recorder.steps[0] = 4;
  recorder.whens[0] = 4;
  recorder.steps[1] = 4;
  const auto files = coverage_of(plan, recorder);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].points.size(), 3U);
  EXPECT_EQ(files[0].run(), 2U);
  EXPECT_EQ(files[0].ways(), 3U);
  EXPECT_EQ(files[0].taken(), 1U);
}

TEST(Coverage, writes_what_coverage_tools_read) {
  const plan::Plan plan = plan_of_one_file();
  eval::Recorder recorder(plan);
  recorder.steps[0] = 4;
  recorder.whens[0] = 4;
  EXPECT_EQ(lcov(coverage_of(plan, recorder), "routes"),
            "TN:\nSF:routes/lab.route\nBRDA:3,0,0,4\nBRDA:3,0,1,0\nBRDA:5,0,0,-\nBRF:3\nBRH:1\nDA:3,4\nDA:5,0\nLF:2\nLH:1\n"
            "end_of_record\n");
}

}  // namespace
}  // namespace smarthl7::trial
