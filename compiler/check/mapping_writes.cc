// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/mapping_writes.h"

#include <algorithm>

namespace smarthl7::check {

namespace {

using plan::Pick;

bool may_be_one(const Pick a, std::uint32_t n, const Pick b, std::uint32_t m) {
  return a != Pick::nth || b != Pick::nth || n == m || n == 0 || m == 0;
}

bool part_overlaps(std::uint16_t a, std::uint16_t b) { return a == 0 || b == 0 || a == b; }

}  // namespace

bool overlap(const Write& a, const Write& b) {
  if (a.path.segment != b.path.segment || a.made != b.made || a.owner != b.owner) return false;
  if (a.appended && b.appended) return false;
  const auto shared = [&b](ModelIndex place) { return std::find(b.places.begin(), b.places.end(), place) != b.places.end(); };
  if (!a.places.empty() && !b.places.empty() && std::none_of(a.places.begin(), a.places.end(), shared)) return false;
  const plan::Path& one = a.path.path;
  const plan::Path& other = b.path.path;
  const bool same_frame = one.segment.frame == other.segment.frame && one.segment.group == other.segment.group;
  if (same_frame && !may_be_one(one.segment.pick, one.segment.n, other.segment.pick, other.segment.n)) return false;
  if (!part_overlaps(one.field, other.field)) return false;
  if (one.field == 0 || other.field == 0) return true;
  const auto is_there = [](Pick pick) { return pick == Pick::current || pick == Pick::chosen; };
  if (a.appended || b.appended) return !is_there(a.appended ? other.repetition : one.repetition);
  if (!may_be_one(one.repetition, one.repetition_n, other.repetition, other.repetition_n)) return false;
  return part_overlaps(one.component, other.component) && part_overlaps(one.subcomponent, other.subcomponent);
}

bool exclusive(const Write& a, const Write& b) {
  for (const auto& [when, arm] : a.arms) {
    for (const auto& [other_when, other_arm] : b.arms) {
      if (when == other_when && arm != other_arm) return true;
    }
  }
  for (const auto& [path, values] : a.known) {
    const auto at = b.known.find(path);
    if (at == b.known.end()) continue;
    if (std::none_of(values.begin(), values.end(), [&](const std::string& value) { return at->second.contains(value); }))
      return true;
  }
  return false;
}

}  // namespace smarthl7::check
