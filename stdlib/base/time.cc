// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/time.h"

#include <cstdio>

namespace smarthl7 {
namespace {

struct Parts {
  int year;
  unsigned month, day, hour, minute, second, micros;
};

Parts split(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Micros> clock{time - day};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<unsigned>(clock.hours().count()),
          static_cast<unsigned>(clock.minutes().count()),
          static_cast<unsigned>(clock.seconds().count()),
          static_cast<unsigned>(clock.subseconds().count())};
}

}  // namespace

std::string to_iso8601(WallTime time) {
  const Parts p = split(time);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02u:%02u:%02u.%06uZ", p.year, p.month, p.day, p.hour, p.minute, p.second,
                p.micros);
  return text;
}

std::string to_hl7_timestamp(WallTime time) {
  const Parts p = split(time);
  char text[64];
  std::snprintf(text, sizeof text, "%04d%02u%02u%02u%02u%02u+0000", p.year, p.month, p.day, p.hour, p.minute, p.second);
  return text;
}

}  // namespace smarthl7
