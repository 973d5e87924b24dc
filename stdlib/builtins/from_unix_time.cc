// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/moment_argument.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"seconds", Type::number}};
constexpr Example kExamples[] = {
    {R"(from_unix_time(1795425300))", R"(timestamp 20261123091500+0000)"},
    {R"(from_unix_time(number("-0.5")))", R"(timestamp 19691231235959+0000)"},
    {R"(from_unix_time(999999999999))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Decimal& number = arguments[0].number;
  std::int64_t seconds = number.to_int64();
  if (seconds > 400'000'000'000 || seconds < -400'000'000'000) return false;
  if (Decimal(seconds) > number) --seconds;
  const auto moment = moment_at(MomentKind::timestamp, seconds * kTicksPerSecond + kTicksTo1970, Precision::second, 0);
  if (!moment) return false;
  result = Value::timestamp(*moment);
  return true;
}

}  // namespace

const Function kFromUnixTime = {
    .name = "from_unix_time",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail = "the result lies outside of the years 0000 to 9999",
    .doc =
        "The timestamp in UTC of the seconds since 1970-01-01 00:00 UTC, to the second; digits after the point are "
        "cut off.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .states = Precision::second,
    .offset = Offset::always,
};

}  // namespace smarthl7::builtins
