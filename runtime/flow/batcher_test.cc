// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/batcher.h"

#include <gtest/gtest.h>

#include "runtime/flow/answer_batch.h"
#include "runtime/flow/testing/scripted.h"
#include "runtime/sim/disk.h"
#include "runtime/sim/network.h"
#include "stdlib/hl7/batch.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using testing::ScriptedStore;

std::string oru(const std::string& id) {
  return "MSH|^~\\&|LAB|SITE|HUB|CITY|20260101||ORU^R01^ORU_R01|" + id + "|P|2.5.1\rPID|1||P7\r";
}

std::vector<std::string> ids_in(std::string_view batch) {
  std::vector<std::string> ids;
  hl7::BatchReader reader(batch);
  hl7::BatchItem item;
  while (reader.next(item) == hl7::BatchReader::Step::message) ids.emplace_back(control_id_of(item.bytes));
  EXPECT_TRUE(reader.findings().empty()) << "the counts are right";
  return ids;
}

class Batches : public ::testing::Test {
 protected:
  Batches() {
    policy_.name = "results batch 1";
    policy_.flow = "results";
    policy_.most_messages = 3;
    policy_.within = std::chrono::minutes(5);
    policy_.destinations = {7, 8};
  }
  void start() {
    batcher_ = std::make_unique<Batcher>(policy_, store_, env::Env{executor_, network_, disk_, clock_, random_});
    executor_.post([this] { gate_.spawn(open()); });
    pass(0s);
  }
  env::Task<void> open() { started_ = (co_await batcher_->start()).has_value(); }
  env::Task<void> close() {
    co_await batcher_->stop();
    stopped_ = true;
  }
  void stop() {
    executor_.post([this] { gate_.spawn(close()); });
    pass(0s);
  }
  /// A member that was taken `ago`.
  void collect(const std::string& body, std::chrono::microseconds ago = 0us) {
    executor_.post([this, body, ago] {
      std::vector<store::Released> batch(1);
      batch[0].delivery = {++members_, 0};
      batch[0].body = SharedBytes(body);
      batch[0].received_at = clock_.wall() - ago;
      batcher_->on_released(std::move(batch));
    });
    pass(0s);
  }
  void pass(std::chrono::nanoseconds time) {
    const SteadyTime until = world_.now() + std::max<std::chrono::nanoseconds>(time, 10ms);  // jobs take a moment too
    bool over = false;
    executor_.at(until, [&over] { over = true; });
    while (!over && world_.step()) {
    }
  }

  sim::World world_{3};
  sim::Wire wire_{world_};
  sim::SimNetwork network_{wire_, nullptr};
  sim::SimDisk disk_{world_, {}, nullptr, {}};
  sim::SimClock clock_{world_};
  sim::SimRandom random_{sim::Rng(3)};
  sim::SimExecutor executor_{world_};
  ScriptedStore store_;
  BatchPolicy policy_;
  std::unique_ptr<Batcher> batcher_;
  store::MessageId members_ = 0;
  bool started_ = false;
  bool stopped_ = false;
  env::Gate gate_;
};

TEST_F(Batches, CloseWithTheLastOfTheirMessages) {
  start();
  EXPECT_TRUE(started_);
  EXPECT_TRUE(store_.options.own_queue);
  EXPECT_EQ(store_.options.name, "results batch 1");
  for (const char* id : {"A", "B"}) collect(oru(id));
  EXPECT_TRUE(store_.taken.empty());
  EXPECT_EQ(batcher_->snapshot().waiting, 2U);
  collect(oru("C"));
  collect(oru("D"));
  ASSERT_EQ(store_.taken.size(), 1U);
  const store::NewMessage& batch = store_.taken[0];
  EXPECT_EQ(ids_in(batch.body.view()), (std::vector<std::string>{"A", "B", "C"}));
  ASSERT_EQ(batch.completes.size(), 3U);
  EXPECT_EQ(batch.completes[2].delivery, (store::DeliveryId{3, 0}));
  EXPECT_EQ(batch.completes[2].kind, store::OutcomeKind::accepted);
  ASSERT_EQ(batch.flows.size(), 1U);
  EXPECT_EQ(batch.flows[0].flow, "results");
  ASSERT_EQ(batch.flows[0].deliveries.size(), 2U);
  EXPECT_EQ(batch.flows[0].deliveries[1].destination, 8U);
  EXPECT_EQ(batch.reason, "of messages 1-3");
  EXPECT_EQ(batch.control_id, batch_id_of(batch.body.view()));
  EXPECT_EQ(batch.control_id.size(), 20U);
  EXPECT_NE(batch.body.view().find("BHS|^~\\&|LAB|SITE|HUB|CITY|"), std::string_view::npos);
  EXPECT_EQ(batcher_->snapshot().waiting, 1U);
  EXPECT_EQ(batcher_->snapshot().members, 3U);
}

TEST_F(Batches, CloseWhenTheirFirstMessageHasWaitedLongEnough) {
  start();
  collect(oru("A"));
  pass(4min);
  collect(oru("B"));
  EXPECT_TRUE(store_.taken.empty());
  pass(61s);
  ASSERT_EQ(store_.taken.size(), 1U);
  EXPECT_EQ(ids_in(store_.taken[0].body.view()), (std::vector<std::string>{"A", "B"}));
  pass(10min);
  EXPECT_EQ(store_.taken.size(), 1U) << "there is no empty batch";
}

TEST_F(Batches, CountTheTimeInWhichTheHubWasDown) {
  start();
  collect(oru("A"), 4min);
  pass(59s);
  EXPECT_TRUE(store_.taken.empty());
  pass(2s);
  ASSERT_EQ(store_.taken.size(), 1U);
  collect(oru("B"), 24h);
  EXPECT_EQ(store_.taken.size(), 2U) << "overdue: at once";
  collect(oru("C"), -24h);  // the clock was set back meanwhile
  pass(5min);
  EXPECT_EQ(store_.taken.size(), 3U);
}

TEST_F(Batches, CloseAtTheirSize) {
  policy_.most_messages = 1000;
  start();
  const std::string big = oru("A") + "OBX|1|ED|||" + std::string(6U << 20U, 'x') + "\r";
  for (int i = 0; i < 3; ++i) collect(big);
  ASSERT_EQ(store_.taken.size(), 1U);
  EXPECT_EQ(store_.taken[0].completes.size(), 3U);
}

TEST_F(Batches, WaitForAFullDisk) {
  policy_.most_messages = 1;
  start();
  store_.failure = Error{ErrorCode::full, "no room", {}};
  collect(oru("A"));
  pass(3s);
  EXPECT_TRUE(store_.taken.empty());
  store_.failure.reset();
  pass(2s);
  ASSERT_EQ(store_.taken.size(), 1U);
  EXPECT_EQ(ids_in(store_.taken[0].body.view()), std::vector<std::string>{"A"});
}

TEST_F(Batches, NeverHaveTheSameId) {
  policy_.most_messages = 1;
  start();
  collect(oru("A"));
  pass(1s);
  collect(oru("A"));
  ASSERT_EQ(store_.taken.size(), 2U);
  EXPECT_NE(store_.taken[0].control_id, store_.taken[1].control_id);
}

TEST_F(Batches, StayCollectedWhenTheHubStops) {
  start();
  collect(oru("A"));
  collect(oru("B"));
  stop();
  EXPECT_TRUE(stopped_);
  EXPECT_TRUE(store_.taken.empty());
  EXPECT_EQ(store_.given_back.size(), 2U);
}

// ---- what a receiver answers to one -----------------------------------------------------------------------------------------

std::string ack(const std::string& code, const std::string& id, const std::string& error = {}) {
  std::string text = "MSH|^~\\&|R|R|HUB|H|20260101||ACK|X" + id + "|P|2.5.1\rMSA|" + code + "|" + id + "\r";
  if (!error.empty()) text += "ERR||PID^1^3|" + error + "^x^HL70357|E\r";
  return text;
}

std::string batch_of(const std::string& reference, const std::vector<std::string>& answers) {
  std::string text = "BHS|^~\\&|R|R|HUB|H|20260101||||Z9|" + reference + "\r";
  for (const std::string& answer : answers) text += answer;
  return text + "BTS|" + std::to_string(answers.size()) + "\r";
}

TEST(AnswersToBatches, AreJudgedAsAWhole) {
  const AnswerPolicy policy;
  EXPECT_EQ(classify_batch(batch_of("B1", {ack("AA", "1"), ack("AA", "2")}), "B1", policy).kind, AnswerKind::accepted);
  EXPECT_EQ(classify_batch(batch_of("B1", {}), "B1", policy).kind, AnswerKind::accepted) << "nothing to complain of";
  EXPECT_EQ(classify_batch(batch_of("B2", {ack("AA", "1")}), "B1", policy).kind, AnswerKind::mismatched);
  const Answer some = classify_batch(batch_of("B1", {ack("AA", "1"), ack("AE", "2", "103")}), "B1", policy);
  EXPECT_EQ(some.kind, AnswerKind::refused_for_good) << "sending all again would repeat the first";
  EXPECT_EQ(some.detail, "1 of 2 answers refuse: 2: AE 103");
  const Answer busy = classify_batch(batch_of("B1", {ack("AR", "1", "207"), ack("AR", "2", "207")}), "B1", policy);
  EXPECT_EQ(busy.kind, AnswerKind::refused_for_now) << "none was taken";
  EXPECT_EQ(classify_batch(batch_of("B1", {ack("AA", "1"), ack("AR", "2", "207")}), "B1", policy).kind,
            AnswerKind::refused_for_good);
  EXPECT_EQ(classify_batch(batch_of("B1", {"MSH|^~\\&|R|R\rPID|1\r"}), "B1", policy).kind, AnswerKind::garbage);
  AnswerPolicy by_order;
  by_order.match = plan::Match::order;
  EXPECT_EQ(classify_batch(batch_of("", {ack("AA", "1")}), "B1", by_order).kind, AnswerKind::accepted);
}

TEST(AnswersToBatches, MayBeOneAcknowledgement) {
  const AnswerPolicy policy;
  EXPECT_EQ(classify_batch(ack("AA", "B1"), "B1", policy).kind, AnswerKind::accepted);
  EXPECT_EQ(classify_batch(ack("AR", "B1", "207"), "B1", policy).kind, AnswerKind::refused_for_now);
  EXPECT_EQ(classify_batch(ack("AA", "1"), "B1", policy).kind, AnswerKind::mismatched);
  EXPECT_EQ(classify_batch("hello", "B1", policy).kind, AnswerKind::garbage);
}

TEST(AnswersToBatches, NameTheBatchByItsHeader) {
  EXPECT_EQ(batch_id_of("FHS|^~\\&|A|B|C|D|2026||||F1\rBHS|^~\\&|A|B|C|D|2026||||B1\rBTS|0\rFTS|1\r"), "B1");
  EXPECT_EQ(batch_id_of("BHS|^~\\&|A|B|C|D|2026||||B1|R1\r"), "B1");
  EXPECT_EQ(batch_id_of("FHS|^~\\&|A|B|C|D|2026||||F1\rMSH|^~\\&|A\r"), "F1");
  EXPECT_EQ(batch_id_of("BHS|^~\\&|A\r"), "");
}

}  // namespace
}  // namespace smarthl7::flow
