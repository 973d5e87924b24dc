// SPDX-License-Identifier: Apache-2.0
// Waiting on one executor: Signal (wake those who wait now), sleep_until.
// Threads: all calls from the executor that waits. Waiters are resumed by a posted job, never inside notify().
// Lifetime: a Signal outlives its waiters' frames, or they are destroyed first.
#pragma once

#include <coroutine>

#include "runtime/env/executor.h"

namespace smarthl7::env {

class Signal {
 public:
  class Wait;

  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal();

  /// co_await signal.wait(deadline): true if notified, false if the deadline passed first.
  [[nodiscard]] Wait wait(SteadyTime deadline = kNever);
  void notify_all();
  void notify_one();
  [[nodiscard]] bool has_waiters() const { return first_ != nullptr; }

 private:
  friend class Wait;
  Wait* first_ = nullptr;
  Wait* last_ = nullptr;
};

class Signal::Wait {
 public:
  Wait(Signal* signal, SteadyTime deadline) : signal_(signal), deadline_(deadline) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait();

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> frame);
  bool await_resume() const { return notified_; }

 private:
  friend class Signal;
  void unlink();
  void wake(bool notified);

  Signal* signal_;
  SteadyTime deadline_;
  Executor* home_ = nullptr;
  std::coroutine_handle<> frame_;
  TimerId timer_ = kNoTimer;
  Wait* next_ = nullptr;
  Wait* before_ = nullptr;
  bool linked_ = false;
  bool notified_ = false;
};

inline Signal::Wait Signal::wait(SteadyTime deadline) { return Wait(this, deadline); }

/// co_await sleep_until(t). Uncancellable: for waits that must be, use a Signal with a deadline.
class sleep_until {
 public:
  explicit sleep_until(SteadyTime when) : when_(when) {}
  sleep_until(const sleep_until&) = delete;
  sleep_until& operator=(const sleep_until&) = delete;
  ~sleep_until();
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> frame);
  void await_resume() const {}

 private:
  SteadyTime when_;
  Executor* home_ = nullptr;
  TimerId timer_ = kNoTimer;
};

}  // namespace smarthl7::env
