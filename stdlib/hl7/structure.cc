// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/structure.h"

#include <algorithm>
#include <array>
#include <span>

#include "stdlib/base/assert.h"

namespace smarthl7::hl7 {
namespace {

// Deeper than any structure of the standard.
constexpr std::size_t kMostDepth = 64;

// How many segments decide between places that are equally good, and how many ways through them are followed at once.
constexpr std::uint32_t kLookAhead = 16;
constexpr std::size_t kMostWays = 8;

/// The nodes at which a message may stand, each once.
class Ways {
 public:
  void add(NodeIndex node) {
    if (count_ < kMostWays && std::find(nodes_.begin(), nodes_.begin() + count_, node) == nodes_.begin() + count_)
      nodes_[count_++] = node;
  }
  [[nodiscard]] std::span<const NodeIndex> nodes() const { return {nodes_.data(), count_}; }

 private:
  std::array<NodeIndex, kMostWays> nodes_{};
  std::size_t count_ = 0;
};

}  // namespace

/// One message being placed.
class PlaceRun {
 public:
  PlaceRun(const Placer& placer, const Message& message, Placement& placement)
      : placer_(placer), message_(message), out_(placement), from_(placer.structure_.node_count()) {}

  void run() {
    const std::uint32_t count = message_.segment_count();
    out_.places_.resize(count);
    out_.instances_.clear();
    counts_used_ = 0;
    out_.findings_.clear();
    work_ = count;
    open(0, 0);
    for (std::uint32_t segment = 0; segment < count; ++segment) place(segment, message_.segment_key(segment));
    while (depth_ > 0) close(count);
    out_.work_ = work_;
  }

 private:
  void open(NodeIndex group, std::uint32_t segment) {
    SMARTHL7_ASSERT(depth_ < kMostDepth, "a structure is nested too deep");
    const auto id = static_cast<InstanceId>(out_.instances_.size());
    const InstanceId parent = depth_ == 0 ? kNoInstance : open_[depth_ - 1];
    const std::uint32_t counts = counts_used_;
    counts_used_ += placer_.nodes_[group].children;
    ++work_;
    if (out_.counts_.size() < counts_used_) out_.counts_.resize(std::size_t{counts_used_} * 2 + 64);
    std::fill(out_.counts_.begin() + counts, out_.counts_.begin() + counts_used_, 0U);
    if (parent != kNoInstance) count_one(group, parent, segment, false);
    out_.instances_.push_back({group, static_cast<std::uint16_t>(depth_), parent, segment, segment, counts});
    open_[depth_++] = id;
  }

  void close(std::uint32_t segment) {
    const InstanceId id = open_[--depth_];
    ++work_;
    Placement::Instance& instance = out_.instances_[id];
    instance.end_segment = segment;
    const Placer::Node& group = placer_.nodes_[instance.node];
    const std::uint32_t* counts = out_.counts_.data() + instance.counts;
    for (std::size_t n = 0; n < group.need_count; ++n) {
      const Placer::Need& need = placer_.needs_[group.first_need + n];
      if (counts[need.ordinal] >= need.min) continue;
      if (need.host_ordinal != 0xFFFF && counts[need.host_ordinal] == 0) continue;
      const bool is_group = need.node < placer_.nodes_.size() && placer_.nodes_[need.node].is_group;
      report(is_group ? PlaceFault::missing_group : PlaceFault::missing_segment, instance.first_segment, need.node, id);
    }
  }

  void report(PlaceFault fault, std::uint32_t segment, NodeIndex node, InstanceId instance) {
    out_.findings_.push_back({fault, segment, node, instance});
  }

  /// Counts a child of an open instance. True if it is one too many, which is reported.
  bool count_one(NodeIndex child, InstanceId parent, std::uint32_t segment, bool behind) {
    const Placer::Node& node = placer_.nodes_[child];
    const std::uint32_t count = ++out_.counts_[out_.instances_[parent].counts + node.ordinal];
    const bool over = node.max != kUnbounded && count > node.max;
    if (over) report(PlaceFault::too_many, segment, child, parent);
    if (behind && !over) report(PlaceFault::out_of_order, segment, child, parent);
    return over;
  }

  void place(std::uint32_t segment, NameKey key) {
    const std::uint16_t column = placer_.column_of(key);
    if (column >= placer_.structure_columns_ && column + 1 < placer_.column_count_) {
      return place_local(segment, static_cast<std::uint16_t>(column - placer_.structure_columns_));
    }
    const Placer::Step& first = placer_.step(from_, column);
    const Placer::Step& step = first.fork == Placer::kNoFork ? first : choose(placer_.forks_[first.fork], segment);
    if (step.target == kNoNode) {
      out_.places_[segment] = {kNoNode, open_[depth_ - 1]};
      const bool local = (key >> 16U) == 'Z';  // a site's own, undeclared: kept as it is
      if (!local) report(PlaceFault::unexpected_segment, segment, kNoNode, open_[depth_ - 1]);
      return;
    }
    if (step.moves) {
      move(step, segment);
    } else {
      std::size_t depth = depth_;
      for (; out_.instances_[open_[depth - 1]].node != step.stays_open; --depth) ++work_;
      out_.places_[segment] = {step.target, open_[depth - 1]};
      count_one(step.target, open_[depth - 1], segment, true);
    }
  }

  /// The place from which the next segments go on best; the first one where they do not tell.
  [[nodiscard]] const Placer::Step& choose(const std::vector<Placer::Step>& places, std::uint32_t segment) {
    const Placer::Step* best = &places.front();
    std::uint32_t most = follow(*best, segment + 1);
    for (std::size_t n = 1; n < places.size() && most < kLookAhead; ++n) {
      const std::uint32_t steps = follow(places[n], segment + 1);
      if (steps <= most) continue;
      most = steps;
      best = &places[n];
    }
    return *best;
  }

  /// How many of the next segments the structure has, one after another, after a step.
  [[nodiscard]] std::uint32_t follow(const Placer::Step& taken, std::uint32_t segment) {
    Ways ways;
    ways.add(taken.moves ? taken.target : from_);
    for (std::uint32_t steps = 0; steps < kLookAhead; ++steps, ++segment) {
      if (segment == message_.segment_count()) break;
      const NameKey key = message_.segment_key(segment);
      const std::uint16_t column = placer_.column_of(key);
      const bool local = column >= placer_.structure_columns_ && ((key >> 16U) == 'Z' || column + 1 < placer_.column_count_);
      Ways next;
      for (const NodeIndex node : ways.nodes()) {
        ++work_;
        const Placer::Step& step = placer_.step(node, column);
        if (step.fork != Placer::kNoFork) {
          for (const Placer::Step& place : placer_.forks_[step.fork]) {
            if (place.fits) next.add(place.target);
          }
        } else if (step.fits) {
          next.add(step.target);
        } else if (local && step.target == kNoNode) {
          next.add(node);  // a site's own tells nothing
        }
      }
      if (next.nodes().empty()) return steps;
      ways = next;
    }
    return kLookAhead;
  }

  /// Closes what ends here, opens the groups around the target, and stands there.
  void move(const Placer::Step& step, std::uint32_t segment) {
    while (out_.instances_[open_[depth_ - 1]].node != step.stays_open) close(segment);
    std::array<NodeIndex, kMostDepth> way{};
    std::size_t levels = 0;
    for (NodeIndex group = placer_.nodes_[step.target].group; group != step.stays_open; group = placer_.nodes_[group].group) {
      SMARTHL7_ASSERT(levels < kMostDepth, "a structure is nested too deep");
      way[levels++] = group;
    }
    while (levels > 0) open(way[--levels], segment);
    out_.places_[segment] = {step.target, open_[depth_ - 1]};
    count_one(step.target, open_[depth_ - 1], segment, step.behind);
    from_ = step.target;
  }

  void place_local(std::uint32_t segment, std::uint16_t number) {
    const Placer::Local& local = placer_.locals_[number];
    const NodeIndex node = placer_.node_of_local(number);
    for (std::size_t depth = depth_; depth-- > 0;) {
      const InstanceId id = open_[depth];
      ++work_;
      for (std::size_t host = 0; host < local.hosts.size(); ++host) {
        if (placer_.nodes_[local.hosts[host]].group != out_.instances_[id].node) continue;
        const bool follows = from_ == local.hosts[host];
        const bool last_chance = host + 1 == local.hosts.size();
        if (!follows && !last_chance && more_hosts(local, host + 1, out_.instances_[id].node)) continue;
        out_.places_[segment] = {node, id};
        const std::uint32_t count = ++out_.counts_[out_.instances_[id].counts + local.ordinals[host]];
        if (!follows) report(PlaceFault::out_of_order, segment, node, id);
        if (count > 1 && !local.repeats) report(PlaceFault::too_many, segment, node, id);
        return;
      }
    }
    out_.places_[segment] = {node, open_[depth_ - 1]};
    report(PlaceFault::out_of_order, segment, node, open_[depth_ - 1]);
  }

  [[nodiscard]] bool more_hosts(const Placer::Local& local, std::size_t first, NodeIndex group) const {
    for (std::size_t host = first; host < local.hosts.size(); ++host) {
      if (placer_.nodes_[local.hosts[host]].group == group) return true;
    }
    return false;
  }

  const Placer& placer_;
  const Message& message_;
  Placement& out_;
  NodeIndex from_;
  std::array<InstanceId, kMostDepth> open_{};
  std::size_t depth_ = 0;
  std::uint32_t counts_used_ = 0;
  std::uint64_t work_ = 0;
};

void Placer::place(const Message& message, Placement& placement) const { PlaceRun(*this, message, placement).run(); }

std::uint16_t Placer::column_of(NameKey key) const {
  std::size_t slot = slot_of(key, hash_.size());
  while (hash_[slot] != 0xFFFF) {
    if (columns_[hash_[slot]] == key) return hash_[slot];
    slot = (slot + 1) & (hash_.size() - 1);
  }
  return static_cast<std::uint16_t>(column_count_ - 1);
}

std::string_view Placer::name_of(NodeIndex node) const {
  if (node < structure_.node_count()) {
    StructureNode named = structure_.node(node);
    while (named.kind() == NodeKind::choice) named = named.first_child();
    return named.name();
  }
  const std::size_t local = static_cast<std::size_t>(node) - structure_.node_count();
  return local < locals_.size() ? std::string_view(locals_[local].name) : std::string_view();
}

std::string Placer::expectation(NodeIndex node) const {
  if (node >= structure_.node_count() || structure_.node(node).kind() != NodeKind::choice) return std::string(name_of(node));
  std::string text;
  for (StructureNode child = structure_.node(node).first_child(); child;) {
    const StructureNode next = child.next_sibling();
    text += (text.empty() ? "" : next ? ", " : " or ") + expectation(child.index());
    child = next;
  }
  return text;
}

InstanceId Placement::enclosing(std::uint32_t segment, NodeIndex group) const {
  return enclosing_instance(places_[segment].instance, group);
}

InstanceId Placement::enclosing_instance(InstanceId inner, NodeIndex group) const {
  while (inner != kNoInstance && instances_[inner].node != group) inner = instances_[inner].parent;
  return inner;
}

bool Placement::is_within(InstanceId inner, InstanceId outer) const {
  while (inner != kNoInstance && inner > outer) inner = instances_[inner].parent;  // a parent has the lower id
  return inner == outer;
}

std::uint32_t Placement::next_segment(NodeIndex node, InstanceId within, std::uint32_t from) const {
  const Instance& outer = instances_[within];
  for (std::uint32_t segment = from > outer.first_segment ? from : outer.first_segment; segment < outer.end_segment;
       ++segment) {
    if (places_[segment].node == node && is_within(places_[segment].instance, within)) return segment;
  }
  return kNoSegment;
}

InstanceId Placement::next_instance(NodeIndex group, InstanceId within, InstanceId from) const {
  for (InstanceId id = from > within + 1 ? from : within + 1; id < instances_.size(); ++id) {
    if (instances_[id].depth <= instances_[within].depth) break;  // nested ones follow their outer one directly
    if (instances_[id].node == group) return id;
  }
  return kNoInstance;
}

}  // namespace smarthl7::hl7
