// SPDX-License-Identifier: Apache-2.0
// The route files that the simulated histories run: written for a scenario, compiled as every route file is, bound, and kept,
// since many histories share one. Variants of one scenario differ in lanes and connections, and the later ones have one
// destination more: what replaces a plan while messages are queued.
// Ownership: plans are shared. Threads: one. Failure: a route that does not compile ends the process and says why.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/eval/bound_plan.h"
#include "tests/sim/scenario.h"

namespace smarthl7::sim {

inline constexpr const char* kSourceAddress = "hub:2575";
inline constexpr std::uint32_t kBatchMessages = 3;
inline constexpr unsigned kVariants = 3;

struct RouteDestination {
  std::string name;
  enum class Order : std::uint8_t { fifo, keys, patient, none } order = Order::fifo;
  std::uint32_t lanes = 1;
  bool main_line = true;  // else it gets copies: parts, batches
  bool enhanced = false;
  bool holds = false;   // its lane, or the messages of the same key, wait for a person after a refusal for good
  bool urgent = false;  // has an express lane
  bool once = false;    // its receiver knows copies
};

struct Route {
  std::string text;
  std::vector<RouteDestination> destinations;  // in the order of the file
  std::shared_ptr<const eval::BoundPlan> plan;
  std::string digest;  // of the plan, as a trace shows it

  [[nodiscard]] const RouteDestination* find(const std::string& name) const;
};

/// How many windows of a destination can be open at once: those of its lanes and, after another plan has dealt what was
/// released to other lanes, what is left of the windows of the lanes before. None: what waits behind a refused message of its
/// key takes no place in a window.
[[nodiscard]] std::optional<std::uint64_t> most_lanes(const std::vector<const Route*>& ran, const std::string& destination);

/// Of the scenario's n-th variant, 0 .. kVariants-1.
[[nodiscard]] const Route& route_for(const Scenario& scenario, unsigned variant);

}  // namespace smarthl7::sim
