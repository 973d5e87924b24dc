// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"date", Type::date}};
constexpr Example kExamples[] = {
    {R"(month(date("20261123")))", R"(11)"},
    {R"(month(date("2026")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::month) return false;
  result = Value::of(Decimal(arguments[0].moment.month));
  return true;
}

}  // namespace

const Function kMonth = {
    .name = "month",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the date is only a year",
    .doc = "The month of the date, 1 to 12.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .digits = 2,
};

}  // namespace smarthl7::builtins
