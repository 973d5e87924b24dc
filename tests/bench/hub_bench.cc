// SPDX-License-Identifier: Apache-2.0
// The whole hub under load, in one run beside its ceilings: durable accept and deliver of 2.5 KB results at 1, 8 and 32
// connections, with a strict FIFO destination and with 32 unordered connections. Ceilings: loopback stop-and-wait of as many
// connections, the store alone with the hub's rows (10^6 dedup keys preloaded), and the bare relay (sockets, store and lanes
// without the language). A rate counts what was accepted AND delivered, with the drain at the end; syncs are counted at the
// store's file layer in the same run.
//   hub_bench [--seconds N] [--keys N]        hub_bench --queue N    memory with N messages queued
#include <signal.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "tests/bench/hub_process.h"
#include "tests/bench/load.h"
#include "tests/bench/store_ceiling.h"
#include "tests/support/process.h"

namespace smarthl7::bench {
namespace {

using namespace std::chrono_literals;
using testing::Process;
using testing::ScratchFolder;
const std::string kProgram = SMARTHL7_PROGRAM;
const std::string kRelay = SMARTHL7_RELAY;
const std::string kSource = SMARTHL7_SOURCE_DIR;

struct Figures {
  double rate = 0;
  double p50 = 0, p99 = 0;
  double syncs_per_message = 0;
  double bytes_per_byte = 0;
  double processor_us = 0;  // of the process, a message
  std::string groups = {};
};

std::string describe_groups(const boost::json::array& groups) {
  static const char* const kNames[] = {"1",     "2",      "3-4",     "5-8",     "9-16",     "17-32",
                                       "33-64", "65-128", "129-256", "257-512", "513-1024", "more"};
  std::string out;
  for (std::size_t i = 0; i < groups.size() && i < 12; ++i) {
    const auto count = groups[i].to_number<std::uint64_t>();
    if (count > 0) out += std::string(out.empty() ? "" : ", ") + kNames[i] + ": " + std::to_string(count);
  }
  return out;
}

/// Load over a relay or hub that listens on `port`; the rate includes the drain.
Figures measure(const Process& process, unsigned short port, AckSink& sink, unsigned connections, double seconds,
                const std::string& prefix, const std::string& data) {
  const auto before = data.empty() ? boost::json::value(nullptr) : status(kProgram, data);
  const std::uint64_t delivered_before = sink.count();
  const double processor_before = processor_time(process);
  const auto start = std::chrono::steady_clock::now();
  LoadOptions options;
  options.port = port;
  options.connections = connections;
  options.seconds = seconds;
  options.prefix = prefix;
  const LoadResult load = run_load(options);
  if (load.refused > 0) {
    std::fprintf(stderr, "hub_bench: %llu messages were refused\n", static_cast<unsigned long long>(load.refused));
    std::exit(1);
  }
  await([&] { return sink.count() - delivered_before >= load.acknowledged; }, "the delivery of all");
  const double all = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Figures out;
  out.rate = static_cast<double>(load.acknowledged) / all;
  out.p50 = load.p50_ms;
  out.p99 = load.p99_ms;
  out.processor_us = (processor_time(process) - processor_before) / static_cast<double>(load.acknowledged);
  if (before.is_object()) {
    const auto after = status(kProgram, data);
    const auto of = [&](const char* name) { return after.at(name).to_number<double>() - before.at(name).to_number<double>(); };
    out.syncs_per_message = of("syncs") / static_cast<double>(load.acknowledged);
    out.bytes_per_byte = of("bytes_written") / (static_cast<double>(load.acknowledged) * 2560);
    out.groups = describe_groups(after.at("store").at("group_sizes").as_array());
  }
  return out;
}

Figures hub(const std::string& route, const std::string& keys, unsigned connections, double seconds) {
  const ScratchFolder folder("hub");
  std::filesystem::copy(keys, folder.path() + "/data", std::filesystem::copy_options::recursive);
  AckSink sink;
  const auto port = testing::free_port();
  Process process({kProgram, "run", kSource + "/tests/bench/" + route, "--data", folder.path() + "/data", "--set",
                   "hub_port=" + std::to_string(port), "--set", "out_port=" + std::to_string(sink.port())},
                  folder.path() + "/log");
  await([&] { return status(kProgram, folder.path() + "/data").is_object(); }, "the start of the hub");
  const Figures out = measure(process, port, sink, connections, seconds, "H", folder.path() + "/data");
  process.signal(SIGTERM);
  process.wait();
  return out;
}

Figures relay(const std::string& order, const std::string& keys, unsigned connections, double seconds) {
  const ScratchFolder folder("relay");
  std::filesystem::copy(keys, folder.path() + "/data", std::filesystem::copy_options::recursive);
  AckSink sink;
  const auto port = testing::free_port();
  Process process({kRelay, std::to_string(port), std::to_string(sink.port()), order, folder.path() + "/data"},
                  folder.path() + "/log");
  await(
      [&] { return std::filesystem::exists(folder.path() + "/log") && std::filesystem::file_size(folder.path() + "/log") > 0; },
      "the relay's start");
  return measure(process, port, sink, connections, seconds, "R", "");
}

void print_row(const char* what, const Figures& f, double ceiling) {
  std::printf("  %-34s %9.0f msg/s   p50 %7.2f ms  p99 %7.2f ms", what, f.rate, f.p50, f.p99);
  if (f.processor_us > 0) std::printf("  %4.0f us processor", f.processor_us);
  if (ceiling > 0) std::printf("   %3.0f %% of the lower ceiling", 100 * f.rate / ceiling);
  std::printf("\n");
  std::fflush(stdout);
}

void compare(double seconds, const std::string& keys) {
  for (const unsigned connections : {1U, 8U, 32U}) {
    std::printf("\n%u connection%s\n", connections, connections == 1 ? "" : "s");
    Figures loopback;
    {
      AckSink sink;
      LoadOptions options;
      options.port = sink.port();
      options.connections = connections;
      options.seconds = seconds / 2;
      const LoadResult load = run_load(options);
      loopback = {.rate = load.rate(), .p50 = load.p50_ms, .p99 = load.p99_ms};
    }
    print_row("loopback, stop and wait", loopback, 0);
    const StoreCeiling store = measure_store(keys, connections, seconds / 2);
    Figures alone;
    alone.rate = store.rate;
    alone.p50 = store.p50_ms;
    alone.p99 = store.p99_ms;
    print_row("store alone, the hub's rows", alone, 0);
    for (const char* order : {"fifo", "none32"}) {
      double ceiling = std::min(loopback.rate, store.rate);
      if (std::strcmp(order, "fifo") == 0) {  // one connection out, whatever comes in
        AckSink sink;
        LoadOptions options;
        options.port = sink.port();
        options.seconds = seconds / 2;
        ceiling = std::min(ceiling, run_load(options).rate());
      }
      const Figures bare = relay(order, keys, connections, seconds);
      print_row((std::string("bare relay, ") + order).c_str(), bare, ceiling);
      const Figures whole = hub(order, keys, connections, seconds);
      print_row((std::string("hub, ") + order).c_str(), whole, ceiling);
      std::printf("      %.2f of the bare relay; %.3f syncs a message, %.2f bytes written per byte received; groups %s\n",
                  whole.rate / bare.rate, whole.syncs_per_message, whole.bytes_per_byte, whole.groups.c_str());
    }
  }
}

std::uint64_t resident_kib(const Process& process) {
  std::ifstream in("/proc/" + std::to_string(process.id()) + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6));
  return 0;
}

void queue(std::uint64_t count) {
  const ScratchFolder folder("queue");
  const std::string data = folder.path() + "/data";
  const auto port = testing::free_port();
  Process process({kProgram, "run", kSource + "/tests/bench/fifo", "--data", data, "--set", "hub_port=" + std::to_string(port),
                   "--set", "out_port=" + std::to_string(testing::free_port())},  // nobody listens there
                  folder.path() + "/log");
  await([&] { return status(kProgram, data).is_object(); }, "the start of the hub");
  std::printf("resident at start: %.1f MB\n", static_cast<double>(resident_kib(process)) / 1024);
  LoadOptions options;
  options.port = port;
  options.connections = 32;
  options.messages = count;
  options.prefix = "Q";
  const LoadResult load = run_load(options);
  std::printf("queued %llu messages at %.0f msg/s; resident: %.1f MB\n", static_cast<unsigned long long>(load.acknowledged),
              load.rate(), static_cast<double>(resident_kib(process)) / 1024);
  process.signal(SIGTERM);
  process.wait();
  const auto start = std::chrono::steady_clock::now();
  Process again({kProgram, "run", kSource + "/tests/bench/fifo", "--data", data, "--set", "hub_port=" + std::to_string(port),
                 "--set", "out_port=" + std::to_string(testing::free_port())},
                folder.path() + "/log");
  await([&] { return status(kProgram, data).is_object(); }, "the second start of the hub");
  std::printf("started again in %.2f s; resident: %.1f MB\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
              static_cast<double>(resident_kib(again)) / 1024);
  again.signal(SIGTERM);
  again.wait();
}

}  // namespace

int main_of(int argc, char** argv) {
  double seconds = 4;
  std::uint64_t keys = 1'000'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--keys") == 0) keys = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--queue") == 0) {
      queue(std::strtoull(argv[i + 1], nullptr, 10));
      return 0;
    }
  }
  const ScratchFolder folder("keys");
  std::printf("%llu dedup keys are loaded first ...\n", static_cast<unsigned long long>(keys));
  std::fflush(stdout);
  preload_keys(folder.path() + "/data", keys);
  compare(seconds, folder.path() + "/data");
  return 0;
}

}  // namespace smarthl7::bench

int main(int argc, char** argv) { return smarthl7::bench::main_of(argc, argv); }
