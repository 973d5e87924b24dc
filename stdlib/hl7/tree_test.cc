// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/tree.h"

#include <gtest/gtest.h>

#include "stdlib/hl7/tree_text.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::string_view kOru =
    "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01^ORU_R01|1|P|2.5.1\r"
    "PID|1||77^^^NORTH&1.2&ISO^MR~88||\"\"^ANNA|||\r"
    "ORC|RE\rOBR|1|||A^B\rOBX|1|ST|X||one\rNTE|1||note\r"
    "OBR|2|||C^D\rOBX|1|NM|Y||2\rZLR|a^b&c~d\r";

Tree tree_of(std::string_view bytes) {
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  Tree tree;
  TreeMaker maker;
  maker.make(*message, tree);
  return tree;
}

std::string pipes(const Tree& tree) {
  std::string out;
  to_pipes(tree, out);
  return out;
}

/// "MSH ORU_R01(PATIENT_RESULT(...))" as indentation-free text.
std::string outline(const Tree& tree, Tree::Index from, Tree::Index to) {
  std::string out;
  for (Tree::Index at = from; at < to; at = tree.node(at).end) {
    if (!out.empty()) out += ' ';
    out += tree.text(at);
    if (tree.node(at).kind == Tree::Kind::group) out += "(" + outline(tree, at + 1, tree.node(at).end) + ")";
  }
  return out;
}

TEST(Tree, HoldsGroupsAsTheStructureHasThem) {
  const Tree tree = tree_of(kOru);
  EXPECT_EQ(tree.structure(), "ORU_R01");
  EXPECT_EQ(tree.version_text(), "2.5.1");
  EXPECT_EQ(outline(tree, 0, tree.size()),
            "MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(ORC OBR OBSERVATION(OBX NTE)) "
            "ORDER_OBSERVATION(OBR OBSERVATION(OBX ZLR)))");
}

TEST(Tree, KeepsAbsentEmptyAndNullApart) {
  const Tree tree = tree_of(kOru);
  Tree::Index pid = 0;
  while (tree.text(pid) != "PID") ++pid;
  EXPECT_EQ(tree.node(pid).parts, 8U);
  EXPECT_EQ(tree.child(pid, 2), Tree::kNone);
  const Tree::Index id = tree.child(pid, 3);
  ASSERT_NE(id, Tree::kNone);
  EXPECT_EQ(tree.node(id).parts, 2U);
  EXPECT_EQ(tree.first_text(id), "77");
  const Tree::Index authority = tree.child(tree.child(id, 1), 4);
  EXPECT_EQ(tree.node(authority).kind, Tree::Kind::component);
  EXPECT_EQ(tree.text(tree.child(authority, 2)), "1.2");
  EXPECT_EQ(place_of(tree, tree.child(authority, 2)), "PID-3[1].4.2");
  EXPECT_TRUE(tree.node(tree.child(id, 2)).leaf);
  const Tree::Index name = tree.child(tree.child(pid, 5), 1);
  EXPECT_TRUE(tree.is_null(tree.child(name, 1)));
}

TEST(Tree, WritesThePipesThatItWasMadeOf) {
  for (const std::string_view bytes : {
           kOru,
           std::string_view("MSH|^~\\&|"),
           std::string_view("MSH|"),
           std::string_view("MSH|^"),
           std::string_view("MSH|^~\\&#|a#|b\\P\\\n"),
           std::string_view("\xEF\xBB\xBF\r\nMSH|^~\\&|A\r\n\r\nPID\r\nPID|\r\nPID||\r\n"),
           std::string_view("MSH|^~\\&|A\rPID|~^&|~~|^^|&&|a~|~a|a^|^a|a&|&a|a^&~^\rPID|\\\\|\\a|b\\|\\F\\\r"),
           std::string_view("MSH$%~\\&$A%B\rPID$1%2&3~4\rBHS$%~\\&$a\rBHS$\rBHS\rBHS$$$x\r"),
           std::string_view("MSH|^~\\&|A\rp d|x\r12|y\rTOOLONG|z\r||\n"),
       }) {
    EXPECT_EQ(pipes(tree_of(bytes)), bytes);
  }
}

TEST(Tree, AnOutOfOrderSegmentStaysWhereItStands) {
  const std::string bytes = "MSH|^~\\&|LAB||||20260301||ORU^R01^ORU_R01|1|P|2.5.1\rOBR|1\rOBX|1\rPID|1\rOBX|2\rEVN|x\rOBX|3\r";
  const Tree tree = tree_of(bytes);
  EXPECT_EQ(pipes(tree), bytes);
}

TEST(Tree, EqualMeansTheSameMessage) {
  EXPECT_EQ(tree_of(kOru), tree_of(kOru));
  std::string other(kOru);
  other.back() = '\n';
  EXPECT_FALSE(tree_of(kOru) == tree_of(other));
  other = kOru;
  other[other.find("one")] = 'O';
  EXPECT_FALSE(tree_of(kOru) == tree_of(other));
}

TEST(Tree, AMakerReusedMakesTheSameTrees) {
  TreeMaker maker;
  Tree tree;
  for (int n = 0; n < 3; ++n) {
    for (const std::string_view bytes : {kOru, std::string_view("MSH|^~\\&|||||||ADT^A04|1|P|2.3\rEVN|A04\rPID|1\r"),
                                         std::string_view("MSH|^~\\&|||||||XYZ^Q99|1|P|9\rABC|1\r")}) {
      const auto message = Message::parse(bytes);
      ASSERT_TRUE(message);
      maker.make(*message, tree);
      EXPECT_EQ(pipes(tree), bytes);
    }
  }
  EXPECT_EQ(tree.structure(), "XYZ_Q99");
}

}  // namespace
}  // namespace smarthl7::hl7
