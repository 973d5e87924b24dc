// SPDX-License-Identifier: Apache-2.0
// Rounding that several functions share, on exact decimals (stdlib/base/decimal.h). Pure functions; any thread; no failure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stdlib/base/decimal.h"

namespace smarthl7::builtins {

/// An argument `places`: what is below 0 counts as 0, what is above 38 as 38.
[[nodiscard]] inline int places_of(const Decimal& number) {
  return static_cast<int>(std::clamp<std::int64_t>(number.to_int64(), 0, Decimal::kMaxDigits));
}

/// At most `places` digits after the point; those behind are dropped.
[[nodiscard]] inline Decimal truncated(const Decimal& number, int places) {
  if (number.scale() <= places) return number;
  char digits[Decimal::kMaxText];
  const std::size_t size = number.plain().print(digits);
  const auto dropped = static_cast<std::size_t>(number.scale() - places) + (places == 0 ? 1 : 0);
  const auto kept = Decimal::parse(std::string_view(digits, size - dropped)).value_or(Decimal{});
  return kept.zero() ? kept.absolute() : kept;
}

/// Half away from zero to so many significant digits (1 or more).
[[nodiscard]] inline Decimal rounded_to_digits(const Decimal& number, int digits) {
  if (number.zero()) return number.plain();
  Decimal unit(1);
  int places = digits - 1;  // digits after the point for a number in 1 ... 10
  const Decimal size = number.absolute();
  while (places < 2 * Decimal::kMaxDigits && size < unit) {  // 0.012 needs more
    const auto smaller = unit.divide(Decimal(10), Decimal::kMaxDigits);
    if (!smaller || smaller->zero()) break;
    unit = *smaller;
    ++places;
  }
  for (auto bigger = unit.multiply(Decimal(10)); bigger && size >= *bigger; bigger = unit.multiply(Decimal(10))) {
    unit = *bigger;
    --places;
  }
  if (places >= 0) {
    const Decimal rounded = number.rounded(std::min(places, Decimal::kMaxDigits)).plain();
    // 9.96 to two digits is 10.0, one digit more than was asked for.
    const auto carried = unit.multiply(Decimal(10));
    return places > 0 && carried && rounded.absolute() >= *carried ? rounded.rounded(places - 1) : rounded;
  }
  Decimal power(1);
  for (; places < 0; ++places) power = power.multiply(Decimal(10)).value_or(power);
  const auto scaled = number.divide(power, 0);
  const auto back = scaled ? scaled->multiply(power) : std::nullopt;
  return back.value_or(number);
}

}  // namespace smarthl7::builtins
