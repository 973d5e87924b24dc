// SPDX-License-Identifier: Apache-2.0
// The store as the hub runs it: writer, state and two reactors on threads of their own. For the thread sanitizer above all.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

constexpr unsigned kCallers = 16;
constexpr unsigned kEach = 50;

struct Receiver final : DestinationSink {  // on one reactor
  Store* store = nullptr;
  std::vector<MessageId> seen;
  std::size_t durable = 0;
  void on_released(std::vector<Released> batch) override {
    for (const Released& one : batch) {
      seen.push_back(one.delivery.message);
      store->outcome(accepted(one.delivery));
    }
  }
  void on_durable(std::size_t outcomes) override { durable += outcomes; }
};

struct Side {  // a reactor and what runs on it
  std::unique_ptr<env::RealReactor> reactor = env::make_reactor();
  env::Gate gate;
  Store* store = nullptr;
  Receiver receiver;
  DestinationId destination = 0;
  unsigned running = 0;
  std::promise<void> done;

  void start(env::Task<void> (*work)(Side*), unsigned times) {
    running = times;
    done = {};
    auto finished = done.get_future();
    reactor->executor().post([this, work, times] {
      for (unsigned i = 0; i < times; ++i) gate.spawn(work(this));
    });
    finished.wait();
  }
  void one_done() {
    if (--running == 0) done.set_value();
  }
};

env::Task<void> open_it(Side* side) {
  DestinationOptions options;
  options.name = "hospital";
  options.window_messages = 32;
  auto id = co_await side->store->open_destination(options, &side->receiver);
  EXPECT_TRUE(id);
  side->destination = id.value_or(0);
  side->one_done();
}

std::atomic<std::uint64_t> next_key{0};

env::Task<void> send(Side* side) {
  for (unsigned i = 0; i < kEach; ++i) {
    NewMessage one = message("MSH|" + std::string(500, 'x'), {to(side->destination)});
    one.flows[0].dedup = DedupClaim{{i, next_key++}, {1, 1}, std::chrono::seconds(60), false};
    auto got = co_await side->store->accept(std::move(one));
    EXPECT_TRUE(got);
    if (i % 25 != 0 || !got) continue;
    auto trace = co_await side->store->trace(got->id);
    EXPECT_TRUE(trace);
    AuditRecord record;
    record.actor = "a test whose name is longer than a short string";
    std::optional<std::uint32_t> as_received;
    auto body = co_await side->store->read_body(got->id, as_received, std::move(record));
    EXPECT_TRUE(body) << body.error().describe();
    auto status = co_await side->store->status();
    EXPECT_TRUE(status);
  }
  side->one_done();
}

env::Task<void> close_it(Side* side) {
  for (int i = 0; i < 2000; ++i) {  // until all outcomes are durable
    auto waiting = co_await side->store->queued_destinations();
    EXPECT_TRUE(waiting);
    if (!waiting || waiting->empty()) break;
    co_await env::sleep_until(side->reactor->executor().now() + std::chrono::milliseconds(5));
  }
  auto left = co_await side->store->close_destination(side->destination);
  EXPECT_TRUE(left);
  auto closed = co_await side->store->close();
  EXPECT_TRUE(closed);
  side->one_done();
}

TEST(StoreThreads, WriterStateAndReactorsTogether) {
  std::string folder = testing::TempDir() + "smarthl7-threads-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto disk = env::make_real_disk();
  const auto clock = env::make_real_clock();
  const auto random = env::make_real_random();
  for (int life = 0; life < 2; ++life) {
    const auto writer = env::make_reactor();
    StoreOptions options;
    options.folder = folder;
    options.segment_bytes = 200'000;
    auto opened = open_store(options, {writer->executor(), writer->network(), *disk, *clock, *random});
    ASSERT_TRUE(opened) << opened.error().describe();
    Side first;
    Side second;
    first.store = second.store = first.receiver.store = opened->get();
    writer->start("writer");
    first.reactor->start("first");
    second.reactor->start("second");
    first.start(open_it, 1);
    second.destination = first.destination;
    auto other = std::async(std::launch::async, [&] { second.start(send, kCallers); });
    first.start(send, kCallers);
    other.wait();
    first.start(close_it, 1);
    first.reactor->stop();
    second.reactor->stop();
    writer->stop();
    EXPECT_EQ(first.receiver.seen.size(), 2 * kCallers * kEach);
    EXPECT_EQ(first.receiver.durable, 2 * kCallers * kEach);
    EXPECT_TRUE(std::is_sorted(first.receiver.seen.begin(), first.receiver.seen.end()));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace smarthl7::store
