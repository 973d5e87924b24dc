// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/intake.h"

#include <gtest/gtest.h>

#include <sstream>

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
  TakingMessages() { use_plan(sim::make_plan({})); }

  void use_plan(plan::Plan plan) {
    auto bound = eval::bind(std::move(plan), Sha256{}, {});
    EXPECT_TRUE(bound.has_value());
    plan_ = *bound;
    reactors_.clear();
    reactors_.push_back(std::make_unique<Reactor>(env(), plan_));
    intake_ = std::make_unique<Intake>(plan_, 0, store_, reactors_, destinations_);
  }

  env::Env env() { return env::Env{executor_, network_, disk_, clock_, random_}; }

  env::Task<void> give(transport::Received received) {
    transport::Reply reply = co_await intake_->on_message(std::move(received));
    intake_->answer_written(reply.token, true);
    replies_.push_back(std::move(reply));
  }
  void send_only(const std::string& message, transport::Problem problem = transport::Problem::none,
                 const std::string& once_key = {}) {
    transport::Received received;
    received.once_key = once_key;
    received.once_within = once_key.empty() ? std::chrono::seconds(0) : std::chrono::hours(24);
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

TEST_F(TakingMessages, TheSendersKeyIsClaimedWhereAFlowSaysNothingOfCopies) {
  const auto claim = [&](const std::string& message, const std::string& key) {
    send_only(message, transport::Problem::none, key);
    return store_.taken.back().flows.at(0).dedup;
  };
  const auto own = claim(oru("M1"), "k1");
  EXPECT_EQ(own->key, claim(oru("M1"), "")->key) << "a flow with `dedup` keeps to it";
  EXPECT_TRUE(store_.taken[0].conflict_acknowledgement.empty());
  plan::Plan plan = plan_->plan();
  ++plan.flows[0].body.first;  // without its `dedup`
  --plan.flows[0].body.count;
  use_plan(std::move(plan));
  EXPECT_FALSE(claim(oru("M1"), "").has_value());
  const auto first = claim(oru("M1"), "k1");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->window, std::chrono::hours(24));
  EXPECT_TRUE(first->reject_conflict);
  const std::string conflict(store_.taken.back().conflict_acknowledgement.view());
  EXPECT_EQ(code(conflict), "AE");
  EXPECT_EQ(error(conflict), "205");
  const auto again = claim(oru("M1"), "k1");
  EXPECT_EQ(again->key, first->key);
  EXPECT_EQ(again->content, first->content);
  const auto other_bytes = claim(oru("M2"), "k1");
  EXPECT_EQ(other_bytes->key, first->key);
  EXPECT_NE(other_bytes->content, first->content);
  EXPECT_NE(claim(oru("M1"), "k2")->key, first->key);
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

TEST_F(TakingMessages, EnhancedModeGetsBothAnswersAfterTheCommit) {
  EXPECT_EQ(code(send(oru("M1", "ORU^R01", "2.5.1", "AL|AL"))), "CA");
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(code(std::string(replies_[0].second.view())), "AA");
  ASSERT_EQ(store_.taken.size(), 1U);
  const auto [first, second] = split_answers(store_.taken[0].acknowledgement.view());
  EXPECT_EQ(first, replies_[0].answer.view()) << "what is stored is what was sent";
  EXPECT_EQ(second, replies_[0].second.view());
  store_.next_is_duplicate = true;
  store_.first_acknowledgement = store_.taken[0].acknowledgement;
  send(oru("M1", "ORU^R01", "2.5.1", "AL|AL"));
  EXPECT_EQ(replies_[1].answer.view(), replies_[0].answer.view()) << "a copy gets the same bytes, both";
  EXPECT_EQ(replies_[1].second.view(), replies_[0].second.view());
}

TEST_F(TakingMessages, RejectsThatAreNotKeptPromiseNothing) {
  for (std::uint32_t i = 0; i < kRecordedRejectsPerSecond; ++i) send(oru("M1", "ADT^A01", "2.5.1", "AL|AL"));
  EXPECT_EQ(code(send(oru("M1", "ADT^A01", "2.5.1", "AL|AL"))), "CR");
  EXPECT_TRUE(replies_.back().second.empty());
  EXPECT_EQ(store_.taken.size(), kRecordedRejectsPerSecond);
}

TEST_F(TakingMessages, TheApplicationsAnswerCanBeADeliveryOfTheSameCommit) {
  plan::Plan plan = plan_->plan();
  plan.sources[0].application_ack = 1;
  use_plan(std::move(plan));
  EXPECT_EQ(code(send(oru("M1", "ORU^R01", "2.5.1", "AL|AL"))), "CA");
  EXPECT_TRUE(replies_.back().second.empty());
  ASSERT_EQ(store_.taken.size(), 1U);
  ASSERT_EQ(store_.taken[0].answers.size(), 1U);
  EXPECT_EQ(store_.taken[0].answers[0].destination, 12U);
  EXPECT_EQ(code(std::string(store_.taken[0].answers[0].body->view())), "AA");
  send(oru("M2"));
  EXPECT_TRUE(store_.taken[1].answers.empty()) << "original mode has one answer, on the connection";
  EXPECT_EQ(code(send(oru("M3", "ADT^A01", "2.5.1", "NE|AL"))), "") << "nothing is said here";
  ASSERT_EQ(store_.taken[2].answers.size(), 1U) << "of a reject too";
  EXPECT_EQ(code(std::string(store_.taken[2].answers[0].body->view())), "AR");
  store_.failure = Error{ErrorCode::full, "no", {}};
  EXPECT_EQ(code(send(oru("M4", "ORU^R01", "2.5.1", "NE|AL"))), "AR") << "what is not stored is said here";
}

TEST_F(TakingMessages, ACommitAcknowledgementOfOursIsConsumed) {
  EXPECT_EQ(send("MSH|^~\\&|A|B|C|D|2026||ACK^R01|X1|P|2.5.1|||NE|NE\rMSA|CA|Y\r"), "");
  EXPECT_EQ(counters().consumed, 1U);
  EXPECT_EQ(counters().rejected, 0U);
  EXPECT_TRUE(store_.taken.empty());
}

std::string numbered(std::string_view id, std::string_view number, std::string_view rest = "PID|1||P7|P8\r") {
  return "MSH|^~\\&|LAB|SITE|HUB|CITY|20260101||ORU^R01^ORU_R01|" + std::string(id) + "|P|2.5.1|" + std::string(number) + "\r" +
         std::string(rest);
}

TEST_F(TakingMessages, SequenceNumbersAreEchoedAndGapsCounted) {
  const auto expected = [](const std::string& answer) { return sim::field_of(answer, "MSA", 4); };
  EXPECT_EQ(expected(send(numbered("S0", "0", ""))), "-1") << "nothing is known of the sender";
  EXPECT_EQ(expected(send(numbered("M1", "7"))), "7");
  EXPECT_EQ(expected(send(numbered("S1", "0", "PID|||\"\"\r"))), "8") << "the number to go on with";
  EXPECT_EQ(expected(send(numbered("M2", "8"))), "8");
  EXPECT_EQ(store_.taken.size(), 2U) << "a start carries nothing to keep";
  EXPECT_EQ(counters().links, 2U);
  EXPECT_EQ(code(send(numbered("M3", "12"))), "AA") << "a gap is counted, not refused";
  EXPECT_EQ(store_.taken.back().reason, "MSH-13 is 12, expected was 9");
  EXPECT_EQ(code(send(numbered("M4", "12"))), "AA");
  EXPECT_EQ(counters().sequence_gaps, 1U);
  EXPECT_EQ(counters().sequence_repeats, 1U);
  EXPECT_EQ(expected(send(numbered("S2", "-1", ""))), "-1");
  EXPECT_EQ(code(send(numbered("M5", "3"))), "AA");
  EXPECT_EQ(counters().sequence_gaps, 1U) << "numbers begin anew after -1";
  EXPECT_EQ(expected(send(numbered("M6", "0"))), "4") << "with content it is a message";
  EXPECT_EQ(store_.taken.back().control_id, "M6");
  EXPECT_EQ(expected(send(oru("M7"))), "") << "no number, no echo";
}

TEST_F(TakingMessages, ASourceMayRefuseAGap) {
  plan::Plan plan = plan_->plan();
  plan.sources[0].refuses_gaps = true;
  use_plan(std::move(plan));
  EXPECT_EQ(code(send(numbered("M1", "1"))), "AA");
  const std::string refused = send(numbered("M3", "3"));
  EXPECT_EQ(code(refused), "AE");
  EXPECT_EQ(sim::field_of(refused, "MSA", 4), "2");
  EXPECT_EQ(code(send(numbered("M2", "2"))), "AA");
  EXPECT_EQ(code(send(numbered("M2", "2"))), "AA") << "a resend is left to dedup";
  EXPECT_EQ(code(send(numbered("M3", "3"))), "AA");
}

std::string masked(std::string text) {  // times and ids
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, '\r');) {
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == '|')
        fields.emplace_back();
      else
        fields.back() += c;
    }
    const bool message = line.starts_with("MSH");
    if (message || line.starts_with("BHS") || line.starts_with("FHS")) fields[6] = "TIME", fields[message ? 9 : 10] = "ID";
    for (std::size_t i = 0; i < fields.size(); ++i) out += (i == 0 ? "" : "|") + fields[i];
    out += "\n";
  }
  return out;
}

TEST_F(TakingMessages, ABatchIsTakenMessageByMessageAndAnsweredByABatch) {
  const std::string answer =
      send("FHS|^~\\&|A|B|C|D|2026||file||F1\rBHS|^~\\&|A|B|C|D|2026||night||B7\r" + oru("M1") + oru("M2", "ADT^A01") +
           "BTS|3\rBHS|^~\\&|A|B|C|D|2026||more||B8\r" + oru("M3") + "BTS|1\rFTS|2\r");
  EXPECT_EQ(masked(answer),
            "FHS|^~\\&|C|D|A|B|TIME||||ID|F1\n"
            "BHS|^~\\&|C|D|A|B|TIME||||ID|B7\n"
            "MSH|^~\\&|HUB|CITY|LAB|SITE|TIME||ACK^R01^ACK|ID|P|2.5.1\n"
            "MSA|AA|M1\n"
            "MSH|^~\\&|HUB|CITY|LAB|SITE|TIME||ACK^A01^ACK|ID|P|2.5.1\n"
            "MSA|AR|M2\n"
            "ERR||MSH^1^9^1|200^Unsupported message type^HL70357|E|||MSH-9|this source does not take that message type\n"
            "BTS|2|BTS-1 is the number of messages: there are 2\n"
            "BHS|^~\\&|C|D|A|B|TIME||||ID|B8\n"
            "MSH|^~\\&|HUB|CITY|LAB|SITE|TIME||ACK^R01^ACK|ID|P|2.5.1\n"
            "MSA|AA|M3\n"
            "BTS|1\n"
            "FTS|2\n");
  ASSERT_EQ(store_.taken.size(), 3U);
  EXPECT_EQ(store_.taken[0].body.view(), oru("M1"));
  EXPECT_EQ(
      store_.taken[2].reason,
      "message 3 of 3: file 1, batch 2, message 1; expected in its envelope: BTS-1 is the number of messages: there are 2");
  EXPECT_EQ(counters().batches, 1U);
  EXPECT_EQ(counters().batch_findings, 1U);
  EXPECT_EQ(counters().received, 3U);
}

TEST_F(TakingMessages, ABatchOfTenThousandGoesThroughAWindow) {
  std::string batch = "BHS|^~\\&|A|B|C|D|2026||night||B7\r";
  for (int i = 0; i < 10000; ++i) batch += oru("M" + std::to_string(i));
  store_.blocked = true;
  send_only(batch + "BTS|10000\r");
  EXPECT_EQ(store_.waiting, 128U) << "no more at a time";
  store_.blocked = false;
  store_.unblocked.notify_all();
  while (world_.step()) {
  }
  ASSERT_EQ(store_.taken.size(), 10000U);
  for (std::size_t i = 0; i < store_.taken.size(); i += 999) EXPECT_EQ(store_.taken[i].control_id, "M" + std::to_string(i));
  ASSERT_EQ(replies_.size(), 1U);
  const std::string_view answer = replies_[0].answer.view();
  EXPECT_TRUE(answer.ends_with("BTS|10000\r"));
  EXPECT_LT(answer.find("MSA|AA|M17\r"), answer.find("MSA|AA|M9998\r")) << "in the order of the messages";
}

TEST_F(TakingMessages, BatchesOfAnswersAreNotAnswered) {
  const std::string ack = "MSH|^~\\&|A|B|C|D|2026||ACK^R01|X1|P|2.5.1\rMSA|AA|Y\r";
  EXPECT_EQ(send("BHS|^~\\&|A|B|C|D|2026||||B1|B0\r" + ack + ack + "BTS|2\r"), "");
  EXPECT_EQ(send("BHS|^~\\&|A|B|C|D|2026||||B1|B0\rBTS|0\r"), "") << "empty, and an answer itself";
  EXPECT_EQ(masked(send("BHS|^~\\&|A|B|C|D|2026||||B1\rBTS|0\r")),
            "BHS|^~\\&|C|D|A|B|TIME||||ID|B1\nBTS|0|a message in the batch; a message\n");
}

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
