// SPDX-License-Identifier: Apache-2.0
// Where each segment of a message stands in its structure: which node, in which instance of which group. A Placer holds
// one structure (with the segments that a site adds) as a table; place() is one step per segment, with a look at a few
// segments ahead where the structure leaves a choice of places, and reuses the Placement's buffers. Nothing is refused:
// what does not fit gets the nearest place and a finding. A Placer is immutable (any thread); a Placement belongs to one
// thread and speaks of segment indices, not of bytes. How ambiguous structures are settled: docs/hl7/structures.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

/// A group's occurrence in a message, numbered in document order; 0 is the whole message.
using InstanceId = std::uint32_t;
inline constexpr InstanceId kWholeMessage = 0;
inline constexpr InstanceId kNoInstance = 0xFFFFFFFFU;

/// A segment that a site adds to the structure: after each `after`, in the same group instance.
struct LocalSegment {
  std::string name = {};   // "ZLR"
  std::string after = {};  // "OBR"
  bool required = false;
  bool repeats = false;
};

enum class PlaceFault : std::uint8_t {
  missing_segment,     // a required segment is not in the group instance that begins at `segment`
  missing_group,       // a required group is not in it
  unexpected_segment,  // the structure has no segment of that name
  out_of_order,        // stands after something that it must precede
  too_many,            // more than the structure allows
};

struct PlaceFinding {
  PlaceFault fault = PlaceFault::unexpected_segment;
  std::uint32_t segment = kNoSegment;
  NodeIndex node = kNoNode;  // what is missing, or where the segment was placed
  InstanceId instance = kWholeMessage;
  friend bool operator==(const PlaceFinding&, const PlaceFinding&) = default;
};

class Placement {
 public:
  struct Instance {
    NodeIndex node = 0;
    std::uint16_t depth = 0;  // 0 for the whole message
    InstanceId parent = kNoInstance;
    std::uint32_t first_segment = 0;
    std::uint32_t end_segment = 0;  // one past its last
    std::uint32_t counts = 0;       // used while placing
  };

  [[nodiscard]] std::uint32_t segment_count() const { return static_cast<std::uint32_t>(places_.size()); }
  /// kNoNode for a segment that the structure does not know (a finding, unless it is a Z-segment).
  [[nodiscard]] NodeIndex node_of(std::uint32_t segment) const { return places_[segment].node; }
  /// The innermost group instance that holds the segment.
  [[nodiscard]] InstanceId instance_of(std::uint32_t segment) const { return places_[segment].instance; }

  [[nodiscard]] std::uint32_t instance_count() const { return static_cast<std::uint32_t>(instances_.size()); }
  [[nodiscard]] const Instance& instance(InstanceId id) const { return instances_[id]; }
  /// The instance of `group` around the segment (or around the given instance); kNoInstance if there is none.
  [[nodiscard]] InstanceId enclosing(std::uint32_t segment, NodeIndex group) const;
  [[nodiscard]] InstanceId enclosing_instance(InstanceId inner, NodeIndex group) const;
  [[nodiscard]] bool is_within(InstanceId inner, InstanceId outer) const;

  // Loops: for (s = next_segment(node, within); s != kNoSegment; s = next_segment(node, within, s + 1)) ...
  /// The first segment at `node`, from index `from` on, inside the instance `within` or one nested in it.
  [[nodiscard]] std::uint32_t next_segment(NodeIndex node, InstanceId within = kWholeMessage, std::uint32_t from = 0) const;
  /// The first instance of `group`, from id `from` on, nested in `within` (at any depth).
  [[nodiscard]] InstanceId next_instance(NodeIndex group, InstanceId within = kWholeMessage, InstanceId from = 0) const;

  [[nodiscard]] std::span<const PlaceFinding> findings() const { return findings_; }
  /// What the placing took: segments looked at, groups opened, closed and searched. Grows with the message, not faster.
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  friend class Placer;
  friend class PlaceRun;
  struct Place {
    NodeIndex node = kNoNode;
    InstanceId instance = kWholeMessage;
  };
  std::vector<Place> places_;
  std::vector<Instance> instances_;
  std::vector<std::uint32_t> counts_;  // per instance and child of its group; only grows
  std::vector<PlaceFinding> findings_;
  std::uint64_t work_ = 0;
};

class Placer {
 public:
  explicit Placer(Structure structure, std::span<const LocalSegment> locals = {});

  [[nodiscard]] Structure structure() const { return structure_; }
  /// The node number that placed segments of the n-th local segment get: past those of the structure.
  [[nodiscard]] NodeIndex node_of_local(std::size_t n) const { return static_cast<NodeIndex>(structure_.node_count() + n); }
  /// The name of a node, local segments included; of a choice that of its first alternative.
  [[nodiscard]] std::string_view name_of(NodeIndex node) const;
  /// What a finding says is expected there: a name, or the names of a choice ("OBR, RXO or ODS").
  [[nodiscard]] std::string expectation(NodeIndex node) const;

  void place(const Message& message, Placement& placement) const;

 private:
  friend class PlaceRun;
  friend class PlaceTable;

  struct Node {
    NodeIndex group = kNoNode;  // the nearest group around it
    NodeIndex counted = 0;      // itself, or the choice that it is an alternative of
    std::uint16_t ordinal = 0;  // its number among the children of that group
    std::uint16_t max = 1;
    std::uint16_t children = 0;                    // for groups: how many counts an instance has
    std::uint16_t first_need = 0, need_count = 0;  // for groups: what an instance must hold
    bool is_group = false;
  };
  struct Need {
    NodeIndex node = 0;
    std::uint16_t ordinal = 0;
    std::uint16_t min = 1;
    std::uint16_t host_ordinal = 0xFFFF;  // counts only where this child is there (a local segment's host)
  };
  /// A step from the node of the last segment to the node of the next.
  struct Step {
    NodeIndex target = kNoNode;
    NodeIndex stays_open = kNoNode;  // the group around both; what was open below it is closed
    std::uint16_t fork = kNoFork;    // there are other places as good: which of forks_
    bool behind = false;             // the target precedes the current node: a finding
    bool moves : 1 = true;           // does the next step start from the target?
    bool fits : 1 = false;           // the structure has this segment here: nothing is missing or out of order
  };
  static constexpr std::uint16_t kNoFork = 0xFFFF;
  struct Local {
    NameKey key = 0;
    bool repeats = false;
    std::string name;
    std::vector<NodeIndex> hosts;
    std::vector<std::uint16_t> ordinals;  // the local segment's number in its host's group
  };

  [[nodiscard]] static std::size_t slot_of(NameKey key, std::size_t slots) { return (key * 0x9E3779B1U >> 12U) & (slots - 1); }
  [[nodiscard]] std::uint16_t column_of(NameKey key) const;
  [[nodiscard]] const Step& step(NodeIndex from, std::uint16_t column) const {
    return steps_[std::size_t{from} * column_count_ + column];
  }

  Structure structure_;
  std::vector<Node> nodes_;
  std::vector<Need> needs_;
  std::vector<Local> locals_;
  std::vector<NameKey> columns_;         // segment names; one more column stands for every other name
  std::vector<std::uint16_t> hash_;      // open addressing over columns_, size a power of two
  std::uint16_t structure_columns_ = 0;  // how many of them are the structure's own; local names follow
  std::uint16_t column_count_ = 0;
  std::vector<Step> steps_;               // [node of the last segment; node_count for the start][column]
  std::vector<std::vector<Step>> forks_;  // the places among which the next segments decide, the likeliest first
};

}  // namespace smarthl7::hl7
