// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/check_digit.h"

#include <gtest/gtest.h>

namespace smarthl7::hl7 {
namespace {

// The numbers that chapter 2 works out (2.5.1, 2.A.14.2).
TEST(CheckDigit, TheStandardsOwnExamples) {
  EXPECT_EQ(mod10_digit("12345"), '5');
  EXPECT_EQ(mod10_digit("401"), '0');
  EXPECT_EQ(mod10_digit("9999"), '4');
  EXPECT_EQ(mod10_digit("99999999"), '8');
  EXPECT_EQ(mod11_digit("1234567"), '4');
}

TEST(CheckDigit, ElevensNeverGiveTwoDigits) {
  // A rest of 0 counts as 1, and 11 - 1 = 10 is written 0.
  EXPECT_EQ(mod11_digit("0"), '0');
  EXPECT_EQ(mod11_digit("6"), '0');  // 12 mod 11 = 1
  EXPECT_EQ(mod11_digit("8"), '6');  // 16 mod 11 = 5
}

TEST(CheckDigit, OnlyNumbersHaveOne) {
  for (const auto* text : {"", "12A", " 1", "-1"}) {
    EXPECT_EQ(mod10_digit(text), std::nullopt);
    EXPECT_EQ(mod11_digit(text), std::nullopt);
  }
}

TEST(CheckDigit, Iso7064) {
  EXPECT_TRUE(is_iso7064("07940"));  // MOD 11-2 of 0794, an example of ISO 7064
  EXPECT_TRUE(is_iso7064("079X"));
  EXPECT_TRUE(is_iso7064("0000000218250097"));  // an ORCID: MOD 11-2
  EXPECT_TRUE(is_iso7064("79444"));             // MOD 97-10 of 794
  EXPECT_TRUE(is_iso7064("07945"));             // MOD 11,10 of 0794
  EXPECT_FALSE(is_iso7064("0794"));
  EXPECT_FALSE(is_iso7064("0"));
}

TEST(CheckDigit, SchemesOfTable0061) {
  EXPECT_EQ(check_digit_fits("M10", "12345", "5"), true);
  EXPECT_EQ(check_digit_fits("M10", "123455", "5"), true);  // the identifier holds it
  EXPECT_EQ(check_digit_fits("M10", "12345", "6"), false);
  EXPECT_EQ(check_digit_fits("M11", "1234567", "4"), true);
  EXPECT_EQ(check_digit_fits("M11", "1234567", "5"), false);
  EXPECT_EQ(check_digit_fits("ISO", "0794", "0"), true);
  EXPECT_EQ(check_digit_fits("ISO", "07940", "0"), true);
  EXPECT_EQ(check_digit_fits("ISO", "0794", "1"), false);
  EXPECT_EQ(check_digit_fits("NPI", "123456789", "3"), true);  // the example of 45 CFR 162.406
  EXPECT_EQ(check_digit_fits("NPI", "1234567893", "3"), true);
  EXPECT_EQ(check_digit_fits("NPI", "123456789", "4"), false);
  EXPECT_EQ(check_digit_fits("BCV", "453201511283036", "6"), true);
  EXPECT_EQ(check_digit_fits("M11", "PATID1234", "5"), std::nullopt);
  EXPECT_EQ(check_digit_fits("XX", "1234", "5"), std::nullopt);
  EXPECT_EQ(check_digit_fits("M10", "", "5"), std::nullopt);
}

}  // namespace
}  // namespace smarthl7::hl7
