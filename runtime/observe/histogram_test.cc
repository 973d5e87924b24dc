// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/histogram.h"

#include <gtest/gtest.h>

namespace smarthl7::observe {
namespace {

using std::chrono::microseconds;

TEST(Histogram, AQuantileIsRightToSixPercent) {
  Histogram histogram;
  for (int i = 1; i <= 100000; ++i) histogram.add(microseconds(i));
  EXPECT_EQ(histogram.count(), 100000U);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.5).count()), 50000, 3200);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.99).count()), 99000, 6200);
}

TEST(Histogram, SmallValuesAreExactAndHugeOnesStayInside) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5).count(), 0);
  for (int i = 0; i < 3; ++i) histogram.add(microseconds(7));
  EXPECT_EQ(histogram.quantile(0.5).count(), 7);
  histogram.add(std::chrono::hours(24 * 365 * 100));
  histogram.add(microseconds(-5));
  EXPECT_EQ(histogram.count(), 5U);
  EXPECT_GT(histogram.quantile(1.0), std::chrono::hours(24));
  EXPECT_EQ(histogram.quantile(0.0).count(), 0);
}

TEST(Histogram, AddsUp) {
  Histogram one;
  Histogram other;
  one.add(microseconds(3));
  other.add(microseconds(5));
  one.add(other);
  EXPECT_EQ(one.count(), 2U);
  EXPECT_EQ(one.quantile(1.0).count(), 5);
}

}  // namespace
}  // namespace smarthl7::observe
