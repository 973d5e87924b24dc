// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/ordering.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <numeric>
#include <utility>

namespace smarthl7::builtins {
namespace {

std::int64_t instant(const Moment& moment) {
  constexpr std::int64_t kTicksPerMinute = 60 * kTicksPerSecond;
  return ticks_of(moment) - (moment.has_offset() ? moment.offset_minutes * kTicksPerMinute : 0);
}

std::span<std::size_t> take_places(std::size_t count, Arena& arena) {
  char* at = arena.take((count + 1) * sizeof(std::size_t));  // one more, to begin where a number may stand
  const auto over = reinterpret_cast<std::uintptr_t>(at) % alignof(std::size_t);
  if (over != 0) at += alignof(std::size_t) - over;
  return {new (at) std::size_t[count], count};
}

}  // namespace

bool before(const Value& a, const Value& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  switch (a.kind) {
    case Kind::text: return a.text < b.text;
    case Kind::number: return a.number < b.number;
    case Kind::boolean: return !a.truth && b.truth;
    case Kind::date:
    case Kind::time:
    case Kind::timestamp:
      return std::pair(instant(a.moment), a.moment.precision) < std::pair(instant(b.moment), b.moment.precision);
    case Kind::duration:
    case Kind::size: return a.count < b.count;
    case Kind::absent:
    case Kind::list: return false;
  }
  return false;
}

std::span<std::size_t> sorted_places(std::span<const Value> items, Arena& arena) {
  std::span<std::size_t> from = take_places(items.size(), arena);
  std::span<std::size_t> to = take_places(items.size(), arena);
  std::iota(from.begin(), from.end(), std::size_t{0});
  const auto less = [&](std::size_t a, std::size_t b) { return before(items[a], items[b]); };
  for (std::size_t width = 1; width < items.size(); width *= 2) {  // std::stable_sort would allocate
    for (std::size_t at = 0; at < items.size(); at += 2 * width) {
      const auto begin = from.begin() + static_cast<std::ptrdiff_t>(at);
      const auto middle = from.begin() + static_cast<std::ptrdiff_t>(std::min(at + width, items.size()));
      const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(at + 2 * width, items.size()));
      std::merge(begin, middle, middle, end, to.begin() + static_cast<std::ptrdiff_t>(at), less);
    }
    std::swap(from, to);
  }
  return from;
}

std::span<Value> sorted_values(std::span<const Value> items, Arena& arena) {
  const std::span<Value> sorted = arena.take_values(items.size());
  const std::span<std::size_t> places = sorted_places(items, arena);
  std::transform(places.begin(), places.end(), sorted.begin(), [&](std::size_t place) { return items[place]; });
  return sorted;
}

}  // namespace smarthl7::builtins
