// SPDX-License-Identifier: Apache-2.0
// The laboratories and receivers of a history, made as its scenario says. They live through all lives of the hub.
// Ownership: borrows world and wire, which outlive it. Threads: the simulation's one. No failure.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/sim/sender.h"
#include "runtime/sim/sink.h"
#include "tests/sim/scenario.h"

namespace smarthl7::sim {

struct Peers {
  std::vector<std::unique_ptr<Sender>> senders;
  std::map<std::string, std::unique_ptr<Sink>> sinks;  // by destination, those of all variants of the plan

  [[nodiscard]] std::uint64_t messages() const;
  /// `away`: some of the receivers go away for a while.
  void start(World& world, SimExecutor& executor, Rng& rng, bool away);
  void calm_down();
};

[[nodiscard]] Peers make_peers(World& world, Wire& wire, Rng& rng, const Scenario& scenario);

}  // namespace smarthl7::sim
