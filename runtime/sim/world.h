// SPDX-License-Identifier: Apache-2.0
// A simulated world: virtual time, and executors of which a seeded choice runs one job at a time. Everything that happens
// is decided by the seed. A Host is one process in it: frozen at a crash, so that what its running job still does
// has no effect outside.
// Ownership: the World outlives its executors, clocks and networks. Threads: one, for all of it. No failure.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

#include "runtime/env/env.h"
#include "runtime/sim/injected.h"
#include "runtime/sim/rng.h"

namespace smarthl7::sim {

class World;

class SimExecutor final : public env::Executor {
 public:
  explicit SimExecutor(World& world);
  ~SimExecutor() override;  // forgets its jobs and timers

  void post(env::Job job) override { queue_.emplace_back(std::move(job)); }
  void post(std::coroutine_handle<> frame) override { queue_.emplace_back(frame); }
  env::TimerId at(SteadyTime when, env::Job job) override;
  void cancel(env::TimerId timer) override;
  [[nodiscard]] SteadyTime now() const override;

  /// Forgets posted jobs and timers: the end of the process.
  void clear();

 private:
  friend class World;
  using Work = std::variant<env::Job, std::coroutine_handle<>>;
  void run_front();
  void run_job(env::Job job);

  World& world_;
  std::deque<Work> queue_;
};

/// How a process ends.
enum class CrashKind {
  kill,        // SIGKILL: files keep all that was written, connections are closed by the system
  power_loss,  // unsynced writes may be lost or torn, peers hear nothing more
};

struct Host {  // of one life of a process
  bool frozen = false;
  CrashKind crash = CrashKind::kill;
  std::uint64_t operations_left = 0;  // of disk and network, until `dies` is called in front of one; 0: never
  std::function<void()> dies;         // freezes the process

  void operation() {
    if (operations_left != 0 && --operations_left == 0 && !frozen) dies();
  }
};

class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] SteadyTime now() const { return now_; }
  [[nodiscard]] Rng& rng() { return rng_; }
  /// Runs one job, moving time on to the next timer if nothing else is to be done; false: nothing will ever happen again.
  bool step();
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] InjectedCounts& injected() { return injected_; }

 private:
  friend class SimExecutor;
  struct Timer {
    SimExecutor* executor;
    env::Job job;
  };
  void fire_first();

  Rng rng_;
  SteadyTime now_{std::chrono::seconds(1000)};
  std::uint64_t steps_ = 0;
  std::vector<SimExecutor*> executors_;
  std::map<std::pair<SteadyTime, env::TimerId>, Timer> timers_;
  std::unordered_map<env::TimerId, SteadyTime> due_;
  env::TimerId last_timer_ = env::kNoTimer;
  InjectedCounts injected_;
};

/// Wall time that follows the world's time and can be made to jump.
class SimClock final : public env::Clock {
 public:
  explicit SimClock(const World& world) : world_(world) {}
  [[nodiscard]] WallTime wall() const override;
  void jump(std::chrono::microseconds by) { offset_ += by; }

 private:
  const World& world_;
  std::chrono::microseconds offset_{std::chrono::seconds(1'800'000'000)};
};

class SimRandom final : public env::Random {
 public:
  explicit SimRandom(Rng rng) : rng_(rng) {}
  std::uint64_t next() override { return rng_.next(); }

 private:
  Rng rng_;
};

}  // namespace smarthl7::sim
