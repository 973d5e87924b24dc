// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/making.h"

#include <gtest/gtest.h>

#include <string>

namespace smarthl7::eval {
namespace {

constexpr std::string_view kIn = "MSH|^~\\&|A\rPID|1\rOBR|1\rOBX|1\r";

class MakingTest : public ::testing::Test {
 protected:
  MakingTest() : shape_(plan::Message{}, structure()) {
    EXPECT_TRUE(message_.reset(kIn));
    making_.reset(message_, &shape_);
  }
  static hl7::Structure structure() { return hl7::find_version("2.5.1").version.structure("ORU_R01"); }
  static hl7::NodeIndex node(std::string_view name, std::string_view group) {
    for (hl7::NodeIndex i = 0; i < structure().node_count(); ++i) {
      const hl7::StructureNode at = structure().node(i);
      if (at.name() == name && at.parent() && at.parent().name() == group) return i;
    }
    ADD_FAILURE() << name;
    return 0;
  }
  std::string written() {
    hl7::Editor editor(message_);
    EXPECT_TRUE(making_.write(editor));
    std::string out;
    editor.write(out);
    return out.substr(0, out.find("PID|1\r"));
  }
  void set(Making::Item item, hl7::Location place, std::string_view raw) { making_.set(item, place, raw); }

  Shape shape_;
  hl7::Message message_;
  Making making_;
};

TEST_F(MakingTest, ordersByStructureAndNotByCall) {
  const auto obx = making_.segment_below(Making::kTop, node("OBX", "OBSERVATION"), "OBX");
  const auto pv1 = making_.segment_below(Making::kTop, node("PV1", "VISIT"), "PV1");
  const auto pid = making_.segment_below(Making::kTop, node("PID", "PATIENT"), "PID");
  const auto obr = making_.segment_below(Making::kTop, node("OBR", "ORDER_OBSERVATION"), "OBR");
  for (const auto item : {obx, pv1, pid, obr}) set(item, {0, 2, 0, 0, 0}, "x");
  EXPECT_EQ(written(), "MSH|^~\\&|A\rPID||x\rPV1||x\rOBR||x\rOBX||x\r");
}

TEST_F(MakingTest, passesThroughAGroupOnceAndInsertsAnotherOne) {
  const auto order = node("ORDER_OBSERVATION", "PATIENT_RESULT");
  const auto obr = node("OBR", "ORDER_OBSERVATION");
  const auto result = making_.group_below(Making::kTop, node("PATIENT_RESULT", "ORU_R01"));
  const auto another = making_.add_below(result, order, {});
  set(making_.segment_below(another, obr, "OBR"), {0, 1, 0, 0, 0}, "2");
  set(making_.segment_below(Making::kTop, obr, "OBR"), {0, 1, 0, 0, 0}, "1");
  set(making_.segment_below(Making::kTop, obr, "OBR"), {0, 4, 1, 2, 0}, "y");
  set(making_.segment_below(another, obr, "OBR"), {0, 4, 1, 1, 2}, "z");
  EXPECT_EQ(written(), "MSH|^~\\&|A\rOBR|1|||^y\rOBR|2|||&z\r");
}

TEST_F(MakingTest, copiesRunsAsTheyStand) {
  const auto result = making_.group_below(Making::kTop, node("PATIENT_RESULT", "ORU_R01"));
  making_.add_run(result, node("ORDER_OBSERVATION", "PATIENT_RESULT"), 2, 4);
  set(making_.segment_below(Making::kTop, node("PID", "PATIENT"), "PID"), {0, 3, 2, 1, 0}, "x");
  EXPECT_EQ(written(), "MSH|^~\\&|A\rPID|||~x\rOBR|1\rOBX|1\r");
}

TEST_F(MakingTest, addsRepetitionsBehindEachOther) {
  const auto pid = making_.segment_below(Making::kTop, node("PID", "PATIENT"), "PID");
  for (const std::string_view value : {"a", "b"}) set(pid, {0, 3, making_.next_repetition(pid, 3), 1, 0}, value);
  set(pid, {0, 13, making_.next_repetition(pid, 13), 1, 0}, "c");
  EXPECT_EQ(written(), "MSH|^~\\&|A\rPID|||a~b||||||||||c\r");
}

TEST_F(MakingTest, tellsThatTwoPartsMeet) {
  const auto pid = making_.segment_below(Making::kTop, node("PID", "PATIENT"), "PID");
  set(pid, {0, 5, 1, 1, 0}, "x");
  set(pid, {0, 5, 1, 1, 2}, "y");
  hl7::Editor editor(message_);
  EXPECT_FALSE(making_.write(editor));
}

TEST_F(MakingTest, itemsAtOnePlaceOfWhatCameInStandInTheOrderOfTheStructure) {
  const auto order = making_.add_at(0, false, node("NTE", "PATIENT"), "NTE");
  const auto earlier = making_.add_at(0, false, node("PD1", "PATIENT"), "PD1");
  const auto front = making_.add_at(0, true, node("SFT", "ORU_R01"), "SFT");
  for (const auto item : {order, earlier, front}) set(item, {0, 1, 0, 0, 0}, "1");
  EXPECT_EQ(written(), "MSH|^~\\&|A\rPD1|1\rNTE|1\rSFT|1\r");
}

}  // namespace
}  // namespace smarthl7::eval
