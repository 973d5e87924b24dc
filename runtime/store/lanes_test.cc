// SPDX-License-Identifier: Apache-2.0
// Parked deliveries, the express lane, keys across restarts, the time of the first refusal, covered resends.
#include "runtime/store/lanes.h"

#include <gmock/gmock.h>

#include "runtime/store/sqlite/database.h"
#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LanesTest : public ::testing::Test {
 protected:
  void open() { ASSERT_TRUE(world_.open()); }
  void reopen() {
    world_.crash();
    sinks_.clear();
    open();
  }
  DestinationId destination(DestinationOptions options) {
    NotingSink& sink = sinks_[options.name];
    const auto id = world_.wait(world_.store->open_destination(std::move(options), &sink));
    EXPECT_TRUE(id);
    world_.settle();
    return id ? *id : 0;
  }
  static DestinationOptions hospital(LaneNumber lanes, std::uint32_t window = 256) {
    DestinationOptions options;
    options.name = "hospital";
    options.lanes = lanes;
    options.window_messages = window;
    return options;
  }
  MessageId accept(DestinationId id, std::vector<std::uint64_t> keys, bool urgent = false) {
    NewDelivery delivery = to(id, std::move(keys));
    delivery.urgent = urgent;
    std::vector<NewDelivery> all;
    all.push_back(std::move(delivery));
    const auto done = world_.wait(world_.store->accept(message("MSH|" + std::to_string(++made_), std::move(all))));
    EXPECT_TRUE(done);
    return done ? done->id : 0;
  }
  void finish(MessageId id) {
    world_.store->outcome(accepted({id, 0}));
    world_.settle();
  }
  std::vector<MessageId> released() {
    world_.settle();
    std::vector<MessageId> ids;
    for (const Released& one : sinks_["hospital"].released) ids.push_back(one.delivery.message);
    return ids;
  }
  std::vector<LaneNumber> lanes_of_message(MessageId id) {
    for (const Released& one : sinks_["hospital"].released)
      if (one.delivery.message == id) return one.lanes;
    return {};
  }

  World world_;
  std::map<std::string, NotingSink> sinks_;
  int made_ = 0;
};

TEST_F(LanesTest, WhatIsParkedLeavesItsPlaceInTheWindow) {
  open();
  const auto id = destination(hospital(1, 2));
  for (int i = 0; i < 6; ++i) accept(id, {});
  EXPECT_THAT(released(), ElementsAre(1, 2));
  world_.store->park({{1, 0}});
  EXPECT_THAT(released(), ElementsAre(1, 2, 3));
  world_.store->park({{1, 0}, {2, 0}, {99, 0}});  // once is enough, and what is not there is nobody's
  EXPECT_THAT(released(), ElementsAre(1, 2, 3, 4));
  finish(1);  // of a parked one: no place becomes free
  EXPECT_THAT(released(), ElementsAre(1, 2, 3, 4));
  finish(3);
  EXPECT_THAT(released(), ElementsAre(1, 2, 3, 4, 5));
  finish(2);
  finish(4);
  finish(5);
  finish(6);
  const auto status = world_.wait(world_.store->status());
  EXPECT_EQ(status->destinations[0].queued, 0U);
  EXPECT_EQ(status->destinations[0].released, 0U);
}

TEST_F(LanesTest, WhatComesUnderAnotherOrderWaitsForAllOfTheOneBefore) {
  open();
  auto before = hospital(1);
  before.order = "fifo";
  const auto id = destination(before);
  accept(id, {});
  accept(id, {});
  world_.crash();
  sinks_.clear();
  open();
  auto now = hospital(4);
  now.order = "by patient";
  ASSERT_EQ(destination(now), id);
  world_.crash();  // before anything came: the next start knows it all the same
  sinks_.clear();
  open();
  destination(now);
  EXPECT_EQ(accept(id, {7}), 3U);
  EXPECT_EQ(accept(id, {7}), 4U);
  EXPECT_EQ(accept(id, {6}), 5U);
  EXPECT_THAT(released(), ElementsAre(1, 2, 3, 4, 5));  // into windows; the barrier keeps the order among the lanes
  EXPECT_THAT(lanes_of_message(2), ElementsAre(0));
  EXPECT_THAT(lanes_of_message(3), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(lanes_of_message(4), ElementsAre(3));
  world_.crash();  // the barrier is among what is queued: no second one
  sinks_.clear();
  open();
  destination(now);
  accept(id, {7});
  released();
  EXPECT_THAT(lanes_of_message(3), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(lanes_of_message(6), ElementsAre(3));
  for (MessageId each = 1; each <= 6; ++each) finish(each);
  world_.crash();
  sinks_.clear();
  open();
  now.order = "by PID-3";  // nothing is queued: nothing to wait for
  destination(now);
  accept(id, {7});
  released();
  EXPECT_THAT(lanes_of_message(7), ElementsAre(3));
}

TEST_F(LanesTest, KeysComeWithTheReleaseAlsoAfterARestart) {
  open();
  DestinationOptions options = hospital(2, 2);
  options.keep_keys = true;
  auto id = destination(options);
  for (int i = 0; i < 40; ++i) accept(id, {0, 3});
  reopen();
  id = destination(options);
  accept(id, {5});
  for (MessageId next = 1; next <= 41; ++next) {
    ASSERT_FALSE(released().empty());
    for (const Released& one : sinks_["hospital"].released)
      EXPECT_EQ(one.keys, (one.delivery.message == 41 ? std::vector<std::uint64_t>{5} : std::vector<std::uint64_t>{0, 3}));
    finish(next);
  }
  EXPECT_EQ(released().back(), 41U);
}

TEST_F(LanesTest, TheExpressLaneKeepsTheOrderOfEachKey) {
  open();
  DestinationOptions options = hospital(2, 2);
  options.keep_keys = options.express = true;
  const auto id = destination(options);
  for (int i = 0; i < 20; ++i) accept(id, {2});  // 1 .. 20: a queue of one patient
  EXPECT_THAT(released(), ElementsAre(1, 2));
  accept(id, {4}, true);  // 21: urgent, of another patient in the same lane: overtakes
  EXPECT_THAT(released(), ElementsAre(1, 2, 21));
  EXPECT_THAT(lanes_of_message(21), ElementsAre(2));
  accept(id, {2}, true);  // 22: urgent, but of the patient who waits: in its place
  EXPECT_THAT(released(), ElementsAre(1, 2, 21));
  accept(id, {4});  // 23: routine, follows 21 in the express lane
  EXPECT_THAT(released(), ElementsAre(1, 2, 21, 23));
  EXPECT_THAT(lanes_of_message(23), ElementsAre(2));
  accept(id, {2, 4});  // 24: of both: waits for both
  EXPECT_THAT(released(), ElementsAre(1, 2, 21, 23));
  accept(id, {6}, true);  // 25: behind 24 in the express lane
  for (const MessageId done : {MessageId{21}, MessageId{23}}) finish(done);
  for (MessageId done = 1; done <= 20; ++done) finish(done);
  finish(22);
  EXPECT_THAT(lanes_of_message(24), ElementsAre(0, 2));
  finish(24);
  finish(25);
  accept(id, {4});  // nothing of it waits any more: its own lane again
  released();
  EXPECT_THAT(lanes_of_message(26), ElementsAre(0));
}

TEST_F(LanesTest, TheExpressLaneKnowsAfterARestartWhatWaits) {
  open();
  DestinationOptions options = hospital(2, 2);
  options.keep_keys = options.express = true;
  auto id = destination(options);
  for (int i = 0; i < 10; ++i) accept(id, {2});
  accept(id, {4}, true);  // 11
  reopen();
  id = destination(options);
  accept(id, {2}, true);  // 12: behind the ten
  accept(id, {4});        // 13: behind 11
  accept(id, {8}, true);  // 14
  EXPECT_THAT(released(), ElementsAre(1, 2, 11, 13));
  finish(11);
  EXPECT_THAT(released(), ElementsAre(1, 2, 11, 13, 14));
  EXPECT_THAT(lanes_of_message(14), ElementsAre(2));
  for (MessageId done = 1; done <= 10; ++done) finish(done);
  EXPECT_EQ(released().back(), 12U);
  EXPECT_THAT(lanes_of_message(12), ElementsAre(0));
}

TEST_F(LanesTest, WithoutOrderUrgentOnesOvertakeAll) {
  open();
  DestinationOptions options = hospital(1, 2);
  options.keep_keys = options.express = true;
  const auto id = destination(options);
  for (int i = 0; i < 10; ++i) accept(id, {});
  accept(id, {}, true);
  EXPECT_THAT(released(), ElementsAre(1, 2, 11));
}

TEST_F(LanesTest, SomethingThatConcernsEveryKeyIsABarrierOverAllLanes) {
  open();
  DestinationOptions options = hospital(3);
  options.keep_keys = options.express = true;
  const auto id = destination(options);
  accept(id, {kEveryKey}, true);
  released();
  EXPECT_THAT(lanes_of_message(1), ElementsAre(0, 1, 2, 3));
  accept(id, {7}, true);
  released();
  EXPECT_THAT(lanes_of_message(2), ElementsAre(1, 3)) << "behind it in its own lane and in the express lane";
}

TEST_F(LanesTest, TheFirstRefusalIsKnownAfterARestart) {
  open();
  auto id = destination(hospital(1));
  accept(id, {});
  const WallTime first = world_.clock.now;
  world_.store->attempt({{1, 0}, 1, std::string(kRefusedForNow), "AR", first});
  world_.clock.now += std::chrono::hours(1);
  world_.store->attempt({{1, 0}, 2, std::string(kRefusedForNow), "AR", world_.clock.now});
  world_.settle();
  reopen();
  id = destination(hospital(1));
  ASSERT_EQ(released().size(), 1U);
  EXPECT_EQ(sinks_["hospital"].released[0].refused_since, first);
  EXPECT_EQ(sinks_["hospital"].released[0].attempts_before, 2U);
  world_.store->attempt({{1, 0}, 3, std::string(kRefusedForNow), "AR", world_.clock.now});
  world_.settle();
  reopen();
  destination(hospital(1));
  EXPECT_EQ(sinks_["hospital"].released[0].refused_since, first);
}

TEST_F(LanesTest, AResendIsCoveredWithinTheReceiversMemory) {
  open();
  DestinationOptions options = hospital(1);
  options.remembers = std::chrono::hours(24);
  auto id = destination(options);
  accept(id, {});
  world_.clock.now += std::chrono::hours(30);
  accept(id, {});
  world_.clock.now += std::chrono::hours(1);
  reopen();
  destination(options);
  const auto ledger = world_.wait(world_.store->ambiguities("hospital", 0, 10));
  ASSERT_TRUE(ledger);
  ASSERT_EQ(ledger->size(), 2U);
  EXPECT_FALSE((*ledger)[0].covered) << "31 hours ago";
  EXPECT_TRUE((*ledger)[1].covered);
  const auto trace = world_.wait(world_.store->trace(2));
  ASSERT_TRUE(trace);
  EXPECT_TRUE(std::ranges::any_of(trace->events, [](const TraceEvent& event) {
    return event.detail.find("its receiver knows copies") != std::string::npos;
  }));
  EXPECT_EQ(sinks_["hospital"].released[0].released_at, WallTime(std::chrono::days(20000)));
}

/// state.db as the first schema had it: what is queued stays, and the new columns say nothing of it.
TEST_F(LanesTest, AnOlderStateIsMigrated) {
  open();
  DestinationOptions options = hospital(2, 2);
  auto id = destination(options);
  for (int i = 0; i < 5; ++i) accept(id, {2});
  ASSERT_TRUE(world_.wait(world_.store->close()));
  world_.crash();
  sinks_.clear();
  {
    sqlite::Vfs vfs(world_.disk, world_.clock, 7);
    auto database = sqlite::Database::open(vfs, world_.folder + "/data/state.db", "NORMAL");
    ASSERT_TRUE(database);
    for (const char* const back : {"ALTER TABLE queue DROP COLUMN refused", "ALTER TABLE ambiguities DROP COLUMN covered",
                                   "ALTER TABLE destinations DROP COLUMN ordering",
                                   "ALTER TABLE destinations DROP COLUMN ordered", "PRAGMA user_version=2"}) {
      const auto done = (*database)->execute(back);
      ASSERT_TRUE(done) << done.error().describe();
    }
  }
  open();
  id = destination(options);
  ASSERT_THAT(released(), ElementsAre(1, 2));
  EXPECT_EQ(sinks_["hospital"].released[0].refused_since, WallTime{});
  for (MessageId done = 1; done <= 5; ++done) finish(done);
  EXPECT_THAT(released(), ElementsAre(1, 2, 3, 4, 5));
  const auto ledger = world_.wait(world_.store->ambiguities("hospital", 0, 10));
  ASSERT_TRUE(ledger);
  EXPECT_THAT(*ledger, ::testing::SizeIs(2));
}

TEST(KeyCounts, SayTooMuchButNeverTooLittle) {
  KeyCounts counts;
  const std::vector<std::uint64_t> keys = {3, 9, kExpressLane};
  EXPECT_FALSE(counts.any(keys));
  counts.add(keys);
  EXPECT_TRUE(counts.any(std::vector<std::uint64_t>{9}));
  EXPECT_TRUE(counts.any(std::vector<std::uint64_t>{kEveryKey}));
  EXPECT_FALSE(counts.any(std::vector<std::uint64_t>{4}));
  EXPECT_FALSE(counts.any(std::vector<std::uint64_t>{}));
  counts.take(keys);
  EXPECT_FALSE(counts.any(std::vector<std::uint64_t>{9}));
  counts.add(std::vector<std::uint64_t>{kEveryKey});
  EXPECT_TRUE(counts.any(std::vector<std::uint64_t>{4}));
}

TEST(LanesOf, UnderstandTheSpecialKeys) {
  EXPECT_THAT(lanes_of({}, 4), ElementsAre(0));
  EXPECT_THAT(lanes_of({5, 6}, 4), ElementsAre(1, 2));
  EXPECT_THAT(lanes_of({kEveryKey}, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(lanes_of({kEveryKey, kExpressLane}, 3), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(lanes_of({kExpressLane}, 3), ElementsAre(3));
  EXPECT_THAT(lanes_of({kExpressLane, 5}, 3), ElementsAre(3));
  EXPECT_THAT(lanes_of({5, kExpressLane}, 3), ElementsAre(2, 3));
  EXPECT_THAT(lanes_of({5, kExpressLane}, 1), ElementsAre(0, 1));
}

}  // namespace
}  // namespace smarthl7::store
