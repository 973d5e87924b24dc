// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/to_moment.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {
    {"timestamp", Type::timestamp},
    {.name = "precision",
     .type = Type::text,
     .constant = true,
     .valid = is_precision,
     .expects = "year, month, day, hour, minute, second, tenth, hundredth, millisecond or ten_thousandth"}};
constexpr Example kExamples[] = {
    {R"(fill(timestamp("202611231015"), "second"))", R"(timestamp 20261123101500)"},
    {R"(fill(timestamp("2026"), "day"))", R"(timestamp 20260101)"},
    {R"(fill(timestamp("20261123101500.5+0100"), "second"))", R"(timestamp 20261123101500.5+0100)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto wanted = precision_named(arguments[1].text);
  if (!wanted) return false;
  Moment moment = arguments[0].moment;
  moment.precision = std::max(moment.precision, *wanted);
  result = Value::timestamp(moment);
  return true;
}

}  // namespace

const Function kFill = {
    .name = "fill",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail = {},
    .doc =
        "The timestamp with at least that precision: parts that are not there become the first they can be, "
        "January, the first, 0 o'clock. A finer one stays as it is. For receivers that want seconds from senders "
        "that have none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins
