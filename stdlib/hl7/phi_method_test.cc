// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/phi_method.h"

#include <gtest/gtest.h>

namespace smarthl7::hl7 {
namespace {

constexpr PhiMark kName{PhiLabel::direct, PhiKind::name};
constexpr PhiMark kDate{PhiLabel::quasi, PhiKind::date};
constexpr PhiMark kZip{PhiLabel::quasi, PhiKind::zip};
constexpr PhiMark kText{PhiLabel::free_text, PhiKind::text};
constexpr PhiMark kHealth{PhiLabel::clinical, PhiKind::clinical};

TEST(PhiMethod, WhatIsLeft) {
  for (const PhiMark mark : {kName, kDate, kZip, kText}) {
    EXPECT_FALSE(left_by(PhiMethod::remove, mark).identifies());
    EXPECT_FALSE(left_by(PhiMethod::synthetic, mark).identifies());
    EXPECT_FALSE(left_by(PhiMethod::mask, mark).identifies());
    EXPECT_EQ(left_by(PhiMethod::mask_part, mark), mark);
    EXPECT_EQ(left_by(PhiMethod::keep, mark), mark);
    EXPECT_EQ(left_by(PhiMethod::hash, mark).label, PhiLabel::quasi);
  }
  EXPECT_FALSE(left_by(PhiMethod::year, kDate).identifies());
  EXPECT_FALSE(left_by(PhiMethod::zip3, kZip).identifies());
  EXPECT_EQ(left_by(PhiMethod::shift, kDate), kDate);
}

TEST(PhiMethod, AMethodForAnotherKindCoversNothing) {
  EXPECT_EQ(left_by(PhiMethod::year, kName), kName);
  EXPECT_EQ(left_by(PhiMethod::zip3, kDate), kDate);
  EXPECT_EQ(left_by(PhiMethod::shift, kText), kText);
  EXPECT_FALSE(method_fits(PhiMethod::year, PhiKind::zip));
  EXPECT_TRUE(method_fits(PhiMethod::year, PhiKind::age));
}

TEST(PhiMethod, WhatIsNoIdentifierStaysWhatItIs) {
  for (const PhiMethodRow& row : phi_methods()) EXPECT_EQ(left_by(row.method, kHealth), kHealth) << row.word;
}

TEST(PhiMethod, Words) {
  for (const PhiMethodRow& row : phi_methods()) {
    EXPECT_EQ(&row_of(row.method), &row);
    EXPECT_TRUE(phi_method(row.word)) << row.word;
  }
  EXPECT_EQ(phi_method("zip3"), PhiMethod::zip3);
  EXPECT_EQ(phi_method("mask"), PhiMethod::mask);
  EXPECT_FALSE(phi_method("scramble"));
}

}  // namespace
}  // namespace smarthl7::hl7
