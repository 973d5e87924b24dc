// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/moment.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

namespace smarthl7::builtins {
namespace {

Moment of(MomentKind kind, std::string_view text) {
  const auto moment = read_moment(kind, text);
  EXPECT_TRUE(moment.has_value()) << text;
  return moment.value_or(Moment{});
}

std::string printed(MomentKind kind, const Moment& moment) {
  std::string text(kMaxMomentText, '?');
  text.resize(print_moment(kind, moment, text.data()));
  return text;
}

std::string printed_duration(std::int64_t micros) {
  std::string text(kMaxDurationText, '?');
  text.resize(print_duration(micros, text.data()));
  return text;
}

TEST(Moment, comesBackAsItWasSent) {
  for (const char* text : {"2026", "202611", "20261123", "2026112310", "202611231015", "20261123101559", "20261123101559.1",
                           "20261123101559.12", "20261123101559.123", "20261123101559.1234", "20261123101559.0004-1130",
                           "202611231015+0000", "00000101", "20240229", "20261123235960"}) {
    EXPECT_EQ(printed(MomentKind::timestamp, of(MomentKind::timestamp, text)), text);
  }
  for (const char* text : {"10", "1015", "101559.5", "1015+0130"}) {
    EXPECT_EQ(printed(MomentKind::time, of(MomentKind::time, text)), text);
  }
}

TEST(Moment, readsIsoAndNothingElse) {
  EXPECT_EQ(printed(MomentKind::timestamp, of(MomentKind::timestamp, "2026-11-23T10:15:30.25-01:30")),
            "20261123101530.25-0130");
  EXPECT_EQ(printed(MomentKind::date, of(MomentKind::date, "2026-11")), "202611");
  EXPECT_EQ(printed(MomentKind::time, of(MomentKind::time, "10:15Z")), "1015+0000");
  for (const char* text :
       {"", "2026-11-31", "2026-13", "26-11-23", "2026/11/23", "2026-11-23T", "2026-11-23T10", "2026-11-23 10:15",
        "20261123T1015", "2026-1-1", "99999", "2026-11-23T10:15:30.12345", "2026-11-23T24:00", "2026-11-23T10:15+0100"}) {
    EXPECT_FALSE(read_moment(MomentKind::timestamp, text).has_value()) << text;
  }
  for (const char* text : {"202611231015", "20261123+0100", "2026-11-23T10:15"}) {
    EXPECT_FALSE(read_moment(MomentKind::date, text).has_value()) << text;
  }
}

TEST(Moment, daysAreThoseOfTheCalendar) {
  using namespace std::chrono;
  const sys_days first = year(0) / January / 1;
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const sys_days day = first + days(static_cast<int>(random() % 3652425U));
    const year_month_day date(day);
    Moment moment;
    moment.year = static_cast<std::uint16_t>(static_cast<int>(date.year()));
    moment.month = static_cast<std::uint8_t>(static_cast<unsigned>(date.month()));
    moment.day = static_cast<std::uint8_t>(static_cast<unsigned>(date.day()));
    moment.precision = Precision::day;
    ASSERT_EQ(day_number(moment), (day - first).count());
    EXPECT_EQ(weekday(moment), static_cast<int>(std::chrono::weekday(day).iso_encoding()));
    EXPECT_EQ(moment_at(MomentKind::date, ticks_of(moment), Precision::day), moment);
  }
}

TEST(Moment, isComparedOnlyWithItsLike) {
  const auto order = [](const char* a, const char* b) {
    return compare(MomentKind::timestamp, of(MomentKind::timestamp, a), of(MomentKind::timestamp, b));
  };
  EXPECT_EQ(order("20261123", "20261124"), std::strong_ordering::less);
  EXPECT_EQ(order("202611231000+0100", "202611230900+0000"), std::strong_ordering::equal);
  EXPECT_EQ(order("20261123235960", "20261124000000"), std::strong_ordering::equal);
  EXPECT_EQ(order("20261123", "202611"), std::nullopt);
  EXPECT_EQ(order("202611231000+0100", "202611231000"), std::nullopt);
  EXPECT_EQ(order("20261123+0100", "20261123-0100"), std::nullopt);
  EXPECT_EQ(order("20261123+0100", "20261123+0100"), std::strong_ordering::equal);
  EXPECT_EQ(compare(MomentKind::time, of(MomentKind::time, "10+0100"), of(MomentKind::time, "09+0000")), std::nullopt);
}

TEST(Moment, countsAndAddsInWholeUnits) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const auto added = [](MomentKind kind, const char* text, std::int64_t micros) {
    const auto sum = add(kind, of(kind, text), micros);
    return sum ? printed(kind, *sum) : "nothing";
  };
  EXPECT_EQ(added(MomentKind::date, "20240228", kDay), "20240229");
  EXPECT_EQ(added(MomentKind::date, "20261231", kDay), "20270101");
  EXPECT_EQ(added(MomentKind::date, "20260101", -7 * kDay), "20251225");
  EXPECT_EQ(added(MomentKind::date, "20260101", kDay / 2), "nothing");
  EXPECT_EQ(added(MomentKind::date, "202601", 31 * kDay), "nothing");
  EXPECT_EQ(added(MomentKind::date, "99991231", kDay), "nothing");
  EXPECT_EQ(added(MomentKind::date, "00000101", -kDay), "nothing");
  EXPECT_EQ(added(MomentKind::timestamp, "20261123235930+0100", 30'000'000), "20261124000000+0100");
  EXPECT_EQ(added(MomentKind::timestamp, "202611231015", 30'000'000), "nothing");
  EXPECT_EQ(added(MomentKind::time, "235930", 30'000'000), "nothing");
  EXPECT_EQ(added(MomentKind::time, "1015", 60'000'000), "1016");
  EXPECT_EQ(added(MomentKind::timestamp, "20261123", std::numeric_limits<std::int64_t>::max() / kDay * kDay), "nothing");
  EXPECT_EQ(difference(MomentKind::date, of(MomentKind::date, "20260301"), of(MomentKind::date, "20260201")), 28 * kDay);
  EXPECT_EQ(difference(MomentKind::date, of(MomentKind::date, "2026"), of(MomentKind::date, "2025")), std::nullopt);
  // As far apart as two moments can be, the difference still is a number of microseconds.
  EXPECT_EQ(difference(MomentKind::date, of(MomentKind::date, "99991231"), of(MomentKind::date, "00000101")), 3652424 * kDay);
}

TEST(Moment, cuttingRoundsNothing) {
  const Moment whole = of(MomentKind::timestamp, "20261123101559.9999+0100");
  EXPECT_EQ(printed(MomentKind::timestamp, cut(whole, Precision::hundredth).value_or(Moment{})), "20261123101559.99+0100");
  EXPECT_EQ(printed(MomentKind::timestamp, cut(whole, Precision::second).value_or(Moment{})), "20261123101559+0100");
  EXPECT_EQ(printed(MomentKind::timestamp, cut(whole, Precision::year).value_or(Moment{})), "2026+0100");
  EXPECT_FALSE(cut(of(MomentKind::date, "2026"), Precision::day).has_value());
  EXPECT_EQ(of(MomentKind::timestamp, "20261123"), cut(of(MomentKind::timestamp, "202611231015"), Precision::day));
}

TEST(Moment, durationsPrintInWholeUnits) {
  EXPECT_EQ(printed_duration(0), "0s");
  EXPECT_EQ(printed_duration(90'000'000 * 60LL), "90m");
  EXPECT_EQ(printed_duration(7 * 86'400'000'000), "7d");
  EXPECT_EQ(printed_duration(-1'500'000), "-1500ms");
  EXPECT_EQ(printed_duration(1), "1us");
  EXPECT_EQ(printed_duration(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808us");
}

}  // namespace
}  // namespace smarthl7::builtins
