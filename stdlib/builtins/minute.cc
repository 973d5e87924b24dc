// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"time", Type::time}};
constexpr Example kExamples[] = {
    {R"(minute(time("101530")))", R"(15)"},
    {R"(minute(time("10")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::minute) return false;
  result = Value::of(Decimal(arguments[0].moment.minute));
  return true;
}

}  // namespace

const Function kMinute = {
    .name = "minute",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the time is only an hour",
    .doc = "The minute of the time, 0 to 59.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .digits = 2,
};

}  // namespace smarthl7::builtins
