// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/primitive.h"

#include <gtest/gtest.h>

namespace smarthl7::hl7 {
namespace {

void expect(Primitive primitive, std::initializer_list<std::string_view> good, std::initializer_list<std::string_view> bad) {
  for (const std::string_view value : good) EXPECT_TRUE(is_well_formed(primitive, value)) << value;
  for (const std::string_view value : bad) EXPECT_FALSE(is_well_formed(primitive, value)) << value;
}

TEST(Primitive, Numbers) {
  expect(Primitive::nm, {"0", "-1.5", "+12", ".5", "5.", "007"}, {"", "-", ".", "1,5", "1e5", "1.2.3", " 1", "<5", "--1"});
  expect(Primitive::si, {"0", "12"}, {"", "-1", "1.0", "a"});
}

TEST(Primitive, DatesAndTimes) {
  expect(Primitive::dt, {"2026", "202602", "20260228", "20240229"},
         {"", "202", "20260229", "202613", "2026-02-28", "2026022812", "20260228+0100", "20260200"});
  expect(Primitive::tm, {"09", "0915", "091530", "091530.1234", "0915+0100"},
         {"", "9", "2400", "0960", "091530.", "09:15", "0915+1"});
  expect(Primitive::dtm, {"2026", "2026030109", "202603010915", "20260301091530.5-0500", "2026+0000"},
         {"", "2026030", "20260301091", "20260301091530.12345", "20260301+25", "20260301+2400", "today"});
  expect(Primitive::other, {"", "anything"}, {});
}

TEST(Primitive, ATimestampKeepsItsPrecisionAndOffset) {
  const auto time = read_timestamp("20260301091530.25-0530");
  ASSERT_TRUE(time);
  EXPECT_EQ(*time, (Timestamp{2026, 3, 1, 9, 15, 30, 2500, Precision::hundredth, std::int16_t{-330}}));
  const auto month = read_timestamp("202603");
  ASSERT_TRUE(month);
  EXPECT_EQ(month->precision, Precision::month);
  EXPECT_FALSE(month->offset_minutes);
  EXPECT_EQ(primitive_of("TS"), Primitive::dtm);
  EXPECT_EQ(primitive_of("ST"), Primitive::other);
}

}  // namespace
}  // namespace smarthl7::hl7
