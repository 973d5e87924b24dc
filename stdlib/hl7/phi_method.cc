// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/phi_method.h"

#include <algorithm>
#include <array>

namespace smarthl7::hl7 {
namespace {

constexpr std::array kRows = {
    PhiMethodRow{PhiMethod::keep, "keep", "all of it"},
    PhiMethodRow{PhiMethod::remove, "remove", "nothing"},
    PhiMethodRow{PhiMethod::year, "year", "the year"},
    PhiMethodRow{PhiMethod::zip3, "zip3", "three digits"},
    PhiMethodRow{PhiMethod::mask, "mask", "nothing"},
    PhiMethodRow{PhiMethod::mask_part, "mask", "some of its characters"},
    PhiMethodRow{PhiMethod::shift, "shift", "a date, and its distance from the person's other dates"},
    PhiMethodRow{PhiMethod::hash, "hash", "a code derived from it"},
    PhiMethodRow{PhiMethod::synthetic, "synthetic", "nothing"},
};

}  // namespace

std::span<const PhiMethodRow> phi_methods() { return kRows; }

std::optional<PhiMethod> phi_method(std::string_view word) {
  const auto at = std::find_if(kRows.begin(), kRows.end(), [word](const PhiMethodRow& row) { return row.word == word; });
  return at == kRows.end() ? std::nullopt : std::optional(at->method);
}

const PhiMethodRow& row_of(PhiMethod method) { return kRows[static_cast<std::size_t>(method)]; }

bool method_fits(PhiMethod method, PhiKind kind) {
  switch (method) {
    case PhiMethod::year: return kind == PhiKind::date || kind == PhiKind::age;
    case PhiMethod::shift: return kind == PhiKind::date;
    case PhiMethod::zip3: return kind == PhiKind::zip;
    case PhiMethod::keep:
    case PhiMethod::remove:
    case PhiMethod::mask:
    case PhiMethod::mask_part:
    case PhiMethod::hash:
    case PhiMethod::synthetic: return true;
  }
  return false;
}

PhiMark left_by(PhiMethod method, PhiMark mark) {
  if (!mark.identifies() || !method_fits(method, mark.kind)) return mark;
  switch (method) {
    case PhiMethod::remove:
    case PhiMethod::mask:
    case PhiMethod::synthetic: return {};
    // The year of a date, and three digits of a ZIP code with the small ones zeroed, are safe harbor: (B), (C).
    case PhiMethod::year:
    case PhiMethod::zip3: return {PhiLabel::clinical, PhiKind::clinical};
    // A code derived from the value is one more unique code (R), whatever it was made of: (c)(1).
    case PhiMethod::hash: return {PhiLabel::quasi, PhiKind::other};
    case PhiMethod::shift:
    case PhiMethod::keep:
    case PhiMethod::mask_part: return mark;
  }
  return mark;
}

}  // namespace smarthl7::hl7
