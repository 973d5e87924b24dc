// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}};
constexpr Example kExamples[] = {
    {R"(sign(number("-2.5")))", R"(-1)"},
    {R"(sign(0))", R"(0)"},
    {R"(sign(7))", R"(1)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Decimal& number = arguments[0].number;
  result = Value::of(Decimal(number.zero() ? 0 : number.negative() ? -1 : 1));
  return true;
}

}  // namespace

const Function kSign = {
    .name = "sign",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "1 for a number above 0, -1 for one below, 0 for 0.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
