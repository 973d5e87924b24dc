// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/diff.h"

#include <gmock/gmock.h>

namespace smarthl7::trial {
namespace {

using ::testing::ElementsAre;

TEST(SegmentDiff, marks_the_fields_that_differ) {
  EXPECT_THAT(segment_diff("MSH|^~\\&|A\rPID|1||P1||Smith^Jo\rNTE|1\r", "MSH|^~\\&|A\rPID|1||P1||SMITH^Jo\rNTE|1\r"),
              ElementsAre("sent       PID|1||P1||Smith^Jo",  //
                          "delivered  PID|1||P1||SMITH^Jo",  //
                          "                      ~~~~~~~~"));
}

TEST(SegmentDiff, shows_what_was_added_and_deleted) {
  EXPECT_THAT(segment_diff("MSH|^~\\&|A\rNTE|1|L|kept\rNTE|2|O|gone\rOBX|1\r", "MSH|^~\\&|A\rNTE|1|L|kept\rOBX|1\rZLR|new\r"),
              ElementsAre("sent       NTE|2|O|gone   (deleted)", "delivered  ZLR|new   (added)"));
}

TEST(SegmentDiff, marks_fields_beyond_the_end_of_the_other) {
  EXPECT_THAT(segment_diff("MSH|^~\\&|A\rPID|1\r", "MSH|^~\\&|A\rPID|1|||U\r"),
              ElementsAre("sent       PID|1", "delivered  PID|1|||U", "                   ~"));
  EXPECT_THAT(segment_diff("MSH|^~\\&|A\rPID|1|||U\r", "MSH|^~\\&|A\rPID|1\r"),
              ElementsAre("sent       PID|1|||U", "delivered  PID|1", "                   ~"));
}

TEST(SegmentDiff, shows_one_kind_of_segment_whether_changed_or_not) {
  const char* message = "MSH|^~\\&|A\rPID|1||P1\r";
  EXPECT_THAT(segment_diff(message, message, "PID"), ElementsAre("delivered  PID|1||P1   (as sent)"));
  EXPECT_THAT(segment_diff(message, message), ElementsAre("delivered as it was sent"));
  EXPECT_THAT(segment_diff(message, message, "OBX"), ElementsAre("there is no OBX in it"));
  EXPECT_THAT(segment_diff("", message, "PID"), ElementsAre("delivered  PID|1||P1"));
}

TEST(SegmentDiff, prints_any_bytes) {
  EXPECT_EQ(printable("M\xC3\xBCller"), "M\xC3\xBCller");
  EXPECT_EQ(printable("M\xFCller\x01"), "M?ller?");
  EXPECT_EQ(printable("\xC3"), "?");
  EXPECT_THAT(segment_diff("MSH|^~\\&|A\rPID|M\xC3\xBC|x\r", "MSH|^~\\&|A\rPID|M\xC3\xBC|y\r"),
              ElementsAre("sent       PID|M\xC3\xBC|x", "delivered  PID|M\xC3\xBC|y", "                  ~"));
}

}  // namespace
}  // namespace smarthl7::trial
