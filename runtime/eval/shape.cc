// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/shape.h"

#include <algorithm>

namespace smarthl7::eval {

namespace {
constexpr std::uint32_t kRoom = 256;  // for what a site adds after one segment
}

Shape::Shape(const plan::Message& message, hl7::Structure structure) : first_local_(structure.node_count()) {
  for (hl7::NodeIndex i = 0; i < structure.node_count(); ++i) {
    const hl7::StructureNode at = structure.node(i);
    Node node;
    node.order = i * kRoom;
    node.last_order = at.subtree_end() * kRoom - 1;
    node.repeats = at.repeats();
    for (hl7::StructureNode above = at.parent(); above; above = above.parent()) {
      if (above.kind() == hl7::NodeKind::group) {
        node.group = above.index();
        break;
      }
      node.repeats = node.repeats || above.repeats();
    }
    nodes_.push_back(node);
  }
  for (const plan::Cardinality& narrowed : message.cardinalities) {
    if (narrowed.max == 1 && narrowed.node < nodes_.size()) nodes_[narrowed.node].repeats = false;
  }
  for (std::size_t i = 0; i < message.segments.size(); ++i) {
    const plan::LocalSegment& local = message.segments[i];
    const hl7::NodeIndex host = local.after < first_local_ ? local.after : hl7::NodeIndex{0};
    Node node;
    node.group = nodes_[host].group;
    node.order = node.last_order = nodes_[host].order + static_cast<std::uint32_t>(std::min<std::size_t>(i + 1, kRoom - 1));
    node.repeats = local.repeats;
    nodes_.push_back(node);
    locals_.push_back(local.name);
  }
}

hl7::NodeIndex Shape::node_of(const plan::SegmentRef& ref) const {
  if (ref.node != plan::kNoNode) return ref.node < nodes_.size() ? ref.node : hl7::kNoNode;
  const auto at = std::find(locals_.begin(), locals_.end(), ref.name);
  if (at == locals_.end()) return hl7::kNoNode;
  return static_cast<hl7::NodeIndex>(first_local_ + (at - locals_.begin()));
}

}  // namespace smarthl7::eval
