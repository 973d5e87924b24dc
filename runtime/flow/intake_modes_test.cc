// SPDX-License-Identifier: Apache-2.0
// `ack when delivered` and `ack on receipt`: when a sender hears what.
#include <gtest/gtest.h>

#include "runtime/flow/intake.h"
#include "runtime/flow/testing/scripted.h"
#include "runtime/sim/disk.h"
#include "runtime/sim/frames.h"
#include "runtime/sim/network.h"
#include "tests/sim/plan.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using testing::ScriptedStore;

std::string oru(std::string_view id, std::string_view type = "ORU^R01^ORU_R01", std::string_view modes = "") {
  std::string text = "MSH|^~\\&|LAB|SITE|HUB|CITY|20260101||" + std::string(type) + "|" + std::string(id) + "|P|2.5.1";
  if (!modes.empty()) text += "|||" + std::string(modes);
  return text + "\rPID|1||P7|P8\r";
}

class Modes : public ::testing::Test {
 protected:
  void use(plan::AckMode mode, bool keyed_in_branch = false) {
    plan::Plan plan = sim::make_plan({});
    plan.sources[0].ack = mode;
    plan.sources[0].answer_within_micros = 30'000'000;
    if (keyed_in_branch) {  // the third step goes into a branch
      const plan::Range body = plan.flows[0].body;
      plan::Step branch;
      branch.op = plan::StepOp::branch;
      branch.body = {static_cast<plan::Id>(plan.lists.size()), 1};
      plan.lists.push_back(plan.lists[body.first + 2]);
      plan.steps.push_back(branch);
      plan.lists[body.first + 2] = static_cast<plan::Id>(plan.steps.size() - 1);
    }
    auto bound = eval::bind(std::move(plan), Sha256{}, {});
    ASSERT_TRUE(bound.has_value());
    reactors_.push_back(std::make_unique<Reactor>(env::Env{executor_, network_, disk_, clock_, random_}, *bound));
    intake_ = std::make_unique<Intake>(*bound, 0, store_, reactors_, destinations_);
  }

  struct Heard {
    std::string first;
    std::string later;
    bool waiting = true;
  };
  env::Task<void> give(transport::Received received, Heard* heard) {
    transport::Reply reply = co_await intake_->on_message(std::move(received));
    heard->first = reply.answer.view();
    if (reply.later) {
      SharedBytes later = co_await *reply.later;
      heard->later = later.view();
    }
    heard->waiting = false;
  }
  Heard& send(const std::string& message) {
    transport::Received received;
    received.message = SharedBytes(message);
    received.at = clock_.wall();
    received.at_steady = world_.now();
    heard_.push_back(std::make_unique<Heard>());
    executor_.post([this, heard = heard_.back().get(), given = std::move(received)]() mutable {
      gate_.spawn(give(std::move(given), heard));
    });
    pass(0s);
    return *heard_.back();
  }
  void ends(store::MessageId message, std::uint32_t number, store::OutcomeKind kind = store::OutcomeKind::accepted) {
    executor_.post([this, message, number, kind] { reactors_[0]->outcomes.arrived({message, number}, kind); });
    pass(0s);
  }
  void pass(std::chrono::nanoseconds time) {
    bool over = false;
    const auto moment = std::max<std::chrono::nanoseconds>(time, 10ms);  // jobs take one too
    executor_.at(world_.now() + moment, [&over] { over = true; });
    while (!over && world_.step()) {
    }
  }
  static std::string code(const std::string& answer) { return sim::field_of(answer, "MSA", 1); }
  static std::string error(const std::string& answer) { return sim::field_of(answer, "ERR", 3).substr(0, 3); }
  SourceCounters counters() {
    SourceSnapshot snapshot;
    intake_->add_to(snapshot, 0);
    return snapshot.counters;
  }

  sim::World world_{3};
  sim::Wire wire_{world_};
  sim::SimNetwork network_{wire_, nullptr};
  sim::SimDisk disk_{world_, {}, nullptr, {}};
  sim::SimClock clock_{world_};
  sim::SimRandom random_{sim::Rng(3)};
  sim::SimExecutor executor_{world_};
  ScriptedStore store_;
  std::vector<store::DestinationId> destinations_{11, 12};
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::unique_ptr<Intake> intake_;
  std::vector<std::unique_ptr<Heard>> heard_;
  env::Gate gate_;
};

// ---- ack when delivered -----------------------------------------------------------------------------------------------------

TEST_F(Modes, ASenderHearsWhenAllIsDelivered) {
  use(plan::AckMode::when_delivered);
  const Heard& heard = send(oru("M1"));
  EXPECT_TRUE(heard.waiting);
  ASSERT_EQ(store_.taken.size(), 1U) << "the message is durable before anybody waits";
  ends(1, 0);
  EXPECT_TRUE(heard.waiting) << "the second destination does not have it yet";
  ends(2, 1);
  EXPECT_TRUE(heard.waiting) << "another message's";
  ends(1, 1);
  ASSERT_FALSE(heard.waiting);
  EXPECT_EQ(heard.first, "") << "in original mode there is one answer";
  EXPECT_EQ(code(heard.later), "AA");
  EXPECT_EQ(sim::field_of(heard.later, "MSA", 2), "M1");
}

TEST_F(Modes, ADeliveryThatWasGivenUpIsAnError) {
  use(plan::AckMode::when_delivered);
  const Heard& heard = send(oru("M1"));
  ends(1, 1, store::OutcomeKind::dead);
  ASSERT_FALSE(heard.waiting);
  EXPECT_EQ(code(heard.later), "AE");
  EXPECT_EQ(error(heard.later), "207");
}

TEST_F(Modes, PastItsTimeASenderAsksAgainAndTheMessageStaysTheSame) {
  use(plan::AckMode::when_delivered);
  const Heard& first = send(oru("M1"));
  ends(1, 0);
  pass(29s);
  EXPECT_TRUE(first.waiting);
  pass(2s);
  ASSERT_FALSE(first.waiting);
  EXPECT_EQ(code(first.later), "AE");
  EXPECT_EQ(error(first.later), "207");

  store_.next_is_duplicate = true;
  store_.states = {{0, 11, store::OutcomeKind::accepted}, {1, 12, std::nullopt}};
  const Heard& again = send(oru("M1"));
  EXPECT_TRUE(again.waiting) << "the second destination still does not have it";
  const Heard& beside = send(oru("M1"));
  ends(1, 1);
  ASSERT_FALSE(again.waiting);
  EXPECT_EQ(code(again.later), "AA");
  EXPECT_EQ(code(beside.later), "AA") << "all who wait for it hear it";

  store_.states = {{0, 11, store::OutcomeKind::accepted}, {1, 12, store::OutcomeKind::accepted}};
  EXPECT_EQ(code(send(oru("M1")).later), "AA") << "the later outcome is the answer from then on";
  store_.states[0].outcome = store::OutcomeKind::dead;
  EXPECT_EQ(code(send(oru("M1")).later), "AE");
}

TEST_F(Modes, ACommitAcknowledgementDoesNotWait) {
  use(plan::AckMode::when_delivered);
  const Heard& heard = send(oru("M1", "ORU^R01^ORU_R01", "AL|AL"));
  EXPECT_EQ(code(heard.first), "CA");
  EXPECT_TRUE(heard.waiting);
  ends(1, 0);
  ends(1, 1);
  EXPECT_EQ(code(heard.later), "AA");
  const Heard& commit_only = send(oru("M2", "ORU^R01^ORU_R01", "AL|NE"));
  EXPECT_FALSE(commit_only.waiting) << "it asked for no other answer";
  EXPECT_EQ(code(commit_only.first), "CA");
}

TEST_F(Modes, NobodyWaitsForACopyThatGoesItsOwnWay) {
  use(plan::AckMode::when_delivered, true);
  const Heard& heard = send(oru("M1"));
  ends(1, 0);
  ASSERT_FALSE(heard.waiting);
  EXPECT_EQ(code(heard.later), "AA");
}

TEST_F(Modes, AHubThatStopsTellsThoseWhoWait) {
  use(plan::AckMode::when_delivered);
  const Heard& heard = send(oru("M1"));
  executor_.post([this] { reactors_[0]->outcomes.end(world_.now() + 1s); });
  pass(2s);
  ASSERT_FALSE(heard.waiting);
  EXPECT_EQ(error(heard.later), "207");
}

TEST_F(Modes, ARejectIsAnsweredAtOnce) {
  use(plan::AckMode::when_delivered);
  const Heard& heard = send(oru("M1", "ADT^A01"));
  EXPECT_FALSE(heard.waiting);
  EXPECT_EQ(code(heard.first), "AR");
}

// ---- ack on receipt ---------------------------------------------------------------------------------------------------------

TEST_F(Modes, TheAnswerGoesOutBeforeTheCommit) {
  use(plan::AckMode::on_receipt);
  store_.blocked = true;
  for (const char* id : {"M1", "M2", "M3"}) {
    const Heard& heard = send(oru(id));
    EXPECT_FALSE(heard.waiting);
    EXPECT_EQ(code(heard.first), "AA");
  }
  EXPECT_TRUE(store_.taken.empty());
  store_.blocked = false;
  store_.unblocked.notify_all();
  pass(0s);
  ASSERT_EQ(store_.taken.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(store_.taken[i].control_id, "M" + std::to_string(i + 1)) << "in their order";
  EXPECT_EQ(counters().accepted, 3U);
}

TEST_F(Modes, WhatTheHeaderForbidsIsStillRefused) {
  use(plan::AckMode::on_receipt);
  EXPECT_EQ(code(send(oru("M1", "ADT^A01")).first), "AR");
  EXPECT_EQ(counters().rejected, 1U);
}

TEST_F(Modes, LittleIsAnsweredAheadOfTheStore) {
  use(plan::AckMode::on_receipt);
  store_.blocked = true;
  std::size_t answered = 0;
  for (int i = 0; i < 100; ++i) answered += send(oru("M" + std::to_string(i))).waiting ? 0U : 1U;
  EXPECT_EQ(answered, 64U);
  store_.blocked = false;
  store_.unblocked.notify_all();
  pass(0s);
  EXPECT_EQ(store_.taken.size(), 100U);
  for (const auto& heard : heard_) EXPECT_FALSE(heard->waiting);
}

TEST_F(Modes, AFullDiskIsWaitedForAndNothingMoreIsAnswered) {
  use(plan::AckMode::on_receipt);
  store_.failure = Error{ErrorCode::full, "no room", {}};
  EXPECT_FALSE(send(oru("M1")).waiting);
  const Heard& second = send(oru("M2"));
  EXPECT_TRUE(second.waiting);
  pass(5s);
  EXPECT_TRUE(second.waiting);
  store_.failure.reset();
  pass(2s);
  EXPECT_FALSE(second.waiting);
  ASSERT_EQ(store_.taken.size(), 2U);
  EXPECT_EQ(store_.taken[0].control_id, "M1");
  EXPECT_EQ(counters().not_stored, 0U);
}

TEST_F(Modes, AStoppedStoreLosesWhatWasAnsweredAndCountsIt) {
  use(plan::AckMode::on_receipt);
  store_.failure = Error{ErrorCode::stopped, "the store has stopped", {}};
  EXPECT_EQ(code(send(oru("M1")).first), "AA");
  EXPECT_EQ(counters().not_stored, 1U);
}

}  // namespace
}  // namespace smarthl7::flow
