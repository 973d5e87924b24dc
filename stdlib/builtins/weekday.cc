// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"date", Type::date}};
constexpr Example kExamples[] = {
    {R"(weekday(date("20261123")))", R"(1)"},
    {R"(weekday(date("2000-02-29")))", R"(2)"},
    {R"(weekday(date("202611")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::day) return false;
  result = Value::of(Decimal(weekday(arguments[0].moment)));
  return true;
}

}  // namespace

const Function kWeekday = {
    .name = "weekday",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the date is less precise than a day",
    .doc = "The day of the week, 1 Monday to 7 Sunday (ISO 8601). For its name see `format`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .digits = 1,
};

}  // namespace smarthl7::builtins
