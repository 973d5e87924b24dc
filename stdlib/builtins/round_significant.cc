// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/rounding.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}, {"digits", Type::number}};
constexpr Example kExamples[] = {
    {R"(round_significant(0.012345, 3))", R"(0.0123)"},
    {R"(round_significant(12345, 2))", R"(12000)"},
    {R"(round_significant(9.96, 2))", R"(10)"},
    {R"(round_significant(number("-0.5"), 4))", R"(-0.5)"},
    {R"(round_significant(0, 3))", R"(0)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Decimal& number = arguments[0].number;
  const auto digits = static_cast<int>(std::clamp<std::int64_t>(arguments[1].number.to_int64(), 1, Decimal::kMaxDigits));
  result = Value::of(rounded_to_digits(number, digits));
  return true;
}

}  // namespace

const Function kRoundSignificant = {
    .name = "round_significant",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The number rounded half away from zero to so many significant digits (1 to 38).",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
