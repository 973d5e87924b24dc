// SPDX-License-Identifier: Apache-2.0
// Which patterns are taken for what, and that what was written reads back.
#include "stdlib/builtins/pattern.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace smarthl7::builtins {
namespace {

std::string written(MomentKind kind, const Moment& moment, std::string_view pattern) {
  Arena arena;
  Builder out(arena, pattern_room(pattern));
  return put_moment(kind, moment, pattern, out) ? std::string(out.text()) : "none";
}

TEST(Pattern, KnowsWhatItCanRead) {
  for (const char* pattern : {"yyyy", "yyyy-MM", "dd.MM.yyyy", "MMMM d, yyyy", "yyyyMMdd", "'on' d.M.yyyy"}) {
    EXPECT_TRUE(is_date_pattern(pattern)) << pattern;
  }
  for (const char* pattern : {"", "yy", "dd.MM", "yyyy dd", "yyyyy", "MM/dd/yy", "EEE d.M.yyyy", "d.d.M.yyyy", "yyyy-MM-dd HH",
                              "b", "yyyy 'open", "yyyy-MM-ddx"}) {
    EXPECT_FALSE(is_date_pattern(pattern)) << pattern;
  }
  for (const char* pattern : {"HH", "HH:mm", "h a", "HHmmss", "H:m:s.SSS", "hh:mm:ss a", "HH:mmxxx"}) {
    EXPECT_TRUE(is_time_pattern(pattern)) << pattern;
  }
  for (const char* pattern : {"mm", "HH ss", "hh:mm", "HH:mm a", "HH:mm.S", "HH:mm yyyy"})
    EXPECT_FALSE(is_time_pattern(pattern)) << pattern;
  EXPECT_TRUE(is_timestamp_pattern("yyyyMMddHHmmss"));
  EXPECT_FALSE(is_timestamp_pattern("yyyy HH"));
  EXPECT_FALSE(is_timestamp_pattern("HH:mm"));
  EXPECT_FALSE(is_pattern(std::string(101, '-')));
}

TEST(Pattern, TellsTheHalvesOfTheDay) {
  const auto hour = [](std::string_view text) {
    const auto moment = read_by_pattern(MomentKind::time, text, "h:mm a");
    return moment ? static_cast<int>(moment->hour) : -1;
  };
  EXPECT_EQ(hour("12:00 AM"), 0);
  EXPECT_EQ(hour("12:59 am"), 0);
  EXPECT_EQ(hour("1:00 AM"), 1);
  EXPECT_EQ(hour("12:00 PM"), 12);
  EXPECT_EQ(hour("11:59 pm"), 23);
  EXPECT_EQ(hour("0:30 AM"), -1);
  EXPECT_EQ(hour("13:00 PM"), -1);
  EXPECT_EQ(hour("1:00"), -1);
  EXPECT_EQ(hour("1:00 AM "), -1);
}

TEST(Pattern, RefusesDaysThatDoNotExist) {
  EXPECT_TRUE(read_by_pattern(MomentKind::date, "29.02.2024", "dd.MM.yyyy"));
  for (const char* text : {"29.02.2026", "31.04.2026", "00.01.2026", "01.13.2026", "1.1.2026", "01.01.26", "01.01.20266", ""}) {
    EXPECT_FALSE(read_by_pattern(MomentKind::date, text, "dd.MM.yyyy")) << text;
  }
}

TEST(Pattern, WritesNothingThatTheMomentDoesNotHave) {
  const Moment day = *read_moment(MomentKind::timestamp, "20261123");
  EXPECT_EQ(written(MomentKind::timestamp, day, "dd.MM.yyyy"), "23.11.2026");
  EXPECT_EQ(written(MomentKind::timestamp, day, "dd.MM.yyyy HH"), "none");
  EXPECT_EQ(written(MomentKind::timestamp, day, "yyyyxx"), "none");
  EXPECT_EQ(written(MomentKind::date, day, "HH"), "none");
  EXPECT_EQ(written(MomentKind::time, *read_moment(MomentKind::time, "1015"), "yyyy"), "none");
  const Moment west = *read_moment(MomentKind::timestamp, "20261123101500-0330");
  EXPECT_EQ(written(MomentKind::timestamp, west, "xx xxx"), "-0330 -03:30");
  EXPECT_EQ(written(MomentKind::timestamp, west, "''yy''"), "'26'");
}

TEST(Pattern, WhatWasWrittenReadsBack) {
  constexpr std::string_view kPatterns[] = {"yyyyMMddHHmmss.SSSSxx", "d.M.yyyy H:m:s.SSSSxxx",
                                            "MMMM dd, yyyy hh:mm:ss.SSSS a xxx", "yyyy-MM-dd'T'HH:mm:ss.SSSSxxx"};
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    const auto ticks = static_cast<std::int64_t>(random() % (9999ULL * 365 * 864'000'000ULL));
    const auto offset = static_cast<std::int16_t>(static_cast<int>(random() % 1681) - 840);
    const auto moment = moment_at(MomentKind::timestamp, ticks, Precision::ten_thousandth, offset);
    ASSERT_TRUE(moment);
    for (const std::string_view pattern : kPatterns) {
      const std::string text = written(MomentKind::timestamp, *moment, pattern);
      const auto back = read_by_pattern(MomentKind::timestamp, text, pattern);
      ASSERT_TRUE(back) << text << " by " << pattern;
      EXPECT_EQ(*back, *moment) << text << " by " << pattern;
    }
  }
}

}  // namespace
}  // namespace smarthl7::builtins
