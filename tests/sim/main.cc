// SPDX-License-Identifier: Apache-2.0
// Runs simulated histories. `--seeds N` runs seeds 1..N, `--seed N` one of them and tells what happens, `--planted-bug` runs
// with "acknowledge before commit" and succeeds when the histories find it. Prints `--seed N` for each broken promise.
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <string_view>

#include "tests/sim/history.h"

namespace {

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t last = 1000;  // --seeds A-B runs A to B
  bool one = false;
  bool planted = false;
};

Arguments read(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--planted-bug") {
      arguments.planted = true;
    } else if (i + 1 < count && name == "--seeds") {
      char* end = nullptr;
      arguments.last = std::strtoull(values[++i], &end, 10);
      if (*end == '-') {
        arguments.first = arguments.last;
        arguments.last = std::strtoull(end + 1, nullptr, 10);
      }
    } else if (i + 1 < count && name == "--seed") {
      arguments.one = true;
      arguments.first = arguments.last = std::strtoull(values[++i], nullptr, 10);
    } else {
      fmt::print(stderr, "usage: tests.sim.histories [--seeds N | --seeds A-B | --seed N] [--planted-bug]\n");
      std::exit(2);
    }
  }
  return arguments;
}

void add(smarthl7::sim::HistoryCounts& sum, const smarthl7::sim::HistoryCounts& one) {
  sum.steps += one.steps;
  sum.lives += one.lives;
  sum.crashes += one.crashes;
  sum.failed_syncs += one.failed_syncs;
  sum.sends += one.sends;
  sum.arrivals += one.arrivals;
  sum.duplicates += one.duplicates;
  sum.listed += one.listed;
  sum.dead += one.dead;
  for (const auto& [name, hits] : one.crash_points) sum.crash_points[name] += hits;
}

/// The same seed gives the same history, or a failure could not be replayed.
bool repeats(bool planted) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto one = smarthl7::sim::run_history({seed, planted, false}).counts;
    const auto other = smarthl7::sim::run_history({seed, planted, false}).counts;
    if (one.steps == other.steps && one.arrivals == other.arrivals && one.sends == other.sends) continue;
    fmt::print("--seed {}\n    the history is another one when it is run again\n", seed);
    return false;
  }
  return true;
}

}  // namespace

int main(int count, char** values) {
  using namespace smarthl7::sim;
  const Arguments arguments = read(count, values);
  const auto begin = std::chrono::steady_clock::now();
  HistoryCounts sum;
  std::uint64_t failed = 0;
  std::uint64_t lost = 0;
  if (!arguments.one && !repeats(arguments.planted)) failed = 1;
  for (std::uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
    const HistoryResult result = run_history({seed, arguments.planted, arguments.one});
    add(sum, result.counts);
    if (result.broken.empty()) continue;
    ++failed;
    for (const std::string& text : result.broken) lost += text.find("lost: acknowledged") != std::string::npos ? 1U : 0U;
    if (arguments.planted && !arguments.one) continue;
    fmt::print("--seed {}\n", seed);
    for (const std::string& text : result.broken) fmt::print("    {}\n", text);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  fmt::print(
      "{} histories in {} ms: {} steps, {} lives, {} crashes, {} failed syncs, {} sends, {} arrivals, {} duplicates, {} "
      "listed, {} dead\n",
      arguments.last - arguments.first + 1, took, sum.steps, sum.lives, sum.crashes, sum.failed_syncs, sum.sends, sum.arrivals,
      sum.duplicates, sum.listed, sum.dead);
  for (const auto& [name, hits] : sum.crash_points) fmt::print("    crash point {}: {}\n", name, hits);
  if (!arguments.planted) return failed == 0 ? 0 : 1;
  fmt::print("planted bug: {} histories broken, {} acknowledged messages lost\n", failed, lost);
  return lost > 0 ? 0 : 1;
}
