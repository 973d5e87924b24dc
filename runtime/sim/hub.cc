// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/hub.h"

namespace smarthl7::sim {

SimHub::SimHub(World& world, Wire& wire, SimClock& clock, Image image, DiskFaults faults, const HubSetup& setup)
    : world_(world),
      setup_(setup),
      host_(std::make_shared<Host>()),
      disk_(world, std::move(image), host_, faults),
      network_(wire, host_),
      random_(world.rng().split()),
      clock_(clock),
      first_(world),
      second_(world),
      writer_(world) {}

SimHub::~SimHub() = default;

void SimHub::start() { run(live()); }

void SimHub::run(env::Task<void> task) {
  first_.post([this, moved = std::move(task)]() mutable { gate_.spawn(std::move(moved)); });
}

env::Task<void> SimHub::live() {
  if (setup_.wrap_disk) wrapped_disk_ = setup_.wrap_disk(disk_);
  env::Disk& disk = wrapped_disk_ ? *wrapped_disk_ : disk_;
  const env::Env first{first_, network_, disk, clock_, random_};
  const env::Env second{second_, network_, disk, clock_, random_};
  const env::Env writer{writer_, network_, disk, clock_, random_};
  auto opened = store::open_store(setup_.store, writer);
  if (!opened) {
    start_error_ = std::move(opened).error();
    co_return;
  }
  store_ = setup_.wrap ? setup_.wrap(std::move(*opened)) : std::move(*opened);
  store_->on_failure([this](Error) { store_failed_ = true; });
  flow::EngineSetup setup;
  setup.plan = setup_.plan;
  setup.source_options = setup_.source_options;
  setup.destination_options = setup_.destination_options;
  setup.transports = setup_.transports;
  setup.store = store_.get();
  setup.reactors.push_back(first);
  setup.reactors.push_back(second);
  setup.window_messages = setup_.window_messages;
  engine_ = std::make_unique<flow::Engine>(std::move(setup));
  Result<void> started = co_await engine_->start();
  if (!started) {
    start_error_ = std::move(started).error();
    co_return;
  }
  running_ = true;
}

void SimHub::freeze(CrashKind kind) {
  if (host_->frozen) return;
  host_->frozen = true;
  host_->crash = kind;
  survivors_ = disk_.image().after_crash(kind, world_);
}

void SimHub::freeze_at_operation(CrashKind kind, std::uint64_t operations) {
  host_->operations_left = operations;
  host_->dies = [this, kind] { freeze(kind); };
}

void SimHub::stop(std::chrono::nanoseconds within) { run(drain(within)); }

env::Task<void> SimHub::drain(std::chrono::nanoseconds within) {
  running_ = false;
  Result<void> closed = co_await engine_->stop(world_.now() + within);
  if (!closed && !store_failed_) start_error_ = std::move(closed).error();
  survivors_ = disk_.image();
  ended_ = true;
}

}  // namespace smarthl7::sim
