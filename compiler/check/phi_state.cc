// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/phi_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace smarthl7::check {

using hl7::PhiKind;
using hl7::PhiLabel;
using hl7::PhiMark;

Trail step(std::string text, source::Span span, Trail before) {
  return std::make_shared<const PhiTrail>(PhiTrail{std::move(text), span, std::move(before)});
}

std::string way(const Trail& trail) {
  if (trail == nullptr) return {};
  const std::string before = way(trail->before);
  return before.empty() ? trail->text : fmt::format("{} -> {}", before, trail->text);
}

PhiEntry stronger(PhiEntry a, PhiEntry b) {
  // Of two that are equally strong the one with a way to tell of.
  if (b.mark.label > a.mark.label || (b.mark.label == a.mark.label && a.trail == nullptr && b.trail != nullptr))
    std::swap(a, b);
  if (a.by_type != b.by_type) a.by_type.clear();  // any of them, then
  if (b.mark.label == a.mark.label && (b.mark.kind != a.mark.kind || !b.as_sent)) a.as_sent = false;
  return a;
}

PhiEntry PhiState::get(const PhiModel& model, const PhiPlace& leaf) const {
  if (const auto at = entries.find(leaf); at != entries.end()) return at->second;
  if (emptied) return {};
  PhiMark own = opaque != nullptr ? PhiMark{PhiLabel::direct, PhiKind::unknown} : model.own(leaf);
  // What the source promises is not there.
  if (level == plan::Level::deidentified && own.identifies()) own = {PhiLabel::clinical, PhiKind::clinical};
  if (level == plan::Level::limited && own.label > PhiLabel::quasi) own = {PhiLabel::clinical, PhiKind::clinical};
  return {own, true, opaque, {}};
}

PhiEntry PhiState::strongest(const PhiModel& model, const PhiPlace& place) const {
  PhiEntry found;
  std::size_t count = 0;
  model.leaves(place, [&](const PhiPlace& leaf) {
    found = count++ == 0 ? get(model, leaf) : stronger(std::move(found), get(model, leaf));
  });
  if (count == 0) found = get(model, place);
  if (count > 1) found.as_sent = false;
  return found;
}

PhiState either(PhiState one, const PhiState& other, const PhiModel& model) {
  for (const auto& [place, entry] : other.entries) {
    one.entries[place] = stronger(one.get(model, place), entry);
  }
  for (auto& [place, entry] : one.entries) {
    if (!other.entries.contains(place)) entry = stronger(entry, other.get(model, place));
  }
  one.emptied = one.emptied && other.emptied;
  one.strict = one.strict && other.strict;
  one.allowed = one.allowed && other.allowed;
  if (one.opaque == nullptr) one.opaque = other.opaque;
  if (one.under == nullptr) one.under = other.under;
  if (other.level < one.level) one.left = other.left;
  one.level = std::min(one.level, other.level);
  if (one.redacted == nullptr) one.redacted = other.redacted;
  if (!one.unredacted) one.unredacted = other.unredacted;
  return one;
}

plan::Level level_with(PhiMark mark) {
  return mark.label > PhiLabel::quasi    ? plan::Level::identified
         : mark.label == PhiLabel::quasi ? plan::Level::limited
                                         : plan::Level::deidentified;
}

std::string_view level_name(plan::Level level) {
  switch (level) {
    case plan::Level::identified: return "identified";
    case plan::Level::limited: return "limited";
    case plan::Level::deidentified: return "deidentified";
  }
  return "";
}

}  // namespace smarthl7::check
