// SPDX-License-Identifier: Apache-2.0
// Completion<T>: one value handed from any thread to one coroutine, which goes on where it waited.
// The waiting frame owns the Completion (a local of it) and the other side holds a pointer until it calls complete(),
// exactly once. Threads: complete() from any; `co_await completion` from the owning frame's executor, once.
#pragma once

#include <atomic>
#include <coroutine>
#include <optional>
#include <utility>

#include "runtime/env/executor.h"
#include "stdlib/base/assert.h"

namespace smarthl7::env {

template <class T>
class Completion {
 public:
  Completion() : home_(Executor::current()) { SMARTHL7_ASSERT(home_ != nullptr, "waiting needs an executor"); }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  void complete(T value) {
    value_.emplace(std::move(value));
    Executor* home = home_;
    if (state_.exchange(State::done, std::memory_order_acq_rel) == State::waiting) home->post(frame_);
  }

  bool await_ready() const { return state_.load(std::memory_order_acquire) == State::done; }
  bool await_suspend(std::coroutine_handle<> frame) {
    frame_ = frame;
    State expected = State::idle;
    return state_.compare_exchange_strong(expected, State::waiting, std::memory_order_acq_rel);
  }
  T await_resume() { return std::move(*value_); }

 private:
  enum class State { idle, waiting, done };
  Executor* home_;
  std::coroutine_handle<> frame_;
  std::optional<T> value_;
  std::atomic<State> state_{State::idle};
};

}  // namespace smarthl7::env
