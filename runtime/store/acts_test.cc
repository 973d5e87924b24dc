// SPDX-License-Identifier: Apache-2.0
// Replay, edit, drop, the ledger and holds at the store: what they do, what they refuse, and that a crash changes none of it.
#include "runtime/store/acts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// "who:what": a body is about the letters before the colon.
std::vector<std::uint64_t> people_of(std::string_view body) {
  std::vector<std::uint64_t> out;
  for (const char c : body.substr(0, body.find(':')))
    if (c != '-') out.push_back(static_cast<std::uint64_t>(c));
  return out;
}

ByWhom person(std::string reason = "asked for", std::string request = "") {
  return {"unix uid 7", std::move(reason), std::move(request)};
}

Choice some(MessageId message, std::optional<std::uint32_t> delivery = std::nullopt) {
  Choice choice;
  choice.some.push_back({message, delivery});
  return choice;
}

class ActsTest : public testing::Test {
 protected:
  void open() {
    const auto opened = world_.open();
    ASSERT_TRUE(opened) << opened.error().describe();
  }
  DestinationId destination(const std::string& name, LaneNumber lanes = 1, bool own_queue = false) {
    DestinationOptions options;
    options.name = name;
    options.lanes = lanes;
    options.own_queue = own_queue;
    auto id = world_.wait(world_.store->open_destination(options, &sinks_[name]));
    EXPECT_TRUE(id) << id.error().describe();
    return id.value_or(0);
  }
  MessageId accept(NewMessage message) {
    auto accepted = world_.wait(world_.store->accept(std::move(message)));
    EXPECT_TRUE(accepted) << accepted.error().describe();
    return accepted ? accepted->id : 0;
  }
  MessageId deliver(const std::string& body, DestinationId to_it, std::vector<std::uint64_t> keys = {}) {
    const MessageId id = accept(message(body, {to(to_it, std::move(keys))}));
    world_.store->outcome(accepted({id, 0}));
    world_.settle();
    return id;
  }
  MessageId kill(const std::string& body, DestinationId to_it, std::vector<std::uint64_t> keys = {}) {
    const MessageId id = accept(message(body, {to(to_it, std::move(keys))}));
    world_.store->outcome(refused({id, 0}, "no such patient"));
    world_.settle();
    return id;
  }
  void reopen() {
    world_.crash();
    sinks_.clear();
    open();
  }
  Acts& acts() { return *world_.store->acts(); }
  std::vector<ReplayVerdict> replay(Choice choice, bool despite = false, std::optional<std::string> elsewhere = std::nullopt,
                                    const std::string& request = "", bool deliveries = false) {
    ReplayWish wish;
    wish.choice = std::move(choice);
    wish.deliveries = deliveries;
    wish.to = std::move(elsewhere);
    wish.despite_order = despite;
    wish.identities = people_of;
    auto verdicts = world_.wait(acts().replay(std::move(wish), person("asked for", request)));
    EXPECT_TRUE(verdicts) << verdicts.error().describe();
    return verdicts.value_or(std::vector<ReplayVerdict>{});
  }
  std::vector<MessageId> open_letters(const std::string& flow = "") {
    LetterFilter filter;
    if (!flow.empty()) filter.flow = flow;
    std::vector<MessageId> ids;
    const auto letters = world_.wait(acts().letters(filter));
    for (const Letter& letter : *letters) ids.push_back(letter.delivery.message);
    return ids;
  }
  std::vector<std::string> bodies(const std::string& name) {
    world_.settle();
    std::vector<std::string> out;
    for (const Released& one : sinks_[name].released) out.emplace_back(one.body.view());
    return out;
  }
  std::vector<std::string> trace(MessageId id) {
    std::vector<std::string> out;
    const auto trace = world_.wait(world_.store->trace(id));
    for (const auto& event : trace->events) out.push_back(event.what + ": " + event.where + ": " + event.detail);
    return out;
  }
  std::vector<std::string> audit() {
    std::vector<std::string> out;
    const auto records = world_.wait(world_.store->audit(0, 1000));
    for (const AuditRecord& record : *records) out.push_back(record.actor + " " + record.act + " " + record.object);
    return out;
  }
  StoreStatus status() { return *world_.wait(world_.store->status()); }

  World world_;
  std::map<std::string, NotingSink> sinks_;
};

std::vector<MessageId> ids(const std::vector<Later>& later) {
  std::vector<MessageId> out;
  for (const Later& one : later) out.push_back(one.message);
  return out;
}

TEST_F(ActsTest, AReplayIsTheNewestMessageWithTheSameBytesAndClosesTheLetter) {
  open();
  const auto hospital = destination("hospital");
  const MessageId letter = kill("a:old", hospital);
  const MessageId waiting = accept(message("b:waits", {to(hospital)}));
  EXPECT_EQ(status().dead_letters, 1U);
  EXPECT_EQ(status().destinations[0].dead_letters, 1U);
  const auto verdicts = replay(some(letter));
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].refused, "");
  EXPECT_EQ(verdicts[0].made, waiting + 1);
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:old", "b:waits", "a:old"));
  EXPECT_EQ(sinks_["hospital"].released.back().attempts_before, 0U);
  EXPECT_FALSE(sinks_["hospital"].released.back().maybe_seen);
  EXPECT_THAT(open_letters(), IsEmpty());
  EXPECT_THAT(*world_.wait(world_.store->dead_letters(std::nullopt, 0, 10)), IsEmpty());
  EXPECT_EQ(status().dead_letters, 0U);
  EXPECT_EQ(status().messages, 2U);  // a replay was not taken from anybody
  LetterFilter all;
  all.all_states = true;
  const auto letters = *world_.wait(acts().letters(all));
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].state, LetterState::replayed);
  EXPECT_EQ(letters[0].made, verdicts[0].made);
  EXPECT_EQ(letters[0].flow, "f");
  EXPECT_THAT(trace(letter),
              testing::Contains("replayed: unix uid 7: message 1, delivery 0, dead letter of hospital, as message 3: "
                                "asked for"));
  EXPECT_THAT(trace(3), testing::Contains("stored: lab: a replay of message 1, delivery 0"));
  EXPECT_THAT(trace(3), testing::Contains(HasSubstr("replayed: unix uid 7")));
  EXPECT_THAT(audit(), testing::Contains(HasSubstr("unix uid 7 replayed message 1, delivery 0, dead letter of hospital")));

  // Its own death is a new letter; the old one stays closed.
  world_.store->outcome(refused({3, 0}, "still none"));
  world_.settle();
  EXPECT_THAT(open_letters(), ElementsAre(3));
  EXPECT_THAT(replay(some(letter))[0].refused, HasSubstr("replayed as message 3 already"));
}

TEST_F(ActsTest, ACrashKeepsOneReplayOfOneRequest) {
  open();
  auto hospital = destination("hospital");
  const MessageId letter = kill("a:old", hospital);
  const MessageId made = replay(some(letter), false, std::nullopt, "r1")[0].made;
  reopen();
  EXPECT_EQ(status().destinations[0].queued, 1U);
  EXPECT_EQ(status().dead_letters, 0U);
  hospital = destination("hospital");
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:old"));
  const auto again = replay(some(letter), false, std::nullopt, "r1");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].before);
  EXPECT_EQ(again[0].made, made);
  EXPECT_EQ(again[0].refused, "");
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:old"));
  // The same for a message that was delivered: its state does not tell, the request does.
  world_.store->outcome(accepted({made, 0}));
  world_.settle();
  const auto first = replay(some(made), false, std::nullopt, "r2", true);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_NE(first[0].made, 0U) << first[0].refused;
  reopen();
  hospital = destination("hospital");
  const auto second = replay(some(made), false, std::nullopt, "r2", true);
  EXPECT_TRUE(second[0].before);
  EXPECT_EQ(second[0].made, first[0].made);
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:old"));
}

TEST_F(ActsTest, AnythingThatIsMadeAgainFromTheJournalIsTheSame) {
  open();
  auto hospital = destination("hospital");
  const MessageId replayed = kill("a:1", hospital);
  const MessageId dropped = kill("b:2", hospital);
  const MessageId edited = kill("c:3", hospital);
  kill("d:4", hospital);
  replay(some(replayed));
  ASSERT_TRUE(world_.wait(acts().drop(some(dropped), person("not ours"))));
  ASSERT_TRUE(world_.wait(acts().edit({edited, std::nullopt}, SharedBytes("c:three"), "PID-3", person("typing error"))));
  ASSERT_TRUE(world_.wait(acts().hold("hospital", kAllLanes, person("moving house"))));
  ASSERT_TRUE(world_.wait(acts().hold("feed", kAllLanes, person("too much"))));
  ASSERT_TRUE(world_.wait(acts().release("feed", kAllLanes, person(""))));
  world_.crash();
  std::filesystem::remove(world_.folder + "/data/state.db");
  open();
  hospital = destination("hospital");
  EXPECT_THAT(open_letters(), ElementsAre(edited, 4));
  EXPECT_EQ(status().dead_letters, 2U);
  const auto holds = *world_.wait(acts().holds());
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].name, "hospital");
  EXPECT_EQ(holds[0].why, "moving house");
  const auto body = world_.wait(acts().letter_body({edited, std::nullopt}, {world_.clock.now, "me", "read body", "message 3"}));
  ASSERT_TRUE(body) << body.error().describe();
  EXPECT_EQ(body->view(), "c:three");
  EXPECT_EQ(std::ranges::count_if(audit(), [](const std::string& one) { return one.starts_with("unix uid 7"); }), 6);
}

TEST_F(ActsTest, OlderOverNewerIsRefusedByIdentityWhereThereAreNoKeys) {
  open();
  const auto hospital = destination("hospital");
  const auto clinic = destination("clinic");
  const MessageId old = kill("a:old", hospital);
  deliver("b:other", hospital);
  const MessageId newer = deliver("ab:new", hospital);
  deliver("a:elsewhere", clinic);
  kill("a:died too", hospital);
  const MessageId waits = accept(message("a:waits", {to(hospital)}));
  auto verdict = replay(some(old))[0];
  EXPECT_EQ(verdict.made, 0U);
  EXPECT_THAT(verdict.refused, HasSubstr("later messages"));
  EXPECT_THAT(ids(verdict.later), ElementsAre(newer, waits));
  EXPECT_TRUE(verdict.later[0].delivered);
  EXPECT_FALSE(verdict.later[1].delivered);
  EXPECT_THAT(open_letters(), testing::Contains(old));
  // Elsewhere, only what went there counts.
  EXPECT_THAT(ids(replay(some(old), false, "clinic")[0].later), ElementsAre(4));
  verdict = replay(some(old), true)[0];
  EXPECT_EQ(verdict.refused, "");
  EXPECT_NE(verdict.made, 0U);
  EXPECT_THAT(trace(old), testing::Contains(HasSubstr("despite 2 later messages")));
  // The replay is as old as what it repeats: it stands in nobody's way.
  world_.store->outcome(accepted({verdict.made, 0}));
  world_.store->outcome(accepted({waits, 0}));
  world_.settle();
  EXPECT_THAT(ids(replay(some(5))[0].later), ElementsAre(waits));
}

TEST_F(ActsTest, OlderOverNewerIsRefusedByOrderingKeyWhereThereIsOne) {
  open();
  const auto hospital = destination("hospital", 4);
  const MessageId old = kill("x:old", hospital, {8, 9});
  deliver("x:other key", hospital, {12});  // the same lane and person, another key
  EXPECT_EQ(replay(some(old))[0].refused, "");
  const MessageId older = kill("y:old", hospital, {20});
  const MessageId newer = deliver("z:new", hospital, {20, 21});
  EXPECT_THAT(ids(replay(some(older))[0].later), ElementsAre(newer));
}

TEST_F(ActsTest, ThoseAboutNobodyAreComparedWithEachOther) {
  open();
  const auto hospital = destination("hospital");
  const MessageId old = kill("-:master file", hospital);
  deliver("a:patient", hospital);
  EXPECT_EQ(replay(some(old))[0].refused, "");
  const MessageId second = kill("-:master file 2", hospital);
  const MessageId newer = deliver("-:master file 3", hospital);
  EXPECT_THAT(ids(replay(some(second))[0].later), ElementsAre(newer));
}

// The past is read while messages come; one that comes meanwhile is seen all the same.
TEST_F(ActsTest, ANewerMessageThatComesWhileTheReplayIsPreparedIsSeen) {
  for (const int when : {1, 2}) {  // while the letter is read, or while what came since is looked at
    World world;
    NotingSink sink;
    ASSERT_TRUE(world.open());
    DestinationOptions options;
    options.name = "hospital";
    const auto hospital = world.wait(world.store->open_destination(options, &sink));
    ASSERT_TRUE(world.wait(world.store->accept(message("a:old", {to(*hospital)}))));
    world.store->outcome(refused({1, 0}, "no"));
    ASSERT_TRUE(world.wait(world.store->accept(message("b:other", {to(*hospital)}))));
    int calls = 0;
    std::optional<Result<Accepted>> taken;
    ReplayWish wish;
    wish.choice = some(1);
    wish.identities = [&](std::string_view body) {
      if (++calls == when) world.gate->spawn(keep_result(world.store->accept(message("a:newer", {to(*hospital)})), &taken));
      return people_of(body);
    };
    const auto verdicts = world.wait(world.store->acts()->replay(std::move(wish), person()));
    ASSERT_TRUE(verdicts);
    ASSERT_TRUE(taken.has_value() && taken->has_value());
    EXPECT_THAT(ids((*verdicts)[0].later), ElementsAre(3)) << when;
    EXPECT_EQ((*verdicts)[0].made, 0U);
  }
}

TEST_F(ActsTest, AllGoInCommitOrderEachWithItsVerdict) {
  open();
  const auto hospital = destination("hospital");
  const auto clinic = destination("clinic");
  kill("a:1", hospital);
  kill("b:2", hospital);
  kill("a:3", hospital);
  kill("c:4", clinic);
  deliver("b:5", hospital);
  Choice choice;
  choice.filter.destination = "hospital";
  const auto verdicts = replay(choice);
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].made, 6U);
  EXPECT_EQ(verdicts[1].made, 0U);
  EXPECT_THAT(ids(verdicts[1].later), ElementsAre(5));
  EXPECT_EQ(verdicts[2].made, 7U);
  EXPECT_THAT(open_letters(), ElementsAre(2, 4));
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:1", "b:2", "a:3", "b:5", "a:1", "a:3"));
}

TEST_F(ActsTest, ManyLettersGoInSeveralCommits) {
  open();
  const auto hospital = destination("hospital");
  for (int i = 0; i < 300; ++i)
    accept(message(std::string(1, static_cast<char>('a' + i % 20)) + ":" + std::to_string(i), {to(hospital)}));
  for (MessageId id = 1; id <= 300; ++id) {
    world_.store->outcome(refused({id, 0}, "no"));
    world_.settle();
  }
  const auto commits = status().commits;
  const auto verdicts = replay({});
  ASSERT_EQ(verdicts.size(), 300U);
  for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(verdicts[i].made, 301 + i) << verdicts[i].refused;
  EXPECT_EQ(status().commits - commits, 3U);
  EXPECT_EQ(status().dead_letters, 0U);
}

TEST_F(ActsTest, NoReplayGoesOnWhenTheHubStops) {
  open();
  const auto hospital = destination("hospital");
  const MessageId letter = kill("a:x", hospital);
  acts().end_replays();
  ReplayWish wish;
  wish.identities = people_of;
  const auto verdicts = world_.wait(acts().replay(std::move(wish), person()));
  ASSERT_FALSE(verdicts);
  EXPECT_EQ(verdicts.error().code, ErrorCode::stopped);
  EXPECT_THAT(verdicts.error().describe(), HasSubstr("ask again"));
  EXPECT_THAT(open_letters(), ElementsAre(letter));
}

TEST_F(ActsTest, AReplayKeepsItsKeysAndTakesItsTurnAmongTheUrgent) {
  open();
  DestinationOptions options;
  options.name = "hospital";
  options.lanes = 4;
  options.express = options.keep_keys = true;
  const auto hospital = *world_.wait(world_.store->open_destination(options, &sinks_["hospital"]));
  const auto urgent = [&](const std::string& body, std::uint64_t key) {
    NewDelivery delivery = to(hospital, {key});
    delivery.urgent = true;
    return accept(message(body, {delivery}));
  };
  const MessageId letter = urgent("a:x", 5);
  world_.settle();
  EXPECT_THAT(sinks_["hospital"].released.back().lanes, ElementsAre(4));  // the express lane
  world_.store->outcome(refused({letter, 0}, "no such patient"));
  world_.settle();
  accept(message("b:y", {to(hospital, {6})}));
  ASSERT_EQ(replay(some(letter)).at(0).refused, "");
  world_.settle();
  EXPECT_THAT(sinks_["hospital"].released.back().lanes, ElementsAre(1));  // it is urgent no longer
  EXPECT_THAT(sinks_["hospital"].released.back().keys, ElementsAre(5));
  urgent("a:z", 5);  // and what is urgent of the same key waits behind it
  world_.settle();
  EXPECT_THAT(sinks_["hospital"].released.back().lanes, ElementsAre(1));
  const MessageId other = kill("c:w", hospital, {7});
  ASSERT_EQ(replay(some(other), true, "hospital").at(0).refused, "");
  const MessageId edited = kill("d:w", hospital, {7});
  ASSERT_TRUE(world_.wait(acts().edit({edited, 0}, SharedBytes("d:v"), "one field", person())));
  ASSERT_EQ(replay(some(edited), true).at(0).refused, "");
  world_.settle();
  EXPECT_THAT(sinks_["hospital"].released.back().lanes, ElementsAre(0, 1, 2, 3, 4));  // of unknown keys: it waits for all
  EXPECT_THAT(sinks_["hospital"].released.back().keys, ElementsAre(kEveryKey, kExpressLane));
}

TEST_F(ActsTest, AnEditIsWhatIsDeliveredAndNothingThatCameIsLost) {
  open();
  const auto hospital = destination("hospital", 3);
  NewMessage given = message("a:received", {to(hospital, {7})});
  given.flows[0].deliveries[0].body = SharedBytes("a:mapped");
  const MessageId letter = accept(given);
  world_.store->outcome(refused({letter, 0}, "no"));
  world_.settle();
  const auto edited = world_.wait(acts().edit({letter, 0U}, SharedBytes("b:by hand"), "PID-3", person("wrong patient")));
  ASSERT_TRUE(edited) << edited.error().describe();
  EXPECT_EQ(edited->edits, 1U);
  EXPECT_EQ(edited->size, 9U);
  reopen();
  destination("hospital", 3);
  const AuditRecord reading{world_.clock.now, "me", "read body", "message 1"};
  EXPECT_EQ(world_.wait(world_.store->read_body(letter, std::nullopt, reading))->view(), "a:received");
  EXPECT_EQ(world_.wait(world_.store->read_body(letter, 0U, reading))->view(), "a:mapped");
  EXPECT_EQ(world_.wait(acts().letter_body({letter, std::nullopt}, reading))->view(), "b:by hand");
  EXPECT_THAT(trace(letter),
              testing::Contains("edited: unix uid 7: message 1, delivery 0, dead letter of hospital, PID-3: wrong patient"));
  // It is about whom it was about and about whom it is now.
  deliver("a:newer", hospital, {});
  deliver("b:newer", hospital, {});
  EXPECT_THAT(ids(replay(some(letter))[0].later), ElementsAre(2, 3));
  const MessageId made = replay(some(letter), true)[0].made;
  EXPECT_THAT(bodies("hospital").back(), "b:by hand");
  EXPECT_THAT(sinks_["hospital"].released.back().lanes, ElementsAre(0, 1, 2));  // its key is not known: a barrier
  EXPECT_EQ(world_.wait(world_.store->read_body(made, std::nullopt, reading))->view(), "b:by hand");
  EXPECT_EQ(world_.wait(acts().edit({letter, 0U}, SharedBytes("x"), "", person())).error().code, ErrorCode::exists);
  EXPECT_EQ(world_.wait(acts().edit({99, 0U}, SharedBytes("x"), "", person())).error().code, ErrorCode::exists);
}

TEST_F(ActsTest, WhatAFlowEndedGoesOnlyWhereAPersonSays) {
  open();
  const auto hospital = destination("hospital");
  NewMessage given = message("a:received");
  given.flows[0].endings.push_back({Ending::Kind::dead, "unknown facility", SharedBytes("a:as the flow had it")});
  const MessageId letter = accept(given);
  EXPECT_EQ(status().dead_letters, 1U);
  EXPECT_THAT(open_letters("f"), ElementsAre(letter));
  EXPECT_THAT(open_letters("g"), IsEmpty());
  EXPECT_THAT(replay(some(letter))[0].refused, HasSubstr("--to"));
  ReplayWish wish;
  wish.choice = some(letter);
  wish.to = "nowhere";
  wish.identities = people_of;
  EXPECT_EQ(world_.wait(acts().replay(wish, person())).error().code, ErrorCode::not_found);
  const MessageId newer = deliver("a:newer", hospital);
  EXPECT_THAT(ids(replay(some(letter), false, "hospital")[0].later), ElementsAre(newer));
  EXPECT_NE(replay(some(letter), true, "hospital")[0].made, 0U);
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:newer", "a:as the flow had it"));
  EXPECT_EQ(status().dead_letters, 0U);
}

TEST_F(ActsTest, AMessageIsReplayedAgainToItsDestinationsOrElsewhere) {
  open();
  const auto hospital = destination("hospital");
  const auto clinic = destination("clinic");
  const auto batch = destination("f batch 1", 1, true);
  const MessageId id = accept(message("a:1", {to(hospital), to(clinic), to(batch)}));
  EXPECT_THAT(replay(some(id), false, std::nullopt, "", true)[0].refused, HasSubstr("on its way"));
  world_.store->outcome(accepted({id, 0}));
  world_.store->outcome(refused({id, 1}, "no"));
  world_.store->outcome(accepted({id, 2}));
  world_.settle();
  auto verdicts = replay(some(id), false, std::nullopt, "", true);
  ASSERT_EQ(verdicts.size(), 3U);
  std::ranges::sort(verdicts, {}, &ReplayVerdict::delivery);
  EXPECT_NE(verdicts[0].made, 0U);
  EXPECT_NE(verdicts[1].made, 0U);
  EXPECT_THAT(verdicts[2].refused, HasSubstr("batch"));
  EXPECT_THAT(open_letters(), IsEmpty());  // the one that was dead is closed by it
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:1", "a:1"));
  EXPECT_THAT(bodies("clinic"), ElementsAre("a:1", "a:1"));
  EXPECT_NE(replay(some(id, 0U), false, "clinic", "", true)[0].made, 0U);
  EXPECT_EQ(bodies("clinic").size(), 3U);
  EXPECT_THAT(replay(some(99), false, std::nullopt, "", true)[0].refused, HasSubstr("no such message"));
  ASSERT_TRUE(world_.wait(world_.store->close_destination(clinic)));
  EXPECT_THAT(replay(some(id, 0U), false, "clinic", "", true)[0].refused, HasSubstr("no destination `clinic`"));
}

TEST_F(ActsTest, DroppedLettersAreGoneFromTheListAndNotFromTheTrace) {
  open();
  auto hospital = destination("hospital");
  kill("a:1", hospital);
  kill("b:2", hospital);
  auto verdicts = *world_.wait(acts().drop(some(1), person("never wanted")));
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_TRUE(verdicts[0].dropped);
  EXPECT_THAT(world_.wait(acts().drop(some(1), person("twice")))->at(0).refused, HasSubstr("dropped"));
  EXPECT_THAT(world_.wait(acts().drop(some(77), person("none")))->at(0).refused, HasSubstr("no such dead letter"));
  reopen();
  hospital = destination("hospital");
  EXPECT_THAT(open_letters(), ElementsAre(2));
  EXPECT_THAT(trace(1), testing::Contains("dropped: unix uid 7: message 1, delivery 0, dead letter of hospital: never wanted"));
  EXPECT_EQ(world_.wait(acts().drop({}, person("all of them")))->size(), 1U);
  EXPECT_EQ(status().dead_letters, 0U);
}

TEST_F(ActsTest, AFullDiskLeavesEverythingAsItWas) {
  open();
  const auto hospital = destination("hospital");
  const MessageId letter = kill("a:1", hospital);
  world_.disk.fault = [](FaultyDisk::Operation operation, const std::string& path) -> std::optional<Error> {
    if (operation != FaultyDisk::Operation::write || path.find("journal-") == std::string::npos) return std::nullopt;
    return Error{ErrorCode::full, "planted", nullptr};
  };
  ReplayWish wish;
  wish.choice = some(letter);
  wish.identities = people_of;
  EXPECT_EQ(world_.wait(acts().replay(wish, person())).error().code, ErrorCode::full);
  EXPECT_EQ(world_.wait(acts().hold("hospital", kAllLanes, person())).error().code, ErrorCode::full);
  world_.disk.fault = nullptr;
  world_.disk.free_space = 1000;  // within the reserve: nothing with a body, but what people say
  EXPECT_EQ(world_.wait(acts().replay(wish, person())).error().code, ErrorCode::full);
  EXPECT_TRUE(world_.wait(acts().release("hospital", kAllLanes, person())));
  world_.disk.free_space = 1ULL << 40;
  EXPECT_THAT(open_letters(), ElementsAre(letter));
  EXPECT_EQ(status().dead_letters, 1U);
  EXPECT_EQ(status().destinations[0].queued, 0U);
  EXPECT_THAT(*world_.wait(acts().holds()), IsEmpty());
  EXPECT_EQ(replay(some(letter))[0].made, letter + 1);
  EXPECT_THAT(bodies("hospital"), ElementsAre("a:1", "a:1"));
}

TEST_F(ActsTest, TheLedgerIsSettledForTheSetThatAPersonSaw) {
  open();
  auto hospital = destination("hospital");
  auto clinic = destination("clinic");
  for (int i = 0; i < 3; ++i) accept(message("a:" + std::to_string(i), {to(hospital)}));
  accept(message("a:3", {to(clinic)}));
  reopen();
  hospital = destination("hospital");
  clinic = destination("clinic");
  EXPECT_EQ(status().destinations[0].ambiguous, 3U);
  const auto resolve = [&](const std::string& name, MessageId through) {
    return world_.wait(acts().resolve(name, through, "seen-once", person("they looked")));
  };
  EXPECT_EQ(resolve("nowhere", 0).error().code, ErrorCode::not_found);
  EXPECT_EQ(*resolve("hospital", 2), 2U);
  EXPECT_EQ(status().destinations[0].ambiguous, 1U);
  EXPECT_EQ(*resolve("hospital", 2), 0U);
  EXPECT_EQ(world_.wait(world_.store->ambiguities("hospital", 0, 10))->size(), 1U);
  LedgerFilter filter;
  filter.destination = "hospital";
  filter.all = true;
  const auto all = *world_.wait(acts().ledger(filter));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].outcome, "seen-once");
  EXPECT_EQ(all[0].why, "they looked");
  EXPECT_EQ(all[0].type, "ORU^R01");
  EXPECT_EQ(all[2].outcome, "");
  EXPECT_THAT(trace(1), testing::Contains("resolved: unix uid 7: delivery 0 at hospital: seen-once: they looked"));
  reopen();  // what is released again and not finished is in doubt again
  hospital = destination("hospital");
  clinic = destination("clinic");
  EXPECT_EQ(status().destinations[0].ambiguous, 4U);
  EXPECT_EQ(status().destinations[1].ambiguous, 2U);
  const auto bodies = world_.wait(acts().bodies({{1, 0}, {99, 0}, {2, 0}}, {world_.clock.now, "me", "read control ids", "2"}));
  ASSERT_EQ(bodies->size(), 3U);
  EXPECT_EQ((*bodies)[0].view(), "a:0");
  EXPECT_TRUE((*bodies)[1].empty());
  EXPECT_THAT(audit(), testing::Contains("me read control ids 2"));
}

TEST_F(ActsTest, HoldsStayUntilAPersonEndsThem) {
  open();
  ASSERT_TRUE(world_.wait(acts().hold("hospital", 2, person("one lane"))));
  ASSERT_TRUE(world_.wait(acts().hold("hospital", kAllLanes, person("all of it"))));
  ASSERT_TRUE(world_.wait(acts().hold("feed", kAllLanes, person("closed"))));
  reopen();
  EXPECT_EQ(world_.wait(acts().holds())->size(), 3U);
  ASSERT_TRUE(world_.wait(acts().release("hospital", 2, person(""))));
  EXPECT_EQ(world_.wait(acts().holds())->size(), 2U);
  ASSERT_TRUE(world_.wait(acts().hold("hospital", 1, person("another"))));
  ASSERT_TRUE(world_.wait(acts().release("hospital", kAllLanes, person("done"))));
  const auto left = *world_.wait(acts().holds());
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "feed");
  EXPECT_EQ(left[0].actor, "unix uid 7");
  EXPECT_EQ(audit().size(), 6U);
}

}  // namespace
}  // namespace smarthl7::store
