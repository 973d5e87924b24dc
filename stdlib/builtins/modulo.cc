// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}, {"divisor", Type::number}};
constexpr Example kExamples[] = {
    {R"(modulo(17, 5))", R"(2)"}, {R"(modulo(number("-1"), 5))", R"(4)"}, {R"(modulo(5.5, 2))", R"(1.5)"},
    {R"(modulo(6, 3))", R"(0)"},  {R"(modulo(1, 0))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Decimal& number = arguments[0].number;
  const Decimal& divisor = arguments[1].number;
  const auto quotient = number.divide(divisor, 0);  // the nearest whole number: one too many or too few is put right below
  if (!quotient) return false;
  const auto product = quotient->multiply(divisor);
  if (!product) return false;
  auto rest = number.subtract(*product);
  if (rest && !rest->zero() && rest->negative() != divisor.negative()) rest = rest->add(divisor);
  if (!rest) return false;
  result = Value::of(rest->plain());
  return true;
}

}  // namespace

const Function kModulo = {
    .name = "modulo",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the divisor is 0, or the numbers have so many digits that the result has no room (38)",
    .doc =
        "What is left of the number after taking the divisor away from it as often as it goes; it has the sign of "
        "the divisor or is 0.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
