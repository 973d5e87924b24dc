// SPDX-License-Identifier: Apache-2.0
// The engine on real reactors, sockets and files: what the simulation cannot show is that the threads keep out of each other's
// way.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>

#include "runtime/env/real/real.h"
#include "runtime/flow/engine.h"
#include "runtime/sim/frames.h"
#include "runtime/transport/mllp/mllp.h"
#include "tests/sim/plan.h"

namespace smarthl7::flow {
namespace {

constexpr int kClients = 6;
constexpr int kMessages = 40;

std::string message(int client, int number) {
  const std::string id = "C" + std::to_string(client) + "-" + std::to_string(number);
  return "MSH|^~\\&|LAB|SITE|HUB|CITY|20260101||ORU^R01^ORU_R01|" + id + "|P|2.5.1\rPID|1||P" + std::to_string(client) + "\r";
}

class Threads : public ::testing::Test {
 protected:
  Threads() {
    folder_ = std::filesystem::temp_directory_path() / ("smarthl7_threads_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    for (int i = 0; i < 4; ++i) reactors_.push_back(env::make_reactor());
    for (std::size_t i = 0; i < reactors_.size(); ++i) reactors_[i]->start("test-" + std::to_string(i));
  }
  ~Threads() override { std::filesystem::remove_all(folder_); }

  env::Env env(std::size_t reactor) {
    return env::Env{reactors_[reactor]->executor(), reactors_[reactor]->network(), *disk_, *clock_, *randoms_[reactor]};
  }

  /// Runs a task on a reactor and waits for it on the test's thread.
  void run(std::size_t reactor, env::Gate& gate, env::Task<void> task) {
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    auto finish = [&] {
      const std::lock_guard lock(mutex);
      done = true;
      ended.notify_one();
    };
    std::function<void()> tell = finish;
    reactors_[reactor]->executor().post(
        [&gate, &tell, moved = std::move(task)]() mutable { gate.spawn(and_then(std::move(moved), &tell)); });
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return done; });
  }
  static env::Task<void> and_then(env::Task<void> task, std::function<void()>* tell) {
    co_await task;
    (*tell)();
  }

  // ---- the receiver, on reactor 3

  env::Task<void> listen() {
    auto listener = env(3).network.listen(*env::Endpoint::parse("127.0.0.1:0"));
    EXPECT_TRUE(listener.has_value());
    listener_ = std::move(*listener);
    gate3_.spawn(accept_all());
    co_return;
  }
  env::Task<void> accept_all() {
    while (true) {
      Result<std::unique_ptr<env::Incoming>> incoming = co_await listener_->accept();
      if (!incoming) co_return;
      auto stream = env(3).network.adopt(std::move(*incoming));
      if (stream) gate3_.spawn(serve(std::move(*stream)));
    }
  }
  env::Task<void> serve(std::unique_ptr<env::Stream> stream) {
    sim::FrameLine line(std::move(stream));
    while (true) {
      Result<std::string> got = co_await line.read(env(3).executor.now() + std::chrono::seconds(30));
      if (!got) co_return;
      const std::string id = sim::field_of(*got, "MSH", 10);
      ++arrived_[id];
      std::string answer = "MSH|^~\\&|S|S|H|H|2026||ACK|1|P|2.5.1\rMSA|AA|" + id + "\r";
      Result<void> written = co_await line.write(std::move(answer), kNever);
      if (!written) co_return;
    }
  }
  env::Task<void> end_listening() {
    listener_->close();
    co_await gate3_.drained();
  }

  // ---- senders, on reactor 2

  env::Task<void> send_all() {
    for (int client = 0; client < kClients; ++client) gate_clients_.spawn(send(client));
    co_await gate_clients_.drained();
  }
  env::Task<void> send(int client) {
    env::Env here = env(2);
    Result<std::unique_ptr<env::Stream>> stream =
        co_await here.network.connect(hub_, here.executor.now() + std::chrono::seconds(10));
    EXPECT_TRUE(stream.has_value());
    if (!stream) co_return;
    sim::FrameLine line(std::move(*stream));
    for (int i = 0; i < kMessages; ++i) {
      std::string bytes = message(client, i);
      Result<void> written = co_await line.write(std::move(bytes), here.executor.now() + std::chrono::seconds(10));
      Result<std::string> answer = co_await line.read(here.executor.now() + std::chrono::seconds(30));
      EXPECT_TRUE(written.has_value() && answer.has_value());
      if (answer && sim::field_of(*answer, "MSA", 1) == "AA") ++accepted_;
    }
  }

  // ---- the hub, on reactors 0 and 1, its writer on a thread of its own

  env::Task<void> begin() {
    Result<void> started = co_await engine_->start();
    EXPECT_TRUE(started.has_value()) << started.error().describe();
    EngineSnapshot snapshot = co_await engine_->snapshot();
    auto local = env::Endpoint::parse(snapshot.sources[0].local);
    EXPECT_TRUE(local.has_value());
    hub_ = *local;
  }
  env::Task<void> wait_for_delivery() {
    const SteadyTime end = env(0).executor.now() + std::chrono::seconds(60);
    while (env(0).executor.now() < end) {
      EngineSnapshot snapshot = co_await engine_->snapshot();
      std::uint64_t delivered = 0;
      for (const auto& destination : snapshot.destinations) delivered += destination.counters.delivered;
      if (delivered == 2ULL * kClients * kMessages) co_return;
      co_await env::sleep_until(env(0).executor.now() + std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "not everything was delivered in time";
  }
  env::Task<void> stop() {
    Result<void> stopped = co_await engine_->stop(env(0).executor.now() + std::chrono::seconds(5));
    EXPECT_TRUE(stopped.has_value());
    engine_.reset();
  }

  std::filesystem::path folder_;
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::vector<std::unique_ptr<env::Random>> randoms_ = make_randoms();
  static std::vector<std::unique_ptr<env::Random>> make_randoms() {
    std::vector<std::unique_ptr<env::Random>> all;
    for (int i = 0; i < 5; ++i) all.push_back(env::make_real_random());
    return all;
  }
  std::vector<std::unique_ptr<env::RealReactor>> reactors_;
  std::unique_ptr<env::Listener> listener_;
  std::map<std::string, int> arrived_;
  std::atomic<int> accepted_{0};
  env::Endpoint hub_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Engine> engine_;
  env::Gate gate0_;
  env::Gate gate2_;
  env::Gate gate3_;
  env::Gate gate_clients_;
  env::Gate gate3_runs_;
};

TEST_F(Threads, EverythingArrivesOnceAtBothDestinations) {
  run(3, gate3_runs_, listen());
  auto writer = env::make_reactor();
  writer->start("test-writer");
  const env::Env writer_env{writer->executor(), writer->network(), *disk_, *clock_, *randoms_[4]};
  store::StoreOptions options;
  options.folder = folder_.string();
  options.reserve_bytes = 1 << 20;
  auto opened = store::open_store(options, writer_env);
  ASSERT_TRUE(opened.has_value()) << opened.error().describe();
  store_ = std::move(*opened);

  auto bound = eval::bind(sim::make_plan({}), Sha256{}, {});
  ASSERT_TRUE(bound.has_value());
  const auto transport = transport::mllp::make_transport();
  EngineSetup setup;
  setup.plan = *bound;
  setup.source_options.emplace_back().set_text("listen", "127.0.0.1:0");
  for (int i = 0; i < 2; ++i) setup.destination_options.emplace_back().set_text("connect", listener_->local().text());
  setup.transports = {transport.get()};
  setup.store = store_.get();
  setup.reactors.push_back(env(0));
  setup.reactors.push_back(env(1));
  engine_ = std::make_unique<Engine>(std::move(setup));

  run(0, gate0_, begin());
  run(2, gate2_, send_all());
  EXPECT_EQ(accepted_.load(), kClients * kMessages);
  run(0, gate0_, wait_for_delivery());
  run(0, gate0_, stop());
  run(3, gate3_runs_, end_listening());
  for (const auto& reactor : reactors_) reactor->stop();
  writer->stop();  // before the store goes: its writer's frames live on that thread
  store_.reset();
  EXPECT_EQ(arrived_.size(), static_cast<std::size_t>(kClients * kMessages));
  for (const auto& [id, times] : arrived_) EXPECT_EQ(times, 2) << id;
}

}  // namespace
}  // namespace smarthl7::flow
