// SPDX-License-Identifier: Apache-2.0
// One life of a hub process in a simulated world: two reactors, the store's writer, and the real engine and store on a
// simulated disk and network. freeze() is the moment of its death: from then on nothing that it does shows outside, and image()
// is what the next life will find; destroy it once the running job has ended. Ownership: borrows world, wire and clock.
// Threads: the world's. Failure: start_error(), store_failed().
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "runtime/flow/engine.h"
#include "runtime/sim/disk.h"
#include "runtime/sim/network.h"

namespace smarthl7::sim {

using WrapStore = std::function<std::unique_ptr<store::Store>(std::unique_ptr<store::Store> inner)>;
using WrapDisk = std::function<std::unique_ptr<env::Disk>(env::Disk& inner)>;

struct HubSetup {
  std::shared_ptr<const eval::BoundPlan> plan;
  std::vector<transport::Options> source_options;
  std::vector<transport::Options> destination_options;
  std::vector<const transport::Transport*> transports;
  store::StoreOptions store;
  std::uint32_t window_messages = 4;
  WrapStore wrap;      // puts a test's store around the real one
  WrapDisk wrap_disk;  // the same for the simulated disk
};

class SimHub {
 public:
  SimHub(World& world, Wire& wire, SimClock& clock, Image image, DiskFaults faults, const HubSetup& setup);
  ~SimHub();
  SimHub(const SimHub&) = delete;
  SimHub& operator=(const SimHub&) = delete;

  void start();
  void freeze(CrashKind kind);
  /// Freezes by itself in front of the n-th operation of disk or network from now on, wherever in a step that is.
  void freeze_at_operation(CrashKind kind, std::uint64_t operations);
  [[nodiscard]] bool frozen() const { return host_->frozen; }
  /// Valid after freeze() or ended().
  [[nodiscard]] const Image& image() const { return survivors_; }

  /// Drains and ends by itself, as on SIGTERM.
  void stop(std::chrono::nanoseconds within);
  [[nodiscard]] bool ended() const { return ended_; }

  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] const std::optional<Error>& start_error() const { return start_error_; }
  [[nodiscard]] bool store_failed() const { return store_failed_; }
  [[nodiscard]] SimDisk& disk() { return disk_; }
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] flow::Engine& engine() { return *engine_; }
  /// Runs a task in the hub, on its first reactor.
  void run(env::Task<void> task);

 private:
  env::Task<void> live();
  env::Task<void> drain(std::chrono::nanoseconds within);

  World& world_;
  HubSetup setup_;
  std::shared_ptr<Host> host_;
  SimDisk disk_;
  std::unique_ptr<env::Disk> wrapped_disk_;
  SimNetwork network_;
  SimRandom random_;
  SimClock& clock_;
  SimExecutor first_;
  SimExecutor second_;
  SimExecutor writer_;
  Image survivors_;
  bool running_ = false;
  bool ended_ = false;
  bool store_failed_ = false;
  std::optional<Error> start_error_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<flow::Engine> engine_;
  env::Gate gate_;
};

}  // namespace smarthl7::sim
