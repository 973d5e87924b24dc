// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/decimal.h"

#include <gtest/gtest.h>

namespace smarthl7 {
namespace {

Decimal d(std::string_view text) {
  const auto value = Decimal::parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(Decimal{});
}
std::string shown(const std::optional<Decimal>& value) { return value ? value->to_string() : "none"; }

TEST(Decimal, printsTheDigitsAsSent) {
  for (const char* text : {"0", "1.50", "007", "+5", "-0", "-0.00", ".5", "5.", "+007.50", "-.25", "100", "000.000",
                           "99999999999999999999999999999999999999", "-0.0000000000000000000000000000000000001"}) {
    EXPECT_EQ(d(text).to_string(), text);
  }
}

TEST(Decimal, refusesWhatIsNoNumber) {
  for (const char* text : {"", "+", "-", ".", "1e5", "1,5", " 1", "1 ", "1.2.3", "--1", "<5", "0x10", "NaN",
                           "999999999999999999999999999999999999999"}) {
    EXPECT_FALSE(Decimal::parse(text).has_value()) << text;
  }
}

TEST(Decimal, comparesByValue) {
  EXPECT_EQ(d("1.0"), d("1"));
  EXPECT_EQ(d("-0"), d("0"));
  EXPECT_LT(d("-2"), d("-1.5"));
  EXPECT_LT(d("9.99"), d("10"));
  EXPECT_GT(d("0.1"), d("-5"));
  EXPECT_GT(d("99999999999999999999999999999999999999"), d("0.00000000000000000000000000000000000001"));
  EXPECT_LT(d("-99999999999999999999999999999999999999"), d("-0.00000000000000000000000000000000000001"));
}

TEST(Decimal, addsAndMultipliesExactlyOrNotAtAll) {
  EXPECT_EQ(shown(d("0.1").add(d("0.2"))), "0.3");
  EXPECT_EQ(shown(d("1.50").add(d("+1"))), "2.50");
  EXPECT_EQ(shown(d("1").subtract(d("1.5"))), "-0.5");
  EXPECT_EQ(shown(d("1.5").multiply(d("-0.2"))), "-0.30");
  EXPECT_EQ(shown(d("99999999999999999999999999999999999999").add(d("1"))), "none");
  EXPECT_EQ(shown(d("99999999999999999999").multiply(d("99999999999999999999"))), "none");
  EXPECT_EQ(shown(d("-99999999999999999999999999999999999999").subtract(d("99999999999999999999999999999999999999"))), "none");
  EXPECT_EQ(shown(d("0.00000000000000000001").multiply(d("0.0000000000000000000"))), "0");
}

TEST(Decimal, dividesToTheStatedPlaces) {
  EXPECT_EQ(shown(d("1").divide(d("3"), 4)), "0.3333");
  EXPECT_EQ(shown(d("2").divide(d("3"), 4)), "0.6667");
  EXPECT_EQ(shown(d("-2").divide(d("3"), 0)), "-1");
  EXPECT_EQ(shown(d("6").divide(d("1.5"), 6)), "4");
  EXPECT_EQ(shown(d("100").divide(d("10"), 3)), "10");
  EXPECT_EQ(shown(d("0.000125").divide(d("1"), 5)), "0.00013");
  EXPECT_EQ(shown(d("1").divide(d("0.0"), 5)), "none");
  EXPECT_EQ(shown(d("99999999999999999999999999999999999999").divide(d("99999999999999999999999999999999999998"), 3)), "1");
  EXPECT_EQ(shown(d("99999999999999999999999999999999999999").divide(d("0.1"), 3)), "none");
}

TEST(Decimal, roundsHalfAwayFromZero) {
  EXPECT_EQ(d("2.345").rounded(2).to_string(), "2.35");
  EXPECT_EQ(d("-2.345").rounded(2).to_string(), "-2.35");
  EXPECT_EQ(d("2.344").rounded(2).to_string(), "2.34");
  EXPECT_EQ(d("+2.3").rounded(2).to_string(), "+2.3");
  EXPECT_EQ(d("0.5").rounded(0).to_string(), "1");
  EXPECT_EQ(d("-7.5").absolute().to_string(), "7.5");
  EXPECT_EQ(d("-12.9").to_int64(), -12);
  EXPECT_EQ(d("99999999999999999999").to_int64(), std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace smarthl7
