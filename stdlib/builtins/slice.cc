// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {
    {.name = "list", .type = Type::any, .list = true}, {"from", Type::number}, {"count", Type::number}};
constexpr Example kExamples[] = {
    {R"(slice(["A", "B", "C"], 2, 5))", R"(["B", "C"])"},
    {R"(slice(["A", "B"], 1, 1))", R"(["A"])"},
    {R"(slice(["A"], 4, 1))", R"([])"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto items = arguments[0].list();
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t from = std::clamp<std::int64_t>(arguments[1].number.to_int64(), 1, size + 1);
  const std::int64_t count = std::clamp<std::int64_t>(arguments[2].number.to_int64(), 0, size + 1 - from);
  result = Value::list(items.subspan(static_cast<std::size_t>(from - 1), static_cast<std::size_t>(count)));
  return true;
}

}  // namespace

const Function kSlice = {
    .name = "slice",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::same,
    .can_fail = {},
    .doc = "At most `count` items, beginning with number `from` (the first is 1). What is not there is left out.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .result_list = true,
};

}  // namespace smarthl7::builtins
