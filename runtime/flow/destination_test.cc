// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/destination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/flow/testing/lanes.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Lanes;
using testing::Reaction;
using ::testing::UnorderedElementsAre;

constexpr auto kAccepted = store::OutcomeKind::accepted;
constexpr auto kDead = store::OutcomeKind::dead;

TEST_F(Lanes, DeliversInOrderOneAfterTheOther) {
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  start();
  EXPECT_TRUE(started_);
  EXPECT_EQ(store_.options.name, "mercy");
  EXPECT_EQ(store_.options.lanes, 1);
  release({{"A", {0}}, {"B", {0}}, {"C", {0}}});
  EXPECT_THAT(sent(), ElementsAre("A"));
  EXPECT_EQ(lane().state, LaneState::sending);
  EXPECT_EQ(destination_->snapshot().in_flight, 1U);
  script_.go.notify_all();
  pass(0s);
  EXPECT_THAT(sent(), ElementsAre("A", "B", "C"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted, kAccepted));
  EXPECT_EQ(script_.connects, 1U);
  EXPECT_EQ(lane().state, LaneState::idle);
  EXPECT_EQ(destination_->snapshot().counters.delivered, 3U);
}

TEST_F(Lanes, ARefusalForNowIsTriedAgainInPlace) {
  script_.reactions = {{Reaction::Kind::answer, "AR", {}, {}}, {Reaction::Kind::answer, "AE 207", {}, {}}};
  start();
  release("A");
  release("B");
  EXPECT_THAT(sent(), ElementsAre("A"));
  EXPECT_EQ(lane().state, LaneState::retrying);
  pass(1s);
  EXPECT_THAT(sent(), ElementsAre("A", "A"));
  pass(1900ms);
  EXPECT_THAT(sent(), ElementsAre("A", "A")) << "the pause grows";
  pass(200ms);
  EXPECT_THAT(sent(), ElementsAre("A", "A", "A", "B"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted));
  EXPECT_EQ(store_.outcomes[0].attempts, 3U);
  ASSERT_EQ(store_.attempts.size(), 2U);
  EXPECT_EQ(store_.attempts[0].outcome, "refused for now");
}

TEST_F(Lanes, AnErrorWithoutCodeIsForGoodAfterThreeAttempts) {
  script_.reactions = {
      {Reaction::Kind::answer, "AE", {}, {}}, {Reaction::Kind::answer, "AE", {}, {}}, {Reaction::Kind::answer, "AE", {}, {}}};
  start();
  release("A");
  release("B");
  pass(10s);
  EXPECT_THAT(sent(), ElementsAre("A", "A", "A", "B"));
  EXPECT_THAT(outcomes(), ElementsAre(kDead, kAccepted));
  EXPECT_EQ(store_.outcomes[0].answer, "AE");
}

TEST_F(Lanes, ARefusalForGoodEndsAtOnce) {
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  release("A");
  release("B");
  EXPECT_THAT(sent(), ElementsAre("A", "B"));
  EXPECT_THAT(outcomes(), ElementsAre(kDead, kAccepted));
}

TEST_F(Lanes, RefusalsForNowAreGivenUpByNumberOrTime) {
  policy_.give_up_attempts = 2;
  script_.reactions = {{Reaction::Kind::answer, "AR", {}, {}}, {Reaction::Kind::answer, "AR", {}, {}}};
  start();
  release("A");
  pass(5s);
  EXPECT_THAT(outcomes(), ElementsAre(kDead));
  EXPECT_EQ(store_.outcomes[0].reason, "refused until giving up");
}

TEST_F(Lanes, AHeldLaneWaitsForAPerson) {
  policy_.after_refusal = plan::AfterRefusal::hold_lane;
  script_.reactions = {{Reaction::Kind::answer, "AR 103", {}, {}}};
  start();
  release("A");
  release("B");
  pass(std::chrono::hours(48));
  EXPECT_THAT(sent(), ElementsAre("A"));
  EXPECT_EQ(lane().state, LaneState::held);
  destination_->resume();
  pass(0s);
  EXPECT_THAT(sent(), ElementsAre("A", "B"));
  EXPECT_THAT(outcomes(), ElementsAre(kDead, kAccepted));
}

TEST_F(Lanes, AnotherMessageOfTheSameIdHasAConnectionOfItsOwn) {
  start();
  release("A");
  release("B");
  EXPECT_EQ(script_.connects, 1U);
  release("B");
  EXPECT_EQ(script_.connects, 2U) << "a second answer to the first B would be taken for the second one's";
  release("C");
  EXPECT_EQ(script_.connects, 2U);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted, kAccepted, kAccepted));
}

TEST_F(Lanes, AStrayAnswerIsReadPast) {
  script_.reactions = {{Reaction::Kind::answer, "AA", {"OTHER", "A"}, {}}};
  start();
  release("A");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_EQ(destination_->snapshot().counters.mismatched, 1U);
}

TEST_F(Lanes, ASecondMismatchForOneMessageHoldsTheLane) {
  script_.reactions = {{Reaction::Kind::answer, "", {"X"}, {}}, {Reaction::Kind::answer, "", {"X"}, {}}};
  start();
  release("A");
  pass(10s);
  EXPECT_THAT(sent(), ElementsAre("A"));
  pass(1s);
  EXPECT_THAT(sent(), ElementsAre("A", "A"));
  pass(std::chrono::hours(24));
  EXPECT_THAT(sent(), ElementsAre("A", "A"));
  EXPECT_EQ(lane().state, LaneState::held);
  EXPECT_TRUE(outcomes().empty());
  EXPECT_EQ(script_.connects, 2U) << "a new connection after each time-out";
  destination_->resume();
  pass(0s);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(Lanes, GarbageAndSilenceAreTriedForEver) {
  for (int i = 0; i < 30; ++i)
    script_.reactions.push_back({Reaction::Kind::answer, i % 2 == 0 ? "raw:HTTP/1.1 200 OK" : "", {}, {}});
  start();
  release("A");
  pass(std::chrono::hours(2));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_EQ(script_.sent.size(), 31U);
  EXPECT_LT(store_.attempts.size(), 20U) << "a long silence does not fill the trace";
}

TEST_F(Lanes, AnUnreachableReceiverLosesNothing) {
  for (int i = 0; i < 200; ++i) script_.connect_failures.push_back({ErrorCode::unreachable, "down", {}});
  start();
  release("A");
  release("B");
  pass(60s);
  EXPECT_EQ(lane().state, LaneState::retrying);
  EXPECT_EQ(lane().last_error, "down");
  pass(std::chrono::hours(24));
  EXPECT_THAT(sent(), ElementsAre("A", "B"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted));
  EXPECT_EQ(destination_->snapshot().counters.unreachable, 200U);
}

TEST_F(Lanes, UnreachableMayBeGivenUpIfThePlanSaysSo) {
  policy_.unreachable_give_up_after = 10min;
  for (int i = 0; i < 200; ++i) script_.connect_failures.push_back({ErrorCode::unreachable, "down", {}});
  start();
  release("A");
  pass(20min);
  EXPECT_THAT(outcomes(), ElementsAre(kDead));
  EXPECT_EQ(store_.outcomes[0].reason, "unreachable for too long");
}

TEST_F(Lanes, RejectedCredentialsAreNotHammered) {
  for (int i = 0; i < 3; ++i) script_.connect_failures.push_back({ErrorCode::refused, "certificate unknown", {}});
  start();
  release("A");
  EXPECT_EQ(lane().state, LaneState::rejected);
  pass(4min);
  EXPECT_EQ(script_.connects, 1U);
  pass(2min);
  EXPECT_EQ(script_.connects, 2U);
  destination_->resume();
  pass(0s);
  EXPECT_EQ(script_.connects, 3U);
}

TEST_F(Lanes, AStaleConnectionCostsNoPause) {
  script_.reactions = {{}, {Reaction::Kind::not_sent, "", {}, ErrorCode::closed}};
  start();
  release("A");
  release("B");
  EXPECT_THAT(sent(), ElementsAre("A", "B"));
  EXPECT_EQ(store_.outcomes[1].attempts, 1U);
  EXPECT_TRUE(store_.attempts.empty());
}

TEST_F(Lanes, BytesThatCannotBeSentAreGivenUp) {
  script_.reactions = {{Reaction::Kind::not_sent, "", {}, ErrorCode::invalid}};
  start();
  release("A");
  release("B");
  EXPECT_THAT(outcomes(), ElementsAre(kDead, kAccepted));
}

TEST_F(Lanes, KeysGoTheirOwnWay) {
  policy_.order = plan::Order::keys;
  policy_.connections = 2;
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  start();
  EXPECT_EQ(store_.options.lanes, 2);
  release({{"A", {0}}, {"B", {1}}, {"C", {0}}});
  EXPECT_THAT(sent(), ElementsAre("A", "B"));
  script_.go.notify_all();
  pass(0s);
  EXPECT_THAT(sent(), ElementsAre("A", "B", "C"));
}

TEST_F(Lanes, ABarrierIsSentWhenItHeadsAllItsLanes) {
  policy_.order = plan::Order::keys;
  policy_.connections = 3;
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  start();
  release({{"A", {0}}, {"BOTH", {0, 1}}, {"B", {1}}, {"C", {2}}, {"D", {0}}});
  EXPECT_THAT(sent(), ElementsAre("A", "C")) << "lane 1 waits with the barrier at its head";
  EXPECT_EQ(lane(1).state, LaneState::waiting);
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  script_.go.notify_all();
  pass(0s);
  EXPECT_THAT(sent(), ElementsAre("A", "C", "BOTH"));
  script_.go.notify_all();
  pass(0s);
  EXPECT_EQ(sent().size(), 5U);
  EXPECT_THAT((std::vector<std::string>{sent()[3], sent()[4]}), UnorderedElementsAre("B", "D"));
  EXPECT_EQ(store_.outcomes.size(), 5U);
}

TEST_F(Lanes, BarriersOverTheSameLanesDoNotDeadlock) {
  policy_.order = plan::Order::keys;
  policy_.connections = 2;
  start();
  release({{"A", {0, 1}}, {"B", {1, 0}}, {"C", {0}}, {"D", {0, 1}}, {"E", {1}}});
  EXPECT_EQ(store_.outcomes.size(), 5U);
  EXPECT_THAT((std::vector<std::string>{sent()[0], sent()[1], sent()[2], sent()[3], sent()[4]}),
              ElementsAre("A", "B", "C", "D", "E"));
}

TEST_F(Lanes, WithoutOrderOneSlowMessageHoldsUpNoOther) {
  policy_.order = plan::Order::none;
  policy_.connections = 3;
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}, {Reaction::Kind::answer, "AR", {}, {}}};
  start();
  EXPECT_EQ(store_.options.lanes, 1);
  release({{"A", {0}}, {"B", {0}}, {"C", {0}}, {"D", {0}}});
  EXPECT_THAT(sent(), ElementsAre("A", "B", "C", "D"));
  EXPECT_EQ(store_.outcomes.size(), 2U);
  pass(2s);
  script_.go.notify_all();
  pass(0s);
  EXPECT_EQ(store_.outcomes.size(), 4U);
}

TEST_F(Lanes, ResendsAreCountedAndCarryTheSameId) {
  start();
  release({{"A", {0}}}, true);
  EXPECT_THAT(sent(), ElementsAre("A"));
  EXPECT_EQ(destination_->snapshot().counters.resent, 1U);
}

TEST_F(Lanes, StoppingLetsTheSendOnItsWayEndAndStartsNoOther) {
  script_.reactions = {{Reaction::Kind::wait, "AA", {}, {}}};
  start();
  release("A");
  release("B");
  executor_.post([this] { gate_.spawn(destination_->stop(world_.now() + 5s)); });
  pass(1s);
  EXPECT_TRUE(store_.outcomes.empty());
  script_.go.notify_all();
  pass(0s);
  EXPECT_THAT(sent(), ElementsAre("A"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_EQ(lane().state, LaneState::stopped);
  EXPECT_EQ(store_.sink, nullptr);
  EXPECT_THAT(store_.given_back, ElementsAre(store::DeliveryId{2, 0}));
}

TEST_F(Lanes, StoppingGivesBackWhatNobodyCanHaveSeen) {
  policy_.order = plan::Order::keys;
  policy_.connections = 3;
  script_.reactions = {{Reaction::Kind::nothing, "", {}, {}}, {Reaction::Kind::not_sent, "", {}, ErrorCode::refused}};
  start();
  release({{"SENT", {0}}});
  release({{"NOT", {1}}, {"BARRIER", {0, 1}}, {"LAST", {1}}});
  release({{"AGAIN", {1}}}, true);
  executor_.post([this] { gate_.spawn(destination_->stop(world_.now())); });
  release({{"LATE", {2}}});
  pass(1s);
  EXPECT_THAT(sent(), ElementsAre("SENT"));
  EXPECT_THAT(store_.given_back,
              ElementsAre(store::DeliveryId{2, 0}, store::DeliveryId{3, 0}, store::DeliveryId{4, 0}, store::DeliveryId{6, 0}));
}

TEST_F(Lanes, StoppingGivesBackWhatAWorkerWithoutOrderHolds) {
  policy_.order = plan::Order::none;
  policy_.connections = 2;
  script_.connect_failures = {Error{ErrorCode::unreachable, "nobody there", nullptr}};
  script_.reactions = {{Reaction::Kind::nothing, "", {}, {}}};
  start();
  release({{"A", {0}}, {"B", {0}}, {"C", {0}}});
  executor_.post([this] { gate_.spawn(destination_->stop(world_.now())); });
  pass(1s);
  EXPECT_THAT(sent(), ElementsAre("B"));
  EXPECT_THAT(store_.given_back, ElementsAre(store::DeliveryId{1, 0}, store::DeliveryId{3, 0}));
}

TEST_F(Lanes, StoppingDoesNotWaitBeyondItsDeadline) {
  script_.reactions = {{Reaction::Kind::nothing, "", {}, {}}};
  start();
  release("A");
  executor_.post([this] { gate_.spawn(destination_->stop(world_.now() + 2s)); });
  pass(1s);
  EXPECT_EQ(lane().state, LaneState::sending);
  pass(2s);
  EXPECT_EQ(lane().state, LaneState::stopped);
  EXPECT_TRUE(store_.outcomes.empty());
}

}  // namespace
}  // namespace smarthl7::flow
