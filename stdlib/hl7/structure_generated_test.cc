// SPDX-License-Identifier: Apache-2.0
// Messages made from every structure of every version: what a structure yields is placed as it was made, and one required
// segment taken away is one finding.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "stdlib/hl7/structure.h"

namespace smarthl7::hl7 {
namespace {

constexpr const char* kAnySegment = "HXX";  // stands where any segment may

// Structures that say of some message in two ways where a segment belongs (docs/hl7/structures.md says which is taken).
// Most let a group be there without its first segment, or the same optional segment follow itself in two roles.
const std::set<std::string> kAmbiguous = {
    "ADT_A60", "BAR_P01", "BAR_P05", "DEL_O46", "DEO_O45", "DER_O44", "DFT_P03", "DFT_P11", "DPR_O48", "DRC_O47",
    "DRG_O43", "NMR_N01", "NMR_N02", "OMG_O19", "OML_O21", "OML_O33", "OML_O35", "OMQ_O42", "ORD_O02", "ORD_O04",
    "ORF_R04", "ORM_O01", "ORR_O02", "ORU_R01", "ORU_R03", "OUL_R21", "RCI_I05", "RSP_O34", "RSP_Z90"};

// Where what is left reads best as something else, so that more than the segment is missing: a TQ1 that may be the order's,
// FAC and PSH in two roles, a record of any segments without its head.
const std::set<std::string> kReadOtherwise = {"MFN_Znn", "RDE_O11", "RGV_O15", "SUR_P09"};

struct Made {
  std::string name;
  NodeIndex node = 0;
  InstanceId instance = 0;
  std::vector<NodeIndex> groups;  // around it, inside out
};

/// Makes the segments of one message; `times` says how often a node that need not stand there once does.
class Maker {
 public:
  using Times = std::function<std::size_t(const StructureNode&)>;
  Maker(Structure structure, Times times, NodeIndex alternative = kNoNode)
      : structure_(structure), times_(std::move(times)), alternative_(alternative) {}

  std::vector<Made> make() {
    group(structure_.root());
    return std::move(made_);
  }

 private:
  void group(const StructureNode& node) {
    const std::size_t before = made_.size();
    const InstanceId id = instances_++;
    open_.push_back(id);
    groups_.insert(groups_.begin(), node.index());
    for (StructureNode child = node.first_child(); child; child = child.next_sibling()) {
      const std::size_t count = times_(child);
      for (std::size_t n = 0; n < count; ++n) one(child);
    }
    groups_.erase(groups_.begin());
    open_.pop_back();
    if (made_.size() == before) --instances_;  // a group without a segment is not there
  }

  void one(const StructureNode& node) {
    switch (node.kind()) {
      case NodeKind::group: return group(node);
      case NodeKind::segment: return add(node, std::string(node.name()));
      case NodeKind::any_segment: return add(node, kAnySegment);
      case NodeKind::choice: {
        StructureNode chosen = node.first_child();
        for (StructureNode child = chosen; child; child = child.next_sibling()) {
          if (child.index() <= alternative_ && alternative_ < child.subtree_end()) chosen = child;
        }
        return one(chosen);
      }
    }
  }

  void add(const StructureNode& node, std::string name) {
    made_.push_back({std::move(name), node.index(), open_.back(), groups_});
  }

  Structure structure_;
  Times times_;
  NodeIndex alternative_;
  std::vector<Made> made_;
  std::vector<InstanceId> open_;
  std::vector<NodeIndex> groups_;
  InstanceId instances_ = 0;
};

[[nodiscard]] bool is_within(const StructureNode& outer, NodeIndex inner) {
  return outer.index() <= inner && inner < outer.subtree_end();
}

[[nodiscard]] std::vector<Made> minimal(Structure structure) {
  return Maker(structure, [](const StructureNode& node) { return node.required() ? 1U : 0U; }).make();
}

/// All that is required, and the way to one node.
[[nodiscard]] std::vector<Made> with(Structure structure, NodeIndex wanted, std::size_t count = 1) {
  const auto times = [&](const StructureNode& node) -> std::size_t {
    if (node.index() == wanted) return node.repeats() ? count : 1;
    return is_within(node, wanted) || node.required() ? 1 : 0;
  };
  return Maker(structure, times, wanted).make();
}

[[nodiscard]] std::string names(const std::vector<Made>& made) {
  std::string text;
  for (const Made& segment : made) text += (text.empty() ? "" : " ") + segment.name;
  return text;
}

class Generated : public ::testing::Test {
 protected:
  void place(const Placer& placer, const std::vector<Made>& made) {
    bytes_ = "MSH|^~\\&|\r";
    for (std::size_t n = 1; n < made.size(); ++n) bytes_ += made[n].name + "|\r";
    ASSERT_TRUE(message_.reset(bytes_));
    placer.place(message_, placement_);
  }

  /// Without a finding; true if each segment is where it was made.
  [[nodiscard]] bool expect_fit(const Placer& placer, const std::vector<Made>& made) {
    place(placer, made);
    EXPECT_EQ(placement_.findings().size(), 0U) << placer.structure().version().name() << " " << placer.structure().name()
                                                << ": " << names(made) << "\n  " << faults(placer);
    for (std::uint32_t segment = 0; segment < made.size(); ++segment) {
      if (placement_.node_of(segment) != made[segment].node || placement_.instance_of(segment) != made[segment].instance) {
        odd_ = segment;
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] std::string faults(const Placer& placer) const {
    std::string text;
    for (const PlaceFinding& finding : placement_.findings())
      text += fmt::format("{}:{}@{} ", static_cast<int>(finding.fault), placer.name_of(finding.node), finding.segment);
    return text;
  }

  [[nodiscard]] static std::string path(Structure structure, NodeIndex index) {
    std::string text;
    for (StructureNode node = structure.node(index); node.parent(); node = node.parent()) {
      if (node.kind() != NodeKind::choice) text = std::string(node.name()) + (text.empty() ? "" : ".") + text;
    }
    return text;
  }

  std::string bytes_;
  Message message_;
  Placement placement_;
  std::uint32_t odd_ = 0;
};

template <class Do>
void for_each_structure(const Do& action) {
  for (std::size_t n = 0; n < version_count(); ++n) {
    for (std::size_t index = 0; index < version_at(n).structure_count(); ++index) action(version_at(n).structure_at(index));
  }
}

TEST_F(Generated, WhatAStructureYieldsFitsIt) {
  std::size_t messages = 0;
  std::size_t elsewhere = 0;
  std::set<std::string> ambiguous;
  for_each_structure([&](Structure structure) {
    const Placer placer(structure);
    const auto check = [&](const std::vector<Made>& made) {
      ++messages;
      if (expect_fit(placer, made)) return;
      ++elsewhere;
      const std::string name(structure.name());
      ambiguous.insert(name);
      EXPECT_TRUE(kAmbiguous.contains(name))
          << structure.version().name() << " " << name << ": " << path(structure, made[odd_].node) << " went to "
          << path(structure, placement_.node_of(odd_)) << " in " << names(made);
      EXPECT_NE(placement_.node_of(odd_), kNoNode);
    };
    check(minimal(structure));
    check(Maker(structure, [](const StructureNode&) { return 1U; }).make());
    check(Maker(structure, [](const StructureNode& node) { return node.repeats() ? 2U : 1U; }).make());
    for (NodeIndex node = 1; node < structure.node_count(); ++node) {
      if (structure.node(node).required() && structure.node(node).parent().kind() != NodeKind::choice) continue;
      check(with(structure, node));
      if (structure.node(node).repeats()) check(with(structure, node, 2));
    }
  });
  EXPECT_EQ(ambiguous, kAmbiguous);
  EXPECT_GT(messages, 40000U);
  fmt::print("{} messages made from the structures, {} of them with a segment that may stand in two places\n", messages,
             elsewhere);
}

TEST_F(Generated, ARequiredSegmentTakenAwayIsOneFinding) {
  std::size_t removed = 0;
  std::set<std::string> otherwise;
  for_each_structure([&](Structure structure) {
    const Placer placer(structure);
    const std::vector<Made> whole = minimal(structure);
    for (std::size_t at = 1; at < whole.size(); ++at) {
      std::vector<Made> less = whole;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(at));
      place(placer, less);
      ++removed;
      const auto findings = placement_.findings();
      // What is missing is the segment, or the group that held nothing else.
      const auto is_it = [&](const PlaceFinding& finding) {
        if (finding.fault == PlaceFault::missing_segment && placer.name_of(finding.node) == whole[at].name) return true;
        if (finding.fault != PlaceFault::missing_group) return false;
        return is_within(structure.node(finding.node), whole[at].node);
      };
      if (findings.size() != 1 || !is_it(findings[0])) {
        otherwise.insert(std::string(structure.name()));
        EXPECT_TRUE(kReadOtherwise.contains(std::string(structure.name())))
            << structure.version().name() << " " << structure.name() << ": " << names(whole) << " without " << whole[at].name
            << " (number " << at << "): " << faults(placer);
      }
    }
  });
  EXPECT_EQ(otherwise, kReadOtherwise);
  EXPECT_GT(removed, 5000U);
  fmt::print("{} segments taken away, each found missing\n", removed);
}

/// What a placing takes grows with the message: twice the message, twice the work.
TEST_F(Generated, TheWorkGrowsWithTheMessageOnly) {
  for (const char* name :
       {"2.5.1 ORU_R01", "2.5.1 OML_O21", "2.8.2 OML_O21", "2.3 CSU_C09", "2.5.1 RSP_K11", "2.8.2 CCM_I21"}) {
    const std::string_view text(name);
    const Structure structure = find_version(text.substr(0, text.find(' '))).version.structure(text.substr(text.find(' ') + 1));
    ASSERT_TRUE(structure) << name;
    const Placer placer(structure);
    const auto once = Maker(structure, [](const StructureNode& node) { return node.repeats() ? 2U : 1U; }).make();
    std::uint64_t before = 0;
    for (std::size_t size = 25000; size <= 200000; size *= 2) {
      std::string bytes = "MSH|^~\\&|\r";
      for (std::size_t segment = 1; segment < size; ++segment) bytes += once[1 + segment % (once.size() - 1)].name + "|\r";
      ASSERT_TRUE(message_.reset(bytes));
      placer.place(message_, placement_);
      ASSERT_EQ(placement_.segment_count(), size);
      EXPECT_LT(placement_.work(), size * 40) << name;
      EXPECT_TRUE(before == 0 || placement_.work() <= before * 2 + 1000) << name << " " << size;
      before = placement_.work();
    }
    fmt::print("{}: {:.1f} steps a segment\n", name, static_cast<double>(before) / 200000);
  }
}

}  // namespace
}  // namespace smarthl7::hl7
