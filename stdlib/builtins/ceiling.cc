// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/rounding.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}};
constexpr Example kExamples[] = {
    {R"(ceiling(2.1))", R"(3)"},
    {R"(ceiling(number("-2.1")))", R"(-2)"},
    {R"(ceiling(5))", R"(5)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Decimal whole = truncated(arguments[0].number, 0);
  const auto up = whole < arguments[0].number ? whole.add(Decimal(1)) : whole;
  result = Value::of(up.value_or(whole));
  return true;
}

}  // namespace

const Function kCeiling = {
    .name = "ceiling",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The smallest whole number that is not below the number.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
