// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/name_pattern.h"

#include <gtest/gtest.h>

namespace smarthl7 {
namespace {

TEST(NamePattern, fits) {
  EXPECT_TRUE(fits_pattern("day.hl7", "*"));
  EXPECT_TRUE(fits_pattern("day.hl7", "*.hl7"));
  EXPECT_TRUE(fits_pattern("day1.hl7", "day?.hl7"));
  EXPECT_TRUE(fits_pattern("a.b.c.hl7", "a*b*.hl7"));
  EXPECT_TRUE(fits_pattern("", "*"));
  EXPECT_FALSE(fits_pattern("day.hl7.part", "*.hl7"));
  EXPECT_FALSE(fits_pattern("day.HL7", "*.hl7"));
  EXPECT_FALSE(fits_pattern("day.hl7", "day?.hl7"));
  EXPECT_FALSE(fits_pattern(".day.hl7", "*.hl7"));
  EXPECT_TRUE(fits_pattern(".day.hl7", ".*.hl7"));
  EXPECT_FALSE(fits_pattern(std::string(60, 'a'), "*a*a*a*a*a*a*b"));
}

TEST(NamePattern, meet) {
  EXPECT_TRUE(patterns_meet("*", "*"));
  EXPECT_TRUE(patterns_meet("*.hl7", "lab*"));
  EXPECT_TRUE(patterns_meet("a?c", "*b*"));
  EXPECT_TRUE(patterns_meet("a*", "*a"));
  EXPECT_FALSE(patterns_meet("*.hl7", "*.txt"));
  EXPECT_FALSE(patterns_meet("*.hl7.ack", "*.hl7"));
  EXPECT_FALSE(patterns_meet("a*", "b*"));
  EXPECT_FALSE(patterns_meet("a", "a?"));
}

}  // namespace
}  // namespace smarthl7
