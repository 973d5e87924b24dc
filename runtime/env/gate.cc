// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/gate.h"

#include "stdlib/base/assert.h"

namespace smarthl7::env {

struct Gate::Root {
  struct promise_type {
    Gate* gate;
    promise_type* next = nullptr;
    promise_type* before = nullptr;

    promise_type(Gate* owner, Task<void>&) : gate(owner) {
      next = static_cast<promise_type*>(gate->first_);
      if (next != nullptr) next->before = this;
      gate->first_ = this;
      ++gate->running_;
    }
    promise_type(const promise_type&) = delete;
    promise_type& operator=(const promise_type&) = delete;
    ~promise_type() {
      if (before != nullptr) {
        before->next = next;
      } else {
        gate->first_ = next;
      }
      if (next != nullptr) next->before = before;
      if (--gate->running_ == 0) gate->empty_.notify_all();
    }
    Root get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }  // the frame destroys itself
    void unhandled_exception() noexcept { SMARTHL7_UNREACHABLE("an exception reached the edge of a coroutine"); }
    void return_void() noexcept {}
  };
};

Gate::Root Gate::run(Gate* /*gate*/, Task<void> task) { co_await task; }

void Gate::spawn(Task<void> task) { run(this, std::move(task)); }

Gate::~Gate() {
  while (first_ != nullptr) {
    auto* promise = static_cast<Root::promise_type*>(first_);
    std::coroutine_handle<Root::promise_type>::from_promise(*promise).destroy();
  }
}

Task<void> Gate::drained() {
  while (running_ > 0) co_await empty_.wait();
}

}  // namespace smarthl7::env
