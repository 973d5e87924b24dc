// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/dictionary/local_structure.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace smarthl7::hl7 {
namespace {

std::string shape(const StructureNode& node) {
  std::string text = node.kind() == NodeKind::choice        ? "choice"
                     : node.kind() == NodeKind::any_segment ? "any"
                                                            : std::string(node.name());
  text += fmt::format(":{}..{}", node.min(), node.max());
  if (!node.first_child()) return text;
  std::string inner;
  for (StructureNode child = node.first_child(); child; child = child.next_sibling())
    inner += (inner.empty() ? "" : " ") + shape(child);
  return text + "(" + inner + ")";
}

std::string read(std::string_view text) {
  const auto made = LocalStructure::parse(find_version("2.5.1").version, "ZRU_Z01", text);
  if (!made) return fmt::format("{}+{} {}", made.error().offset, made.error().size, made.error().what);
  const Structure structure = (*made)->structure();
  for (NodeIndex n = 0; n < structure.node_count(); ++n) {
    const StructureNode node = structure.node(n);
    EXPECT_GT(node.subtree_end(), n);
    EXPECT_TRUE(!node.parent() || node.subtree_end() <= node.parent().subtree_end());
    EXPECT_TRUE(n == 0 || node.parent());
  }
  return shape(structure.root());
}

TEST(LocalStructure, ReadsTheAbstractSyntax) {
  EXPECT_EQ(read("MSH [{SFT}] PID"), "ZRU_Z01:1..1(MSH:1..1 SFT:0..0 PID:1..1)");
  EXPECT_EQ(read("MSH {[NTE]} {ORDER( OBR [{OBX}] [ZLR] )}"),
            "ZRU_Z01:1..1(MSH:1..1 NTE:0..0 ORDER:1..0(OBR:1..1 OBX:0..0 ZLR:0..1))");
  EXPECT_EQ(
      read("MSH\n [PID [PD1]]\n { OBR [{OBX [{NTE}]}] }"),
      "ZRU_Z01:1..1(MSH:1..1 PID_GROUP:0..1(PID:1..1 PD1:0..1) OBR_GROUP:1..0(OBR:1..1 OBX_GROUP:0..0(OBX:1..1 NTE:0..0)))");
  EXPECT_EQ(read("MSH [{OBR OBX}] [OBR NTE]"),
            "ZRU_Z01:1..1(MSH:1..1 OBR_GROUP:0..0(OBR:1..1 OBX:1..1) OBR_GROUP_2:0..1(OBR:1..1 NTE:1..1))");
  EXPECT_EQ(read("MSH ORC < OBR | RXO | A( ODS [ODT] ) > [{Hxx}]"),
            "ZRU_Z01:1..1(MSH:1..1 ORC:1..1 choice:1..1(OBR:1..1 RXO:1..1 A:1..1(ODS:1..1 ODT:0..1)) any:0..0)");
}

TEST(LocalStructure, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(read(""), "0+0 a segment or group is missing here");
  EXPECT_EQ(read("PID"), "0+0 a structure begins with MSH, once");
  EXPECT_EQ(read("[MSH] PID"), "0+0 a structure begins with MSH, once");
  EXPECT_EQ(read("MSH OBY"), "4+3 HL7 2.5.1 has no segment `OBY`");
  EXPECT_EQ(read("MSH ARV"), "4+3 HL7 2.5.1 has no segment `ARV`");  // came with 2.6
  EXPECT_EQ(read("MSH [PID"), "4+1 this `[` is not closed by `]`");
  EXPECT_EQ(read("MSH {PID]"), "4+1 this `{` is not closed by `}`");
  EXPECT_EQ(read("MSH PID]"), "7+1 nothing is open that `]` could close");
  EXPECT_EQ(read("MSH []"), "5+1 a segment or group is missing here");
  EXPECT_EQ(read("MSH <OBR>"), "4+5 a choice is between two or more: `<A|B>`");
  EXPECT_EQ(read("MSH <OBR|>"), "9+1 a segment or group is missing here");
  EXPECT_EQ(read("MSH ORDER OBR"), "4+5 `ORDER` is no segment; a group has its content in brackets: `ORDER( ... )`");
  EXPECT_EQ(read("MSH ORDER( OBR"), "9+1 this `(` is not closed by `)`");
  EXPECT_EQ(read("MSH pid"), "4+1 `p` stands for nothing in a structure");
  EXPECT_EQ(read("MSH " + std::string(50, '[') + "PID" + std::string(50, ']')).substr(3), "1 the structure is nested too deep");
  std::string many = "MSH";
  for (int n = 0; n < 3000; ++n) many += " NTE";
  EXPECT_NE(read(many).find("the structure is too long"), std::string::npos);
}

TEST(LocalStructure, ItsHandlesAreThoseOfTheDictionary) {
  const Version version = find_version("2.5.1").version;
  const auto made = LocalStructure::parse(version, "ZRU_Z01", "MSH PID {OBR [ZLR]}");
  ASSERT_TRUE(made);
  const Structure structure = (*made)->structure();
  EXPECT_EQ(structure.name(), "ZRU_Z01");
  EXPECT_EQ(structure.version(), version);
  EXPECT_TRUE(structure.is_local());
  EXPECT_FALSE(version.structure("ORU_R01").is_local());
  EXPECT_EQ(structure.node(2).segment(), version.segment("PID"));
  EXPECT_FALSE(structure.node(5).segment());  // the site's own
  EXPECT_EQ(structure.node(5).name(), "ZLR");
  EXPECT_NE(structure, version.structure("ORU_R01"));
}

/// The standard's own structures, written in this syntax, are themselves.
TEST(LocalStructure, EveryStructureOfTheStandardCanBeWritten) {
  std::size_t count = 0;
  for (std::size_t v = 0; v < version_count(); ++v) {
    const Version version = version_at(v);
    for (std::size_t s = 0; s < version.structure_count(); ++s) {
      const Structure standard = version.structure_at(s);
      const auto write = [](const auto& self, const StructureNode& node) -> std::string {
        std::string inner;
        if (node.kind() == NodeKind::segment) inner = node.name();
        if (node.kind() == NodeKind::any_segment) inner = "Hxx";
        for (StructureNode child = node.first_child(); child; child = child.next_sibling())
          inner += (inner.empty() ? "" : node.kind() == NodeKind::choice ? "|" : " ") + self(self, child);
        if (node.kind() == NodeKind::choice) inner = "<" + inner + ">";
        if (node.kind() == NodeKind::group && node.parent()) inner = fmt::format("{}({})", node.name(), inner);
        if (node.repeats()) inner = "{" + inner + "}";
        return node.required() ? inner : "[" + inner + "]";
      };
      const std::string text = write(write, standard.root());
      const auto made = LocalStructure::parse(version, standard.name(), text);
      ASSERT_TRUE(made) << version.name() << " " << standard.name() << ": " << made.error().what << " in " << text;
      EXPECT_EQ(shape((*made)->structure().root()), shape(standard.root()));
      ++count;
    }
  }
  EXPECT_GT(count, 2000U);
}

}  // namespace
}  // namespace smarthl7::hl7
