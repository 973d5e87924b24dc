// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"first", Type::moment}, {"second", Type::moment}};
constexpr Example kExamples[] = {
    {R"(comparable(date("20261123"), date("20270101")))", R"(true)"},
    {R"(comparable(date("20261123"), date("202701")))", R"(false)"},
    {R"(comparable(timestamp("202611231015+0100"), timestamp("202611231015")))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(compare(arguments[0], arguments[1]).has_value());
  return true;
}

}  // namespace

const Function kComparable = {
    .name = "comparable",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Whether it can be said which of two dates, times or timestamps comes first: both of one kind and precision, and both "
        "with an offset or both without. Where it is true, comparing and subtracting the two needs no `else`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins
