// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/structure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "stdlib/hl7/message_type.h"
#include "tests/support/oru_generator.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

/// Segment names -> "PID=PATIENT.1" (segment, innermost group, its number among its kind), and the findings.
struct Outcome {
  std::string places;
  std::string findings;
};

std::string_view fault_name(PlaceFault fault) {
  switch (fault) {
    case PlaceFault::missing_segment: return "missing";
    case PlaceFault::missing_group: return "missing group";
    case PlaceFault::unexpected_segment: return "unexpected";
    case PlaceFault::out_of_order: return "order";
    case PlaceFault::too_many: return "many";
  }
  return "";
}

Outcome place(std::string_view version, std::string_view structure, std::string_view names,
              std::vector<LocalSegment> locals = {}) {
  std::string bytes;
  for (std::size_t at = 0; at < names.size(); at += 4)
    bytes += std::string(names.substr(at, 3)) + (at == 0 ? "|^~\\&|\r" : "|\r");
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  const Placer placer(find_version(version).version.structure(structure), locals);
  Placement placement;
  placer.place(*message, placement);
  Outcome outcome;
  for (std::uint32_t segment = 0; segment < message->segment_count(); ++segment) {
    const InstanceId instance = placement.instance_of(segment);
    const NodeIndex group = placement.instance(instance).node;
    int number = 0;
    for (InstanceId id = 0; id <= instance; ++id) number += placement.instance(id).node == group ? 1 : 0;
    outcome.places += std::string(segment == 0 ? "" : " ") + std::string(message->segment(segment).name());
    if (placement.node_of(segment) == kNoNode) outcome.places += "?";
    if (group != 0) outcome.places += "=" + std::string(placer.name_of(group)) + "." + std::to_string(number);
  }
  for (const PlaceFinding& finding : placement.findings()) {
    if (!outcome.findings.empty()) outcome.findings += ", ";
    outcome.findings += std::string(fault_name(finding.fault));
    if (finding.node != kNoNode) outcome.findings += " " + std::string(placer.name_of(finding.node));
    outcome.findings += "@" + std::to_string(finding.segment);
  }
  return outcome;
}

TEST(Structure, ObservationsBelongToTheirOrderAndNotesToTheirObservation) {
  const Outcome outcome = place("2.5.1", "ORU_R01", "MSH PID NTE PV1 ORC OBR NTE OBX NTE OBX OBR OBX NTE NTE SPM OBX OBR DSC");
  EXPECT_EQ(
      outcome.places,
      "MSH PID=PATIENT.1 NTE=PATIENT.1 PV1=VISIT.1 ORC=ORDER_OBSERVATION.1 OBR=ORDER_OBSERVATION.1 NTE=ORDER_OBSERVATION.1 "
      "OBX=OBSERVATION.1 NTE=OBSERVATION.1 OBX=OBSERVATION.2 OBR=ORDER_OBSERVATION.2 OBX=OBSERVATION.3 NTE=OBSERVATION.3 "
      "NTE=OBSERVATION.3 SPM=SPECIMEN.1 OBX=SPECIMEN.1 OBR=ORDER_OBSERVATION.3 DSC");
  EXPECT_EQ(outcome.findings, "");
}

TEST(Structure, GroupsRepeatAtEveryLevel) {
  const Outcome outcome = place("2.5.1", "ORU_R01", "MSH PID OBR OBX PID OBR OBX OBR");
  EXPECT_EQ(
      outcome.places,
      "MSH PID=PATIENT.1 OBR=ORDER_OBSERVATION.1 OBX=OBSERVATION.1 PID=PATIENT.2 OBR=ORDER_OBSERVATION.2 OBX=OBSERVATION.2 "
      "OBR=ORDER_OBSERVATION.3");
  EXPECT_EQ(outcome.findings, "");
  EXPECT_EQ(
      place("2.3", "ORU_R01", "MSH PID OBR NTE OBX NTE OBX CTI").places,
      "MSH PID=PATIENT.1 OBR=ORDER_OBSERVATION.1 NTE=ORDER_OBSERVATION.1 OBX=OBSERVATION.1 NTE=OBSERVATION.1 OBX=OBSERVATION.2 "
      "CTI=ORDER_OBSERVATION.1");
}

TEST(Structure, AChoiceTakesOneOfItsSegments) {
  EXPECT_EQ(place("2.5.1", "ORM_O01", "MSH PID ORC OBR NTE ORC RXO OBX").findings, "");
  EXPECT_EQ(
      place("2.5.1", "ORM_O01", "MSH PID ORC OBR NTE ORC RXO OBX").places,
      "MSH PID=PATIENT.1 ORC=ORDER.1 OBR=ORDER_DETAIL.1 NTE=ORDER_DETAIL.1 ORC=ORDER.2 RXO=ORDER_DETAIL.2 OBX=OBSERVATION.1");
  EXPECT_EQ(place("2.5.1", "ORM_O01", "MSH ORC OBR RXO").findings, "many RXO@3");
}

TEST(Structure, AnySegmentIsTakenWhereTheStandardSaysSo) {
  const Outcome outcome = place("2.5.1", "MFN_M01", "MSH MFI MFE ZL1 MFE LOC MFE");
  EXPECT_EQ(outcome.places, "MSH MFI MFE=MF.1 ZL1=MF.1 MFE=MF.2 LOC=MF.2 MFE=MF.3");
  EXPECT_EQ(outcome.findings, "");
}

TEST(Structure, WhatIsMissingIsReportedOnce) {
  EXPECT_EQ(place("2.5.1", "ADT_A01", "MSH PID PV1").findings, "missing EVN@0");
  EXPECT_EQ(place("2.5.1", "ADT_A01", "MSH EVN PID AL1").findings, "missing PV1@0");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH PID").findings, "missing group ORDER_OBSERVATION@1");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH").findings, "missing group PATIENT_RESULT@0");
  const Outcome orphan = place("2.5.1", "ORU_R01", "MSH PID OBX NTE OBX");
  EXPECT_EQ(orphan.places, "MSH PID=PATIENT.1 OBX=OBSERVATION.1 NTE=OBSERVATION.1 OBX=OBSERVATION.2");
  EXPECT_EQ(orphan.findings, "missing OBR@2");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH PID PID OBR").findings, "missing group ORDER_OBSERVATION@1");
}

TEST(Structure, WhatIsOutOfOrderKeepsItsGroup) {
  const Outcome early = place("2.5.1", "ADT_A01", "MSH PID EVN PV1");
  EXPECT_EQ(early.findings, "order EVN@2");
  const Outcome late = place("2.5.1", "ORU_R01", "MSH PID PV1 NK1 OBR OBX");
  EXPECT_EQ(late.places, "MSH PID=PATIENT.1 PV1=VISIT.1 NK1=PATIENT.1 OBR=ORDER_OBSERVATION.1 OBX=OBSERVATION.1");
  EXPECT_EQ(late.findings, "order NK1@3");
  const Outcome again = place("2.5.1", "ORU_R01", "MSH PID OBR OBX FT1 OBX NTE FT1");
  EXPECT_EQ(
      again.places,
      "MSH PID=PATIENT.1 OBR=ORDER_OBSERVATION.1 OBX=OBSERVATION.1 FT1=ORDER_OBSERVATION.1 OBX=OBSERVATION.2 NTE=OBSERVATION.2 "
      "FT1=ORDER_OBSERVATION.1");
  EXPECT_EQ(again.findings, "order OBX@5");
}

TEST(Structure, TooManyAndUnknownSegments) {
  EXPECT_EQ(place("2.5.1", "ADT_A01", "MSH EVN PID PV1 PV1").findings, "many PV1@4");
  EXPECT_EQ(place("2.5.1", "ADT_A01", "MSH EVN EVN PID PV1").findings, "many EVN@2");
  EXPECT_EQ(place("2.5.1", "ADT_A01", "MSH EVN PID PV1 QRD").findings, "unexpected@4");
  const Outcome local = place("2.5.1", "ORU_R01", "MSH PID OBR ZZZ OBX");
  EXPECT_EQ(local.findings, "");
  EXPECT_EQ(local.places, "MSH PID=PATIENT.1 OBR=ORDER_OBSERVATION.1 ZZZ?=ORDER_OBSERVATION.1 OBX=OBSERVATION.1");
}

TEST(Structure, LocalSegmentsStandAfterTheirHost) {
  const std::vector<LocalSegment> required = {{"ZLR", "OBR", true, false}};
  const Outcome good = place("2.5.1", "ORU_R01", "MSH PID OBR ZLR OBX OBR ZLR", required);
  EXPECT_EQ(good.findings, "");
  EXPECT_EQ(good.places,
            "MSH PID=PATIENT.1 OBR=ORDER_OBSERVATION.1 ZLR=ORDER_OBSERVATION.1 OBX=OBSERVATION.1 OBR=ORDER_OBSERVATION.2 "
            "ZLR=ORDER_OBSERVATION.2");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH PID OBR OBX OBR ZLR", required).findings, "missing ZLR@2");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH PID OBR ZLR ZLR", required).findings, "many ZLR@4");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH PID OBR OBX ZLR", required).findings, "order ZLR@4");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH PID ZLR OBR ZLR", required).findings, "order ZLR@2");
  EXPECT_EQ(place("2.5.1", "ORU_R01", "MSH PID OBR OBX ZOB ZOB SPM OBX ZOB", {{"ZOB", "OBX", false, true}}).findings, "");
}

TEST(Structure, TheNextSegmentsTellWhereOneBelongs) {
  // Chapter 7, CSU: an ORC begins an observation or an administration; the OBR or RXA after it says which.
  const Outcome study = place("2.5.1", "CSU_C09", "MSH PID CSR CSP CSS ORC OBR OBX ORC OBR OBX ORC RXA RXR ORC RXA RXR");
  EXPECT_EQ(study.findings, "");
  EXPECT_EQ(study.places,
            "MSH PID=PATIENT.1 CSR=PATIENT.1 CSP=STUDY_PHASE.1 CSS=STUDY_SCHEDULE.1 ORC=STUDY_OBSERVATION.1 "
            "OBR=STUDY_OBSERVATION.1 OBX=STUDY_OBSERVATION.1 ORC=STUDY_OBSERVATION.2 OBR=STUDY_OBSERVATION.2 "
            "OBX=STUDY_OBSERVATION.2 ORC=STUDY_PHARM.1 RXA=RX_ADMIN.1 RXR=RX_ADMIN.1 ORC=STUDY_PHARM.2 RXA=RX_ADMIN.2 "
            "RXR=RX_ADMIN.2");
  // A Z-segment between them does not hide it.
  EXPECT_EQ(place("2.5.1", "CSU_C09", "MSH PID CSR CSP CSS ORC OBR OBX ORC ZZZ RXA RXR").findings, "");
}

TEST(Structure, TheNextOrderIsNoPriorResult) {
  const Outcome orders = place("2.5.1", "OML_O21", "MSH PID ORC OBR OBX ORC OBR NTE ORC");
  EXPECT_EQ(orders.findings, "");
  EXPECT_EQ(orders.places,
            "MSH PID=PATIENT.1 ORC=ORDER.1 OBR=OBSERVATION_REQUEST.1 OBX=OBSERVATION.1 ORC=ORDER.2 OBR=OBSERVATION_REQUEST.2 "
            "NTE=OBSERVATION_REQUEST.2 ORC=ORDER.3");
  const Outcome prior = place("2.5.1", "OML_O21", "MSH PID ORC OBR PID OBR OBX OBR OBX ORC OBR");
  EXPECT_EQ(prior.findings, "missing group OBSERVATION_PRIOR@9");  // nearest: one more prior result
  EXPECT_EQ(
      prior.places,
      "MSH PID=PATIENT.1 ORC=ORDER.1 OBR=OBSERVATION_REQUEST.1 PID=PATIENT_PRIOR.1 OBR=ORDER_PRIOR.1 OBX=OBSERVATION_PRIOR.1 "
      "OBR=ORDER_PRIOR.2 OBX=OBSERVATION_PRIOR.2 ORC=ORDER_PRIOR.3 OBR=ORDER_PRIOR.3");
}

TEST(Structure, ARoleBelongsToWhatItFollows) {
  const Outcome outcome = place("2.5.1", "ADT_A01", "MSH EVN PID ROL PV1 ROL PV2 PR1 ROL IN1 ROL");
  EXPECT_EQ(outcome.findings, "order PV2@6");
  const Structure structure = find_version("2.5.1").version.structure("ADT_A01");
  const auto message = Message::parse("MSH|^~\\&|\rEVN|\rPID|\rROL|\rPV1|\rROL|\rPR1|\rROL|\rIN1|\rROL|\r");
  ASSERT_TRUE(message);
  Placement placement;
  Placer(structure).place(*message, placement);
  EXPECT_TRUE(placement.findings().empty());
  std::vector<NodeIndex> roles;
  for (const std::uint32_t segment : {3U, 5U, 7U, 9U}) roles.push_back(placement.node_of(segment));
  EXPECT_TRUE(std::is_sorted(roles.begin(), roles.end()));
  EXPECT_EQ(std::unique(roles.begin(), roles.end()), roles.end());
  for (const std::uint32_t segment : {3U, 5U, 7U, 9U}) EXPECT_GT(placement.node_of(segment), placement.node_of(segment - 1));
}

TEST(Structure, WhatIsMissingIsTheLeast) {
  // Without its RXA, a route is the administration's: it is required, the order's detail is not.
  EXPECT_EQ(place("2.5.1", "RAS_O17", "MSH ORC RXR").findings, "missing RXA@2");
  // What follows tells what is missing: the RXE says that the RXR was the order's, without its note, and no dispensing's.
  EXPECT_EQ(place("2.8", "RDS_O13", "MSH ORC RXO RXR RXC RXE TQ1 RXR RXD RXR").findings, "missing NTE@3");
  EXPECT_EQ(place("2.6", "SDR_S31", "MSH").findings, "missing SDD@0");
  EXPECT_EQ(Placer(find_version("2.6").version.structure("SDR_S31")).expectation(4), "SDD or SCD");
}

TEST(Structure, QueriesWalkTheInstances) {
  const Structure structure = find_version("2.5.1").version.structure("ORU_R01");
  const auto node = [&](std::string_view name, int nth = 1) {
    for (NodeIndex index = 1; index < structure.node_count(); ++index) {
      if (structure.node(index).name() == name && --nth == 0) return index;
    }
    return kNoNode;
  };
  const auto message = Message::parse("MSH|^~\\&|\rPID|\rOBR|1\rOBX|1\rOBX|2\rOBR|2\rOBX|3\rNTE|1\rOBX|4\rSPM|\rOBX|5\r");
  ASSERT_TRUE(message);
  const Placer placer(structure);
  Placement placement;
  placer.place(*message, placement);
  EXPECT_TRUE(placement.findings().empty());
  std::vector<std::uint32_t> seen;
  const NodeIndex order = node("ORDER_OBSERVATION");
  const NodeIndex obx = placement.node_of(3);
  for (InstanceId id = placement.next_instance(order); id != kNoInstance;
       id = placement.next_instance(order, kWholeMessage, id + 1)) {
    for (std::uint32_t s = placement.next_segment(obx, id); s != kNoSegment; s = placement.next_segment(obx, id, s + 1))
      seen.push_back(s);
    seen.push_back(0);
  }
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{3, 4, 0, 6, 8, 0}));
  const InstanceId second = placement.enclosing(7, order);
  EXPECT_EQ(placement.next_segment(node("OBR"), second), 5U);
  EXPECT_EQ(placement.next_instance(node("OBSERVATION"), second), placement.instance_of(6));
  EXPECT_EQ(placement.next_instance(node("SPECIMEN"), placement.enclosing(3, order)), kNoInstance);
  EXPECT_EQ(placement.enclosing(1, order), kNoInstance);
  EXPECT_TRUE(placement.is_within(placement.instance_of(6), second));
  EXPECT_FALSE(placement.is_within(placement.instance_of(3), second));
  EXPECT_NE(placement.node_of(10), obx);  // the OBX of a specimen is another place
}

TEST(Structure, IsFoundByNameOrEvent) {
  const Version v251 = find_version("2.5.1").version;
  const auto name = [&](std::string_view type) {
    const std::string bytes = "MSH|^~\\&|||||||" + std::string(type) + "|1|P|2.5.1\r";
    const Structure structure = structure_of(*Message::parse(bytes), v251);
    return structure ? std::string(structure.name()) : std::string();
  };
  EXPECT_EQ(name("ORU^R01^ORU_R01"), "ORU_R01");
  EXPECT_EQ(name("ADT^A04"), "ADT_A01");
  EXPECT_EQ(name("ADT^A04^ADT_A04"), "ADT_A01");  // no such structure: the event decides
  EXPECT_EQ(name("ADT^Z99"), "");
  EXPECT_EQ(name(""), "");
}

TEST(Structure, GeneratedResultsFit) {
  Message message;
  Placement placement;
  const Placer placer(find_version("2.5.1").version.structure("ORU_R01"),
                      std::vector<LocalSegment>{{"ZLR", "OBR", true, false}});
  testing::OruOptions options;
  options.local_segment = true;
  for (std::uint64_t n = 0; n < 100; ++n) {
    const std::string bytes = testing::make_oru(options, n);
    ASSERT_TRUE(message.reset(bytes));
    placer.place(message, placement);
    EXPECT_TRUE(placement.findings().empty());
    EXPECT_EQ(placement.instance_count(), 1 + 1 + 1 + 1 + 1 + 20U);
  }
}

/// Whatever stands in a message, every structure places each segment, in instances that nest as the structure says.
TEST(Structure, EveryStructureStandsAnySequence) {
  testing::Seeded draw(11);
  Message message;
  Placement placement;
  for (std::size_t n = 0; n < version_count(); ++n) {
    const Version version = version_at(n);
    for (std::size_t index = 0; index < version.structure_count(); index += 3) {
      const Structure structure = version.structure_at(index);
      const Placer placer(structure);
      std::vector<std::string> names = {"ZZZ", "QQQ", "MSH"};
      for (NodeIndex at = 0; at < structure.node_count(); ++at) {
        if (structure.node(at).kind() == NodeKind::segment) names.emplace_back(structure.node(at).name());
      }
      for (int round = 0; round < 5; ++round) {
        std::string bytes = "MSH|^~\\&|\r";
        for (int count = 0; count < 40; ++count) bytes += names[draw() % names.size()] + "|\r";
        ASSERT_TRUE(message.reset(bytes));
        placer.place(message, placement);
        for (std::uint32_t segment = 0; segment < message.segment_count(); ++segment) {
          const std::string_view name = message.segment(segment).name();
          const NodeIndex node = placement.node_of(segment);
          if (node == kNoNode) {
            ASSERT_TRUE(name == "ZZZ" || name == "QQQ");
            continue;
          }
          const StructureNode at = structure.node(node);
          ASSERT_TRUE(at.kind() == NodeKind::any_segment || at.name() == name);
          const Placement::Instance& instance = placement.instance(placement.instance_of(segment));
          StructureNode group = at.parent();
          while (group.kind() == NodeKind::choice) group = group.parent();
          ASSERT_EQ(group.index(), instance.node);
          ASSERT_LE(instance.first_segment, segment);
          ASSERT_GT(instance.end_segment, segment);
        }
      }
    }
  }
}

}  // namespace
}  // namespace smarthl7::hl7
