// SPDX-License-Identifier: Apache-2.0
// The tables that zones.py writes when the program is built; only zone.cc reads them. Constants; any thread; no failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stdlib/builtins/facts/zone.h"

namespace smarthl7::builtins {

/// `M3.5.0/2` of POSIX: the day `day` (0: Sunday) of week `week` (5: the last) of the month, so many seconds after midnight.
struct ZoneRule {
  int month = 0, week = 0, day = 0, second = 0;
};
/// What holds after the last change that is listed.
struct ZoneFuture {
  std::int32_t standard = 0, summer = 0;
  bool has_summer = false;
  ZoneRule begin, end;  // of summer time
};
struct Zone {
  std::uint32_t first = 0, count = 0;  // of the changes
  ZoneFuture future;
};
struct ZoneName {
  std::string_view name;
  std::uint16_t zone = 0;
};

extern const std::int64_t kZoneSince[];    // seconds since 1970 UTC
extern const std::int32_t kZoneOffsets[];  // seconds east of UTC from then on
extern const Zone kZones[];
extern const ZoneName kZoneNames[];  // sorted by name
extern const std::size_t kZoneNameCount;

}  // namespace smarthl7::builtins
