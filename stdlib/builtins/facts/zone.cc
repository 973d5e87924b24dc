// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/facts/zone.h"

#include <algorithm>
#include <chrono>

#include "stdlib/builtins/facts/zone_data.h"

namespace smarthl7::builtins {
namespace {

constexpr std::int64_t kDay = 86400;

/// When a rule's time comes in a year, in seconds since 1970 on the clocks that tell it.
std::int64_t local_time_of(const ZoneRule& rule, int year) {
  using namespace std::chrono;
  const auto in_month = std::chrono::year(year) / month(static_cast<unsigned>(rule.month));
  const weekday day(static_cast<unsigned>(rule.day));
  const sys_days date =
      rule.week == 5 ? sys_days(in_month / day[std::chrono::last]) : sys_days(in_month / day[static_cast<unsigned>(rule.week)]);
  return date.time_since_epoch().count() * kDay + rule.second;
}

int year_of(std::int64_t seconds) {
  using namespace std::chrono;
  return static_cast<int>(year_month_day(sys_days(days(seconds >= 0 ? seconds / kDay : (seconds - kDay + 1) / kDay))).year());
}

std::int32_t future_offset(const ZoneFuture& future, std::int64_t instant) {
  if (!future.has_summer) return future.standard;
  const int year = year_of(instant + future.standard);
  const std::int64_t begin = local_time_of(future.begin, year) - future.standard;
  const std::int64_t end = local_time_of(future.end, year) - future.summer;
  const bool summer = begin < end ? instant >= begin && instant < end : instant >= begin || instant < end;
  return summer ? future.summer : future.standard;
}

}  // namespace

const Zone* find_zone(std::string_view name) {
  const ZoneName* const stop = kZoneNames + kZoneNameCount;
  const ZoneName* const at =
      std::lower_bound(kZoneNames, stop, name, [](const ZoneName& row, std::string_view wanted) { return row.name < wanted; });
  return at != stop && at->name == name ? &kZones[at->zone] : nullptr;
}

std::int32_t offset_at(const Zone& zone, std::int64_t instant) {
  const std::int64_t* const first = kZoneSince + zone.first;
  const std::int64_t* const stop = first + zone.count;
  const std::int64_t* const after = std::upper_bound(first, stop, instant);
  if (after == stop) return future_offset(zone.future, instant);
  if (after == first) return kZoneOffsets[zone.first];
  return kZoneOffsets[after - kZoneSince - 1];
}

std::int32_t offset_of_local(const Zone& zone, std::int64_t local) {
  // An offset is below 26 hours, and no zone changes twice within two days: the offsets a day before and after the time are
  // those before and after any change that is near.
  const std::int32_t before = offset_at(zone, local - kDay - 7200);
  const std::int32_t after = offset_at(zone, local + kDay + 7200);
  if (offset_at(zone, local - before) == before) return before;
  if (offset_at(zone, local - after) == after) return after;
  return before;  // in a gap
}

std::size_t zone_name_count() { return kZoneNameCount; }

std::string_view zone_name(std::size_t index) { return kZoneNames[index].name; }

}  // namespace smarthl7::builtins
