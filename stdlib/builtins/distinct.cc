// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/ordering.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}};
constexpr Example kExamples[] = {
    {R"(distinct(["B", "A", "B"]))", R"(["B", "A"])"},
    {R"(distinct([1, 1.0]))", R"([1])"},
    {R"(distinct([]))", R"([])"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const auto items = arguments[0].list();
  const std::span<Value> kept = arena.take_values(items.size());
  const std::span<std::size_t> order = sorted_places(items, arena);
  std::size_t count = 0;
  std::fill(kept.begin(), kept.end(), Value{});
  // The sort is stable, so the first of each run of equals is the one that stands first in the list.
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool again = i > 0 && !before(items[order[i - 1]], items[order[i]]);
    if (!again) kept[order[i]] = items[order[i]];
  }
  for (const Value& item : kept) {
    if (!item.absent()) kept[count++] = item;
  }
  result = Value::list(kept.first(count));
  return true;
}

}  // namespace

const Function kDistinct = {
    .name = "distinct",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::same,
    .can_fail = {},
    .doc = "The items without those that equal an earlier one.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .result_list = true,
};

}  // namespace smarthl7::builtins
