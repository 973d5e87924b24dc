// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

using testing::ElementsAre;

class StoreTest : public testing::Test {
 protected:
  void open() {
    const auto opened = world_.open();
    ASSERT_TRUE(opened) << opened.error().describe();
  }
  DestinationId destination(const std::string& name, LaneNumber lanes = 1, std::uint32_t window = 256) {
    DestinationOptions options;
    options.name = name;
    options.lanes = lanes;
    options.window_messages = window;
    auto id = world_.wait(world_.store->open_destination(options, &sinks_[name]));
    EXPECT_TRUE(id) << id.error().describe();
    return id.value_or(0);
  }
  Accepted accept(NewMessage message) {
    auto accepted = world_.wait(world_.store->accept(std::move(message)));
    EXPECT_TRUE(accepted) << accepted.error().describe();
    return accepted.value_or(Accepted{});
  }
  void reopen() {
    world_.crash();
    sinks_.clear();
    open();
  }
  std::vector<MessageId> released(const std::string& name) {
    world_.settle();
    std::vector<MessageId> ids;
    for (const Released& one : sinks_[name].released) ids.push_back(one.delivery.message);
    return ids;
  }
  StoreStatus status() { return *world_.wait(world_.store->status()); }

  World world_;
  std::map<std::string, NotingSink> sinks_;
};

TEST_F(StoreTest, AMessageIsDeliveredAndTraced) {
  open();
  const auto hospital = destination("hospital");
  const auto answer = accept(message("MSH|one", {to(hospital)}));
  EXPECT_EQ(answer.id, 1U);
  EXPECT_EQ(answer.acknowledgement.view(), "AA MSH|one");
  EXPECT_FALSE(answer.duplicate);
  ASSERT_THAT(released("hospital"), ElementsAre(1));
  const Released& one = sinks_["hospital"].released[0];
  EXPECT_EQ(one.body.view(), "MSH|one");
  EXPECT_THAT(one.lanes, ElementsAre(0));
  EXPECT_FALSE(one.maybe_seen);

  Attempt attempt;
  attempt.delivery = one.delivery;
  attempt.outcome = "refused for now";
  attempt.detail = "AR";
  world_.store->attempt(attempt);
  world_.store->outcome(accepted(one.delivery));
  world_.settle();
  EXPECT_EQ(sinks_["hospital"].durable, 1U);

  const auto trace = world_.wait(world_.store->trace(1));
  ASSERT_TRUE(trace) << trace.error().describe();
  EXPECT_EQ(trace->message.state, "delivered");
  EXPECT_EQ(trace->message.type, "ORU^R01");
  std::vector<std::string> what;
  for (const auto& event : trace->events) what.push_back(event.what);
  for (const char* expected : {"received", "validated", "mapped", "stored", "acknowledged", "released", "attempt", "outcome"})
    EXPECT_THAT(what, testing::Contains(expected));
  EXPECT_EQ(world_.wait(world_.store->trace(2)).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, ListsFilterAndReadsAreRecorded) {
  open();
  const auto hospital = destination("hospital");
  accept(message("MSH|one", {to(hospital)}));
  NewMessage bad = message("garbage");
  bad.verdict = Verdict::rejected;
  bad.reason = "no MSH";
  bad.flows.clear();
  bad.source = "other";
  accept(bad);
  NewMessage dead = message("MSH|three");
  dead.flows[0].endings.push_back({Ending::Kind::dead, "unknown facility", std::nullopt});
  dead.flows[0].endings.push_back({Ending::Kind::dropped, "test patient", std::nullopt});
  dead.flows[0].flow = "g";
  accept(dead);
  const auto rows = [&](MessageFilter filter) {
    std::vector<MessageId> ids;
    const auto got = world_.wait(world_.store->messages(filter));
    EXPECT_TRUE(got) << got.error().describe();
    for (const auto& row : *got) ids.push_back(row.id);
    return ids;
  };
  MessageFilter filter;
  EXPECT_THAT(rows(filter), ElementsAre(1, 2, 3));
  filter.newest_first = true;
  filter.limit = 2;
  EXPECT_THAT(rows(filter), ElementsAre(3, 2));
  filter.after = 3;
  EXPECT_THAT(rows(filter), ElementsAre(2, 1));
  filter = {};
  filter.source = "other";
  EXPECT_THAT(rows(filter), ElementsAre(2));
  filter = {};
  filter.flow = "g";
  EXPECT_THAT(rows(filter), ElementsAre(3));
  filter = {};
  filter.state = "queued";
  EXPECT_THAT(rows(filter), ElementsAre(1));
  filter.state = "rejected";
  EXPECT_THAT(rows(filter), ElementsAre(2));
  filter.state = "dead";
  EXPECT_THAT(rows(filter), ElementsAre(3));
  filter = {};
  filter.control_id = "id of MSH|one";
  EXPECT_THAT(rows(filter), ElementsAre(1));
  filter.state = "strange";
  EXPECT_EQ(world_.wait(world_.store->messages(filter)).error().code, ErrorCode::invalid);

  AuditRecord who;
  who.actor = "unix uid 1000";
  who.act = "read body";
  who.object = "message 1";
  EXPECT_EQ(world_.wait(world_.store->read_body(1, std::nullopt, who))->view(), "MSH|one");
  EXPECT_EQ(world_.wait(world_.store->read_body(1, 0, who))->view(), "MSH|one");
  EXPECT_EQ(world_.wait(world_.store->read_body(1, 1, who)).error().code, ErrorCode::not_found);
  const auto audit = world_.wait(world_.store->audit(0, 10));
  ASSERT_EQ(audit->size(), 2U);
  EXPECT_EQ((*audit)[0].actor, "unix uid 1000");
  const auto letters = world_.wait(world_.store->dead_letters(std::nullopt, 0, 10));
  ASSERT_EQ(letters->size(), 1U);
  EXPECT_EQ((*letters)[0].reason, "unknown facility");
  EXPECT_EQ((*letters)[0].destination, "g");
  const auto now = status();
  EXPECT_EQ(now.messages, 2U);
  EXPECT_EQ(now.rejected, 1U);
  EXPECT_EQ(now.dead, 1U);
  EXPECT_EQ(now.dropped, 1U);
}

TEST_F(StoreTest, WindowsHoldBackAndGoOn) {
  open();
  const auto hospital = destination("hospital", 1, 4);
  for (int i = 0; i < 20; ++i) accept(message("MSH|" + std::to_string(i), {to(hospital)}));
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2, 3, 4));
  for (int done = 0; done < 20; ++done) {
    ASSERT_GT(sinks_["hospital"].released.size(), static_cast<std::size_t>(done));
    world_.store->outcome(accepted(sinks_["hospital"].released[static_cast<std::size_t>(done)].delivery));
    const auto now = released("hospital");
    EXPECT_LE(now.size(), static_cast<std::size_t>(done) + 5);
    EXPECT_TRUE(std::is_sorted(now.begin(), now.end()));
  }
  ASSERT_EQ(released("hospital").size(), 20U);
  EXPECT_EQ(sinks_["hospital"].released[19].body.view(), "MSH|19");
  EXPECT_EQ(status().destinations[0].queued, 0U);
  EXPECT_EQ(status().destinations[0].delivered, 20U);
}

TEST_F(StoreTest, WindowsCountBytesButLetOneMessageThrough) {
  open();
  const auto hospital = destination("hospital");
  accept(message(std::string(3 << 20, 'a'), {to(hospital)}));
  accept(message(std::string(600'000, 'b'), {to(hospital)}));
  accept(message(std::string(600'000, 'c'), {to(hospital)}));
  EXPECT_THAT(released("hospital"), ElementsAre(1));
  world_.store->outcome(accepted({1, 0}));
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2));
  world_.store->outcome(accepted({2, 0}));
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2, 3));
}

TEST_F(StoreTest, ABarrierWaitsForAllItsLanes) {
  open();
  const auto hospital = destination("hospital", 2, 2);
  accept(message("a1", {to(hospital, {0})}));
  accept(message("a2", {to(hospital, {0})}));
  accept(message("a3", {to(hospital, {0})}));  // waits: lane 0 is full
  accept(message("both", {to(hospital, {0, 1})}));
  accept(message("b1", {to(hospital, {1})}));  // behind the barrier in lane 1
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2));
  world_.store->outcome(accepted({1, 0}));
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2, 3));
  world_.store->outcome(accepted({2, 0}));
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(sinks_["hospital"].released[3].lanes, ElementsAre(0, 1));
}

TEST_F(StoreTest, WhatWasReleasedBeforeACrashIsListedAndSentAgain) {
  open();
  auto hospital = destination("hospital", 1, 2);
  for (int i = 0; i < 5; ++i) accept(message("MSH|" + std::to_string(i), {to(hospital)}));
  world_.store->outcome(accepted({1, 0}));
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2, 3));
  reopen();
  const auto waiting = world_.wait(world_.store->queued_destinations());
  ASSERT_EQ(waiting->size(), 1U);
  EXPECT_EQ((*waiting)[0].queued, 4U);
  EXPECT_EQ(destination("hospital", 1, 2), hospital);
  EXPECT_THAT(released("hospital"), ElementsAre(2, 3));
  for (const auto& one : sinks_["hospital"].released) EXPECT_TRUE(one.maybe_seen);
  const auto ledger = world_.wait(world_.store->ambiguities("hospital", 0, 10));
  ASSERT_EQ(ledger->size(), 2U);
  EXPECT_EQ((*ledger)[0].delivery.message, 2U);
  for (MessageId id = 2; id <= 5; ++id) {
    world_.store->outcome(id == 4 ? refused({id, 0}, "no such patient") : accepted({id, 0}));
    world_.settle();
  }
  EXPECT_EQ(status().destinations[0].queued, 0U);
  const auto letters = world_.wait(world_.store->dead_letters("hospital", 0, 10));
  ASSERT_EQ(letters->size(), 1U);
  EXPECT_EQ((*letters)[0].delivery.message, 4U);
  EXPECT_EQ((*letters)[0].size, 5U);
}

TEST_F(StoreTest, WhatIsGivenBackIsQueuedAgainAndNotAmbiguous) {
  open();
  auto hospital = destination("hospital", 2, 3);
  accept(message("MSH|1", {to(hospital, {0})}));
  accept(message("MSH|2", {to(hospital, {0, 1})}));
  for (int i = 3; i <= 8; ++i) accept(message("MSH|" + std::to_string(i), {to(hospital, {static_cast<std::uint64_t>(i % 2)})}));
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2, 3, 4, 5));
  world_.store->give_back({{3, 0}});  // its destination is open: not taken
  world_.settle();
  EXPECT_EQ(status().destinations[0].released, 5U);
  ASSERT_TRUE(world_.wait(world_.store->close_destination(hospital)));
  world_.store->outcome(accepted({1, 0}));
  world_.store->give_back({{4, 0}, {2, 0}, {1, 0}, {99, 0}});
  world_.settle();
  EXPECT_EQ(status().destinations[0].released, 2U);
  EXPECT_EQ(status().destinations[0].queued, 7U);
  ASSERT_TRUE(world_.wait(world_.store->close()));
  reopen();
  destination("hospital", 2, 100);
  EXPECT_THAT(released("hospital"), ElementsAre(3, 5, 2, 4, 6, 8, 7));
  for (const Released& one : sinks_["hospital"].released)
    EXPECT_EQ(one.maybe_seen, one.delivery.message == 3 || one.delivery.message == 5);
  EXPECT_EQ(world_.wait(world_.store->ambiguities(std::nullopt, 0, 10))->size(), 2U);
  std::vector<std::string> what;
  const auto trace = world_.wait(world_.store->trace(2));
  for (const auto& event : trace->events) what.push_back(event.what);
  EXPECT_THAT(what, ElementsAre("received", "validated", "mapped", "stored", "released", "acknowledged", "queued", "released"));
  for (MessageId id = 2; id <= 8; ++id) world_.store->outcome(accepted({id, 0}));
  world_.settle();
  EXPECT_EQ(status().destinations[0].queued, 0U);
}

TEST_F(StoreTest, AFullDiskLeavesWhatIsGivenBackAmbiguous) {
  open();
  auto hospital = destination("hospital");
  accept(message("MSH|1", {to(hospital)}));
  world_.settle(std::chrono::seconds(1));
  ASSERT_TRUE(world_.wait(world_.store->close_destination(hospital)));
  world_.disk.fault = [](FaultyDisk::Operation operation, const std::string& path) -> std::optional<Error> {
    if (operation != FaultyDisk::Operation::write || path.find("journal-") == std::string::npos) return std::nullopt;
    return Error{ErrorCode::full, "no room", nullptr};
  };
  world_.store->give_back({{1, 0}});
  world_.settle();
  EXPECT_EQ(status().destinations[0].released, 1U);
  world_.disk.fault = nullptr;
  ASSERT_TRUE(world_.wait(world_.store->close()));
  reopen();
  destination("hospital");
  ASSERT_THAT(released("hospital"), ElementsAre(1));
  EXPECT_TRUE(sinks_["hospital"].released[0].maybe_seen);
}

TEST_F(StoreTest, CopiesGetTheFirstAnswer) {
  open();
  const auto hospital = destination("hospital");
  const auto claimed = [&](const std::string& body, std::uint64_t key, std::uint64_t content, bool reject = false) {
    NewMessage one = message(body, {to(hospital)});
    one.flows[0].dedup = DedupClaim{{1, key}, {2, content}, std::chrono::seconds(60), reject};
    return one;
  };
  // Two copies in one group: nothing runs between the two posts.
  std::optional<Result<Accepted>> first;
  std::optional<Result<Accepted>> second;
  world_.executor.post([&] {
    world_.gate->spawn(keep_result(world_.store->accept(claimed("first", 7, 1)), &first));
    world_.gate->spawn(keep_result(world_.store->accept(claimed("second", 7, 1)), &second));
  });
  world_.settle();
  ASSERT_TRUE(first && *first && second && *second);
  EXPECT_FALSE((*first)->duplicate);
  EXPECT_TRUE((*second)->duplicate);
  EXPECT_EQ((*second)->acknowledgement.view(), "AA first");
  EXPECT_THAT(released("hospital"), ElementsAre(1));

  reopen();
  destination("hospital");
  const auto third = accept(claimed("third", 7, 1));
  EXPECT_TRUE(third.duplicate);
  EXPECT_EQ(third.acknowledgement.view(), "AA first");
  const auto taken = accept(claimed("other bytes", 7, 2));
  EXPECT_TRUE(taken.conflict);
  EXPECT_FALSE(taken.duplicate);
  EXPECT_EQ(taken.acknowledgement.view(), "AA other bytes");
  const auto rejected = accept(claimed("more bytes", 7, 3, true));
  EXPECT_TRUE(rejected.conflict);
  EXPECT_EQ(rejected.acknowledgement.view(), "AE more bytes");
  auto late = claimed("late", 7, 2);
  late.received_at += std::chrono::seconds(61);
  EXPECT_FALSE(accept(late).duplicate);
  const auto now = status();
  EXPECT_EQ(now.duplicates, 2U);
  EXPECT_EQ(now.conflicts, 2U);
  EXPECT_EQ(now.rejected, 1U);
  EXPECT_EQ(now.messages, 3U);
}

TEST_F(StoreTest, AResponseIsKeptForTheSenderAndForCopies) {
  open();
  auto hospital = destination("hospital");
  const auto asking = [&](const std::string& body, std::uint64_t key) {
    NewMessage one = message(body, {to(hospital)});
    one.flows[0].dedup = DedupClaim{{1, key}, {2, 1}, std::chrono::seconds(60), false};
    one.respond = RespondsFrom{0, hospital};
    return one;
  };
  const auto answered = [&](MessageId id, OutcomeKind kind, const std::string& text) {
    Outcome outcome = accepted({id, 0});
    outcome.kind = kind;
    outcome.response = SharedBytes(text);
    world_.store->outcome(outcome);
    world_.settle();
  };
  EXPECT_EQ(accept(message("no question", {to(hospital)})).response_of, 0U);
  const auto first = accept(asking("first", 7));
  EXPECT_EQ(first.response_of, 2U);
  EXPECT_FALSE(first.response.has_value());
  const auto early = accept(asking("copy", 7));  // the answer is not there yet: it is the first one's that counts
  EXPECT_TRUE(early.duplicate);
  EXPECT_EQ(early.response_of, 2U);
  EXPECT_FALSE(early.response.has_value());

  EXPECT_THAT(released("hospital"), ElementsAre(1, 2));
  answered(2, OutcomeKind::accepted, "ORR two");
  ASSERT_EQ(sinks_["hospital"].responses.size(), 1U);
  EXPECT_EQ(sinks_["hospital"].responses[0].first, 2U);
  EXPECT_EQ(sinks_["hospital"].responses[0].second.bytes.view(), "ORR two");
  accept(asking("refused", 8));
  answered(4, OutcomeKind::dead, "ORR no");
  accept(asking("given up", 9));
  answered(5, OutcomeKind::dead, "");
  for (int life = 0; life < 3; ++life) {
    const auto copy = accept(asking("copy", 7));
    EXPECT_TRUE(copy.duplicate);
    EXPECT_EQ(copy.response_of, 2U);
    ASSERT_TRUE(copy.response.has_value()) << life;
    EXPECT_EQ(copy.response->kind, OutcomeKind::accepted);
    EXPECT_EQ(copy.response->bytes.view(), "ORR two");
    const auto refused = accept(asking("refused", 8));
    ASSERT_TRUE(refused.response.has_value()) << life;
    EXPECT_EQ(refused.response->kind, OutcomeKind::dead);
    EXPECT_EQ(refused.response->bytes.view(), "ORR no");
    const auto given_up = accept(asking("given up", 9));
    ASSERT_TRUE(given_up.response.has_value()) << life;
    EXPECT_EQ(given_up.response->kind, OutcomeKind::dead);
    EXPECT_TRUE(given_up.response->bytes.empty());
    reopen();
    hospital = destination("hospital");
  }
  const auto trace = world_.wait(world_.store->trace(2));
  ASSERT_TRUE(trace);
  EXPECT_TRUE(std::ranges::any_of(trace->events, [](const TraceEvent& one) { return one.what == "response"; }));
}

TEST_F(StoreTest, AQuestionAndItsCopyInOneGroupWaitForOneResponse) {
  open();
  const auto hospital = destination("hospital");
  std::optional<Result<Accepted>> results[2];
  world_.executor.post([&] {
    for (auto& result : results) {
      NewMessage one = message("same", {to(hospital)});
      one.flows[0].dedup = DedupClaim{{1, 7}, {2, 1}, std::chrono::seconds(60), false};
      one.respond = RespondsFrom{0, hospital};
      world_.gate->spawn(keep_result(world_.store->accept(std::move(one)), &result));
    }
  });
  world_.settle();
  for (auto& result : results) {
    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->response_of, 1U);
    EXPECT_FALSE((*result)->response.has_value());
  }
}

TEST_F(StoreTest, OnlyTheFlowThatSawItSkipsIt) {
  open();
  const auto hospital = destination("hospital");
  const auto make = [&](const std::string& body) {
    NewMessage one = message(body, {to(hospital)});
    one.flows[0].dedup = DedupClaim{{1, 7}, {2, 1}, std::chrono::seconds(60), false};
    FlowEffects always;
    always.flow = "always";
    always.deliveries.push_back(to(hospital));
    always.deliveries[0].body = SharedBytes("edited " + body);
    one.flows.push_back(always);
    return one;
  };
  accept(make("one"));
  const auto again = accept(make("two"));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.acknowledgement.view(), "AA one");
  EXPECT_THAT(released("hospital"), ElementsAre(1, 1, 2));
  EXPECT_EQ(sinks_["hospital"].released[2].body.view(), "edited two");
  EXPECT_EQ(world_.wait(world_.store->read_body(2, 0, {}))->view(), "edited two");
}

// A long body that was changed in a few places costs the journal its difference only, whoever reads it and whenever.
TEST_F(StoreTest, AChangedBodyIsKeptAsItsDifference) {
  open();
  auto hospital = destination("hospital", 1, 2);
  const auto changed = [](int i) {
    return "MSH|" + std::to_string(i) + std::string(1000, 'a') + "SMITH" + std::string(3000, 'b');
  };
  const std::uint64_t before = world_.disk.bytes_written();
  for (int i = 0; i < 5; ++i) {
    std::string body = changed(i);
    body.replace(body.find("SMITH"), 5, "Smith, as sent");
    NewMessage one = message(body, {to(hospital)});
    one.flows[0].deliveries[0].body = SharedBytes(changed(i));
    accept(one);
  }
  EXPECT_LT(world_.disk.bytes_written() - before, 5U * 6000U);
  EXPECT_THAT(released("hospital"), ElementsAre(1, 2));
  EXPECT_EQ(sinks_["hospital"].released[1].body.view(), changed(1));
  EXPECT_EQ(status().destinations[0].queued_bytes, 5 * changed(0).size());
  reopen();
  hospital = destination("hospital", 1, 2);
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_GT(sinks_["hospital"].released.size(), i);
    const Released one = sinks_["hospital"].released[i];
    EXPECT_EQ(one.body.view(), changed(static_cast<int>(i)));
    world_.store->outcome(accepted(one.delivery));
    world_.settle();
  }
  EXPECT_EQ(world_.wait(world_.store->read_body(4, 0, {}))->view(), changed(3));
  EXPECT_EQ(world_.wait(world_.store->read_body(4, std::nullopt, {}))->view().substr(1005, 14), "Smith, as sent");
}

TEST_F(StoreTest, LanesMayChangeInNumber) {
  open();
  auto hospital = destination("hospital", 2, 2);
  for (std::uint64_t i = 0; i < 12; ++i) accept(message("MSH|" + std::to_string(i), {to(hospital, {i})}));
  EXPECT_EQ(released("hospital").size(), 4U);
  ASSERT_TRUE(world_.wait(world_.store->close_destination(hospital)));
  sinks_["hospital"].released.clear();
  EXPECT_EQ(destination("hospital", 3, 100), hospital);
  const auto all = released("hospital");
  ASSERT_EQ(all.size(), 12U);
  std::size_t again = 0;
  for (const auto& one : sinks_["hospital"].released) {
    again += one.maybe_seen ? 1 : 0;
    EXPECT_THAT(one.lanes, ElementsAre((one.delivery.message - 1) % 3));
    world_.store->outcome(accepted(one.delivery));
  }
  EXPECT_EQ(again, 4U);
  world_.settle();
  EXPECT_EQ(status().destinations[0].queued, 0U);
  reopen();
  EXPECT_EQ(status().destinations[0].queued, 0U);
  EXPECT_EQ(status().destinations[0].delivered, 12U);
}

TEST_F(StoreTest, StagesOfATraceStandInTheirOrderAndNotBehindTheCommit) {
  open();
  const auto hospital = destination("hospital");
  const auto commit = world_.clock.now;
  NewMessage one = message("MSH|one", {to(hospital)});
  one.received_at = commit - std::chrono::microseconds(900);
  const std::uint32_t stages[4] = {100, 300, 700, 5000};
  std::copy(std::begin(stages), std::end(stages), std::begin(one.stage_micros));
  accept(one);
  std::swap(one.stage_micros[2], one.stage_micros[3]);  // measured by another clock: behind the commit
  accept(one);
  one.received_at = commit + std::chrono::seconds(1);  // the wall clock was set back
  accept(one);
  world_.clock.now += std::chrono::milliseconds(1);
  Outcome outcome = accepted({1, 0});
  outcome.at = commit - std::chrono::seconds(1);  // set back again: still behind what it is the outcome of
  world_.store->outcome(outcome);
  world_.settle();
  for (MessageId id = 1; id <= 3; ++id) {
    const auto trace = world_.wait(world_.store->trace(id));
    std::vector<std::string> what;
    for (const auto& event : trace->events) what.push_back(event.what);
    std::vector<std::string> expected{"received", "validated", "mapped", "stored", "released", "acknowledged"};
    if (id == 1) expected.push_back("outcome");
    EXPECT_EQ(what, expected);
    const WallTime received = trace->events[0].at;
    const std::chrono::microseconds validated = trace->events[1].at - received;
    const std::chrono::microseconds mapped = trace->events[2].at - received;
    EXPECT_EQ(validated.count(), id == 3 ? 0 : 300);
    EXPECT_EQ(mapped.count(), id == 1 ? 700 : id == 2 ? 900 : 0);
  }
}

TEST_F(StoreTest, ATraceNamesTheVersionsOfTablesThatWereLookedUpIn) {
  open();
  const auto hospital = destination("hospital");
  NewMessage one = message("MSH|one", {to(hospital)});
  one.tables = {{"mrns", 0x3F9A21C07B12EE01ULL, WallTime(std::chrono::seconds(1'767'225'600))},
                {"wards", 0x0000000000000001ULL, WallTime{}}};
  accept(one);
  accept(message("MSH|two", {to(hospital)}));
  ASSERT_TRUE(world_.wait(world_.store->record({world_.clock.now, "the hub", "table", "mrns version 3f9a21c07b12ee01"})));
  world_.settle();
  reopen();  // it stands in the journal
  const auto first = world_.wait(world_.store->trace(1));
  ASSERT_TRUE(first);
  std::vector<std::string> looked;
  for (const auto& event : first->events)
    if (event.what == "looked up") looked.push_back(event.where + ": " + event.detail);
  EXPECT_THAT(looked, ElementsAre("mrns: version 3f9a21c07b12ee01, in use since 2026-01-01T00:00:00.000000Z",
                                  "wards: version 0000000000000001, in use since 1970-01-01T00:00:00.000000Z"));
  const auto second = world_.wait(world_.store->trace(2));
  EXPECT_TRUE(std::ranges::none_of(second->events, [](const auto& event) { return event.what == "looked up"; }));
  const auto audit = world_.wait(world_.store->audit(0, 10));
  ASSERT_FALSE(audit->empty());
  EXPECT_EQ(audit->back().act, "table");
  EXPECT_EQ(audit->back().object, "mrns version 3f9a21c07b12ee01");
}

TEST_F(StoreTest, DiskBytesAreThoseOfTheFolder) {
  auto options = world_.options();
  options.segment_bytes = 20'000;
  ASSERT_TRUE(world_.open(options));
  for (int i = 0; i < 20; ++i) {
    accept(message("MSH|" + std::string(5000, 'x')));
    if (i % 5 != 0) continue;
    world_.settle(std::chrono::seconds(2));
    std::uint64_t sum = 0;
    for (const auto& file : std::filesystem::directory_iterator(options.folder)) {
      const std::string name = file.path().filename();
      if (name.starts_with("journal-") || name.starts_with("state.db") || name.starts_with("keys-")) sum += file.file_size();
    }
    EXPECT_EQ(status().disk_bytes, sum);
    EXPECT_GT(sum, static_cast<std::uint64_t>(i + 1) * 5000);
  }
  EXPECT_TRUE(std::filesystem::exists(options.folder + "/journal-0000000003"));
}

TEST_F(StoreTest, ClosingKeepsEverythingAndOpensTwice) {
  open();
  const auto hospital = destination("hospital");
  accept(message("MSH|one", {to(hospital)}));
  EXPECT_EQ(open_store(world_.options(), world_.environment()).error().code, ErrorCode::exists);
  world_.store->outcome(accepted({1, 0}));
  ASSERT_TRUE(world_.wait(world_.store->close()));
  EXPECT_EQ(world_.wait(world_.store->accept(message("late"))).error().code, ErrorCode::stopped);
  EXPECT_EQ(world_.wait(world_.store->trace(1)).error().code, ErrorCode::stopped);
  reopen();
  EXPECT_EQ(status().destinations[0].delivered, 1U);
  EXPECT_EQ(world_.wait(world_.store->trace(1))->message.state, "delivered");
}

}  // namespace
}  // namespace smarthl7::store
