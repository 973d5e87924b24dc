// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}};
constexpr Example kExamples[] = {
    {R"(reversed(["A", "B"]))", R"(["B", "A"])"},
    {R"(reversed([]))", R"([])"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const auto items = arguments[0].list();
  const std::span<Value> turned = arena.take_values(items.size());
  std::reverse_copy(items.begin(), items.end(), turned.begin());
  result = Value::list(turned);
  return true;
}

}  // namespace

const Function kReversed = {
    .name = "reversed",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::same,
    .can_fail = {},
    .doc = "The items from the last to the first.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .result_list = true,
};

}  // namespace smarthl7::builtins
