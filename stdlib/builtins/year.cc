// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"date", Type::date}};
constexpr Example kExamples[] = {
    {R"(year(date("20261123")))", R"(2026)"},
    {R"(year(date("1970")))", R"(1970)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(Decimal(arguments[0].moment.year));
  return true;
}

}  // namespace

const Function kYear = {
    .name = "year",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The year of the date.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .digits = 4,
};

}  // namespace smarthl7::builtins
