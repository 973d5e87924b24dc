// SPDX-License-Identifier: Apache-2.0
// What must survive: crashes at any operation, torn and damaged files, full disks, failed syncs; and a model that knows better.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "runtime/env/crash_point.h"
#include "runtime/store/format.h"
#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

using Operation = FaultyDisk::Operation;

Error io_error() { return Error{ErrorCode::io, "planted", nullptr}; }
Error full_error() { return Error{ErrorCode::full, "planted", nullptr}; }

std::string journal_of(const World& world, int number = 1) {
  return fmt::format("{}/data/journal-{:010}", world.folder, number);
}

Result<DestinationId> open_hospital(World& world, DestinationSink& sink, LaneNumber lanes = 1, std::uint32_t window = 256) {
  DestinationOptions options;
  options.name = "hospital";
  options.lanes = lanes;
  options.window_messages = window;
  return world.wait(world.store->open_destination(options, &sink));
}

TEST(StoreRecovery, ATornTailIsCut) {
  World world;
  NotingSink sink;
  ASSERT_TRUE(world.open());
  const auto hospital = open_hospital(world, sink);
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|one", {to(*hospital)}))));
  world.crash();
  const auto good = std::filesystem::file_size(journal_of(world));
  for (const std::string& tail : {std::string("G1R7"), std::string(5000, '\0'), std::string("G1R7") + std::string(300, 'x')}) {
    std::ofstream(journal_of(world), std::ios::binary | std::ios::app) << tail;
    ASSERT_TRUE(world.open());
    EXPECT_EQ(std::filesystem::file_size(journal_of(world)), good);
    EXPECT_EQ(world.wait(world.store->trace(1))->message.state, "queued");
    const auto status = world.wait(world.store->status());
    ASSERT_EQ(status->notes.size(), 1U);
    EXPECT_EQ(status->notes[0], "cut " + std::to_string(tail.size()) + " bytes of an unfinished record at the end of " +
                                    journal_of(world) + "; nothing acknowledged was in it");
    world.crash();
  }
  // A record that is cut anywhere was never acknowledged; the ones before it stay.
  ASSERT_TRUE(world.open());
  EXPECT_TRUE(world.wait(world.store->status())->notes.empty());
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|two"))));
  world.crash();
  const auto all = std::filesystem::file_size(journal_of(world));
  std::filesystem::copy(world.folder + "/data", world.folder + "/copy", std::filesystem::copy_options::recursive);
  for (auto size = good; size < all; size += 7) {
    std::filesystem::remove_all(world.folder + "/data");
    std::filesystem::copy(world.folder + "/copy", world.folder + "/data", std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(journal_of(world), size);
    const auto opened = world.open();
    ASSERT_TRUE(opened) << size << ": " << opened.error().describe();
    EXPECT_TRUE(world.wait(world.store->trace(1)));
    EXPECT_FALSE(world.wait(world.store->trace(2)));
    const auto next = world.wait(world.store->accept(message("MSH|again")));
    ASSERT_TRUE(next);
    EXPECT_EQ(next->id, 2U);
    world.crash();
  }
}

TEST(StoreRecovery, DamageInTheMiddleIsSaid) {
  World world;
  ASSERT_TRUE(world.open());
  std::vector<std::uintmax_t> ends{std::filesystem::file_size(journal_of(world))};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(world.wait(world.store->accept(message("MSH|" + std::to_string(i)))));
    ends.push_back(std::filesystem::file_size(journal_of(world)));
  }
  world.crash();
  {
    std::fstream file(journal_of(world), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(ends[1] + 60));
    file.put('#');
  }
  const auto opened = world.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_THAT(opened.error().describe(), testing::HasSubstr("journal-0000000001: offset " + std::to_string(ends[1])));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A record that found no room is cut off; a loss of power may bring it back behind the end of a segment that was left since.
TEST(StoreRecovery, WhatLiesBehindTheEndOfAnEarlierSegmentIsNotTaken) {
  World world;
  auto options = world.options();
  options.segment_bytes = 400;
  ASSERT_TRUE(world.open(options));
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|one"))));
  world.crash();
  const std::string data = world.folder + "/data";
  std::filesystem::copy(data, world.folder + "/copy", std::filesystem::copy_options::recursive);
  const auto end = std::filesystem::file_size(journal_of(world));
  ASSERT_TRUE(world.open(options));
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|never answered"))));
  world.crash();
  const std::string refused = read_file(journal_of(world)).substr(end);  // a whole record, valid in this segment
  ASSERT_FALSE(refused.empty());

  std::filesystem::remove_all(data);
  std::filesystem::rename(world.folder + "/copy", data);
  options.segment_bytes = 1;  // each record begins a segment
  ASSERT_TRUE(world.open(options));
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|two"))));
  world.crash();
  ASSERT_TRUE(std::filesystem::exists(journal_of(world, 2)));
  for (const std::string& tail : {refused, refused.substr(0, 70), std::string(3000, '\0')}) {
    std::ofstream(journal_of(world), std::ios::binary | std::ios::app) << tail;
    std::filesystem::remove(data + "/state.db");  // all is read again
    std::filesystem::remove(data + "/state.db-wal");
    const auto opened = world.open(options);
    ASSERT_TRUE(opened) << opened.error().describe();
    EXPECT_EQ(std::filesystem::file_size(journal_of(world)), end);
    const auto second = world.wait(world.store->read_body(2, std::nullopt, AuditRecord{}));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->view(), "MSH|two");
    world.crash();
  }
}

TEST(StoreRecovery, ASegmentThatLostItsEndIsSaid) {
  World world;
  auto options = world.options();
  options.segment_bytes = 1;
  ASSERT_TRUE(world.open(options));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(world.wait(world.store->accept(message("MSH|" + std::to_string(i)))));
  world.crash();
  ASSERT_TRUE(std::filesystem::exists(journal_of(world, 2)));
  std::filesystem::remove(world.folder + "/data/state.db");
  std::filesystem::remove(world.folder + "/data/state.db-wal");
  std::filesystem::resize_file(journal_of(world), kSegmentHeaderSize);
  const auto opened = world.open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_THAT(opened.error().describe(), testing::HasSubstr("records that were committed are missing"));
}

TEST(StoreRecovery, NewerFormatsAndLostFilesAreRefusedByName) {
  World world;
  ASSERT_TRUE(world.open());
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|one"))));
  ASSERT_TRUE(world.wait(world.store->close()));
  world.crash();
  const std::string manifest = world.folder + "/data/manifest";
  std::string bytes(64, '\0');
  std::ifstream(manifest, std::ios::binary).read(bytes.data(), 64);
  std::string newer = bytes;
  newer[8] = 9;
  const std::uint32_t crc = crc32c(std::string_view(newer).substr(0, 60));
  std::memcpy(newer.data() + 60, &crc, 4);
  std::ofstream(manifest, std::ios::binary) << newer;
  EXPECT_EQ(world.open().error().code, ErrorCode::version);
  newer[20] = static_cast<char>(newer[20] ^ 1);
  std::ofstream(manifest, std::ios::binary) << newer;
  EXPECT_EQ(world.open().error().code, ErrorCode::corrupt);
  std::filesystem::remove(manifest);
  EXPECT_EQ(world.open().error().code, ErrorCode::corrupt);
  std::ofstream(manifest, std::ios::binary) << bytes;
  std::filesystem::rename(journal_of(world), world.folder + "/away");
  EXPECT_EQ(world.open().error().code, ErrorCode::corrupt);
  std::filesystem::rename(world.folder + "/away", journal_of(world));
  // The state is made again from the journal.
  std::filesystem::remove(world.folder + "/data/state.db");
  ASSERT_TRUE(world.open());
  EXPECT_TRUE(world.wait(world.store->trace(1)));
}

TEST(StoreRecovery, AFailedSyncStopsTheStoreForGood) {
  World world;
  NotingSink sink;
  ASSERT_TRUE(world.open());
  const auto hospital = open_hospital(world, sink);
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|one", {to(*hospital)}))));
  std::uint64_t syncs = 0;
  world.disk.fault = [&](Operation operation, const std::string& path) -> std::optional<Error> {
    if (operation != Operation::sync || path.find("journal-") == std::string::npos) return std::nullopt;
    ++syncs;
    return io_error();
  };
  EXPECT_EQ(world.wait(world.store->accept(message("MSH|two", {to(*hospital)}))).error().code, ErrorCode::stopped);
  world.disk.fault = nullptr;
  EXPECT_EQ(world.wait(world.store->accept(message("MSH|three"))).error().code, ErrorCode::stopped);
  EXPECT_EQ(syncs, 1U);
  ASSERT_TRUE(world.failure);
  EXPECT_EQ(world.failure->text, "planted");
  EXPECT_EQ(sink.released.size(), 1U);
  EXPECT_EQ(world.wait(world.store->close()).error().code, ErrorCode::stopped);
}

TEST(StoreRecovery, ADiskThatFillsUpSlowsSendersBeforeItRefusesThem) {
  World world;
  NotingSink sink;
  ASSERT_TRUE(world.open());
  const auto hospital = open_hospital(world, sink, 1, 8);
  const std::uint64_t reserve = world.options().reserve_bytes;
  const auto time_of_two = [&] {
    world.settle(std::chrono::milliseconds(2000));
    const SteadyTime begin = world.executor.now();
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(world.wait(world.store->accept(message("MSH|x", {to(*hospital)}))));
    return world.executor.now() - begin;
  };
  const auto free = time_of_two();
  world.disk.free_space = 3 * reserve;
  const auto slow = time_of_two();
  world.disk.free_space = reserve + 1;
  const auto slowest = time_of_two();
  EXPECT_GT(slow, free + std::chrono::milliseconds(100));
  EXPECT_GT(slowest, slow + std::chrono::milliseconds(200));

  // Outcomes do not wait with them: they are what makes room.
  const std::size_t durable = sink.durable;
  world.store->outcome(accepted({1, 0}));
  world.settle(std::chrono::milliseconds(20));
  EXPECT_EQ(sink.durable, durable + 1);
  world.disk.free_space = 1ULL << 40;
  time_of_two();
  EXPECT_LT(time_of_two(), slow);
}

TEST(StoreRecovery, AFolderThatIsAsLargeAsItMayBeTakesNothingMore) {
  World world;
  NotingSink sink;
  StoreOptions options = world.options();
  options.reserve_bytes = 1 << 20;
  options.most_bytes = 8 << 20;
  ASSERT_TRUE(world.open(options));
  const auto hospital = open_hospital(world, sink, 1, 8);
  std::optional<Error> refused;
  int taken = 0;
  for (; taken < 200 && !refused; ++taken) {
    const auto result = world.wait(world.store->accept(message(std::string(100'000, 'x'), {to(*hospital)})));
    if (!result) refused = result.error();
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::full);
  EXPECT_GT(taken, 40);
  EXPECT_LT(taken, 75);
}

TEST(StoreRecovery, AFullDiskRefusesAndGoesOn) {
  World world;
  NotingSink sink;
  ASSERT_TRUE(world.open());
  const auto hospital = open_hospital(world, sink, 1, 2);
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(world.wait(world.store->accept(message("MSH|" + std::to_string(i), {to(*hospital)}))));
  world.settle();
  world.disk.free_space = 1000;
  EXPECT_EQ(world.wait(world.store->accept(message("MSH|4", {to(*hospital)}))).error().code, ErrorCode::full);
  world.disk.free_space = 1ULL << 40;

  // A write that fails half-way: what the group changed is undone, with outcome and release in it.
  world.disk.torn_bytes = 30;
  world.disk.fault = [](Operation operation, const std::string& path) -> std::optional<Error> {
    if (operation != Operation::write || path.find("journal-") == std::string::npos) return std::nullopt;
    return full_error();
  };
  world.store->outcome(accepted({1, 0}));
  NewMessage claimed = message("MSH|5", {to(*hospital)});
  claimed.flows[0].dedup = DedupClaim{{1, 1}, {1, 1}, std::chrono::seconds(60), false};
  EXPECT_EQ(world.wait(world.store->accept(claimed)).error().code, ErrorCode::full);
  world.settle();
  EXPECT_EQ(sink.released.size(), 2U);
  EXPECT_EQ(sink.durable, 0U);
  world.disk.fault = nullptr;
  world.settle(std::chrono::milliseconds(3000));
  EXPECT_EQ(sink.durable, 1U);
  EXPECT_EQ(sink.released.size(), 3U);
  const auto again = world.wait(world.store->accept(claimed));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->duplicate);
  EXPECT_EQ(again->id, 5U);
  EXPECT_FALSE(world.failure);
  world.crash();
  ASSERT_TRUE(world.open());
  const auto status = world.wait(world.store->status());
  EXPECT_EQ(status->destinations[0].queued, 4U);
  EXPECT_EQ(status->destinations[0].delivered, 1U);
  EXPECT_EQ(status->messages, 5U);
}

TEST(StoreRecovery, OldSegmentsGoWhenNothingLivesInThem) {
  World world;
  NotingSink sink;
  auto options = world.options();
  options.segment_bytes = 2000;
  options.body_retention = std::chrono::hours(48);
  ASSERT_TRUE(world.open(options));
  const auto hospital = open_hospital(world, sink);
  for (std::uint64_t i = 0; i < 12; ++i) {
    NewMessage one = message(std::string(1500, 'x'), {to(*hospital)});
    one.flows[0].dedup = DedupClaim{{1, i}, {1, 1}, std::chrono::hours(1000), false};
    ASSERT_TRUE(world.wait(world.store->accept(one)));
  }
  for (MessageId id = 1; id <= 12; ++id)
    if (id != 5) world.store->outcome(accepted({id, 0}));
  world.settle(std::chrono::seconds(2));
  ASSERT_TRUE(std::filesystem::exists(journal_of(world, 2)));
  for (int hours = 0; hours < 3; ++hours) {  // keys leave the journal first, then segments may go
    world.clock.now += std::chrono::hours(50);
    ASSERT_TRUE(world.wait(world.store->accept(message("MSH|later"))));
    world.settle(std::chrono::seconds(2));
  }
  EXPECT_FALSE(std::filesystem::exists(journal_of(world, 2)));
  EXPECT_EQ(world.wait(world.store->trace(1)).error().code, ErrorCode::not_found);
  EXPECT_EQ(world.wait(world.store->trace(5))->message.state, "queued");
  EXPECT_EQ(world.wait(world.store->read_body(5, std::nullopt, {}))->size(), 1500U);
  world.crash();
  ASSERT_TRUE(world.open(options));
  NewMessage copy = message(std::string(1500, 'x'));
  copy.flows[0].dedup = DedupClaim{{1, 0}, {1, 1}, std::chrono::hours(1000), false};
  EXPECT_TRUE(world.wait(world.store->accept(copy))->duplicate);
}

// ---- random histories beside a model
// -----------------------------------------------------------------------------------------

class Model {
 public:
  explicit Model(World& world, std::uint64_t seed) : world_(world), random_(seed), lanes_(seed % 3 == 0 ? 1 : 3) {}

  Result<void> start() {
    sink_ = NotingSink();
    handled_ = 0;
    open_.clear();
    answered_.clear();  // what a crash made of these outcomes is not known
    auto options = world_.options();
    options.segment_bytes = 20'000;  // many segments
    TRY_VOID(world_.open(options));
    return attach();
  }

  Result<void> attach() {
    TRY(hospital_, open_hospital(world_, sink_, lanes_, 4));
    pump();
    return {};
  }

  // One random step; an error is one that a fault caused.
  void step() {
    const auto dice = random_() % 100;
    if (dice < 60) {
      send();
    } else if (dice < 95) {
      answer();
    } else {
      world_.settle(std::chrono::milliseconds(700));  // the state catches up
    }
    pump();
  }

  void send() {
    std::vector<std::uint64_t> keys{random_() % 7};
    if (random_() % 8 == 0) keys.push_back(random_() % 7);
    const std::uint64_t claim = random_() % 40;
    std::string body = "MSH|" + std::to_string(++sent_) + std::string(random_() % 300, 'x');
    NewMessage one = message(body, {to(hospital_, keys)});
    if (random_() % 2 == 0) {  // a mapping changed it; the journal keeps long ones as their difference
      body.insert(body.size() / 2, "changed");
      one.flows[0].deliveries[0].body = SharedBytes(body);
    }
    one.flows[0].dedup = DedupClaim{{5, claim}, {6, claim}, std::chrono::hours(24), false};
    const auto got = world_.wait(world_.store->accept(one));
    if (!got) {  // perhaps stored, perhaps not: the model learns it from what comes out
      doubtful_.insert(claim);
      return;
    }
    const auto first = answers_.find(claim);
    if (first != answers_.end()) {
      EXPECT_TRUE(got->duplicate);
      EXPECT_EQ(got->acknowledgement.view(), first->second);
    } else if (got->duplicate) {
      EXPECT_TRUE(doubtful_.contains(claim));
      answers_[claim] = got->acknowledgement.view();
    } else {
      answers_[claim] = got->acknowledgement.view();
      bodies_[got->id] = body;
    }
  }

  void answer() {
    if (open_.empty()) return;
    const auto chosen = std::next(open_.begin(), static_cast<std::ptrdiff_t>(random_() % open_.size()));
    const DeliveryId id = *chosen;
    open_.erase(chosen);
    answered_.insert(id.message);
    world_.store->outcome(random_() % 5 == 0 ? refused(id, "no") : accepted(id));
  }

  void pump() {
    for (; handled_ < sink_.released.size(); ++handled_) {
      const Released& one = sink_.released[handled_];
      EXPECT_FALSE(durable_before_.contains(one.delivery.message)) << "sent again after a durable outcome";
      const auto known = bodies_.find(one.delivery.message);
      EXPECT_TRUE(known == bodies_.end() || one.body.view() == known->second);
      EXPECT_TRUE(one.maybe_seen || !seen_.contains(one.delivery.message)) << one.delivery.message;
      seen_.insert(one.delivery.message);
      for (const LaneNumber lane : one.lanes) {  // order within a lane, but for what is sent again
        EXPECT_TRUE(one.maybe_seen || last_[lane] < one.delivery.message) << one.delivery.message;
        last_[lane] = std::max(last_[lane], one.delivery.message);
      }
      open_.insert(one.delivery);
    }
  }

  void crash(bool quiet) {
    if (quiet) {
      world_.settle(std::chrono::milliseconds(20));
      pump();
      durable_before_.insert(answered_.begin(), answered_.end());
    }
    world_.crash();
    world_.disk.fault = nullptr;
    world_.failure.reset();
  }

  // Everything that was acknowledged comes out, once the receiver takes it all.
  void drain() {
    for (int i = 0; i < 100'000; ++i) {
      pump();
      if (open_.empty()) {
        world_.settle();
        pump();
        if (open_.empty()) break;
      }
      answer();
    }
    for (const auto& [id, body] : bodies_)
      EXPECT_TRUE(seen_.contains(id)) << "message " << id << " was acknowledged and never came out";
    const auto status = world_.wait(world_.store->status());
    ASSERT_TRUE(status);
    EXPECT_EQ(status->destinations[0].queued, 0U);
    EXPECT_EQ(status->destinations[0].delivered + status->destinations[0].dead, status->messages);
    const auto ledger = world_.wait(world_.store->ambiguities(std::nullopt, 0, 1'000'000));
    ASSERT_TRUE(ledger);
  }

 private:
  World& world_;
  std::mt19937_64 random_;
  LaneNumber lanes_;
  NotingSink sink_;
  std::size_t handled_ = 0;
  DestinationId hospital_ = 0;
  std::uint64_t sent_ = 0;
  std::set<DeliveryId> open_;
  std::set<MessageId> answered_, durable_before_, seen_;
  std::map<MessageId, std::string> bodies_;
  std::map<std::uint64_t, std::string> answers_;
  std::set<std::uint64_t> doubtful_;
  std::map<LaneNumber, MessageId> last_;
};

TEST(StoreModel, RandomHistoriesWithRestarts) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world;
    Model model(world, seed);
    std::mt19937_64 random(seed * 1000);
    for (int life = 0; life < 4; ++life) {
      const auto started = model.start();
      ASSERT_TRUE(started) << started.error().describe();
      for (std::uint64_t steps = random() % 80; steps > 0; --steps) model.step();
      model.crash(random() % 2 == 0);
    }
    ASSERT_TRUE(model.start());
    model.drain();
    if (HasFailure()) return;
  }
}

// The n-th operation of the disk fails, for n = 1, 2, ...: nothing acknowledged is lost, whatever it was.
TEST(StoreModel, EveryDiskOperationMayFail) {
  bool reached_the_end = false;
  for (std::uint64_t n = 1; !reached_the_end; n = n < 60 ? n + 1 : n + 7) {
    for (const bool full : {false, true}) {
      SCOPED_TRACE(fmt::format("operation {} {}", n, full ? "is full" : "fails"));
      World world;
      Model model(world, n);
      ASSERT_TRUE(model.start());
      std::uint64_t count = 0;
      world.disk.torn_bytes = n % 2 == 0 ? 40 : 0;
      world.disk.fault = [&](Operation, const std::string&) -> std::optional<Error> {
        return ++count == n ? std::optional(full ? full_error() : io_error()) : std::nullopt;
      };
      for (int i = 0; i < 40 && !world.failure; ++i) model.step();
      reached_the_end = count < n;
      model.crash(false);
      const auto started = model.start();
      ASSERT_TRUE(started) << started.error().describe();
      model.drain();
      if (HasFailure()) return;
    }
  }
}

TEST(StoreModel, StartingMayFailAnywhere) {
  World world;
  Model model(world, 5);
  ASSERT_TRUE(model.start());
  for (int i = 0; i < 60; ++i) model.step();
  model.crash(true);
  for (std::uint64_t n = 1; n < 400; ++n) {
    std::uint64_t count = 0;
    world.disk.fault = [&](Operation, const std::string&) -> std::optional<Error> {
      return ++count == n ? std::optional(io_error()) : std::nullopt;
    };
    const bool started = model.start().has_value();
    model.crash(false);
    if (started && count < n) break;
  }
  ASSERT_TRUE(model.start());
  model.drain();
}

TEST(StoreModel, CrashPointsAreVisited) {
  World world;
  Model model(world, 3);
  std::set<env::CrashPoint> visited;
  env::arm_crash_points([&](env::CrashPoint point) { visited.insert(point); });
  ASSERT_TRUE(model.start());
  for (int i = 0; i < 60; ++i) model.step();
  env::arm_crash_points({});
  EXPECT_TRUE(visited.contains(env::CrashPoint::before_commit));
  EXPECT_TRUE(visited.contains(env::CrashPoint::in_commit));
  EXPECT_TRUE(visited.contains(env::CrashPoint::in_checkpoint));
}

// ---- long queues
// --------------------------------------------------------------------------------------------------------------

std::size_t resident_kilobytes() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;)
    if (word == "VmRSS:") {
      std::size_t kilobytes = 0;
      in >> kilobytes;
      return kilobytes;
    }
  return 0;
}

TEST(StoreRecovery, AHundredThousandQueuedOpenQuicklyAndComeOutInOrder) {
  constexpr MessageId kMessages = 100'000;
  World world;
  NotingSink sink;
  ASSERT_TRUE(world.open());
  {
    NotingSink unused;
    const auto hospital = open_hospital(world, unused);
    ASSERT_TRUE(world.wait(world.store->close_destination(*hospital)));
    std::vector<std::optional<Result<Accepted>>> answers(500);
    for (MessageId i = 0; i < kMessages; i += answers.size()) {
      for (auto& answer : answers) answer.reset();
      world.executor.post([&] {
        for (auto& answer : answers)
          world.gate->spawn(keep_result(world.store->accept(message("MSH|x", {to(*hospital)})), &answer));
      });
      world.executor.run();
      for (auto& answer : answers) ASSERT_TRUE(answer && *answer);
    }
  }
  world.crash();
  const std::size_t before = resident_kilobytes();
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(world.open());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const std::size_t after = resident_kilobytes();
  fmt::print("100,000 queued: opened in {:.2f} s, {} KB more than before\n", took.count(), after - before);
  EXPECT_LT(after - before, 40'000U);
  ASSERT_TRUE(open_hospital(world, sink));
  MessageId next = 1;
  while (next <= kMessages) {
    world.settle(std::chrono::milliseconds(10));
    ASSERT_FALSE(sink.released.empty()) << next;
    for (; !sink.released.empty(); sink.released.pop_front()) {
      ASSERT_EQ(sink.released.front().delivery.message, next++);
      world.store->outcome(accepted(sink.released.front().delivery));
    }
  }
  world.settle();
  EXPECT_EQ(world.wait(world.store->status())->destinations[0].delivered, kMessages);
}

}  // namespace
}  // namespace smarthl7::store
