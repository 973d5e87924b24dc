// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/moment_argument.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"from", Type::date}, {"to", Type::date}};
constexpr Example kExamples[] = {
    {R"(months_between(date("20260115"), date("20260414")))", R"(2)"},
    {R"(months_between(date("20260131"), date("20260228")))", R"(0)"},
    {R"(months_between(date("20260131"), date("20260301")))", R"(1)"},
    {R"(months_between(date("2026"), date("20260228")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::day || arguments[1].moment.precision < Precision::day) return false;
  result = Value::of(Decimal(months_between(arguments[0].moment, arguments[1].moment)));
  return true;
}

}  // namespace

const Function kMonthsBetween = {
    .name = "months_between",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "one of the dates is less precise than a day",
    .doc =
        "The whole months from one date to another; below 0 if `to` is earlier. A month is over when its day comes "
        "again; where a month has no such day, on the first of the next.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins
