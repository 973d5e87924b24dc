// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"time", Type::time}};
constexpr Example kExamples[] = {
    {R"(second(time("101530.25")))", R"(30)"},
    {R"(second(time("1015")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::second) return false;
  result = Value::of(Decimal(arguments[0].moment.second));
  return true;
}

}  // namespace

const Function kSecond = {
    .name = "second",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the time is less precise than a second",
    .doc = "The whole seconds of the time, 0 to 59.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .digits = 2,
};

}  // namespace smarthl7::builtins
