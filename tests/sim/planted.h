// SPDX-License-Identifier: Apache-2.0
// Bugs that the simulation must find, planted from outside: a store, a disk or a transport that is wrong in one way stands
// around the real one. The hub's own code is the same as ever. Ownership: what wraps owns or borrows what it was given, as the
// signature says; Planted lives as long as the history. Threads: the simulation's one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/sim/hub.h"
#include "tests/sim/scenario.h"

namespace smarthl7::sim {

enum class PlantedBug : std::uint8_t {
  none,
  early_acknowledgement,  // the store says "accepted" before it has made the message durable
  dropped_wake_up,        // now and then a lane is not told what was released to it, until more is
  reordered_retry,        // what is sent again after a restart goes behind what is new
  late_dedup_key,         // the key of an accepted message is written a moment after its acknowledgement
  late_answer_taken,      // a connection whose answer did not come is used again, so it comes for the next message
  hidden_failed_sync,     // the store goes on after a failed sync
};
inline constexpr PlantedBug kPlantedBugs[] = {
    PlantedBug::early_acknowledgement, PlantedBug::dropped_wake_up,   PlantedBug::reordered_retry,
    PlantedBug::late_dedup_key,        PlantedBug::late_answer_taken, PlantedBug::hidden_failed_sync,
};
[[nodiscard]] std::string_view name_of(PlantedBug bug);
[[nodiscard]] std::optional<PlantedBug> planted_bug(std::string_view name);

/// The scenario without the parts that the wrong store knows nothing of.
[[nodiscard]] Scenario fit_for(PlantedBug bug, Scenario scenario);
/// Do the broken promises say what this bug breaks?
[[nodiscard]] bool is_found(PlantedBug bug, const std::vector<std::string>& broken);

/// One history's share of a bug: what outlives the hub's lives is in here.
class Planted {
 public:
  Planted(PlantedBug bug, World& world);
  ~Planted();
  Planted(const Planted&) = delete;
  Planted& operator=(const Planted&) = delete;

  /// Puts the bug into a hub that is about to be made.
  void into(HubSetup& setup);

  struct Memory;

 private:
  PlantedBug bug_;
  std::shared_ptr<Memory> memory_;
  std::unique_ptr<transport::Transport> transport_;
};

}  // namespace smarthl7::sim
