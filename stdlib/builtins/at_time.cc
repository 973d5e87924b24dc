// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"date", Type::date}, {"time", Type::time}};
constexpr Example kExamples[] = {
    {R"(at_time(date("20261123"), time("1015")))", R"(timestamp 202611231015)"},
    {R"(at_time(date("20261123"), time("101500+0100")))", R"(timestamp 20261123101500+0100)"},
    {R"(at_time(date("202611"), time("1015")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (arguments[0].moment.precision < Precision::day) return false;
  Moment moment = arguments[1].moment;
  moment.year = arguments[0].moment.year;
  moment.month = arguments[0].moment.month;
  moment.day = arguments[0].moment.day;
  result = Value::timestamp(moment);
  return true;
}

}  // namespace

const Function kAtTime = {
    .name = "at_time",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail = "the date is less precise than a day",
    .doc = "The timestamp of a date and a time of day, as precise as the time and with its offset, if it has one.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .precision_from = 2,
};

}  // namespace smarthl7::builtins
