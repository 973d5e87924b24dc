// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate_places.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/validate.h"

namespace smarthl7::hl7 {
namespace {

/// The segment that must be added where a node is missing.
[[nodiscard]] std::string_view segment_of(const Placer& placer, NodeIndex index) {
  if (index >= placer.structure().node_count()) return placer.name_of(index);
  StructureNode node = placer.structure().node(index);
  while (node && node.kind() != NodeKind::segment) {
    StructureNode inner = node.first_child();
    for (StructureNode child = inner; child; child = child.next_sibling()) {
      if (!child.required()) continue;
      inner = child;
      break;
    }
    node = inner;
  }
  return node ? node.name() : std::string_view();
}

}  // namespace

std::uint16_t PlaceNames::sequence_of(std::uint32_t segment) {
  const NameKey key = message_.segment_key(segment);
  if (key == 0) return 1;
  auto known = std::find_if(counts_.begin(), counts_.end(), [&](const Count& count) { return count.key == key; });
  if (known == counts_.end()) known = counts_.insert(counts_.end(), {key, 0, 0});
  if (known->upto > segment + 1) *known = {key, 0, 0};
  for (; known->upto <= segment; ++known->upto) {
    if (message_.segment_key(known->upto) == key && known->number < 0xFFFF) ++known->number;
  }
  return known->number;
}

void PlaceNames::append_group(InstanceId id, std::string& path) {
  const Placement::Instance& instance = placement_.instance(id);
  if (ordinals_.size() <= instance.depth) ordinals_.resize(instance.depth + std::size_t{1});
  Ordinal& last = ordinals_[instance.depth];
  if (last.instance != id) {
    const bool onward = last.instance != kNoInstance && last.instance < id &&
                        placement_.instance(last.instance).parent == instance.parent &&
                        placement_.instance(last.instance).node == instance.node;
    std::uint32_t number = onward ? last.number : 0;
    for (InstanceId at = onward ? last.instance + 1 : instance.parent + 1; at <= id; ++at) {
      const Placement::Instance& other = placement_.instance(at);
      if (other.parent == instance.parent && other.node == instance.node) ++number;
    }
    last = {id, number, number > 1};
    for (InstanceId at = id + 1; !last.several && at < placement_.instance_count(); ++at) {
      const Placement::Instance& other = placement_.instance(at);
      if (other.depth < instance.depth) break;
      last.several = other.parent == instance.parent && other.node == instance.node;
    }
  }
  path += placer_.name_of(instance.node);
  if (last.several) path += fmt::format("[{}]", last.number);
  path += '.';
}

void PlaceNames::append_groups(InstanceId instance, std::string& path) {
  if (instance == kWholeMessage || instance == kNoInstance) return;
  append_groups(placement_.instance(instance).parent, path);
  append_group(instance, path);
}

Finding finding_in(const Message& message, const Placement& placement, const Placer& placer, const Location& location) {
  Finding finding;
  PlaceNames(message, placement, placer).describe(finding, location, true);
  return finding;
}

Finding missing_in(const Message& message, const Placement& placement, const Placer& placer, NodeIndex node,
                   InstanceId instance) {
  Finding finding;
  PlaceNames(message, placement, placer).describe_missing(finding, node, instance);
  return finding;
}

void PlaceNames::describe(Finding& finding, const Location& place, bool repeats) {
  finding.location = place;
  if (place.segment >= message_.segment_count()) return;
  finding.segment_name = message_.segment(place.segment).name().substr(0, 3);
  finding.sequence = sequence_of(place.segment);
  const NodeIndex node = placement_.node_of(place.segment);
  if (node == kNoNode) {  // it has no place: counted over the whole message
    finding.path = finding.segment_name;
    if (finding.sequence > 1) finding.path += fmt::format("[{}]", finding.sequence);
  } else {
    const InstanceId id = placement_.instance_of(place.segment);
    append_groups(id, finding.path);
    finding.path += finding.segment_name;
    const Placement::Instance& instance = placement_.instance(id);
    std::uint32_t number = 0;
    bool several = false;
    for (std::uint32_t at = instance.first_segment; at < instance.end_segment && !(several && at > place.segment); ++at) {
      if (placement_.node_of(at) != node || placement_.instance_of(at) != id) continue;
      if (at <= place.segment) ++number;
      several = several || number > 1 || at > place.segment;
    }
    if (several) finding.path += fmt::format("[{}]", number);
  }
  Location shown = place;
  if (!repeats && shown.repetition == 1) shown.repetition = 0;
  finding.path += path_in_segment(shown);
}

void PlaceNames::describe_missing(Finding& finding, NodeIndex node, InstanceId id) {
  const std::string_view segment = segment_of(placer_, node);
  finding.segment_name = segment;
  // The number that the segment would have among those of its name.
  std::uint32_t before = 0;
  const std::uint32_t end = placement_.instance(id).end_segment;
  for (std::uint32_t index = 0; index < end; ++index) {
    if (message_.segment_key(index) == name_key(segment)) ++before;
  }
  finding.sequence = static_cast<std::uint16_t>(std::min<std::uint32_t>(before + 1, 0xFFFF));
  append_groups(id, finding.path);
  finding.path += placer_.name_of(node);
}

}  // namespace smarthl7::hl7
