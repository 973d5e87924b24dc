// SPDX-License-Identifier: Apache-2.0
// The ledger of files: committed with the message, over crashes; no message of a file passes one that could not be stored.
#include <gtest/gtest.h>

#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

constexpr Hash128 kPlace{17, 4};
constexpr Hash128 kOther{17, 5};

NewMessage of_file(std::uint64_t number, Hash128 place = kPlace, std::uint64_t version = 99) {
  NewMessage one = message("MSH|of a file " + std::to_string(number), {});
  one.acknowledgement = SharedBytes("answer " + std::to_string(number));
  one.file = FileMark{place, version, number, number == 4, true};
  return one;
}

class Files : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(world_.open()); }
  FileMark mark(Hash128 place = kPlace) {
    const auto found = world_.wait(world_.store->file_mark(place));
    EXPECT_TRUE(found) << found.error().describe();
    return found.value_or(FileMark{});
  }
  std::string answer(std::uint64_t number) {
    const auto found = world_.wait(world_.store->file_answer(FileMark{kPlace, 99, number, false, true}));
    EXPECT_TRUE(found);
    return found ? std::string(found->view()) : "failed";
  }
  World world_;
};

TEST_F(Files, ProgressAndAnswersOutliveACrash) {
  EXPECT_EQ(mark().version, 0U);
  for (std::uint64_t number = 1; number <= 3; ++number) ASSERT_TRUE(world_.wait(world_.store->accept(of_file(number))));
  NewMessage refused = of_file(4);
  refused.verdict = Verdict::rejected;
  ASSERT_TRUE(world_.wait(world_.store->accept(std::move(refused))));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(mark().version, 99U);
    EXPECT_EQ(mark().number, 4U);
    EXPECT_TRUE(mark().last);
    EXPECT_EQ(mark(kOther).number, 0U);
    EXPECT_EQ(answer(2), "answer 2");
    EXPECT_EQ(answer(4), "answer 4");
    EXPECT_EQ(answer(5), "");
    world_.crash();
    ASSERT_TRUE(world_.open());
  }
}

TEST_F(Files, OneThatHasGoneIsForgotten) {
  ASSERT_TRUE(world_.wait(world_.store->accept(of_file(1))));
  world_.store->forget_file(kPlace);
  world_.settle();
  EXPECT_EQ(mark().version, 0U);
  EXPECT_EQ(mark().number, 0U);
  world_.crash();
  ASSERT_TRUE(world_.open());
  EXPECT_EQ(mark().version, 0U);
  ASSERT_TRUE(world_.wait(world_.store->accept(of_file(1))));
  EXPECT_EQ(mark().number, 1U);
}

TEST_F(Files, NoMessagePassesOneThatCouldNotBeStored) {
  ASSERT_TRUE(world_.wait(world_.store->accept(of_file(1))));
  NewMessage lost = of_file(2);
  lost.flows.push_back({"flow", {}, {NewDelivery{77, {}}}, {}});  // a destination that there is not
  EXPECT_FALSE(world_.wait(world_.store->accept(std::move(lost))));
  const auto later = world_.wait(world_.store->accept(of_file(3)));
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::full);
  ASSERT_TRUE(world_.wait(world_.store->accept(of_file(1, kOther)))) << "another file is not held up";
  EXPECT_EQ(mark().number, 1U);
  ASSERT_TRUE(world_.wait(world_.store->accept(of_file(2)))) << "asking lets it go on";
  EXPECT_EQ(mark().number, 2U);
}

}  // namespace
}  // namespace smarthl7::store
