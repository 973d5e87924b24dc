// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/rounding.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}};
constexpr Example kExamples[] = {
    {R"(floor(2.9))", R"(2)"},
    {R"(floor(number("-2.1")))", R"(-3)"},
    {R"(floor(5))", R"(5)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Decimal whole = truncated(arguments[0].number, 0);
  const auto down = whole > arguments[0].number ? whole.subtract(Decimal(1)) : whole;
  result = Value::of(down.value_or(whole));
  return true;
}

}  // namespace

const Function kFloor = {
    .name = "floor",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The biggest whole number that is not above the number.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
