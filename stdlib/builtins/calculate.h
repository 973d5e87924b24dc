// SPDX-License-Identifier: Apache-2.0
// The operators + - * / on values: numbers, durations, sizes, and moments with durations. The compiler folds constants with it
// and the runtime computes with it, so both mean the same. Pure; any thread. False: it cannot be done, see the table in the
// source (another unit than the precision's, out of the years 0 to 9999, by zero, more than 38 digits).
#pragma once

#include "stdlib/builtins/value.h"

namespace smarthl7::builtins {

enum class Operation : std::uint8_t { add, subtract, multiply, divide };

/// Digits after the point of a quotient, the last one rounded half away from zero.
inline constexpr int kQuotientPlaces = 10;

[[nodiscard]] bool calculate(Operation operation, const Value& a, const Value& b, Value& result);

}  // namespace smarthl7::builtins
