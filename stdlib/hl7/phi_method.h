// SPDX-License-Identifier: Apache-2.0
// What each method of a redaction leaves of a value: the one table by which check proves and the executor works.
// 45 CFR 164.514(b)(2)(i)(B) on ZIP codes, (C) on dates and ages, (c) on codes derived from the person's data, (e)(2) on what a
// limited data set may hold. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stdlib/hl7/phi.h"

namespace smarthl7::hl7 {

enum class PhiMethod : std::uint8_t {
  keep,       // a path of an `allow` without a method: stays as it is
  remove,     // nothing is left
  year,       // a date is cut to its year, and a year of birth that says over 89 is folded
  zip3,       // the first three digits; 000 where few people live
  mask,       // characters are replaced, all of them
  mask_part,  // characters are replaced, some stay
  shift,      // a date moves by days that depend on a key: the distances stay
  hash,       // a keyed hash: the same value gives the same code
  synthetic,  // an invented value in its place
};

struct PhiMethodRow {
  PhiMethod method;
  std::string_view word;    // in a route file
  std::string_view leaves;  // "a code derived from it (164.514(c))": what is left, in words
};
[[nodiscard]] std::span<const PhiMethodRow> phi_methods();
/// By its word; nullopt: there is no such method. `mask` with something left is the caller's to say.
[[nodiscard]] std::optional<PhiMethod> phi_method(std::string_view word);
[[nodiscard]] const PhiMethodRow& row_of(PhiMethod method);

/// Does the method know what to do with such a value? `year` and `shift` need a date, `zip3` a ZIP code; in a place whose
/// value is no longer as its sender wrote it (a name copied into a date's field) they do nothing that could be relied on.
[[nodiscard]] bool method_fits(PhiMethod method, PhiKind kind);
/// What is there after the method; the mark itself where the method does not fit.
[[nodiscard]] PhiMark left_by(PhiMethod method, PhiMark mark);

}  // namespace smarthl7::hl7
