// SPDX-License-Identifier: Apache-2.0
// Lanes that a person holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/flow/testing/lanes.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Lanes;
using testing::Reaction;

constexpr auto kAccepted = store::OutcomeKind::accepted;

TEST_F(Lanes, APersonHoldsWhatIsNotOnItsWay) {
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  start();
  release("A");
  release("B");
  destination_->hold(std::nullopt, "their database moves");
  script_.go.notify_all();
  pass(std::chrono::hours(48));
  EXPECT_THAT(sent(), ElementsAre("A"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_EQ(lane().state, LaneState::held);
  EXPECT_TRUE(lane().held_by_person);
  EXPECT_EQ(lane().last_error, "held by a person: their database moves");
  destination_->release(std::nullopt);
  pass(0s);
  EXPECT_THAT(sent(), ElementsAre("A", "B"));
  EXPECT_EQ(lane().state, LaneState::idle);
  EXPECT_FALSE(lane().held_by_person);
  EXPECT_EQ(lane().last_error, "");
}

TEST_F(Lanes, AHoldEndsRetriesAndTheReleaseTriesAtOnce) {
  for (int i = 0; i < 8; ++i) script_.reactions.push_back({Reaction::Kind::answer, "AR", {}, {}});
  start();
  release("A");
  pass(20s);
  const std::size_t tried = sent().size();
  EXPECT_EQ(lane().state, LaneState::retrying);
  destination_->hold(std::optional<std::uint16_t>(0), "enough");
  pass(std::chrono::hours(2));
  EXPECT_EQ(sent().size(), tried);
  EXPECT_EQ(lane().state, LaneState::held);
  destination_->release(0);
  pass(0s);
  EXPECT_EQ(sent().size(), tried + 1);
}

TEST_F(Lanes, AHeldLaneHoldsItsBarriersAndNoOtherLane) {
  policy_.order = plan::Order::keys;
  policy_.connections = 3;
  start();
  destination_->hold(std::optional<std::uint16_t>(1), "one ward");
  release({{"A", {0}}, {"both", {0, 1}}, {"B", {0}}, {"C", {1}}, {"D", {2}}});
  pass(std::chrono::hours(1));
  EXPECT_THAT(sent(), ::testing::UnorderedElementsAre("A", "D"));
  destination_->release(1);
  pass(0s);
  EXPECT_THAT(sent(), ::testing::UnorderedElementsAre("A", "D", "both", "B", "C"));
  EXPECT_EQ(sent()[2], "both");
}

TEST_F(Lanes, WithoutAnOrderNothingIsTakenFromAHeldQueue) {
  policy_.order = plan::Order::none;
  policy_.connections = 2;
  start();
  destination_->hold(std::nullopt, "");
  release({{"A", {0}}, {"B", {0}}, {"C", {0}}});
  pass(1min);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(destination_->snapshot().waiting, 3U);
  destination_->release(std::nullopt);
  pass(0s);
  EXPECT_EQ(sent().size(), 3U);
}

TEST_F(Lanes, WhatWasHeldIsGivenBackAtTheEnd) {
  start();
  destination_->hold(std::nullopt, "until tomorrow");
  release("A");
  release("B");
  pass(1min);
  run(destination_->stop(world_.now() + 5s));
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(store_.given_back.size(), 2U);
}

}  // namespace
}  // namespace smarthl7::flow
