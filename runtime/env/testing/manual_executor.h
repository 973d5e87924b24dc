// SPDX-License-Identifier: Apache-2.0
// An executor that a test drives by hand: jobs run when told, time passes when told.
// Threads: post() from any; the rest from the test's thread. Lifetime: it outlives what runs on it.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <variant>

#include "runtime/env/executor.h"

namespace smarthl7::env {

class ManualExecutor final : public Executor {
 public:
  void post(Job job) override;
  void post(std::coroutine_handle<> frame) override;
  TimerId at(SteadyTime when, Job job) override;
  void cancel(TimerId timer) override;
  [[nodiscard]] SteadyTime now() const override { return now_; }

  /// Runs one posted job; false if there is none.
  bool run_one();
  /// Runs jobs until none is posted and no timer is due. Time stands still.
  std::size_t run();
  /// Moves to the next timer and runs; false without a timer.
  bool run_next_timer();
  /// Moves time on, running what becomes due in order.
  void advance(std::chrono::nanoseconds by);
  /// Forgets posted jobs and timers (a crash).
  void clear();
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 private:
  using Work = std::variant<Job, std::coroutine_handle<>>;
  void fire_due();

  mutable std::mutex mutex_;
  std::deque<Work> queue_;
  std::map<std::pair<SteadyTime, TimerId>, Job> timers_;
  std::map<TimerId, SteadyTime> due_;
  TimerId last_timer_ = kNoTimer;
  SteadyTime now_{std::chrono::seconds(1000)};
};

}  // namespace smarthl7::env
