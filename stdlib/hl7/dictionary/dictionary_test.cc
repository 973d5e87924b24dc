// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/dictionary/dictionary.h"

#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

namespace smarthl7::hl7 {
namespace {

Version version(std::string_view name) {
  const VersionMatch match = find_version(name);
  EXPECT_TRUE(match.exact);
  return match.version;
}

TEST(Dictionary, VersionsAreFoundOrStoodInFor) {
  const std::vector<std::string> names = {"2.1",   "2.2", "2.3", "2.3.1", "2.4",   "2.5",
                                          "2.5.1", "2.6", "2.7", "2.8",   "2.8.1", "2.8.2"};
  ASSERT_EQ(version_count(), names.size());
  for (std::size_t n = 0; n < names.size(); ++n) {
    EXPECT_EQ(version_at(n).name(), names[n]);
    EXPECT_EQ(version(names[n]), version_at(n));
  }
  EXPECT_EQ(newest_version().name(), "2.8.2");
  for (const auto& [sent, taken] :
       {std::pair{"2.0", "2.1"}, {"2.3.2", "2.3.1"}, {"2.7.1", "2.7"}, {"2.9", "2.8.2"}, {"3", "2.8.2"}}) {
    const VersionMatch match = find_version(sent);
    ASSERT_TRUE(match.version);
    EXPECT_EQ(match.version.name(), taken);
    EXPECT_FALSE(match.exact);
  }
  for (const char* odd : {"", "abc", "2.", "2..3", "2.5.1x", "99999999999", "2.3.4.5.6"})
    EXPECT_FALSE(find_version(odd).version);
  EXPECT_EQ(compare_versions("2.10", "2.9"), 1);
  EXPECT_EQ(compare_versions("2.3", "2.3.1"), -1);
  EXPECT_EQ(compare_versions("2.3", "2.3.0"), 0);
  EXPECT_FALSE(compare_versions("x", "2.3"));
}

TEST(Dictionary, FieldsAndComponents) {
  const Segment pid = version("2.5.1").segment("PID");
  ASSERT_TRUE(pid);
  EXPECT_EQ(pid.field_count(), 39U);
  const Field name = pid.field(5);
  EXPECT_EQ(name.name(), "Patient Name");
  EXPECT_EQ(name.type(), "XPN");
  EXPECT_TRUE(name.required());
  EXPECT_TRUE(name.repeats());
  EXPECT_EQ(name.max(), kUnbounded);
  EXPECT_EQ(name.length(), 250U);
  EXPECT_EQ(pid.field("patient_name").number(), 5U);
  EXPECT_EQ(pid.field("mother_s_maiden_name").number(), 6U);
  EXPECT_FALSE(pid.field(0));
  EXPECT_FALSE(pid.field(40));
  EXPECT_FALSE(pid.field("nothing"));
  const Datatype xpn = name.datatype();
  EXPECT_TRUE(xpn.is_composite());
  EXPECT_EQ(xpn.component("family_name").type(), "FN");
  EXPECT_EQ(xpn.component(1).datatype().component(1).snake_name(), "surname");
  EXPECT_FALSE(version("2.5.1").datatype("ST").is_composite());
  EXPECT_TRUE(version("2.5.1").segment("OBX").field(5).varies());
  EXPECT_FALSE(version("2.5.1").segment("OBX").field(5).datatype());
  EXPECT_TRUE(version("2.8.2").segment("MSA").field(3).withdrawn());
  EXPECT_TRUE(version("2.5.1").segment("OBX").field(20).withdrawn());
  EXPECT_FALSE(version("2.3").segment("SFT"));
  EXPECT_TRUE(version("2.8").segment("PID").field(28).withdrawn());  // a gap in the facts
  EXPECT_EQ(version("2.8").segment("PID").field(28).name(), version("2.5.1").segment("PID").field(28).name());
}

TEST(Dictionary, ANameThatStandsTwiceIsNone) {
  std::size_t doubled = 0;
  for (std::size_t n = 0; n < version_count(); ++n) {
    for (std::size_t index = 0; index < version_at(n).segment_count(); ++index) {
      const Segment segment = version_at(n).segment_at(index);
      std::multiset<std::string_view> names;
      for (std::uint16_t number = 1; number <= segment.field_count(); ++number)
        names.insert(segment.field(number).snake_name());
      for (std::uint16_t number = 1; number <= segment.field_count(); ++number) {
        const Field field = segment.field(number);
        const Field found = segment.field(field.snake_name());
        if (names.count(field.snake_name()) > 1) {
          ++doubled;
          EXPECT_FALSE(found);
        } else {
          EXPECT_EQ(found.number(), number);
        }
      }
    }
  }
  EXPECT_GT(doubled, 0U);
}

TEST(Dictionary, Tables) {
  const Version v251 = version("2.5.1");
  const Table status = v251.table(85);
  EXPECT_TRUE(status.closed());
  EXPECT_TRUE(status.contains("F"));
  EXPECT_FALSE(status.contains("Q"));
  EXPECT_FALSE(status.contains(""));
  EXPECT_EQ(status.number(), 85U);
  EXPECT_FALSE(v251.table(1).closed());
  EXPECT_EQ(v251.table(1).meaning("F"), "Female");
  EXPECT_TRUE(v251.table(125).contains("CE"));
  EXPECT_FALSE(v251.table(396).closed());
  EXPECT_FALSE(v251.table(9999));
  EXPECT_EQ(v251.segment("OBX").field(11).table().number(), 85U);
  EXPECT_FALSE(v251.segment("OBX").field(5).table());
  for (std::size_t n = 1; n < status.size(); ++n) EXPECT_LT(status.code(n - 1).code, status.code(n).code);
}

TEST(Dictionary, EventsLeadToStructures) {
  const Version v251 = version("2.5.1");
  EXPECT_EQ(v251.structure_for_event("ORU", "R01").name(), "ORU_R01");
  EXPECT_EQ(v251.structure_for_event("ADT", "A04").name(), "ADT_A01");
  EXPECT_EQ(v251.structure_for_event("ADT", "A31").name(), "ADT_A05");
  EXPECT_EQ(version("2.3").structure_for_event("ADT", "A31").name(), "ADT_A01");
  EXPECT_EQ(version("2.8.2").structure_for_event("ADT", "A44").name(), "ADT_A44");
  EXPECT_EQ(v251.structure_for_event("ACK", "R01").name(), "ACK");
  EXPECT_EQ(v251.structure_for_event("ACK", "").name(), "ACK");
  EXPECT_EQ(version("2.1").structure_for_event("ADT", "A04").name(), "ADT_A04");
  EXPECT_FALSE(version("2.1").structure_for_event("ADT", "A31"));  // came with 2.2
  EXPECT_EQ(version("2.4").structure_for_event("ADT", "A12").name(), "ADT_A09");
  EXPECT_EQ(version("2.6").structure_for_event("ADT", "A44").name(), "ADT_A43");
  EXPECT_EQ(version("2.8.2").structure_for_event("ADT", "A47").name(), "ADT_A30");
  EXPECT_EQ(version("2.3").structure_for_event("PPP", "PCC").name(), "PPP_PCB");
  EXPECT_EQ(v251.structure_for_event("ORU", "R32").name(), "ORU_R30");
  EXPECT_EQ(v251.structure_for_event("RSP", "K22").name(), "RSP_K21");
  EXPECT_EQ(v251.structure_for_event("MFN", "Znn").name(), "MFN_Znn");
  EXPECT_FALSE(v251.structure_for_event("ORU", "Z99"));
  EXPECT_FALSE(v251.structure_for_event("", ""));
  EXPECT_FALSE(v251.structure_for_event("TOO LONG", "R01"));
}

TEST(Dictionary, EveryStructureHasAnEventAndEveryEventItsStructure) {
  for (std::size_t n = 0; n < version_count(); ++n) {
    const Version v = version_at(n);
    std::set<std::string_view> reached;
    for (std::size_t index = 0; index < v.event_count(); ++index) {
      const Event event = v.event_at(index);
      EXPECT_EQ(v.structure_for_event(event.code, event.event), event.structure);
      EXPECT_EQ(v.structure(event.structure.name()), event.structure);
      reached.insert(event.structure.name());
    }
    for (std::size_t index = 0; index < v.structure_count(); ++index)
      EXPECT_TRUE(reached.contains(v.structure_at(index).name())) << v.name() << " " << v.structure_at(index).name();
    EXPECT_EQ(v.structure_for_event("ACK", "A01").name(), "ACK") << v.name();
    EXPECT_EQ(v.structure_for_event("ADT", "A01").name(), "ADT_A01") << v.name();
    EXPECT_EQ(v.structure_for_event("ORU", "R01").name(), "ORU_R01") << v.name();
  }
}

TEST(Dictionary, TablesAreHl7sOrTheUsers) {
  EXPECT_EQ(version("2.5.1").table(85).kind(), TableKind::hl7);
  EXPECT_EQ(version("2.5.1").table(1).kind(), TableKind::user);
  EXPECT_EQ(version("2.1").table(1).kind(), TableKind::user);  // an ID field there
  EXPECT_EQ(version("2.1").table(8).kind(), TableKind::hl7);
  EXPECT_EQ(version("2.8.2").table(1).kind(), TableKind::user);  // a CWE field there
  EXPECT_EQ(version("2.5.1").table(396).kind(), TableKind::open);
  for (std::size_t n = 0; n < version_count(); ++n) {
    EXPECT_EQ(version_at(n).table(136).closed(), n > 0) << version_at(n).name();  // yes/no; used from 2.2 on
    EXPECT_FALSE(version_at(n).table(3).closed());
  }
}

/// Nothing is read, built or allocated before the first use: the first look-ups of a process are as quick as any.
TEST(Dictionary, StartsAtOnce) {
  const auto before = std::chrono::steady_clock::now();
  const Version first = find_version("2.8.2").version;
  const Field field = first.segment("PID").field(3);
  const Structure structure = first.structure_for_event("ADT", "A04");
  const auto after = std::chrono::steady_clock::now();
  EXPECT_EQ(field.type(), "CX");
  EXPECT_EQ(structure.name(), "ADT_A01");
  std::printf("first look-ups: %lld ns; the dictionary is %zu bytes\n",
              static_cast<long long>(std::chrono::duration_cast<std::chrono::nanoseconds>(after - before).count()),
              dictionary_size());
}

TEST(Dictionary, AStructureIsATreeInDocumentOrder) {
  const Structure oru = version("2.5.1").structure("ORU_R01");
  ASSERT_TRUE(oru);
  EXPECT_FALSE(version("2.5.1").structure("ORU_R99"));
  const StructureNode root = oru.root();
  EXPECT_EQ(root.kind(), NodeKind::group);
  EXPECT_EQ(root.name(), "ORU_R01");
  EXPECT_FALSE(root.parent());
  EXPECT_FALSE(root.next_sibling());
  EXPECT_EQ(root.subtree_end(), oru.node_count());
  std::vector<std::string> children;
  for (StructureNode child = root.first_child(); child; child = child.next_sibling()) children.emplace_back(child.name());
  EXPECT_EQ(children, (std::vector<std::string>{"MSH", "SFT", "PATIENT_RESULT", "DSC"}));
  const StructureNode result = root.first_child().next_sibling().next_sibling();
  EXPECT_TRUE(result.required());
  EXPECT_TRUE(result.repeats());
  const StructureNode patient = result.first_child();
  EXPECT_EQ(patient.name(), "PATIENT");
  EXPECT_FALSE(patient.required());
  EXPECT_EQ(patient.first_child().name(), "PID");
  EXPECT_EQ(patient.first_child().segment().name(), "PID");
  EXPECT_FALSE(patient.segment());
  EXPECT_FALSE(patient.first_child().first_child());
  EXPECT_EQ(patient.parent().index(), result.index());
}

/// Every handle that can be reached holds together.
TEST(Dictionary, AllFactsAreConsistent) {
  std::size_t fields = 0;
  std::size_t nodes = 0;
  for (std::size_t n = 0; n < version_count(); ++n) {
    const Version v = version_at(n);
    for (std::size_t index = 0; index < v.segment_count(); ++index) {
      const Segment segment = v.segment_at(index);
      EXPECT_EQ(v.segment(segment.name()), segment);
      EXPECT_FALSE(segment_title(segment.name()).empty()) << segment.name();
      for (std::uint16_t number = 1; number <= segment.field_count(); ++number, ++fields) {
        const Field field = segment.field(number);
        EXPECT_TRUE(field.withdrawn() || field.varies() || field.datatype()) << v.name() << segment.name() << "-" << number;
        EXPECT_TRUE(field.max() == kUnbounded || field.withdrawn() || field.min() <= field.max());
        EXPECT_TRUE(field.table_number() == 0 || !field.table() || field.table().number() == field.table_number());
        for (const char c : field.snake_name()) EXPECT_TRUE(std::islower(c) || std::isdigit(c) || c == '_');
      }
    }
    for (std::size_t index = 0; index < v.datatype_count(); ++index) {
      const Datatype type = v.datatype_at(index);
      EXPECT_EQ(v.datatype(type.name()), type);
    }
    for (std::size_t index = 0; index < v.structure_count(); ++index) {
      const Structure structure = v.structure_at(index);
      EXPECT_EQ(v.structure(structure.name()), structure);
      EXPECT_EQ(structure.root().first_child().name(), "MSH");
      for (NodeIndex at = 0; at < structure.node_count(); ++at, ++nodes) {
        const StructureNode node = structure.node(at);
        EXPECT_GT(node.subtree_end(), at);
        EXPECT_TRUE(node.kind() != NodeKind::segment || node.segment()) << v.name() << structure.name() << node.name();
        EXPECT_TRUE(node.kind() != NodeKind::group || node.first_child());
        EXPECT_TRUE(node.kind() != NodeKind::choice || node.subtree_end() - at > 2);
        EXPECT_TRUE(!node.parent() || node.subtree_end() <= node.parent().subtree_end());
      }
    }
  }
  EXPECT_GT(fields, 23000U);
  EXPECT_GT(nodes, 40000U);
}

}  // namespace
}  // namespace smarthl7::hl7
