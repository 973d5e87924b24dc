// SPDX-License-Identifier: Apache-2.0
// Queues of the hub's own (batches): members end by the commit that takes what they were made into, or not at all; what waits
// there when the process dies was never sent. And what is known of a message's deliveries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/store/store.h"
#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

using testing::ElementsAre;

class OwnQueues : public testing::Test {
 protected:
  void open() {
    const auto opened = world_.open();
    ASSERT_TRUE(opened) << opened.error().describe();
    for (const char* name : {"hospital", "results batch 1"}) {
      DestinationOptions options;
      options.name = name;
      options.own_queue = options.name != "hospital";
      auto id = world_.wait(world_.store->open_destination(options, &sinks_[name]));
      ASSERT_TRUE(id);
      ids_[name] = *id;
    }
    world_.settle();
  }
  void reopen() {
    world_.crash();
    sinks_.clear();
    open();
  }
  Result<Accepted> try_accept(NewMessage message) { return world_.wait(world_.store->accept(std::move(message))); }
  Accepted accept(NewMessage message) {
    auto accepted = try_accept(std::move(message));
    EXPECT_TRUE(accepted) << accepted.error().describe();
    return accepted.value_or(Accepted{});
  }
  NewMessage batch_of(std::vector<DeliveryId> members) {
    NewMessage batch = message("BHS|batch", {to(ids_["hospital"])});
    for (const DeliveryId& member : members) {
      Outcome& outcome = batch.completes.emplace_back();
      outcome.delivery = member;
    }
    return batch;
  }
  std::vector<MessageId> collected() {
    world_.settle();
    std::vector<MessageId> ids;
    for (const Released& one : sinks_["results batch 1"].released) {
      ids.push_back(one.delivery.message);
      EXPECT_FALSE(one.maybe_seen) << "nobody can have seen it";
    }
    return ids;
  }

  World world_;
  std::map<std::string, NotingSink> sinks_;
  std::map<std::string, DestinationId> ids_;
};

TEST_F(OwnQueues, MembersEndByTheCommitOfTheirBatch) {
  open();
  accept(message("MSH|one", {to(ids_["results batch 1"])}));
  accept(message("MSH|two", {to(ids_["results batch 1"])}));
  EXPECT_THAT(collected(), ElementsAre(1, 2));
  const Accepted batch = accept(batch_of({{1, 0}, {2, 0}}));
  EXPECT_EQ(batch.id, 3U);
  world_.settle();
  EXPECT_EQ(sinks_["hospital"].released.size(), 1U);
  EXPECT_EQ(sinks_["results batch 1"].durable, 2U);
  const auto trace = world_.wait(world_.store->trace(2));
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->message.state, "delivered");
  const bool said = std::ranges::any_of(trace->events, [](const TraceEvent& event) {
    return event.what == "outcome" && event.where == "results batch 1" &&
           event.detail.find("in message 3") != std::string::npos;
  });
  EXPECT_TRUE(said) << "a member's trace names its batch";
  reopen();
  EXPECT_TRUE(collected().empty()) << "they are in a batch, and in no other";
}

TEST_F(OwnQueues, WhatIsCollectedOutlivesACrashAndIsNoAmbiguity) {
  open();
  accept(message("MSH|one", {to(ids_["results batch 1"])}));
  EXPECT_THAT(collected(), ElementsAre(1));
  reopen();
  accept(message("MSH|two", {to(ids_["results batch 1"])}));
  EXPECT_THAT(collected(), ElementsAre(1, 2));
  const auto ledger = world_.wait(world_.store->ambiguities(std::nullopt, 0, 10));
  ASSERT_TRUE(ledger);
  EXPECT_TRUE(ledger->empty());
}

TEST_F(OwnQueues, ABatchThatTheDiskHasNoRoomForTakesNoMember) {
  open();
  accept(message("MSH|one", {to(ids_["results batch 1"])}));
  EXPECT_THAT(collected(), ElementsAre(1));
  world_.disk.free_space = 0;
  const auto refused = try_accept(batch_of({{1, 0}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::full);
  world_.disk.free_space = 1ULL << 40;
  bool fail_once = true;
  world_.disk.fault = [&](FaultyDisk::Operation operation, const std::string& path) -> std::optional<Error> {
    if (!fail_once || operation != FaultyDisk::Operation::write || path.find("journal") == std::string::npos)
      return std::nullopt;
    fail_once = false;
    return Error{ErrorCode::full, "no room", nullptr};
  };
  EXPECT_FALSE(try_accept(batch_of({{1, 0}}))) << "written in part, and taken back";
  EXPECT_FALSE(fail_once);
  world_.disk.fault = nullptr;  // the store is closed after fail_once is gone
  world_.executor.advance(std::chrono::seconds(2));
  EXPECT_TRUE(try_accept(batch_of({{1, 0}})));
  reopen();
  EXPECT_TRUE(collected().empty());
  EXPECT_EQ(world_.wait(world_.store->status())->destinations.size(), 2U);
}

TEST_F(OwnQueues, ALongQueueIsHandedOutAsBatchesTakeFromIt) {
  const auto opened = world_.open();
  ASSERT_TRUE(opened);
  DestinationOptions options;
  options.name = "results batch 1";
  options.window_messages = 2;
  options.own_queue = true;
  auto id = world_.wait(world_.store->open_destination(options, &sinks_["results batch 1"]));
  ASSERT_TRUE(id);
  ids_["results batch 1"] = ids_["hospital"] = *id;
  for (int i = 0; i < 5; ++i) accept(message("MSH|" + std::to_string(i), {to(*id)}));
  EXPECT_THAT(collected(), ElementsAre(1, 2));
  NewMessage batch = message("BHS|batch", {});
  batch.completes = {accepted({1, 0}), accepted({2, 0})};
  accept(std::move(batch));
  EXPECT_THAT(collected(), ElementsAre(1, 2, 3, 4)) << "the next ones come by themselves";
}

TEST_F(OwnQueues, WhatCameOfEachDeliveryIsKnown) {
  open();
  NewMessage one = message("MSH|one", {to(ids_["hospital"]), to(ids_["results batch 1"]), to(ids_["hospital"])});
  one.awaited = {ids_["hospital"]};
  const Accepted taken = accept(std::move(one));
  EXPECT_EQ(taken.of, taken.id);
  EXPECT_THAT(taken.awaited, ElementsAre(0, 2));
  world_.store->outcome(accepted({1, 0}));
  world_.store->outcome(refused({1, 2}, "refused for good"));
  world_.settle();
  for (int i = 0; i < 2; ++i) {
    const auto states = world_.wait(world_.store->deliveries(1));
    ASSERT_TRUE(states) << states.error().describe();
    ASSERT_EQ(states->size(), 3U);
    EXPECT_EQ((*states)[0].outcome, OutcomeKind::accepted);
    EXPECT_EQ((*states)[0].destination, ids_["hospital"]);
    EXPECT_EQ((*states)[1].outcome, std::nullopt);
    EXPECT_EQ((*states)[2].outcome, OutcomeKind::dead);
    reopen();
  }
}

TEST_F(OwnQueues, AnAwaitedOutcomeIsToldOnceItIsDurable) {
  struct Telling final : DestinationSink {
    void on_released(std::vector<Released>) override {}
    void on_durable(std::size_t) override {}
    void on_outcome(DeliveryId delivery, OutcomeKind kind) override { told.emplace_back(delivery, kind); }
    std::vector<std::pair<DeliveryId, OutcomeKind>> told;
  } sink;
  const auto opened = world_.open();
  ASSERT_TRUE(opened);
  DestinationOptions options;
  options.name = "hospital";
  auto id = world_.wait(world_.store->open_destination(options, &sink));
  ASSERT_TRUE(id);
  accept(message("MSH|one", {to(*id), to(*id)}));
  Outcome awaited = accepted({1, 1});
  awaited.awaited = true;
  world_.store->outcome(awaited);
  world_.store->outcome(accepted({1, 0}));
  world_.settle();
  ASSERT_EQ(sink.told.size(), 1U) << "nobody waits for the other";
  EXPECT_EQ(sink.told[0].first, (DeliveryId{1, 1}));
  world_.crash();
}

}  // namespace
}  // namespace smarthl7::store
