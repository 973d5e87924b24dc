// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/moment_argument.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"timestamp", Type::timestamp}};
constexpr Example kExamples[] = {
    {R"(unix_time(timestamp("20261123101500+0100")))", R"(1795425300)"},
    {R"(unix_time(timestamp("19700101000001.5+0000")))", R"(1.5)"},
    {R"(unix_time(timestamp("20261123101500")))", R"(fails)"},
    {R"(unix_time(timestamp("2026+0000")))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Moment& moment = arguments[0].moment;
  if (!moment.has_offset() || moment.precision < Precision::second) return false;
  const std::int64_t ticks = ticks_of(moment) - kTicksTo1970 - moment.offset_minutes * 60 * kTicksPerSecond;
  const auto seconds = Decimal(ticks).divide(Decimal(kTicksPerSecond), 4);
  if (!seconds) return false;
  result = Value::of(*seconds);
  return true;
}

}  // namespace

const Function kUnixTime = {
    .name = "unix_time",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the timestamp has no offset from UTC (see `with_zone`) or is less precise than a second",
    .doc = "The seconds since 1970-01-01 00:00 UTC, with the digits after the point that the timestamp has.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins
