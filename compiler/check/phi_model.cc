// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/phi_model.h"

#include <fmt/format.h>

#include <algorithm>

namespace smarthl7::check {
namespace {

[[nodiscard]] const syntax::SegmentField* local_field(const MessageModel& model, const PhiPlace& place) {
  const syntax::SegmentItem* segment = model.local_segment(place.segment);
  if (segment == nullptr) return nullptr;
  const auto at = std::find_if(segment->fields.begin(), segment->fields.end(),
                               [&](const syntax::SegmentField* field) { return field->number == place.field; });
  return at == segment->fields.end() ? nullptr : *at;
}

}  // namespace

std::string describe(const PhiPlace& place) {
  std::string text = place.segment;
  if (place.field != 0) text += fmt::format("-{}", place.field);
  if (place.component != 0) text += fmt::format(".{}", place.component);
  if (place.subcomponent != 0) text += fmt::format(".{}", place.subcomponent);
  return text;
}

PhiPlace place_of(const ResolvedPath& path) {
  return {path.segment, path.path.field, path.path.component, path.path.subcomponent};
}

std::vector<std::string> PhiModel::segments() const {
  std::vector<std::string> names;
  for (const ModelNode& node : model_.nodes()) {
    if (!node.is_segment() || std::find(names.begin(), names.end(), node.name) != names.end()) continue;
    names.emplace_back(node.name);
  }
  return names;
}

void PhiModel::leaves(const PhiPlace& at, const std::function<void(const PhiPlace&)>& f) const {
  if (at.field == 0) {
    const std::uint16_t count = model_.field_count(at.segment).value_or(0);
    for (std::uint16_t n = 1; n <= count; ++n) leaves({at.segment, n, 0, 0}, f);
    return;
  }
  const auto field = model_.field(at.segment, std::uint32_t{at.field});
  if (field && field->withdrawn && !hl7::has_own_label(at.segment, at.field) && at.depth() == 1) return;
  const PhiPlace whole{at.segment, at.field, 0, 0};
  if (!field || !field->type || !field->type.is_composite()) return f(whole);
  for (std::uint16_t c = 1; c <= field->type.component_count(); ++c) {
    if (at.component != 0 && at.component != c) continue;
    const hl7::Datatype below = field->type.component(std::size_t{c}).datatype();
    if (!below || !below.is_composite()) {
      f({at.segment, at.field, c, 0});
      continue;
    }
    for (std::uint16_t s = 1; s <= below.component_count(); ++s) {
      if (at.subcomponent == 0 || at.subcomponent == s) f({at.segment, at.field, c, s});
    }
  }
}

hl7::PhiMark PhiModel::own(const PhiPlace& leaf) const {
  if (const syntax::SegmentField* field = local_field(model_, leaf)) {
    const auto declared = field->phi == nullptr ? std::nullopt : hl7::declared_label(field->phi->text);
    return declared.value_or(hl7::PhiMark{hl7::PhiLabel::direct, hl7::PhiKind::unknown});
  }
  return hl7::label_of(model_.version(), leaf.segment, leaf.field, leaf.component, leaf.subcomponent);
}

bool PhiModel::varies(const PhiPlace& leaf) const {
  const auto field = model_.field(leaf.segment, std::uint32_t{leaf.field});
  return field && field->varies() && !hl7::has_own_label(leaf.segment, leaf.field);
}

bool PhiModel::single(std::string_view segment) const {
  std::size_t count = 0;
  bool one = true;
  for (std::size_t i = 0; i < model_.nodes().size(); ++i) {
    const auto index = static_cast<ModelIndex>(i);
    if (!model_.node(index).is_segment() || model_.node(index).name != segment) continue;
    ++count;
    one = one && model_.single_below(index, 0);
  }
  return count == 1 && one;
}

bool PhiModel::repeats(const PhiPlace& place) const {
  const auto field = model_.field(place.segment, std::uint32_t{place.field});
  return !field || field->repeats();
}

}  // namespace smarthl7::check
