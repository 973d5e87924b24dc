// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"time", Type::time}};
constexpr Example kExamples[] = {
    {R"(hour(time("101530")))", R"(10)"},
    {R"(hour(time(timestamp("202611231015"))))", R"(10)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(Decimal(arguments[0].moment.hour));
  return true;
}

}  // namespace

const Function kHour = {
    .name = "hour",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The hour of the time, 0 to 23. Of a timestamp write `hour(time(...))`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .digits = 2,
};

}  // namespace smarthl7::builtins
