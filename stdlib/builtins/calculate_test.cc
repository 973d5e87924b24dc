// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/calculate.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace smarthl7::builtins {
namespace {

constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kDay = 86'400'000'000;

Value number(std::string_view text) { return Value::of(Decimal::parse(text).value_or(Decimal{})); }
Value date(std::string_view text) { return Value::date(read_moment(MomentKind::date, text).value_or(Moment{})); }

std::string done(Operation operation, const Value& a, const Value& b) {
  Value result;
  Arena arena;
  return calculate(operation, a, b, result) ? std::string(text_of(result, arena)) : "fails";
}

TEST(Calculate, numbersAreExactAndQuotientsHaveTenPlaces) {
  EXPECT_EQ(done(Operation::add, number("0.1"), number("0.20")), "0.30");
  EXPECT_EQ(done(Operation::multiply, number("1.10"), number("2")), "2.20");
  EXPECT_EQ(done(Operation::divide, number("2"), number("3")), "0.6666666667");
  EXPECT_EQ(done(Operation::divide, number("-2"), number("3")), "-0.6666666667");
  EXPECT_EQ(done(Operation::divide, number("1"), number("4")), "0.25");
  EXPECT_EQ(done(Operation::divide, number("1"), number("0")), "fails");
  EXPECT_EQ(done(Operation::add, number(std::string(38, '9')), number("1")), "fails");
  EXPECT_EQ(done(Operation::multiply, number(std::string(20, '9')), number(std::string(20, '9'))), "fails");
  EXPECT_EQ(done(Operation::divide, number(std::string(30, '9')), number("7")), "fails");
}

TEST(Calculate, durationsAndSizes) {
  EXPECT_EQ(done(Operation::add, Value::duration(kMinute), Value::duration(30'000'000)), "90s");
  EXPECT_EQ(done(Operation::subtract, Value::duration(kMinute), Value::duration(kDay)), "-1439m");
  EXPECT_EQ(done(Operation::multiply, Value::duration(kMinute), number("1.5")), "90s");
  EXPECT_EQ(done(Operation::divide, Value::duration(kDay), number("7")), "12342857143us");
  EXPECT_EQ(done(Operation::divide, Value::duration(kDay), Value::duration(kMinute)), "1440");
  EXPECT_EQ(done(Operation::divide, Value::duration(kDay), Value::duration(0)), "fails");
  EXPECT_EQ(done(Operation::multiply, Value::duration(kDay), number("1000000000000")), "fails");
  EXPECT_EQ(done(Operation::add, Value::duration(std::numeric_limits<std::int64_t>::max()), Value::duration(1)), "fails");
  EXPECT_EQ(done(Operation::subtract, Value::size(1), Value::size(2)), "fails");
  EXPECT_EQ(done(Operation::add, Value::size(1024), Value::size(1024)), "2KiB");
  EXPECT_EQ(done(Operation::multiply, Value::size(1024), number("-1")), "fails");
  EXPECT_EQ(done(Operation::add, Value::size(1), Value::duration(1)), "fails");
}

TEST(Calculate, momentsMoveByDurationsAndDifferByThem) {
  EXPECT_EQ(done(Operation::add, date("20260228"), Value::duration(kDay)), "20260301");
  EXPECT_EQ(done(Operation::subtract, date("20260301"), Value::duration(kDay)), "20260228");
  EXPECT_EQ(done(Operation::subtract, date("20260301"), date("20260201")), "28d");
  EXPECT_EQ(done(Operation::subtract, date("20260301"), date("202602")), "fails");
  EXPECT_EQ(done(Operation::add, date("20260301"), date("20260201")), "fails");
  EXPECT_EQ(done(Operation::add, date("20260301"), Value::duration(kMinute)), "fails");
  EXPECT_EQ(done(Operation::multiply, date("20260301"), number("2")), "fails");
  EXPECT_EQ(done(Operation::subtract, date("20260301"), Value::duration(std::numeric_limits<std::int64_t>::min())), "fails");
}

}  // namespace
}  // namespace smarthl7::builtins
