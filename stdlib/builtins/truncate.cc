// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/rounding.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}, {"places", Type::number}};
constexpr Example kExamples[] = {
    {R"(truncate(2.999, 1))", R"(2.9)"},
    {R"(truncate(number("-2.9"), 0))", R"(-2)"},
    {R"(truncate(7, 2))", R"(7)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(truncated(arguments[0].number, places_of(arguments[1].number)));
  return true;
}

}  // namespace

const Function kTruncate = {
    .name = "truncate",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The number with at most `places` digits after the point; those behind are dropped, whatever they are.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
