// SPDX-License-Identifier: Apache-2.0
// The table of a Placer: for each node of the last segment and each segment name, where that segment belongs.
#include <algorithm>
#include <bit>

#include "stdlib/base/assert.h"
#include "stdlib/hl7/structure.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::size_t kMostNodes = 0xFFF0;

/// What is looked for: a segment name, or a node that takes any segment.
struct Want {
  NameKey key = 0;
  bool any = false;
};

/// How much may be missing on the way to the target.
struct Way {
  bool skips;    // required siblings may be passed over
  bool loose;    // a group may be entered past its required beginning
  bool repeats;  // groups around may begin again
};
constexpr Way kSkipping{true, false, true};
constexpr Way kLoose{true, true, true};

}  // namespace

class PlaceTable {
 public:
  explicit PlaceTable(Placer& placer) : placer_(placer) {}

  void build(std::span<const LocalSegment> locals) {
    copy_tree();
    number_children();
    add_locals(locals);
    list_needs();
    make_columns();
    make_steps();
  }

 private:
  struct Tree {
    NodeKind kind;
    NameKey key;
    NodeIndex parent, end;
    std::uint16_t min, max;
    bool nullable;  // may be left out, or may be there without a segment
  };

  void copy_tree() {
    const NodeIndex count = placer_.structure_.node_count();
    SMARTHL7_ASSERT(count < kMostNodes, "a structure has too many nodes");
    for (NodeIndex index = 0; index < count; ++index) {
      const StructureNode node = placer_.structure_.node(index);
      const StructureNode parent = node.parent();
      tree_.push_back({node.kind(), node.key(), parent ? parent.index() : kNoNode, node.subtree_end(), node.min(), node.max(),
                       node.min() == 0});
    }
    for (std::size_t back = count; back-- > 0;) {  // children come after their parent
      Tree& node = tree_[back];
      if (node.nullable || node.kind == NodeKind::segment || node.kind == NodeKind::any_segment) continue;
      const auto children = children_of(static_cast<NodeIndex>(back));
      const auto nullable = [&](NodeIndex child) { return tree_[child].nullable; };
      node.nullable = node.kind == NodeKind::choice ? std::any_of(children.begin(), children.end(), nullable)
                                                    : std::all_of(children.begin(), children.end(), nullable);
    }
  }

  [[nodiscard]] std::vector<NodeIndex> children_of(NodeIndex node) const {
    std::vector<NodeIndex> found;
    for (NodeIndex child = static_cast<NodeIndex>(node + 1); child < tree_[node].end; child = tree_[child].end) {
      found.push_back(child);
    }
    return found;
  }

  [[nodiscard]] NodeIndex group_around(NodeIndex node) const {
    NodeIndex up = tree_[node].parent;
    while (up != kNoNode && tree_[up].kind != NodeKind::group) up = tree_[up].parent;
    return up;
  }

  void number_children() {
    auto& nodes = placer_.nodes_;
    nodes.resize(tree_.size());
    for (NodeIndex index = 0; index < tree_.size(); ++index) {
      Placer::Node& node = nodes[index];
      const NodeIndex parent = tree_[index].parent;
      const bool alternative = parent != kNoNode && tree_[parent].kind == NodeKind::choice;
      node.is_group = tree_[index].kind == NodeKind::group;
      node.group = group_around(index);
      node.counted = alternative ? nodes[parent].counted : index;
      node.max = tree_[node.counted].max;
      if (parent == kNoNode) continue;
      node.ordinal = alternative ? nodes[parent].ordinal : nodes[parent].children++;
    }
  }

  void add_locals(std::span<const LocalSegment> locals) {
    auto& nodes = placer_.nodes_;
    for (const LocalSegment& wanted : locals) {
      Placer::Local local;
      local.name = wanted.name;
      local.key = name_key(wanted.name);
      local.repeats = wanted.repeats;
      for (NodeIndex index = 0; index < tree_.size(); ++index) {
        if (tree_[index].kind != NodeKind::segment || tree_[index].key != name_key(wanted.after)) continue;
        const NodeIndex group = nodes[index].group;
        local.hosts.push_back(index);
        local.ordinals.push_back(nodes[group].children++);
        if (wanted.required) {
          const auto node = static_cast<NodeIndex>(tree_.size() + placer_.locals_.size());
          local_needs_.push_back({group, {node, local.ordinals.back(), 1, nodes[index].ordinal}});
        }
      }
      placer_.locals_.push_back(std::move(local));
    }
  }

  void list_needs() {
    for (NodeIndex group = 0; group < tree_.size(); ++group) {
      Placer::Node& node = placer_.nodes_[group];
      if (!node.is_group) continue;
      node.first_need = static_cast<std::uint16_t>(placer_.needs_.size());
      for (const NodeIndex child : children_of(group)) {
        if (!tree_[child].nullable) placer_.needs_.push_back({child, placer_.nodes_[child].ordinal, tree_[child].min, 0xFFFF});
      }
      for (const auto& [host_group, need] : local_needs_) {
        if (host_group == group) placer_.needs_.push_back(need);
      }
      node.need_count = static_cast<std::uint16_t>(placer_.needs_.size() - node.first_need);
    }
  }

  void make_columns() {
    auto& columns = placer_.columns_;
    for (const Tree& node : tree_) {
      if (node.kind == NodeKind::segment && std::find(columns.begin(), columns.end(), node.key) == columns.end()) {
        columns.push_back(node.key);
      }
    }
    placer_.structure_columns_ = static_cast<std::uint16_t>(columns.size());
    for (const Placer::Local& local : placer_.locals_) columns.push_back(local.key);
    placer_.column_count_ = static_cast<std::uint16_t>(columns.size() + 1);
    placer_.hash_.assign(std::bit_ceil(columns.size() * 4), 0xFFFF);
    for (std::size_t column = columns.size(); column-- > 0;) {  // the structure's own names win over local ones
      std::size_t slot = Placer::slot_of(columns[column], placer_.hash_.size());
      while (placer_.hash_[slot] != 0xFFFF && columns[placer_.hash_[slot]] != columns[column]) {
        slot = (slot + 1) & (placer_.hash_.size() - 1);
      }
      placer_.hash_[slot] = static_cast<std::uint16_t>(column);
    }
  }

  // ---- the steps

  /// The first place below (or at) a node where the wanted segment may stand at its beginning.
  [[nodiscard]] NodeIndex enter(NodeIndex at, Want want, bool loose) const {
    const Tree& node = tree_[at];
    if (node.kind == NodeKind::segment) return want.key != 0 && node.key == want.key ? at : kNoNode;
    if (node.kind == NodeKind::any_segment) return want.any ? at : kNoNode;
    for (NodeIndex child = static_cast<NodeIndex>(at + 1); child < node.end; child = tree_[child].end) {
      const NodeIndex found = enter(child, want, loose);
      if (found != kNoNode) return found;
      if (node.kind == NodeKind::group && !loose && !tree_[child].nullable) break;
    }
    return kNoNode;
  }

  /// A place ahead, with what is left out on the way to it.
  [[nodiscard]] Placer::Step ahead(NodeIndex from, Want want, Way way) const {
    const Placer::Node& start = placer_.nodes_[from];
    if (start.max != 1 && enter(from, want, false) == from) return at(from, start.group);
    for (NodeIndex node = from; tree_[node].parent != kNoNode; node = tree_[node].parent) {
      const NodeIndex parent = tree_[node].parent;
      if (tree_[parent].kind == NodeKind::group) {
        for (NodeIndex next = tree_[node].end; next < tree_[parent].end; next = tree_[next].end) {
          const NodeIndex found = enter(next, want, way.loose);
          if (found != kNoNode) return at(found, parent);
          if (!way.skips && !tree_[next].nullable) return {};
        }
      }
      if (way.repeats && tree_[parent].max != 1) {
        const NodeIndex found = enter(parent, want, way.loose);
        if (found != kNoNode) return at(found, group_around(parent));
      }
    }
    return {};
  }

  /// The place further on in what is open that leaves the least of what is required out: in doubt a required group.
  [[nodiscard]] Placer::Step cheapest(NodeIndex from, Want want) const {
    Placer::Step best;
    std::size_t least = 0;
    std::size_t passed = 0;
    for (NodeIndex node = from; tree_[node].parent != kNoNode; node = tree_[node].parent) {
      const NodeIndex parent = tree_[node].parent;
      if (tree_[parent].kind != NodeKind::group) continue;
      for (NodeIndex next = tree_[node].end; next < tree_[parent].end; next = tree_[next].end) {
        const NodeIndex found = enter(next, want, true);
        if (found != kNoNode) {
          const std::size_t cost = 2 * (passed + left_out(next, found)) + (tree_[next].nullable ? 1U : 0U);
          if (best.target == kNoNode || cost < least) best = at(found, parent);
          if (best.target == found) least = cost;
        }
        if (!tree_[next].nullable) ++passed;
      }
    }
    return best;
  }

  /// How much that is required stands before the target, below `top`.
  [[nodiscard]] std::size_t left_out(NodeIndex top, NodeIndex target) const {
    std::size_t count = 0;
    for (; target != top; target = tree_[target].parent) {
      const NodeIndex parent = tree_[target].parent;
      if (tree_[parent].kind != NodeKind::group) continue;
      for (auto before = static_cast<NodeIndex>(parent + 1); before < target; before = tree_[before].end)
        if (!tree_[before].nullable) ++count;
    }
    return count;
  }

  /// Every place ahead at which the structure has the segment, nearest first: forward, then the next repetition of what is
  /// around, from the inside out. But a group is rather begun again at its first segment than another one entered past
  /// what it would begin with: the ORC after an order's results is the next order, not that of a prior result without its
  /// patient.
  [[nodiscard]] std::vector<Placer::Step> places(NodeIndex from, Want want) const {
    std::vector<Placer::Step> found;
    std::vector<Placer::Step> past_beginning;
    const auto add = [&](NodeIndex top, NodeIndex around, bool again) {
      for (const NodeIndex target : entries(top, want)) {
        const bool known = std::any_of(found.begin(), found.end(), [&](const auto& step) { return step.target == target; });
        if (known) continue;
        if (!again && !begins(top, target)) {
          past_beginning.push_back(at(target, around));
        } else {
          if (!again || !begins(top, target)) flush(past_beginning, found);
          found.push_back(at(target, around));
        }
      }
    };
    const Placer::Node& start = placer_.nodes_[from];
    if (start.max != 1 && enter(from, want, false) == from) found.push_back(at(from, start.group));
    NodeIndex node = from;
    for (; tree_[node].parent != kNoNode; node = tree_[node].parent) {
      const NodeIndex parent = tree_[node].parent;
      if (tree_[parent].max != 1 && tree_[parent].kind == NodeKind::choice) add(parent, group_around(parent), true);
      bool ends = true;  // may the group end here?
      if (tree_[parent].kind == NodeKind::group) {
        for (NodeIndex next = tree_[node].end; ends && next < tree_[parent].end; next = tree_[next].end) {
          add(next, parent, false);
          ends = tree_[next].nullable;
        }
        if (ends && tree_[parent].max != 1) add(parent, group_around(parent), true);
      }
      if (!ends) break;
    }
    flush(past_beginning, found);
    for (Placer::Step& step : found) step.fits = true;
    return found;
  }

  static void flush(std::vector<Placer::Step>& from, std::vector<Placer::Step>& to) {
    to.insert(to.end(), from.begin(), from.end());
    from.clear();
  }

  [[nodiscard]] static Placer::Step at(NodeIndex target, NodeIndex around) {
    Placer::Step step;
    step.target = target;
    step.stays_open = around;
    return step;
  }

  /// All places below (or at) a node where the wanted segment may stand at its beginning.
  [[nodiscard]] std::vector<NodeIndex> entries(NodeIndex top, Want want) const {
    const Tree& node = tree_[top];
    const NodeIndex here =
        node.kind == NodeKind::segment || node.kind == NodeKind::any_segment ? enter(top, want, false) : kNoNode;
    std::vector<NodeIndex> found(here == kNoNode ? 0 : 1, here);
    for (NodeIndex child = static_cast<NodeIndex>(top + 1); child < node.end; child = tree_[child].end) {
      const auto below = entries(child, want);
      found.insert(found.end(), below.begin(), below.end());
      if (node.kind == NodeKind::group && !tree_[child].nullable) break;
    }
    return found;
  }

  /// Is the target what the node begins with, nothing left out?
  [[nodiscard]] bool begins(NodeIndex top, NodeIndex target) const {
    for (; target != top; target = tree_[target].parent) {
      const NodeIndex parent = tree_[target].parent;
      if (tree_[parent].kind == NodeKind::group && target != parent + 1) return false;
    }
    return true;
  }

  /// In a group that is open, but before where we are.
  [[nodiscard]] Placer::Step behind(NodeIndex from, Want want, bool loose) const {
    for (NodeIndex group = group_around(from); group != kNoNode; group = group_around(group)) {
      for (NodeIndex child = static_cast<NodeIndex>(group + 1); child < tree_[group].end; child = tree_[child].end) {
        const NodeIndex found = enter(child, want, loose);
        if (found == kNoNode) continue;
        Placer::Step step = at(found, group);
        step.behind = true;
        step.moves = placer_.nodes_[found].group != group;
        return step;
      }
    }
    return {};
  }

  [[nodiscard]] Placer::Step best(NodeIndex from, NameKey key) {
    const Want named{key, false};
    if (from == tree_.size()) {  // nothing placed yet
      for (const bool loose : {false, true}) {
        const NodeIndex found = enter(0, named, loose);
        if (found == kNoNode) continue;
        Placer::Step step = at(found, 0);
        step.fits = !loose;
        return step;
      }
      return {};
    }
    std::vector<Placer::Step> fitting;
    if (key != 0) fitting = places(from, named);
    if (fitting.empty()) fitting = places(from, Want{0, true});
    if (!fitting.empty()) return with_fork(std::move(fitting));
    if (key == 0) return {};
    // It does not fit: something before it is missing, or it comes too late. What follows tells which.
    std::vector<Placer::Step> misfits;
    for (const Placer::Step& step :
         {ahead(from, named, kSkipping), behind(from, named, false), cheapest(from, named), ahead(from, named, kLoose)}) {
      const bool known =
          std::any_of(misfits.begin(), misfits.end(), [&](const auto& other) { return other.target == step.target; });
      if (step.target != kNoNode && !known) misfits.push_back(step);
    }
    return misfits.empty() ? behind(from, named, true) : with_fork(std::move(misfits));
  }

  /// The first of several places; the others are kept beside it.
  [[nodiscard]] Placer::Step with_fork(std::vector<Placer::Step> places) {
    Placer::Step step = places.front();
    if (places.size() == 1 || placer_.forks_.size() == Placer::kNoFork) return step;
    step.fork = static_cast<std::uint16_t>(placer_.forks_.size());
    placer_.forks_.push_back(std::move(places));
    return step;
  }

  void make_steps() {
    placer_.steps_.reserve((tree_.size() + 1) * placer_.column_count_);
    for (std::size_t from = 0; from <= tree_.size(); ++from) {
      const bool reached =
          from == tree_.size() || tree_[from].kind == NodeKind::segment || tree_[from].kind == NodeKind::any_segment;
      for (std::uint16_t column = 0; column < placer_.column_count_; ++column) {
        const NameKey key = column < placer_.structure_columns_ ? placer_.columns_[column] : 0;
        placer_.steps_.push_back(reached ? best(static_cast<NodeIndex>(from), key) : Placer::Step{});
      }
    }
  }

  Placer& placer_;
  std::vector<Tree> tree_;
  std::vector<std::pair<NodeIndex, Placer::Need>> local_needs_;
};

Placer::Placer(Structure structure, std::span<const LocalSegment> locals) : structure_(structure) {
  SMARTHL7_ASSERT(static_cast<bool>(structure), "a placer needs a structure");
  PlaceTable(*this).build(locals);
}

}  // namespace smarthl7::hl7
