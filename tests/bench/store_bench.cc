// SPDX-License-Identifier: Apache-2.0
// The store alone: accept and outcome of 2.5 KB messages with a dedup key each, at 1, 8, 32 and 256 callers on one reactor,
// beside this machine's rate of append + fdatasync with records of the size that the groups had. store_bench [KEYS [SECONDS]]
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <random>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/store/store.h"

namespace {

using namespace smarthl7;
using namespace smarthl7::store;
using Steady = std::chrono::steady_clock;

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double seconds_since(Steady::time_point start) { return std::chrono::duration<double>(Steady::now() - start).count(); }

struct Sink final : DestinationSink {  // a receiver that accepts everything at once
  Store* store = nullptr;
  env::Clock* clock = nullptr;
  std::uint64_t delivered = 0;
  void on_released(std::vector<Released> batch) override {
    for (const Released& one : batch) {
      Outcome outcome;
      outcome.delivery = one.delivery;
      outcome.answer = "AA";
      outcome.at = clock->wall();
      store->outcome(std::move(outcome));
    }
  }
  void on_durable(std::size_t outcomes) override { delivered += outcomes; }
};

struct Hub {
  std::unique_ptr<env::RealReactor> writer = env::make_reactor();
  std::unique_ptr<env::RealReactor> reactor = env::make_reactor();
  std::unique_ptr<env::Disk> disk = env::make_real_disk();
  std::unique_ptr<env::Clock> clock = env::make_real_clock();
  std::unique_ptr<env::Random> random = env::make_real_random();
  std::unique_ptr<Store> store;
  Sink sink;
  DestinationId destination = 0;
  SharedBytes body{std::string(2500, 'x')};
  SharedBytes acknowledgement{std::string(120, 'a')};
  std::unique_ptr<env::Gate> gate;
  std::mt19937_64 keys{static_cast<std::uint64_t>(::getpid())};
};

NewMessage make(Hub& hub, bool deliver) {
  NewMessage message;
  message.source = "lab";
  message.received_at = hub.clock->wall();
  message.body = SharedBytes(std::string(hub.body.view()));
  message.type = "ORU^R01";
  message.control_id = "20261123-0000001";
  message.acknowledgement = hub.acknowledgement;
  FlowEffects flow;
  flow.flow = "results";
  flow.dedup = DedupClaim{{hub.keys(), hub.keys()}, {hub.keys(), hub.keys()}, std::chrono::hours(24 * 7), false};
  if (deliver) flow.deliveries.push_back({hub.destination, {}, std::nullopt});
  message.flows.push_back(std::move(flow));
  return message;
}

struct Run {
  Steady::time_point end;
  std::uint64_t left;  // messages to accept at most
  bool deliver;
  std::uint64_t accepted = 0;
  std::vector<float> latencies;
  unsigned callers = 0;
  std::promise<void> done;
};

env::Task<void> caller(Hub* hub, Run* run) {
  while (Steady::now() < run->end && run->left > 0) {
    --run->left;
    NewMessage message = make(*hub, run->deliver);
    const auto start = Steady::now();
    auto accepted = co_await hub->store->accept(std::move(message));
    if (!accepted) {
      fmt::print(stderr, "accept: {}\n", accepted.error().describe());
      std::exit(1);
    }
    run->latencies.push_back(static_cast<float>(seconds_since(start) * 1e3));
    ++run->accepted;
  }
  if (--run->callers == 0) run->done.set_value();
}

void drive(Hub& hub, Run& run, unsigned callers) {
  run.callers = callers;
  hub.reactor->executor().post([&hub, &run, callers] {
    for (unsigned i = 0; i < callers; ++i) hub.gate->spawn(caller(&hub, &run));
  });
  run.done.get_future().wait();
}

env::Task<void> open_one(Hub* hub, std::promise<void>* done) {
  DestinationOptions options;
  options.name = "hospital";
  auto id = co_await hub->store->open_destination(options, &hub->sink);
  hub->destination = id.value();
  done->set_value();
}

env::Task<void> read_status(Hub* hub, std::promise<StoreStatus>* done) {
  auto status = co_await hub->store->status();
  done->set_value(*status);
}

env::Task<void> close_all(Hub* hub, std::promise<void>* done) {
  auto closed = co_await hub->store->close();
  if (!closed) fmt::print(stderr, "close: {}\n", closed.error().describe());
  done->set_value();
}

template <class T>
T ask(Hub& hub, env::Task<void> (*question)(Hub*, std::promise<T>*)) {
  std::promise<T> answer;
  hub.reactor->executor().post([&] { hub.gate->spawn(question(&hub, &answer)); });
  return answer.get_future().get();
}

double raw_rate(const std::string& folder, std::size_t record) {
  const auto disk = env::make_real_disk();
  const auto file = disk->open(folder + "/raw", env::OpenMode::create);
  const std::string bytes(record, 'r');
  std::uint64_t count = 0;
  const auto start = Steady::now();
  for (; seconds_since(start) < 0.5; ++count) {
    if (!(*file)->write_at(count * record, std::string_view(bytes)) || !(*file)->sync_now()) return 0;
  }
  static_cast<void>(disk->remove(folder + "/raw"));
  return static_cast<double>(count) / seconds_since(start);
}

void measure(Hub& hub, const std::string& folder, unsigned callers, double seconds) {
  const StoreStatus before = ask<StoreStatus>(hub, read_status);
  const std::uint64_t syncs = hub.disk->syncs();
  const std::uint64_t written = hub.disk->bytes_written();
  const double processor = processor_seconds();
  Run run{Steady::now() + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds)),
          ~0ULL,
          true,
          0,
          {},
          0,
          {}};
  run.latencies.reserve(1 << 20);
  const auto start = Steady::now();
  drive(hub, run, callers);
  const double took = seconds_since(start);
  const double busy = processor_seconds() - processor;
  const StoreStatus after = ask<StoreStatus>(hub, read_status);
  const auto count = static_cast<double>(run.accepted);
  std::sort(run.latencies.begin(), run.latencies.end());
  const double commits = static_cast<double>(after.commits - before.commits);
  const double group = count / commits;
  const double raw = raw_rate(folder, static_cast<std::size_t>(group * 2900));
  fmt::print("| {} | {:.0f} | {:.1f} | {:.3f} | {:.2f} | {:.1f} | {:.2f} | {:.2f} | {:.0f} | {:.2f} |\n", callers, count / took,
             group, static_cast<double>(hub.disk->syncs() - syncs) / count,
             static_cast<double>(hub.disk->bytes_written() - written) / (count * 2500), busy / count * 1e6,
             run.latencies[run.latencies.size() / 2], run.latencies[run.latencies.size() * 99 / 100], raw,
             count / took / (raw * group));
  std::string sizes;
  for (std::size_t i = 0; i < 12; ++i) sizes += fmt::format(" {}", after.group_sizes[i] - before.group_sizes[i]);
  fmt::print("  groups of 1, 2, 3-4, 5-8 ...:{}\n", sizes);
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t keys = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
  const double seconds = count > 2 ? std::strtod(arguments[2], nullptr) : 3;
  std::string folder = (std::filesystem::temp_directory_path() / "smarthl7-store-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  Hub hub;
  StoreOptions options;
  options.folder = folder + "/data";
  auto opened = open_store(options, {hub.writer->executor(), hub.writer->network(), *hub.disk, *hub.clock, *hub.random});
  if (!opened) {
    fmt::print(stderr, "{}\n", opened.error().describe());
    return 1;
  }
  hub.store = std::move(*opened);
  hub.sink.store = hub.store.get();
  hub.sink.clock = hub.clock.get();
  hub.writer->start("writer");
  hub.reactor->start("reactor");
  hub.gate = std::make_unique<env::Gate>();
  ask<void>(hub, open_one);
  hub.body = SharedBytes(std::string("key"));  // the keys that are there before: small messages
  Run load{Steady::time_point::max(), keys, false, 0, {}, 0, {}};
  const auto start = Steady::now();
  if (keys > 0) drive(hub, load, 512);
  fmt::print("{} keys loaded in {:.1f} s\n", keys, seconds_since(start));
  hub.body = SharedBytes(std::string(2500, 'x'));
  fmt::print(
      "| callers | msg/s | group | syncs/msg | bytes written per byte received | CPU us/msg | p50 ms | p99 ms | raw "
      "append+fdatasync/s | share of raw |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const unsigned callers : {1U, 8U, 32U, 256U}) measure(hub, folder, callers, seconds);
  ask<void>(hub, close_all);
  hub.reactor->stop();
  hub.writer->stop();
  hub.store.reset();
  std::filesystem::remove_all(folder);
  return 0;
}
