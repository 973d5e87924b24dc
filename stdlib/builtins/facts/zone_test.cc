// SPDX-License-Identifier: Apache-2.0
// The time zones against the C library, which reads the same database, and the local times that do not exist or exist twice.
#include "stdlib/builtins/facts/zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace smarthl7::builtins {
namespace {

/// 1970-01-01T00:00 + seconds, from a civil date.
std::int64_t at(int year, int month, int day, int hour, int minute) {
  std::tm civil{};
  civil.tm_year = year - 1900;
  civil.tm_mon = month - 1;
  civil.tm_mday = day;
  civil.tm_hour = hour;
  civil.tm_min = minute;
  return timegm(&civil);
}

int hours(std::string_view zone, std::int64_t instant) { return offset_at(*find_zone(zone), instant) / 3600; }
int local_hours(std::string_view zone, std::int64_t local) { return offset_of_local(*find_zone(zone), local) / 3600; }

TEST(Zone, AgreesWithTheCLibraryEverywhere) {
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < zone_name_count(); ++i) {
    const std::string name(zone_name(i));
    ASSERT_EQ(setenv("TZ", name.c_str(), 1), 0);
    tzset();
    const Zone* const zone = find_zone(name);
    ASSERT_NE(zone, nullptr) << name;
    // Every 40 days and some hours from 1900 to 2200: all seasons, and the rules for the time after the list.
    for (std::int64_t instant = -2208988800; instant < 7258118400; instant += 40 * 86400 + 4567) {
      const std::time_t time = instant;
      std::tm local{};
      ASSERT_NE(localtime_r(&time, &local), nullptr);
      ASSERT_EQ(offset_at(*zone, instant), local.tm_gmtoff) << name << " at " << instant;
      ++compared;
    }
  }
  if (before == nullptr) {
    unsetenv("TZ");
  } else {
    setenv("TZ", kept.c_str(), 1);
  }
  tzset();
  EXPECT_GT(compared, 800'000U);
}

TEST(Zone, KnowsSummerTime) {
  EXPECT_EQ(hours("Europe/Berlin", at(2026, 1, 15, 12, 0)), 1);
  EXPECT_EQ(hours("Europe/Berlin", at(2026, 7, 15, 12, 0)), 2);
  EXPECT_EQ(hours("America/New_York", at(2026, 7, 15, 12, 0)), -4);
  EXPECT_EQ(hours("Australia/Sydney", at(2150, 1, 15, 12, 0)), 11);  // far beyond the list, the other half of the world
  EXPECT_EQ(hours("Australia/Sydney", at(2150, 7, 15, 12, 0)), 10);
  EXPECT_EQ(hours("UTC", 0), 0);
}

TEST(Zone, ReadsLocalTimesThatDoNotExistByTheOffsetBefore) {
  // 2026-03-29 02:30 was skipped in Berlin, 2026-03-08 02:30 in New York.
  EXPECT_EQ(local_hours("Europe/Berlin", at(2026, 3, 29, 1, 59)), 1);
  EXPECT_EQ(local_hours("Europe/Berlin", at(2026, 3, 29, 2, 30)), 1);
  EXPECT_EQ(local_hours("Europe/Berlin", at(2026, 3, 29, 3, 0)), 2);
  EXPECT_EQ(local_hours("America/New_York", at(2026, 3, 8, 2, 30)), -5);
}

TEST(Zone, ReadsLocalTimesThatExistTwiceAsTheFirst) {
  EXPECT_EQ(local_hours("Europe/Berlin", at(2026, 10, 25, 1, 59)), 2);
  EXPECT_EQ(local_hours("Europe/Berlin", at(2026, 10, 25, 2, 30)), 2);
  EXPECT_EQ(local_hours("Europe/Berlin", at(2026, 10, 25, 3, 0)), 1);
  EXPECT_EQ(local_hours("America/New_York", at(2026, 11, 1, 1, 30)), -4);
}

TEST(Zone, OfSamoaWithoutTheDayThatItSkipped) {
  EXPECT_EQ(local_hours("Pacific/Apia", at(2011, 12, 29, 23, 0)), -10);
  EXPECT_EQ(local_hours("Pacific/Apia", at(2011, 12, 30, 12, 0)), -10);
  EXPECT_EQ(local_hours("Pacific/Apia", at(2011, 12, 31, 1, 0)), 14);
}

TEST(Zone, EveryLocalTimeComesBack) {
  for (std::size_t i = 0; i < zone_name_count(); ++i) {
    const Zone& zone = *find_zone(zone_name(i));
    for (std::int64_t instant = at(2000, 1, 1, 0, 0); instant < at(2060, 1, 1, 0, 0); instant += 13 * 86400 + 1789) {
      const std::int64_t local = instant + offset_at(zone, instant);
      const std::int64_t again = local - offset_of_local(zone, local);
      ASSERT_EQ(again + offset_at(zone, again), local) << zone_name(i) << " at " << instant;
      ASSERT_LE(again, instant) << zone_name(i);  // the first of two
    }
  }
}

TEST(Zone, UnknownNamesAreNone) {
  EXPECT_EQ(find_zone("Europe/Berln"), nullptr);
  EXPECT_EQ(find_zone(""), nullptr);
  EXPECT_EQ(find_zone("posixrules"), nullptr);
}

}  // namespace
}  // namespace smarthl7::builtins
