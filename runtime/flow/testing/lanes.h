// SPDX-License-Identifier: Apache-2.0
// A Destination in a simulated world, with a scripted store and a scripted receiver: what its tests are made of.
// Ownership: the test's; one thread. Not for use outside tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/flow/destination.h"
#include "runtime/flow/testing/scripted.h"
#include "runtime/sim/disk.h"
#include "runtime/sim/network.h"

namespace smarthl7::flow::testing {

using namespace std::chrono_literals;

class Lanes : public ::testing::Test {
 protected:
  Lanes() {
    policy_.name = "mercy";
    policy_.ack_within = 10s;
    policy_.first_pause = 1s;
    policy_.most_pause = 60s;
    policy_.jitter_percent = 0;
    policy_.give_up_after = 0s;
  }
  ~Lanes() override {
    run(destination_->stop(world_.now()));
    destination_.reset();
  }

  void start() {
    destination_ = std::make_unique<Destination>(policy_, store_, env());
    run(begin());
    pass(0s);
  }
  env::Task<void> begin() {
    Result<store::DestinationId> id = co_await destination_->start(transport_, {});
    started_ = id.has_value();
  }
  void run(env::Task<void> task) {
    executor_.post([this, moved = std::move(task)]() mutable { gate_.spawn(std::move(moved)); });
    pass(1s);
  }

  void release(std::vector<std::pair<std::string, std::vector<store::LaneNumber>>> messages, bool maybe_seen = false) {
    std::vector<store::Released> batch;
    for (auto& [id, lanes] : messages) {
      store::Released released;
      released.delivery = {++last_message_, 0};
      released.lanes = lanes;
      released.body = SharedBytes("MSH|^~\\&|A|B|C|D|2026||ORU|" + id + "|P|2.5.1" + header_rest_ + "\r");
      released.received_at = clock_.wall();
      released.released_at = released_at_ == WallTime{} ? clock_.wall() : released_at_;
      released.refused_since = refused_since_;
      if (batch.size() < keys_.size()) released.keys = keys_[batch.size()];
      released.maybe_seen = maybe_seen;
      batch.push_back(std::move(released));
    }
    executor_.post([this, moved = std::move(batch)]() mutable { store_.sink->on_released(std::move(moved)); });
    pass(0s);
  }
  void release(const std::string& id) { release({{id, {0}}}); }
  struct Keyed {
    std::string id;
    std::vector<store::LaneNumber> lanes;
    std::vector<std::uint64_t> keys;
  };
  void release_keyed(std::vector<Keyed> messages) {
    keys_.clear();
    std::vector<std::pair<std::string, std::vector<store::LaneNumber>>> plain;
    for (Keyed& one : messages) {
      keys_.push_back(std::move(one.keys));
      plain.emplace_back(one.id, one.lanes);
    }
    release(std::move(plain));
    keys_.clear();
  }

  /// Lets everything happen up to that much later.
  void pass(std::chrono::nanoseconds time) {
    bool there = false;
    executor_.at(world_.now() + time, [&there] { there = true; });
    while (!there) world_.step();
    for (int i = 0; i < 200; ++i) {  // what is due at this very moment
      bool settled = false;
      executor_.at(world_.now(), [&settled] { settled = true; });
      while (!settled) world_.step();
    }
  }

  std::vector<std::string> sent() const {
    std::vector<std::string> ids;
    for (const auto& [at, id] : script_.sent) ids.push_back(id);
    return ids;
  }
  std::vector<store::OutcomeKind> outcomes() const {
    std::vector<store::OutcomeKind> kinds;
    for (const auto& outcome : store_.outcomes) kinds.push_back(outcome.kind);
    return kinds;
  }
  LaneStatus lane(std::size_t number = 0) const { return destination_->snapshot().lanes[number]; }
  env::Env env() { return env::Env{executor_, network_, disk_, clock_, random_}; }

  sim::World world_{7};
  sim::Wire wire_{world_};
  sim::SimNetwork network_{wire_, nullptr};
  sim::SimDisk disk_{world_, {}, nullptr, {}};
  sim::SimClock clock_{world_};
  sim::SimRandom random_{sim::Rng(7)};
  sim::SimExecutor executor_{world_};
  ScriptedStore store_;
  Script script_;
  ScriptedTransport transport_{script_};
  DestinationPolicy policy_;
  std::unique_ptr<Destination> destination_;
  bool started_ = false;
  store::MessageId last_message_ = 0;
  std::string header_rest_;  // after MSH-12
  std::vector<std::vector<std::uint64_t>> keys_;
  WallTime released_at_{};  // unset: now
  WallTime refused_since_{};
  env::Gate gate_;
};

}  // namespace smarthl7::flow::testing
