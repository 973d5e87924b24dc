// SPDX-License-Identifier: Apache-2.0
// Runs simulated histories; see docs/internals/simulation.md. A broken promise is printed with the options that repeat its
// history, and those of a smaller one. Exit code 1: a promise was broken, or a planted bug was not found.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/sim/routes.h"
#include "tests/sim/runner.h"
#include "tests/sim/shrink.h"

namespace {

using namespace smarthl7::sim;

constexpr std::string_view kUsage = R"(usage: tests.sim.histories [options]
  --seeds A..B        the histories of these seeds (N: 1..N; default 1..1000)
  --seed N            one history, and what happens in it
  --file FILE         histories by their options, one a line; # begins a comment
  --messages N        sent in each history (default 10 to 40, as the seed says)
  --lives N           of the hub in each history (default 2 to 5)
  --without A,B       leaves out parts of the plan and faults; an unknown name lists them
  --jobs N            processes (default 1)
  --planted BUG|all   with a planted bug; succeeds when the histories find it
  --route             with --seed: prints the route files
  --no-shrink         does not look for smaller histories that fail
)";

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t last = 1000;
  bool one = false;
  bool route = false;
  bool small = true;
  unsigned jobs = 1;
  std::string file;
  std::string planted;
  Scenario scenario;
};

[[noreturn]] void refuse(const std::string& why) {
  fmt::print(stderr, "{}\n{}", why, kUsage);
  std::exit(2);
}

std::uint64_t number(std::string_view text) {
  char* end = nullptr;
  const std::string copy(text);
  const std::uint64_t value = std::strtoull(copy.c_str(), &end, 10);
  if (copy.empty() || *end != '\0') refuse(copy + " is no number");
  return value;
}

std::string part_names() {
  std::string names;
  for (std::size_t i = 0; i < kParts; ++i) names += (i == 0 ? "" : ", ") + std::string(name_of(static_cast<Part>(i)));
  return names;
}

Arguments read(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string name = values[i];
    if (name == "--route") {
      arguments.route = true;
      continue;
    }
    if (name == "--no-shrink") {
      arguments.small = false;
      continue;
    }
    if (++i == count) refuse(name + " needs a value");
    const std::string_view value = values[i];
    if (name == "--seeds") {
      const std::size_t dots = value.find("..");
      if (dots != std::string_view::npos) arguments.first = number(value.substr(0, dots));
      arguments.last = number(dots == std::string_view::npos ? value : value.substr(dots + 2));
    } else if (name == "--seed") {
      arguments.one = true;
      arguments.scenario.seed = arguments.first = arguments.last = number(value);
    } else if (name == "--messages") {
      arguments.scenario.messages = static_cast<std::uint32_t>(number(value));
    } else if (name == "--lives") {
      arguments.scenario.lives = static_cast<std::uint32_t>(number(value));
    } else if (name == "--jobs") {
      arguments.jobs = std::max(1U, static_cast<unsigned>(number(value)));
    } else if (name == "--without") {
      if (!arguments.scenario.leave_out(value)) refuse("parts are " + part_names());
    } else if (name == "--file") {
      arguments.file = value;
    } else if (name == "--planted") {
      arguments.planted = value;
    } else {
      refuse(name + " is no option");
    }
  }
  return arguments;
}

std::vector<Scenario> scenarios_of(const Arguments& arguments) {
  std::vector<Scenario> scenarios;
  if (arguments.file.empty()) {
    for (std::uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
      scenarios.push_back(arguments.scenario);
      scenarios.back().seed = seed;
    }
    return scenarios;
  }
  std::ifstream file(arguments.file);
  if (!file) refuse(arguments.file + " cannot be read");
  for (std::string line; std::getline(file, line);) {
    line = line.substr(0, line.find('#'));
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    if (words.empty()) continue;
    const auto scenario = Scenario::parse(words);
    if (!scenario) refuse(arguments.file + ": " + line + "is no history");
    scenarios.push_back(*scenario);
  }
  if (scenarios.empty()) refuse(arguments.file + " names no history");
  return scenarios;
}

void print(const std::vector<std::string>& broken) {
  for (const std::string& text : broken) fmt::print("    {}\n", text);
}

/// The same options give the same history, or a failure could not be replayed.
bool repeats(const Scenario& scenario) {
  const HistoryCounts one = run_history({scenario, PlantedBug::none, false}).counts;
  const HistoryCounts other = run_history({scenario, PlantedBug::none, false}).counts;
  if (one.steps == other.steps && one.arrivals == other.arrivals && one.sends == other.sends) return true;
  fmt::print("{}\n    the history is another one when it is run again\n", scenario.text());
  return false;
}

void report(const RunResult& result, std::chrono::milliseconds took) {
  const HistoryCounts& counts = result.counts;
  fmt::print("{} histories of {} messages in {} ms: {} broken\n", result.histories, counts.messages, took.count(),
             result.broken.size());
  fmt::print(
      "    {} steps, {} lives, {} sends, {} arrivals, {} taken more than once, {} known as copies, {} in the ledger, {} dead, "
      "{} parts, {} "
      "batches of {} messages\n",
      counts.steps, counts.lives, counts.sends, counts.arrivals, counts.duplicates, counts.copies_known, counts.listed,
      counts.dead, counts.parts, counts.batches, counts.batched);
  for (std::size_t i = 0; i < kInjectedKinds; ++i)
    fmt::print("    {:>10}  {}\n", counts.injected.of(static_cast<Injected>(i)), name_of(static_cast<Injected>(i)));
  for (const auto& [name, hits] : counts.crash_points) fmt::print("    {:>10}  ends at {}\n", hits, name);
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

int run_all(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  RunOptions options;
  options.scenarios = scenarios_of(arguments);
  options.jobs = arguments.jobs;
  bool fine = true;
  for (std::size_t i = 0; i < std::min<std::size_t>(8, options.scenarios.size()); ++i)
    fine = repeats(options.scenarios[i]) && fine;
  const RunResult result = run_histories(options, [](const Scenario& scenario, const std::vector<std::string>& broken) {
    fmt::print("{}\n", scenario.text());
    print(broken);
    std::fflush(stdout);
  });
  report(result, since(begin));
  constexpr std::size_t kMostShrunk = 3;
  std::size_t shrunk = 0;
  for (const auto& [place, broken] : result.broken) {
    if (!arguments.small || shrunk++ == kMostShrunk) break;
    const Shrunk smaller = shrink(options.scenarios[place], broken);
    fmt::print("smaller, after {} tries: {}\n", smaller.tries, smaller.scenario.text());
    print(smaller.broken);
  }
  return fine && result.broken.empty() ? 0 : 1;
}

bool find(PlantedBug bug, const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  RunOptions options;
  options.scenarios = scenarios_of(arguments);
  options.jobs = arguments.jobs;
  options.bug = bug;
  options.stop_when_found = true;
  const RunResult result = run_histories(options, [](const Scenario&, const std::vector<std::string>&) {});
  const auto took = since(begin).count();
  if (result.broken.empty()) {
    fmt::print("{}: not found in {} histories ({} ms)\n", name_of(bug), result.histories, took);
    return false;
  }
  const auto& [place, broken] = *result.broken.begin();
  fmt::print("{}: found by {} ({} ms)\n", name_of(bug), options.scenarios[place].text(), took);
  print({broken.begin(), broken.begin() + std::min<std::ptrdiff_t>(3, std::ssize(broken))});
  return true;
}

int run_planted(const Arguments& arguments) {
  if (arguments.planted != "all") {
    const auto bug = planted_bug(arguments.planted);
    if (!bug) refuse(arguments.planted + " is no planted bug");
    return find(*bug, arguments) ? 0 : 1;
  }
  bool all = true;
  for (const PlantedBug bug : kPlantedBugs) all = find(bug, arguments) && all;
  return all ? 0 : 1;
}

int run_one(const Arguments& arguments) {
  if (arguments.route) {
    for (unsigned variant = 0; variant < (arguments.scenario.has(Part::replace) ? kVariants : 1); ++variant)
      fmt::print("// plan {}\n{}\n", variant, route_for(arguments.scenario, variant).text);
  }
  HistoryOptions options;
  options.scenario = arguments.scenario;
  options.narrate = true;
  if (!arguments.planted.empty()) {
    const auto bug = planted_bug(arguments.planted);
    if (!bug) refuse(arguments.planted + " is no planted bug");
    options.bug = *bug;
    options.scenario = fit_for(*bug, options.scenario);
  }
  RunResult result;
  const auto begin = std::chrono::steady_clock::now();
  const HistoryResult history = run_history(options);
  result.histories = 1;
  result.counts = history.counts;
  if (!history.broken.empty()) result.broken[0] = history.broken;
  print(history.broken);
  report(result, since(begin));
  return history.broken.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
  const Arguments arguments = read(count, values);
  if (arguments.one && arguments.file.empty()) return run_one(arguments);
  if (!arguments.planted.empty()) return run_planted(arguments);
  return run_all(arguments);
}
