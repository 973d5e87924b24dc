// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"timestamp", Type::timestamp}};
constexpr Example kExamples[] = {
    {R"(without_offset(timestamp("20261123101500+0100")))", R"(timestamp 20261123101500)"},
    {R"(without_offset(timestamp("20261123")))", R"(timestamp 20261123)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  Moment moment = arguments[0].moment;
  moment.offset_minutes = Moment::kNoOffset;
  result = Value::timestamp(moment);
  return true;
}

}  // namespace

const Function kWithoutOffset = {
    .name = "without_offset",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail = {},
    .doc = "The timestamp as the clock there shows it, without its offset from UTC.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .precision_from = 1,
    .offset = Offset::never,
};

}  // namespace smarthl7::builtins
