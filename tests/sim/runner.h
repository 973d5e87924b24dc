// SPDX-License-Identifier: Apache-2.0
// Runs many histories in several processes (crash points belong to a process, and an assertion that fails ends only one), and
// puts their results together. Ownership: none outlives a call. Threads: one. Failure: a history whose process ended is a
// broken one; the run goes on behind it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/history.h"

namespace smarthl7::sim {

struct RunOptions {
  std::vector<Scenario> scenarios;
  PlantedBug bug = PlantedBug::none;
  unsigned jobs = 1;
  bool stop_when_found = false;  // each process stops at its first broken history (with a bug: one that shows this bug)
};

struct RunResult {
  HistoryCounts counts;
  std::uint64_t histories = 0;
  std::map<std::size_t, std::vector<std::string>> broken;  // by the scenario's place in the list
};

/// `tell` is called for each broken history as soon as it is known.
[[nodiscard]] RunResult run_histories(const RunOptions& options,
                                      const std::function<void(const Scenario&, const std::vector<std::string>&)>& tell);

}  // namespace smarthl7::sim
