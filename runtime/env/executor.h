// SPDX-License-Identifier: Apache-2.0
// An Executor runs jobs one after the other: a reactor's thread, the store's writer thread, or a queue of the
// simulation. It also tells steady time and keeps timers.
// Threads: post() from any thread; all else from a job of this very executor. Jobs never run inside post().
// Lifetime: an executor outlives what runs on it. Failure: jobs do not throw.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>

#include "stdlib/base/time.h"

namespace smarthl7::env {

using Job = std::move_only_function<void()>;
using TimerId = std::uint64_t;
inline constexpr TimerId kNoTimer = 0;

class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  virtual void post(Job job) = 0;
  /// post() of a coroutine's resumption, without an allocation.
  virtual void post(std::coroutine_handle<> frame) = 0;

  virtual TimerId at(SteadyTime when, Job job) = 0;
  /// Does nothing for a timer that has fired or is kNoTimer.
  virtual void cancel(TimerId timer) = 0;
  [[nodiscard]] virtual SteadyTime now() const = 0;

  /// The executor whose job is running on this thread, or nullptr.
  [[nodiscard]] static Executor* current() { return current_; }

 protected:
  class Entered {  // set by implementations around the jobs they run
   public:
    explicit Entered(Executor* executor) : before_(current_) { current_ = executor; }
    ~Entered() { current_ = before_; }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

   private:
    Executor* before_;
  };

 private:
  static inline thread_local Executor* current_ = nullptr;
};

}  // namespace smarthl7::env
