// SPDX-License-Identifier: Apache-2.0
// `on refusal hold key`, `pace`, `delivery exactly_once`, urgent messages, and what a start knows of earlier refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/flow/destination.h"
#include "runtime/flow/testing/lanes.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Lanes;
using testing::Reaction;
using ::testing::UnorderedElementsAre;

constexpr auto kAccepted = store::OutcomeKind::accepted;
constexpr auto kDead = store::OutcomeKind::dead;

class HeldKeys : public Lanes {
 protected:
  HeldKeys() {
    policy_.order = plan::Order::patient;
    policy_.connections = 2;
    policy_.after_refusal = plan::AfterRefusal::hold_key;
  }
};

TEST_F(HeldKeys, OnlyMessagesOfTheRefusedKeyWait) {
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  EXPECT_TRUE(store_.options.keep_keys);
  release_keyed({{"P1", {0}, {2}}, {"Q1", {0}, {4}}, {"P2", {0}, {2}}, {"Q2", {0}, {4}}, {"R1", {1}, {1}}, {"P3", {0}, {2}}});
  pass(1h);
  EXPECT_THAT(sent(), UnorderedElementsAre("P1", "R1", "Q1", "Q2")) << "lane 1 goes its own way";
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted, kAccepted));
  EXPECT_THAT(store_.parked, ElementsAre(store::DeliveryId{1, 0}, store::DeliveryId{3, 0}, store::DeliveryId{6, 0}));
  const DestinationSnapshot snapshot = destination_->snapshot();
  EXPECT_EQ(snapshot.held, 1U);
  EXPECT_EQ(snapshot.parked, 2U);
  EXPECT_EQ(snapshot.waiting, 3U);
  EXPECT_EQ(lane().state, LaneState::idle) << "the lane itself goes on";

  script_.sent.clear();
  destination_->resume();
  release_keyed({{"P4", {0}, {2}}});
  EXPECT_THAT(sent(), ElementsAre("P2", "P3", "P4"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted, kAccepted, kDead, kAccepted, kAccepted, kAccepted));
  EXPECT_EQ(store_.outcomes[3].delivery, (store::DeliveryId{1, 0}));
  EXPECT_EQ(store_.outcomes[3].reason, "refused for good");
}

TEST_F(HeldKeys, ABarrierOfAHeldKeyHoldsItsOtherKeysFromThereOn) {
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  // A merge of P into Q: what came of Q before it goes, what comes after it waits behind it.
  release_keyed(
      {{"P1", {0}, {2}}, {"Q1", {1}, {3}}, {"MERGE", {0, 1}, {2, 3}}, {"Q2", {1}, {3}}, {"R1", {1}, {5}}, {"S1", {0}, {4}}});
  pass(1min);
  EXPECT_THAT(sent(), ElementsAre("P1", "Q1", "R1", "S1"));
  script_.sent.clear();
  destination_->resume();
  pass(1min);
  EXPECT_THAT(sent(), ElementsAre("MERGE", "Q2"));
}

TEST_F(HeldKeys, ReleasedBarriersGoBeforeOnesThatWaitForTheirLanes) {
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  release_keyed({{"P1", {0}, {2}}, {"MERGE", {0, 1}, {2, 3}}});
  pass(1s);
  ASSERT_THAT(sent(), ElementsAre("P1"));
  // Lane 1 is busy; a barrier of other keys heads lane 0 and waits for lane 1.
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  release_keyed({{"BUSY", {1}, {7}}, {"OTHER", {0, 1}, {4, 9}}, {"T1", {0}, {4}}});
  EXPECT_EQ(lane(0).state, LaneState::waiting);
  destination_->resume();
  pass(1s);
  EXPECT_THAT(sent(), ElementsAre("P1", "BUSY"));
  script_.go.notify_all();
  pass(1s);
  EXPECT_THAT(sent(), ElementsAre("P1", "BUSY", "MERGE", "OTHER", "T1"));
  EXPECT_EQ(destination_->snapshot().waiting, 0U);
}

TEST_F(HeldKeys, SomethingThatConcernsEveryKeyWaitsForAllAndIsWaitedFor) {
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  release_keyed({{"P1", {0}, {2}}, {"ALL", {0, 1}, {store::kEveryKey}}, {"Q1", {1}, {3}}});
  pass(1min);
  EXPECT_THAT(sent(), ElementsAre("P1"));
  destination_->resume();
  pass(1min);
  EXPECT_THAT(sent(), ElementsAre("P1", "ALL", "Q1"));
}

TEST_F(HeldKeys, HowManyWaitIsBoundedThenTheLaneStands) {
  policy_.most_parked = 3;
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  release_keyed({{"P1", {0}, {2}}, {"P2", {0}, {2}}, {"P3", {0}, {2}}, {"P4", {0}, {2}}, {"Q1", {0}, {4}}, {"R1", {1}, {1}}});
  pass(1min);
  EXPECT_THAT(sent(), ElementsAre("P1", "R1"));
  EXPECT_EQ(lane(0).state, LaneState::held);
  EXPECT_THAT(lane(0).last_error, ::testing::HasSubstr("behind refused ones"));
  destination_->resume();
  pass(1min);
  EXPECT_THAT(sent(), ElementsAre("P1", "R1", "P2", "P3", "P4", "Q1"));
}

TEST_F(HeldKeys, StoppingGivesBackWhatWaits) {
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  release_keyed({{"P1", {0}, {2}}, {"P2", {0}, {2}}, {"Q1", {0}, {4}}});
  pass(1s);
  executor_.post([this] { gate_.spawn(destination_->stop(world_.now())); });
  pass(1s);
  EXPECT_THAT(store_.given_back, ElementsAre(store::DeliveryId{2, 0})) << "the refused one was sent";
}

// ---- pace -----------------------------------------------------------------------------------------------------------------

TEST_F(Lanes, ThePaceHoldsOverAllConnectionsInEveryWindow) {
  policy_.order = plan::Order::none;
  policy_.connections = 4;
  policy_.pace_messages = 5;
  policy_.pace_within = 1s;
  start();
  std::vector<std::pair<std::string, std::vector<store::LaneNumber>>> many;
  for (int i = 0; i < 32; ++i) many.push_back({"M" + std::to_string(i), {0}});
  release(many);
  EXPECT_EQ(sent().size(), 5U);
  pass(500ms);
  EXPECT_EQ(sent().size(), 5U);
  EXPECT_EQ(lane().state, LaneState::paced);
  pass(10s);
  ASSERT_EQ(sent().size(), 32U);
  for (std::size_t i = 5; i < 32; ++i) EXPECT_GE(script_.sent[i].first - script_.sent[i - 5].first, 1s) << i;
  EXPECT_LE(script_.sent.back().first - script_.sent.front().first, 7s) << "and not slower than it must be";
}

// ---- exactly once ---------------------------------------------------------------------------------------------------------

class ExactlyOnce : public Lanes {
 protected:
  ExactlyOnce() {
    policy_.exactly_once = true;
    policy_.remembers = std::chrono::hours(48);
  }
};

TEST_F(ExactlyOnce, WithinTheReceiversMemoryAResendIsCovered) {
  start();
  EXPECT_EQ(store_.options.remembers, std::chrono::hours(48));
  released_at_ = clock_.wall() - std::chrono::hours(47);
  release({{"A", {0}}}, true);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(ExactlyOnce, BeyondItAPersonIsAsked) {
  start();
  released_at_ = clock_.wall() - std::chrono::hours(49);
  release({{"A", {0}}}, true);
  pass(std::chrono::hours(24));
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(lane().state, LaneState::held);
  EXPECT_THAT(lane().last_error, ::testing::HasSubstr("may have this message"));
  ASSERT_FALSE(store_.attempts.empty());
  EXPECT_EQ(store_.attempts.back().outcome, "not sent again");
  destination_->resume();
  pass(1s);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(ExactlyOnce, AMessageThatNobodyCanHaveIsNotHeldHoweverLongItWaited) {
  for (int i = 0; i < 2000; ++i) script_.connect_failures.push_back({ErrorCode::unreachable, "down", {}});
  start();
  released_at_ = clock_.wall() - std::chrono::hours(100);
  release("A");
  pass(std::chrono::hours(72));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(ExactlyOnce, AnAnswerThatNeverComesHoldsTheLaneBeforeTheReceiverForgets) {
  for (int i = 0; i < 10'000; ++i) script_.reactions.push_back({Reaction::Kind::nothing, "", {}, {}});
  start();
  release("A");
  pass(std::chrono::hours(60));
  EXPECT_EQ(lane().state, LaneState::held);
  ASSERT_FALSE(script_.sent.empty());
  EXPECT_LT(script_.sent.back().first - script_.sent.front().first, std::chrono::hours(48));
  EXPECT_GT(script_.sent.back().first - script_.sent.front().first, std::chrono::hours(47));
  script_.reactions.clear();
}

// ---- urgent ---------------------------------------------------------------------------------------------------------------

TEST_F(Lanes, TheExpressLaneHasAConnectionOfItsOwn) {
  policy_.order = plan::Order::patient;
  policy_.connections = 2;
  policy_.express = true;
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  start();
  EXPECT_TRUE(store_.options.express);
  EXPECT_EQ(store_.options.lanes, 2);
  release_keyed({{"P1", {0}, {2}}, {"P2", {0}, {2}}});
  release_keyed({{"STAT", {2}, {store::kExpressLane, 4}}});
  EXPECT_THAT(sent(), ElementsAre("P1", "STAT"));
  ASSERT_EQ(destination_->snapshot().lanes.size(), 3U);
  EXPECT_EQ(lane(2).lane, 2);
  script_.go.notify_all();
  pass(0s);
  EXPECT_THAT(sent(), ElementsAre("P1", "STAT", "P2"));
}

TEST_F(Lanes, WhatAnEarlierPlanLeftInTheExpressLaneIsSent) {
  start();
  EXPECT_FALSE(store_.options.express);
  release({{"LEFT", {1}}, {"A", {0}}});
  EXPECT_THAT(sent(), ElementsAre("LEFT", "A"));
}

// ---- refusals of an earlier run -------------------------------------------------------------------------------------------

TEST_F(Lanes, GivingUpCountsFromTheFirstRefusalAcrossRestarts) {
  policy_.give_up_after = std::chrono::hours(24);
  for (int i = 0; i < 3; ++i) script_.reactions.push_back({Reaction::Kind::answer, "AR", {}, {}});
  start();
  refused_since_ = clock_.wall() - (std::chrono::hours(24) - 90s);
  release({{"A", {0}}}, true);
  EXPECT_THAT(outcomes(), IsEmpty());
  pass(5min);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted)) << "three refusals are over before the 24 hours are";
  refused_since_ = clock_.wall() - std::chrono::hours(25);
  script_.reactions = {{Reaction::Kind::answer, "AR", {}, {}}};
  release({{"B", {0}}}, true);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kDead));
  EXPECT_EQ(store_.outcomes[1].reason, "refused until giving up");
}

}  // namespace
}  // namespace smarthl7::flow
