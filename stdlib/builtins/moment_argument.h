// SPDX-License-Identifier: Apache-2.0
// What the functions on dates and times share: the kind of an argument, seconds since 1970, time zones as parameters. Pure; any
// thread; no failure.
#pragma once

#include <cstdint>
#include <string_view>

#include "stdlib/builtins/facts/zone.h"
#include "stdlib/builtins/function.h"
#include "stdlib/builtins/moment.h"

namespace smarthl7::builtins {

[[nodiscard]] inline MomentKind kind_of(const Value& moment) {
  if (moment.kind == Kind::date) return MomentKind::date;
  return moment.kind == Kind::time ? MomentKind::time : MomentKind::timestamp;
}

inline constexpr std::int64_t kTicksTo1970 = 719'528 * kTicksPerDay;  // from 0000-01-01

/// Seconds since 1970 that the clock there shows, without the offset and what is finer than a second.
[[nodiscard]] inline std::int64_t local_seconds(const Moment& moment) {
  constexpr std::int64_t kShift = kTicksTo1970 / kTicksPerSecond;
  return ticks_of(moment) / kTicksPerSecond - kShift;
}

[[nodiscard]] inline bool is_zone(std::string_view name) { return find_zone(name) != nullptr; }

inline constexpr Parameter kZoneParameter = {
    .name = "zone",
    .type = Type::text,
    .valid = is_zone,
    .expects = "a time zone of the IANA database, as in \"Europe/Berlin\"",
};

/// An offset in whole minutes: those before the zones of today had seconds, which HL7 cannot say.
[[nodiscard]] inline std::int16_t minutes_of(std::int32_t seconds) {
  const std::int32_t half = seconds < 0 ? -30 : 30;
  return static_cast<std::int16_t>((seconds + half) / 60);
}

/// Whole months from a to b, below 0 if b is earlier; both have a day.
[[nodiscard]] inline std::int64_t months_between(const Moment& a, const Moment& b) {
  if (day_number(b) < day_number(a)) return -months_between(b, a);
  const std::int64_t months = (b.year - a.year) * 12 + b.month - a.month;
  return b.day < a.day ? months - 1 : months;
}

}  // namespace smarthl7::builtins
