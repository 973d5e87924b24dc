// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/store_ceiling.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <vector>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/store/store.h"
#include "tests/support/oru_generator.h"
#include "tests/support/process.h"

namespace smarthl7::bench {
namespace {

using Clock = std::chrono::steady_clock;

class AnswerAtOnce final : public store::DestinationSink {
 public:
  store::Store* store = nullptr;
  std::atomic<std::uint64_t> durable{0};
  env::Clock* clock = nullptr;

  void on_released(std::vector<store::Released> batch) override {
    for (const store::Released& one : batch) {
      store::Outcome outcome;
      outcome.delivery = one.delivery;
      outcome.at = clock->wall();
      store->outcome(std::move(outcome));
    }
  }
  void on_durable(std::size_t outcomes) override { durable += outcomes; }
};

struct Bench {
  std::unique_ptr<env::Disk> disk = env::make_real_disk();
  std::unique_ptr<env::Clock> clock = env::make_real_clock();
  std::unique_ptr<env::Random> random[2] = {env::make_real_random(), env::make_real_random()};
  std::unique_ptr<env::RealReactor> reactors[2] = {env::make_reactor(), env::make_reactor()};
  std::unique_ptr<store::Store> store;
  AnswerAtOnce sink;
  store::DestinationId destination = 0;
  env::Gate gate;
  std::vector<SharedBytes> bodies;
  Clock::time_point end;
  std::uint64_t limit = ~0ULL;
  std::uint64_t begun = 0;
  std::vector<float> latencies;
  unsigned running = 0;
  std::promise<void> done;

  env::Env env(int i) { return {reactors[i]->executor(), reactors[i]->network(), *disk, *clock, *random[i]}; }
};

void open(Bench& bench, const std::string& folder) {
  for (auto& reactor : bench.reactors) reactor->start("bench");
  std::promise<void> opened;
  bench.reactors[0]->executor().post([&] {
    store::StoreOptions options;
    options.folder = folder;
    auto store = store::open_store(std::move(options), bench.env(0));
    if (!store) {
      std::fprintf(stderr, "store: %s\n", store.error().describe().c_str());
      std::exit(3);
    }
    bench.store = std::move(*store);
    opened.set_value();
  });
  opened.get_future().wait();
  bench.sink.store = bench.store.get();
  bench.sink.clock = bench.clock.get();
}

store::NewMessage next_message(Bench& bench, bool deliver) {
  store::NewMessage message;
  message.source = "feed";
  message.connection = 1;
  message.received_at = bench.clock->wall();
  message.body = bench.bodies[bench.begun % bench.bodies.size()];
  message.type = "ORU^R01";
  message.control_id = "B" + std::to_string(bench.begun);
  message.acknowledgement = SharedBytes(
      "MSH|^~\\&|HUB|REGION|ANALYSER|REGLAB|20260301||ACK^R01^ACK|0123456789abcdef|P|2.5.1\rMSA|AA|LAB0000000001\r");
  store::FlowEffects effects;
  effects.flow = "results";
  store::DedupClaim claim;
  claim.key = {bench.random[1]->next(), bench.random[1]->next()};
  claim.content = {bench.random[1]->next(), bench.random[1]->next()};
  claim.window = std::chrono::hours(24 * 7);
  effects.dedup = claim;
  if (deliver) {
    store::NewDelivery delivery;
    delivery.destination = bench.destination;
    effects.deliveries.push_back(std::move(delivery));
  }
  message.flows.push_back(std::move(effects));
  ++bench.begun;
  return message;
}

env::Task<void> caller(Bench* bench, bool deliver) {
  while (bench->begun < bench->limit && Clock::now() < bench->end) {
    const auto start = Clock::now();
    auto accepted = co_await bench->store->accept(next_message(*bench, deliver));
    if (!accepted) {
      std::fprintf(stderr, "store: %s\n", accepted.error().describe().c_str());
      std::exit(3);
    }
    bench->latencies.push_back(static_cast<float>(std::chrono::duration<double, std::milli>(Clock::now() - start).count()));
  }
  if (--bench->running == 0) bench->done.set_value();
}

env::Task<void> open_and_call(Bench* bench, unsigned callers, bool deliver) {
  if (deliver) {
    store::DestinationOptions options;
    options.name = "bench";
    auto id = co_await bench->store->open_destination(options, &bench->sink);
    if (!id) std::exit(3);
    bench->destination = *id;
  }
  bench->running = callers;
  for (unsigned i = 0; i < callers; ++i) bench->gate.spawn(caller(bench, deliver));
}

env::Task<void> close(Bench* bench, std::promise<void>* closed) {
  auto done = co_await bench->store->close();
  if (!done) std::fprintf(stderr, "store: %s\n", done.error().describe().c_str());
  closed->set_value();
}

void finish(Bench& bench) {
  std::promise<void> closed;
  bench.reactors[1]->executor().post([&] { bench.gate.spawn(close(&bench, &closed)); });
  closed.get_future().wait();
  std::promise<void> idle;
  bench.reactors[1]->executor().post([&] { idle.set_value(); });
  idle.get_future().wait();
  for (auto& reactor : bench.reactors) reactor->stop();
}

}  // namespace

StoreCeiling measure_store(const std::string& folder, unsigned callers, double seconds) {
  const testing::ScratchFolder scratch("store");
  std::filesystem::copy(folder, scratch.path() + "/data", std::filesystem::copy_options::recursive);
  Bench bench;
  for (std::uint64_t n = 0; n < 256; ++n) bench.bodies.emplace_back(testing::make_oru({}, n));
  open(bench, scratch.path() + "/data");
  const std::uint64_t syncs = bench.disk->syncs();
  const auto start = Clock::now();
  bench.end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  bench.reactors[1]->executor().post([&] { bench.gate.spawn(open_and_call(&bench, callers, true)); });
  bench.done.get_future().wait();
  while (bench.sink.durable < bench.latencies.size()) std::this_thread::yield();
  StoreCeiling out;
  out.rate = static_cast<double>(bench.latencies.size()) / std::chrono::duration<double>(Clock::now() - start).count();
  out.syncs_per_message = static_cast<double>(bench.disk->syncs() - syncs) / static_cast<double>(bench.latencies.size());
  std::sort(bench.latencies.begin(), bench.latencies.end());
  out.p50_ms = bench.latencies[bench.latencies.size() / 2];
  out.p99_ms = bench.latencies[bench.latencies.size() * 99 / 100];
  finish(bench);
  return out;
}

void preload_keys(const std::string& folder, std::uint64_t count) {
  Bench bench;
  bench.bodies.emplace_back(std::string("MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5.1\r"));
  open(bench, folder);
  bench.limit = count;
  bench.end = Clock::time_point::max();
  bench.reactors[1]->executor().post([&] { bench.gate.spawn(open_and_call(&bench, 256, false)); });
  bench.done.get_future().wait();
  finish(bench);
}

}  // namespace smarthl7::bench
