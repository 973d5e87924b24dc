// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/intake_memory.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/env/real/real.h"

namespace smarthl7::transport {
namespace {

class Intake : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("intake_memory_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::unique_ptr<IntakeMemory> open(IntakeLimits limits) {
    auto memory = IntakeMemory::open(*disk_, folder_, limits);
    EXPECT_TRUE(memory.has_value()) << memory.error().describe();
    return std::move(*memory);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::string folder_;
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
};

TEST_F(Intake, growing_ends_at_its_limit) {
  const auto memory = open({.growing = 100});
  EXPECT_TRUE(memory->grow(60));
  EXPECT_FALSE(memory->grow(41));
  EXPECT_TRUE(memory->grow(40));
  memory->shrink(60);
  EXPECT_TRUE(memory->grow(60));
  EXPECT_EQ(memory->status().growing, 100U);
}

TEST_F(Intake, who_waits_for_room_gets_it_in_order) {
  const auto memory = open({.whole = 100});
  auto first = std::make_unique<IntakeMemory::Place>(*memory, 80);
  auto second = std::make_unique<IntakeMemory::Place>(*memory, 60);
  auto third = std::make_unique<IntakeMemory::Place>(*memory, 10);
  EXPECT_TRUE(first->taken());
  EXPECT_FALSE(third->taken()) << "there is room for it, but the second was before";
  EXPECT_FALSE(second->taken());
  EXPECT_EQ(memory->status().waiting, 2U);
  first.reset();
  EXPECT_FALSE(third->taken());
  EXPECT_TRUE(second->taken());
  EXPECT_TRUE(third->taken());
  EXPECT_EQ(memory->status().whole, 70U);
}

TEST_F(Intake, who_gives_up_waiting_makes_way) {
  const auto memory = open({.whole = 100});
  IntakeMemory::Place first(*memory, 80);
  EXPECT_TRUE(first.taken());
  auto second = std::make_unique<IntakeMemory::Place>(*memory, 60);
  IntakeMemory::Place third(*memory, 20);
  EXPECT_FALSE(third.taken());
  second.reset();
  EXPECT_TRUE(third.taken());
}

TEST_F(Intake, one_message_always_has_room) {
  const auto memory = open({.whole = 100});
  IntakeMemory::Place larger(*memory, 1000);
  EXPECT_TRUE(larger.taken());
}

TEST_F(Intake, a_spool_gives_back_what_it_got_and_goes) {
  const auto memory = open({});
  {
    auto spool = memory->spool();
    ASSERT_TRUE(spool.has_value()) << spool.error().describe();
    EXPECT_TRUE((*spool)->append("MSH|").has_value());
    EXPECT_TRUE((*spool)->append(std::string(9 << 20, 'x')).has_value());
    EXPECT_EQ(files(), 1U);
    const auto all = (*spool)->read("end");
    ASSERT_TRUE(all.has_value()) << all.error().describe();
    EXPECT_TRUE(*all == "MSH|" + std::string(9 << 20, 'x') + "end");
  }
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(memory->status().spooled, 1U);
}

TEST_F(Intake, a_disk_without_room_is_told_before_it_is_full) {
  const auto memory = open({.disk_reserve = 1ULL << 60});
  auto spool = memory->spool();
  ASSERT_TRUE(spool.has_value());
  const auto appended = (*spool)->append("MSH|");
  ASSERT_FALSE(appended.has_value());
  EXPECT_EQ(appended.error().code, ErrorCode::full);
}

TEST_F(Intake, what_an_earlier_run_left_is_taken_away) {
  {
    const auto memory = open({});
    auto spool = memory->spool();
    ASSERT_TRUE(spool.has_value());
    EXPECT_TRUE((*spool)->append("MSH|").has_value());
    std::filesystem::copy_file(folder_ + "/1", folder_ + "/7");
  }
  EXPECT_EQ(files(), 1U);
  const auto memory = open({});
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace smarthl7::transport
