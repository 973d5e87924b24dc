// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/moment_argument.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"from", Type::date}, {"to", Type::date}};
constexpr Example kExamples[] = {
    {R"(years_between(date("19700101"), date("20261123")))", R"(56)"},
    {R"(years_between(date("20000229"), date("20260228")))", R"(25)"},
    {R"(years_between(date("20000229"), date("20260301")))", R"(26)"},
    {R"(years_between(date("1970"), date("20261123")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::day || arguments[1].moment.precision < Precision::day) return false;
  result = Value::of(Decimal(months_between(arguments[0].moment, arguments[1].moment) / 12));
  return true;
}

}  // namespace

const Function kYearsBetween = {
    .name = "years_between",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "one of the dates is less precise than a day",
    .doc =
        "The whole years from one date to another, as an age is told; below 0 if `to` is earlier. Who is born on "
        "29 February is a year older on 1 March where there is no such day.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins
