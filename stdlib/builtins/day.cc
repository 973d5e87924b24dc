// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"date", Type::date}};
constexpr Example kExamples[] = {
    {R"(day(date("20261123")))", R"(23)"},
    {R"(day(date("202611")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::day) return false;
  result = Value::of(Decimal(arguments[0].moment.day));
  return true;
}

}  // namespace

const Function kDay = {
    .name = "day",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the date is less precise than a day",
    .doc = "The day of the month, 1 to 31.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .digits = 2,
};

}  // namespace smarthl7::builtins
