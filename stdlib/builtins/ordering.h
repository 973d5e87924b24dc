// SPDX-License-Identifier: Apache-2.0
// A total order of the values of a list, for sorting: where compare() cannot say (moments of different precision, or of which
// only one has an offset), the instant in UTC decides, then the precision. Sorts in the arena, stable, n log n. Pure; any
// thread; no failure.
#pragma once

#include <cstddef>
#include <span>

#include "stdlib/builtins/value.h"

namespace smarthl7::builtins {

[[nodiscard]] bool before(const Value& a, const Value& b);

/// The places of the items in their order.
[[nodiscard]] std::span<std::size_t> sorted_places(std::span<const Value> items, Arena& arena);
[[nodiscard]] std::span<Value> sorted_values(std::span<const Value> items, Arena& arena);

}  // namespace smarthl7::builtins
