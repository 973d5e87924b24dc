// SPDX-License-Identifier: Apache-2.0
// Shape: a profile's structure as placing new segments wants it: for each node the group around it, its place in the order of
// the structure, and whether there can be more than one. Segments that the site adds have the node numbers that hl7::Placer
// gives them. Made once when a plan is bound; immutable; any thread; no failure. Internal to this folder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/plan/plan.h"
#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::eval {

class Shape {
 public:
  Shape(const plan::Message& message, hl7::Structure structure);

  /// The node of a segment that the site adds is found by its name.
  [[nodiscard]] hl7::NodeIndex node_of(const plan::SegmentRef& ref) const;
  [[nodiscard]] hl7::NodeIndex group_of(hl7::NodeIndex node) const { return nodes_[node].group; }
  /// Segments before it in a message have a lower order; kNoNode: 0.
  [[nodiscard]] std::uint32_t order(hl7::NodeIndex node) const { return node < nodes_.size() ? nodes_[node].order : 0; }
  /// The order of the last that can stand in it.
  [[nodiscard]] std::uint32_t last_order(hl7::NodeIndex node) const { return nodes_[node].last_order; }
  [[nodiscard]] bool repeats(hl7::NodeIndex node) const { return nodes_[node].repeats; }

 private:
  struct Node {
    hl7::NodeIndex group = 0;
    std::uint32_t order = 0;
    std::uint32_t last_order = 0;
    bool repeats = false;
  };
  std::vector<Node> nodes_;
  std::vector<plan::Id> locals_;  // names of what the site adds
  hl7::NodeIndex first_local_ = 0;
};

}  // namespace smarthl7::eval
