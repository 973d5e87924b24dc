// SPDX-License-Identifier: Apache-2.0
// Task<T>: a coroutine that starts when it is awaited and gives its value to the one who awaits it. All coroutines of
// the runtime are Tasks, so the same engine code runs on real reactors and in the simulation.
// Ownership: a Task owns its frame; destroying it destroys the frame and, through its locals, all that it awaits.
// Threads: a Task runs on one Executor from start to end; waiting for another thread goes through Completion<T>
// (completion.h), which resumes on the Executor that waited. Never resume a frame from a foreign thread.
// Failure: Tasks return Result<T>; an exception that reaches the edge of a coroutine is a bug and stops the process.
// Roots are started through a Gate (gate.h) only.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "stdlib/base/assert.h"

namespace smarthl7::env {

template <class T>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> continuation;
  bool starting = false;  // the awaiting frame is still inside await_suspend
  bool done = false;

  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { SMARTHL7_UNREACHABLE("an exception reached the edge of a coroutine"); }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> self) noexcept {
      PromiseBase& promise = self.promise();
      promise.done = true;
      if (!promise.starting && promise.continuation) promise.continuation.resume();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    Handle child;
    bool await_ready() noexcept { return false; }
    /// Runs the child on the spot; a child that ends without waiting costs no further stack (in loops, at -O0 too).
    bool await_suspend(std::coroutine_handle<> parent) {
      auto& promise = child.promise();
      promise.continuation = parent;
      promise.starting = true;
      child.resume();
      promise.starting = false;
      return !promise.done;
    }
    T await_resume() { return child.promise().take(); }
  };
  Awaiter operator co_await() const& noexcept { return Awaiter{handle_}; }
  Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail
}  // namespace smarthl7::env
