// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}, {"number", Type::number}};
constexpr Example kExamples[] = {
    {R"(item(["A", "B"], 2))", R"("B")"},
    {R"(item(["A", "B"], 3))", R"(absent)"},
    {R"(item(["A", "B"], 0))", R"(absent)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto items = arguments[0].list();
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t number = arguments[1].number.to_int64();
  if (number >= 1 && number <= size) result = items[static_cast<std::size_t>(number - 1)];
  return true;
}

}  // namespace

const Function kItem = {
    .name = "item",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::same,
    .can_fail = {},
    .doc = "The item of that number, the first is 1; absent if there is none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .can_be_absent = "the list has no such item",
};

}  // namespace smarthl7::builtins
