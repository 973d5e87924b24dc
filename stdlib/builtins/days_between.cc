// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"from", Type::date}, {"to", Type::date}};
constexpr Example kExamples[] = {
    {R"(days_between(date("20260228"), date("20260301")))", R"(1)"},
    {R"(days_between(date("20260301"), date("20260228")))", R"(-1)"},
    {R"(days_between(date("2026"), date("20260228")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::day || arguments[1].moment.precision < Precision::day) return false;
  result = Value::of(Decimal(day_number(arguments[1].moment) - day_number(arguments[0].moment)));
  return true;
}

}  // namespace

const Function kDaysBetween = {
    .name = "days_between",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "one of the dates is less precise than a day",
    .doc = "The days from one date to another; below 0 if `to` is earlier.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins
