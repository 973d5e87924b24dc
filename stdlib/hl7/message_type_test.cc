// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/message_type.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace smarthl7::hl7 {
namespace {

/// "2.5.1 ADT_A01", and the findings as "W200 MSH-9.3".
struct Read {
  std::string type;
  std::string findings;
};

Read read(std::string_view type, std::string_view version, const TypeHints& hints = {}) {
  const std::string bytes = fmt::format("MSH|^~\\&|||||||{}|1|P|{}\r", type, version);
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  std::vector<Finding> findings;
  const MessageType found = message_type(*message, hints, &findings);
  const MessageType again = message_type(*message, hints);
  EXPECT_EQ(found.structure, again.structure);
  EXPECT_EQ(found.version, again.version);
  Read result;
  result.type = fmt::format("{} {}", found.version.name(), found ? found.structure.name() : "?");
  for (const Finding& finding : findings) {
    const char* severity = finding.severity == Severity::error ? "E" : "W";
    result.findings += fmt::format("{}{}{} {}", result.findings.empty() ? "" : ", ", severity, finding.code, finding.path);
  }
  return result;
}

void expect(std::string_view sent, std::string_view version, std::string_view type, std::string_view findings) {
  const Read result = read(sent, version);
  EXPECT_EQ(result.type, type) << sent << " " << version;
  EXPECT_EQ(result.findings, findings) << sent << " " << version;
}

TEST(MessageType, IsWhatTheMessageSays) {
  expect("ORU^R01^ORU_R01", "2.5.1", "2.5.1 ORU_R01", "");
  expect("ADT^A04^ADT_A01", "2.8.2", "2.8.2 ADT_A01", "");
  expect("ACK^A04^ACK", "2.5.1", "2.5.1 ACK", "");
  expect("ACK", "2.3", "2.3 ACK", "");
}

TEST(MessageType, WithoutAStructureTheEventSaysIt) {
  expect("ADT^A04", "2.5.1", "2.5.1 ADT_A01", "");
  expect("ADT^A31", "2.4", "2.4 ADT_A05", "");
  expect("ADT^A31", "2.3", "2.3 ADT_A01", "");  // one structure for both, up to 2.3.1
  expect("ADT^A12", "2.4", "2.4 ADT_A09", "");
  expect("ADT^A40", "2.3.1", "2.3.1 ADT_A39", "");
  expect("MDM^T08", "2.6", "2.6 MDM_T02", "");
  expect("ORU^W01", "2.5", "2.5 ORU_R01", "");
}

TEST(MessageType, AWrongStructureGivesWayToTheEvent) {
  expect("ADT^A04^ADT_A04", "2.5.1", "2.5.1 ADT_A01", "W200 MSH-9.3");  // no such structure
  expect("ADT^A31^ADT_A01", "2.5.1", "2.5.1 ADT_A05", "W200 MSH-9.3");  // another event's
  expect("ORU^R01^ORU", "2.5.1", "2.5.1 ORU_R01", "W200 MSH-9.3");      // abbreviated
  expect("ORU^R01^R01", "2.5.1", "2.5.1 ORU_R01", "W200 MSH-9.3");
  expect("ACK^R01^ORU_R01", "2.5.1", "2.5.1 ACK", "W200 MSH-9.3");  // echoed from what it answers
  expect("RSP^K22^RSP_K22", "2.5", "2.5 RSP_K21", "W200 MSH-9.3");
}

TEST(MessageType, AnUnknownEventLeavesTheStructure) {
  expect("ORU^R99^ORU_R01", "2.5.1", "2.5.1 ORU_R01", "W201 MSH-9.2");
  expect("ORU^Z01^ORU_R01", "2.5.1", "2.5.1 ORU_R01", "");  // the site's own event, with its structure
  expect("MFN^Z01", "2.5.1", "2.5.1 MFN_Znn", "");
  expect("QBP^Z01", "2.5.1", "2.5.1 QBP_Qnn", "");
  expect("MDM^T99", "2.5.1", "2.5.1 ?", "E201 MSH-9.2");
  expect("MDM", "2.5.1", "2.5.1 ?", "E201 MSH-9.2");
  expect("ORU", "2.4", "2.4 ORU_R01", "W201 MSH-9.2");  // the only one of its code (but for W01, which is the same)
}

TEST(MessageType, AnUnknownCodeIsNone) {
  expect("XYZ^R01", "2.5.1", "2.5.1 ?", "E200 MSH-9.1");
  expect("ZRU^Z01^ZRU_Z01", "2.5.1", "2.5.1 ?", "E200 MSH-9.1");
  expect("", "2.5.1", "2.5.1 ?", "E200 MSH-9.1");
  expect("^A01", "2.5.1", "2.5.1 ?", "E200 MSH-9.1");
  expect("XYZ^R01^ORU_R01", "2.5.1", "2.5.1 ORU_R01", "W201 MSH-9.2");
}

TEST(MessageType, AVersionWithoutFactsIsReadByTheNearestLower) {
  expect("ORU^R01^ORU_R01", "2.7.1", "2.7 ORU_R01", "W203 MSH-12");
  expect("ORU^R01^ORU_R01", "2.9", "2.8.2 ORU_R01", "W203 MSH-12");
  expect("ORU^R01^ORU_R01", "2.5.2", "2.5.1 ORU_R01", "W203 MSH-12");
  expect("ORU^R01", "2.0", "2.1 ORU_R01", "W203 MSH-12");
  expect("ORU^R01^ORU_R01", "abc", "2.8.2 ORU_R01", "E203 MSH-12");
  expect("ORU^R01^ORU_R01", "", "2.8.2 ORU_R01", "E203 MSH-12");
  const TypeHints hints{find_version("2.3").version, {}};
  EXPECT_EQ(read("ORU^R01", "", hints).type, "2.3 ORU_R01");
  EXPECT_EQ(read("ORU^R01", "2.5", hints).type, "2.5 ORU_R01");
}

TEST(MessageType, AVersionThatLiesGivesWayToTheMessage) {
  expect("OML^O21^OML_O21", "2.3", "2.4 OML_O21", "W203 MSH-12");  // came with 2.4
  expect("OUL^R22", "2.4", "2.5 OUL_R22", "W203 MSH-12");
  expect("ADT^A28", "2.1", "2.2 ADT_A28", "W203 MSH-12");
}

TEST(MessageType, ASitesOwnStructureComesFirst) {
  // A handle is a handle: any structure stands in for one that a site declares.
  const Structure own = find_version("2.5.1").version.structure("ORU_R01");
  const std::array<Structure, 1> local = {own};
  const TypeHints hints{{}, local};
  EXPECT_EQ(read("ZRU^Z01^ORU_R01", "2.5.1", hints).findings, "");
  EXPECT_EQ(read("ORU^R01", "2.3", hints).type, "2.3 ORU_R01");
  EXPECT_EQ(read("ADT^A01", "2.3", hints).type, "2.3 ADT_A01");
}

TEST(MessageType, FindingsHoldNoValue) {
  for (const char* sent : {"SECRET^SECRET^SECRET", "ADT^SECRET", "ADT^A01^SECRET", "SECRET"}) {
    const std::string bytes = fmt::format("MSH|^~\\&|||||||{}|1|P|SECRET\r", sent);
    std::vector<Finding> findings;
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    static_cast<void>(message_type(*message, {}, &findings));
    EXPECT_GE(findings.size(), 2U);
    for (const Finding& finding : findings) EXPECT_EQ(finding.text.find("SECRET"), std::string::npos) << finding.text;
  }
}

TEST(MessageType, EveryEventOfEveryVersionIsKnown) {
  for (std::size_t n = 0; n < version_count(); ++n) {
    const Version version = version_at(n);
    for (std::size_t index = 0; index < version.event_count(); ++index) {
      const Event event = version.event_at(index);
      const std::string type = fmt::format("{} {}", version.name(), event.structure.name());
      expect(fmt::format("{}^{}^{}", event.code, event.event, event.structure.name()), version.name(), type, "");
    }
  }
}

}  // namespace
}  // namespace smarthl7::hl7
