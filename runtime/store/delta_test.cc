// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/delta.h"

#include <gtest/gtest.h>

#include <random>

namespace smarthl7::store {
namespace {

std::string lines(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += "OBX|" + std::to_string(i) + "|NM|" + std::to_string(7000 + i * 37) + "^a test^L||" + std::to_string(i * 7) +
           "|mg/dL|||||F\r";
  return out;
}

void expect_round_trip(const std::string& base, const std::string& edited) {
  std::string delta;
  if (!make_delta(base, edited, delta)) {
    EXPECT_TRUE(delta.empty());
    return;
  }
  EXPECT_LE(delta.size(), edited.size() / 2 + 32);
  const auto again = apply_delta(base, delta, edited.size());
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_EQ(*again, edited);
}

TEST(Delta, KeepsFewBytesOfAFewChanges) {
  const std::string base = lines(40);
  std::string edited = base;
  edited.replace(200, 3, "a longer value");
  edited.replace(900, 5, "");
  edited.insert(edited.size() - 300, "NTE|1|L|a note that was not there\r");
  std::string delta;
  ASSERT_TRUE(make_delta(base, edited, delta));
  EXPECT_LT(delta.size(), 150U);
  const auto again = apply_delta(base, delta, edited.size());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, edited);
}

TEST(Delta, AnEqualBodyAndOneWithMovedPartsComeBack) {
  const std::string base = lines(40);
  expect_round_trip(base, base);
  expect_round_trip(base, base.substr(1000) + base.substr(0, 1000));
  expect_round_trip(base, base + base);
  expect_round_trip(base, base.substr(0, base.size() / 2));
  std::string delta;
  ASSERT_TRUE(make_delta(base, base, delta));
  EXPECT_LT(delta.size(), 16U);
}

TEST(Delta, RefusesWhatHasLittleInCommon) {
  std::string delta = "kept";
  EXPECT_FALSE(make_delta(lines(10), std::string(500, 'x'), delta));
  EXPECT_FALSE(make_delta("", lines(10), delta));
  EXPECT_FALSE(make_delta(lines(10), "", delta));
  EXPECT_FALSE(make_delta("MSH|", "MSH|1", delta));
  EXPECT_EQ(delta, "kept");
}

TEST(Delta, RandomEditsComeBack) {
  std::mt19937_64 random(17);
  std::size_t made = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string base = lines(random() % 60);
    std::string edited = base;
    for (std::uint64_t edits = random() % 8; edits > 0; --edits) {
      const std::size_t at = edited.empty() ? 0 : random() % edited.size();
      const std::size_t count = std::min<std::size_t>(random() % 40, edited.size() - at);
      std::string with(random() % 60, '\0');
      for (char& c : with) c = static_cast<char>(random());
      edited.replace(at, count, with);
    }
    std::string delta;
    made += make_delta(base, edited, delta) ? 1U : 0U;
    expect_round_trip(base, edited);
  }
  EXPECT_GT(made, 2000U);
}

TEST(Delta, DamagedBytesAreSaidAndNeverRead) {
  const std::string base = lines(30);
  std::string edited = base;
  edited.replace(500, 10, "something else");
  std::string delta;
  ASSERT_TRUE(make_delta(base, edited, delta));
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = delta;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    if (random() % 3 == 0) damaged.resize(random() % damaged.size());
    const auto got = apply_delta(base, damaged, edited.size());
    if (got) {
      EXPECT_EQ(got->size(), edited.size());
    }
  }
  EXPECT_FALSE(apply_delta("short", delta, edited.size()));
}

}  // namespace
}  // namespace smarthl7::store
