// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/intake.h"

#include <gtest/gtest.h>

#include "runtime/flow/engine.h"
#include "runtime/flow/testing/scripted.h"
#include "runtime/sim/disk.h"
#include "runtime/sim/frames.h"
#include "runtime/sim/network.h"
#include "tests/sim/plan.h"

namespace smarthl7::flow {
namespace {

using testing::ScriptedStore;

std::string oru(std::string_view id, std::string_view type = "ORU^R01^ORU_R01", std::string_view version = "2.5.1",
                std::string_view modes = "") {
  std::string text =
      "MSH|^~\\&|LAB|SITE|HUB|CITY|20260101||" + std::string(type) + "|" + std::string(id) + "|P|" + std::string(version);
  if (!modes.empty()) text += "|||" + std::string(modes);
  return text + "\rPID|1||P7|P8\r";
}

class TakingMessages : public ::testing::Test {
 protected:
  TakingMessages() {
    auto bound = eval::bind(sim::make_plan({}), Sha256{}, {});
    EXPECT_TRUE(bound.has_value());
    plan_ = *bound;
    reactors_.push_back(std::make_unique<Reactor>(env(), plan_));
    intake_ = std::make_unique<Intake>(plan_, 0, store_, reactors_, destinations_);
  }

  env::Env env() { return env::Env{executor_, network_, disk_, clock_, random_}; }

  env::Task<void> give(transport::Received received) {
    transport::Reply reply = co_await intake_->on_message(std::move(received));
    intake_->answer_written(reply.token, true);
    replies_.push_back(std::move(reply));
  }
  void send_only(const std::string& message, transport::Problem problem = transport::Problem::none) {
    transport::Received received;
    received.message = SharedBytes(message);
    received.problem = problem;
    received.at = clock_.wall();
    received.at_steady = world_.now();
    executor_.post([this, given = std::move(received)]() mutable { gate_.spawn(give(std::move(given))); });
    while (world_.step()) {
    }
  }
  std::string send(const std::string& message, transport::Problem problem = transport::Problem::none) {
    send_only(message, problem);
    return replies_.empty() ? "nothing" : std::string(replies_.back().answer.view());
  }
  std::string code(const std::string& answer) { return sim::field_of(answer, "MSA", 1); }
  std::string error(const std::string& answer) { return sim::field_of(answer, "ERR", 3).substr(0, 3); }
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
  std::shared_ptr<const eval::BoundPlan> plan_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::unique_ptr<Intake> intake_;
  std::vector<transport::Reply> replies_;
  env::Gate gate_;
};

TEST_F(TakingMessages, CommitsEverythingAtOnceAndAnswersAfterwards) {
  const std::string answer = send(oru("M1"));
  EXPECT_EQ(code(answer), "AA");
  EXPECT_EQ(sim::field_of(answer, "MSA", 2), "M1");
  ASSERT_EQ(store_.taken.size(), 1U);
  const store::NewMessage& taken = store_.taken[0];
  EXPECT_EQ(taken.source, "lab");
  EXPECT_EQ(taken.type, "ORU^R01");
  EXPECT_EQ(taken.control_id, "M1");
  EXPECT_EQ(taken.body.view(), oru("M1"));
  EXPECT_EQ(taken.acknowledgement.view(), answer);
  ASSERT_EQ(taken.flows.size(), 1U);
  ASSERT_TRUE(taken.flows[0].dedup.has_value());
  ASSERT_EQ(taken.flows[0].deliveries.size(), 2U);
  EXPECT_EQ(taken.flows[0].deliveries[0].destination, 11U);
  EXPECT_TRUE(taken.flows[0].deliveries[0].keys.empty());
  EXPECT_EQ(taken.flows[0].deliveries[1].destination, 12U);
  EXPECT_EQ(taken.flows[0].deliveries[1].keys.size(), 2U);
  EXPECT_FALSE(taken.flows[0].deliveries[0].body.has_value()) << "what no mapping touched leaves as it came";
  EXPECT_EQ(counters().accepted, 1U);
}

TEST_F(TakingMessages, ACopyGetsTheFirstOnesAnswer) {
  store_.next_is_duplicate = true;
  store_.first_acknowledgement = SharedBytes("the first one's");
  EXPECT_EQ(send(oru("M1")), "the first one's");
  EXPECT_EQ(counters().duplicates, 1U);
  EXPECT_EQ(counters().accepted, 0U);
}

TEST_F(TakingMessages, SaysNothingBeforeTheStoreHasIt) {
  store_.blocked = true;
  send_only(oru("M1"));
  EXPECT_TRUE(replies_.empty());
  store_.blocked = false;
  store_.unblocked.notify_all();
  while (world_.step()) {
  }
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(code(std::string(replies_[0].answer.view())), "AA");
}

TEST_F(TakingMessages, AStoreThatCannotWriteIsNeverSilence) {
  for (const ErrorCode failure : {ErrorCode::full, ErrorCode::stopped, ErrorCode::io}) {
    store_.failure = Error{failure, "no", {}};
    const std::string original = send(oru("M1"));
    EXPECT_EQ(code(original), "AR");
    EXPECT_EQ(error(original), "207");
    EXPECT_EQ(code(send(oru("M1", "ORU^R01", "2.5.1", "AL|NE"))), "CE");
  }
  EXPECT_EQ(counters().not_stored, 6U);
  EXPECT_EQ(counters().accepted, 0U);
}

TEST_F(TakingMessages, BytesWithoutHeaderAreRejectedAndRecorded) {
  const std::string answer = send("hello", transport::Problem::no_msh);
  EXPECT_EQ(code(answer), "AR");
  EXPECT_EQ(sim::field_of(answer, "MSA", 2), "");
  ASSERT_EQ(store_.taken.size(), 1U);
  EXPECT_EQ(store_.taken[0].verdict, store::Verdict::rejected);
  EXPECT_FALSE(store_.taken[0].reason.empty());
}

TEST_F(TakingMessages, TheHeaderDecidesFirst) {
  const std::string no_id = send(oru(""));
  EXPECT_EQ(code(no_id), "AE");
  EXPECT_EQ(error(no_id), "101");
  const std::string version = send(oru("M1", "ORU^R01", "3.0"));
  EXPECT_EQ(code(version), "AR");
  EXPECT_EQ(error(version), "203");
  const std::string type = send(oru("M1", "ADT^A01"));
  EXPECT_EQ(code(type), "AR");
  EXPECT_EQ(error(type), "200");
  const std::string event = send(oru("M1", "ORU^R30"));
  EXPECT_EQ(code(event), "AR");
  EXPECT_EQ(error(event), "201");
  EXPECT_EQ(counters().rejected, 4U);
  for (const auto& taken : store_.taken) {
    EXPECT_EQ(taken.verdict, store::Verdict::rejected);
    EXPECT_TRUE(taken.flows.empty());
  }
}

TEST_F(TakingMessages, GarbageCannotFillTheDisk) {
  for (int i = 0; i < 500; ++i) EXPECT_EQ(code(send("hello", transport::Problem::no_msh)), "AR");
  EXPECT_EQ(store_.taken.size(), kRecordedRejectsPerSecond);
  EXPECT_EQ(counters().rejected, 500U);
  EXPECT_EQ(counters().unrecorded, 500U - kRecordedRejectsPerSecond);
}

TEST_F(TakingMessages, AnAnswerIsNotAnswered) { EXPECT_EQ(send("MSH|^~\\&|A|B|C|D|2026||ACK^R01|X1|P|2.5.1\rMSA|AA|Y\r"), ""); }

TEST_F(TakingMessages, MeasuresFromTheLastByteToTheAnswer) {
  send(oru("M1"));
  SourceSnapshot snapshot;
  intake_->add_to(snapshot, 0);
  EXPECT_EQ(snapshot.ack_time.count(), 1U);
}

class StartingEngines : public TakingMessages {
 protected:
  EngineSetup setup() {
    EngineSetup setup;
    setup.plan = plan_;
    setup.source_options.resize(1);
    setup.destination_options.resize(2);
    setup.store = &store_;
    setup.reactors.push_back(env());
    return setup;
  }
  env::Task<void> begin(Engine* engine, Result<void>* result) {
    Result<void> started = co_await engine->start();
    *result = std::move(started);
  }
  Error start(EngineSetup setup) {
    Engine engine(std::move(setup));
    Result<void> result;
    executor_.post([&] { gate_.spawn(begin(&engine, &result)); });
    while (world_.step()) {
    }
    EXPECT_FALSE(result.has_value());
    return result ? Error{} : result.error();
  }
};

TEST_F(StartingEngines, AConnectorThatIsNotHereIsNamed) {
  const Error error = start(setup());
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_NE(error.text.find("`mllp`"), std::string::npos);
}

class NamedMllp final : public transport::Transport {
 public:
  explicit NamedMllp(testing::Script& script) : inner_(script) {}
  [[nodiscard]] std::string_view name() const override { return "mllp"; }
  Result<std::unique_ptr<transport::Source>> make_source(const transport::Options& options, transport::EnvSet envs,
                                                         transport::Receiver* receiver) const override {
    return inner_.make_source(options, std::move(envs), receiver);
  }
  Result<std::unique_ptr<transport::Destination>> make_destination(const transport::Options& options,
                                                                   env::Env env) const override {
    return inner_.make_destination(options, env);
  }

 private:
  testing::ScriptedTransport inner_;
};

TEST_F(StartingEngines, APlanThatForgetsAQueueIsRefusedByName) {
  testing::Script script;
  const NamedMllp transport(script);
  EngineSetup given = setup();
  given.transports = {&transport};
  store::DestinationStatus forgotten;
  forgotten.name = "st_john";
  forgotten.queued = 12;
  store_.queued.push_back(forgotten);
  const Error error = start(std::move(given));
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_NE(error.text.find("`st_john`"), std::string::npos);
  EXPECT_EQ(store_.sink, nullptr);
}

TEST_F(StartingEngines, WhatWasStartedIsStoppedWhenASourceCannotBe) {
  testing::Script script;
  const NamedMllp transport(script);
  EngineSetup given = setup();
  given.transports = {&transport};
  const Error error = start(std::move(given));
  EXPECT_NE(error.text.find("`lab`"), std::string::npos);
  EXPECT_EQ(store_.sink, nullptr) << "destinations are closed again";
}

}  // namespace
}  // namespace smarthl7::flow
