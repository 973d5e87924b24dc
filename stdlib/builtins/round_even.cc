// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/rounding.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}, {"places", Type::number}};
constexpr Example kExamples[] = {
    {R"(round_even(2.345, 2))", R"(2.34)"},
    {R"(round_even(2.355, 2))", R"(2.36)"},
    {R"(round_even(0.5, 0))", R"(0)"},
    {R"(round_even(2.3451, 2))", R"(2.35)"},
    {R"(round_even(number("-2.345"), 2))", R"(-2.34)"},
    {R"(round_even(7, 2))", R"(7)"},
};

bool is_even(const Decimal& number) {
  char digits[Decimal::kMaxText];
  const std::size_t size = number.plain().print(digits);
  return (digits[size - 1] - '0') % 2 == 0;
}

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const int places = places_of(arguments[1].number);
  const Decimal& number = arguments[0].number;
  const Decimal nearest = number.rounded(places);
  const Decimal kept = truncated(number, places);
  result = Value::of(nearest);
  // A half is where both neighbours are as far away; then the even one is taken.
  const auto above = nearest.subtract(number);
  const auto below = number.subtract(kept);
  if (nearest == kept || !above || !below || *above != *below) return true;
  if (is_even(kept)) result = Value::of(kept);
  return true;
}

}  // namespace

const Function kRoundEven = {
    .name = "round_even",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc =
        "The number with at most `places` digits after the point, rounded to the nearest; a half goes to the even "
        "digit, so that sums of many do not drift. `round` takes a half away from zero.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins
