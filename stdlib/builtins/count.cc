// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}};
constexpr Example kExamples[] = {
    {R"(count(["A", "B"]))", R"(2)"},
    {R"(count([]))", R"(0)"},
    {R"(count("A"))", R"(1)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(Decimal(static_cast<std::int64_t>(arguments[0].list().size())));
  return true;
}

}  // namespace

const Function kCount = {
    .name = "count",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "How many items the list has. A path with `[*]` is the list of the values that were sent.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .digits = 10,
};

}  // namespace smarthl7::builtins
