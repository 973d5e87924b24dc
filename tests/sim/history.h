// SPDX-License-Identifier: Apache-2.0
// One simulated history: laboratories send through the hub to moody receivers while the hub is killed, loses power, has its
// disk fail or fill up, is stopped, or gets another plan, and starts again; then everything calms down and the promises are
// checked. Everything follows from the scenario. Value types; one thread (crash points are the process's).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/sim/injected.h"
#include "tests/sim/planted.h"
#include "tests/sim/scenario.h"

namespace smarthl7::sim {

struct HistoryOptions {
  Scenario scenario;
  PlantedBug bug = PlantedBug::none;
  bool narrate = false;  // print what happens to the hub
};

struct HistoryCounts {
  std::uint64_t steps = 0;
  std::uint64_t lives = 0;
  std::uint64_t messages = 0;
  std::uint64_t sends = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t duplicates = 0;    // taken by a receiver more than once
  std::uint64_t copies_known = 0;  // by receivers that know copies
  std::uint64_t listed = 0;        // in the ambiguity ledger
  std::uint64_t dead = 0;
  std::uint64_t batches = 0;
  std::uint64_t batched = 0;                          // messages in them
  std::uint64_t parts = 0;                            // of split messages, that arrived
  std::map<std::string, std::uint64_t> crash_points;  // hit
  InjectedCounts injected;

  void add(const HistoryCounts& other);
};

struct HistoryResult {
  std::vector<std::string> broken;  // promises; empty: all were kept
  HistoryCounts counts;
};

[[nodiscard]] HistoryResult run_history(const HistoryOptions& options);

}  // namespace smarthl7::sim
