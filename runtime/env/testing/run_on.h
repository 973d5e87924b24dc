// SPDX-License-Identifier: Apache-2.0
// Runs a Task on an executor that has its own thread and waits for its value on the calling thread: how a test enters a
// reactor. Threads: any but the executor's own. The Task's frame is gone when run_on() returns.
#pragma once

#include <future>
#include <memory>
#include <utility>

#include "runtime/env/executor.h"
#include "runtime/env/gate.h"

namespace smarthl7::env {

namespace detail {

template <class T>
Task<void> drive(Task<T> task, std::promise<T>* result) {
  if constexpr (std::is_void_v<T>) {
    co_await task;
    result->set_value();
  } else {
    T value = co_await task;
    result->set_value(std::move(value));
  }
}

template <class T>
T run_on(Executor& executor, auto& make) {
  std::promise<T> result;
  std::promise<void> gone;
  std::unique_ptr<Gate> gate;
  executor.post([&] {
    gate = std::make_unique<Gate>();
    gate->spawn(drive<T>(make(), &result));
  });
  auto value = result.get_future();
  value.wait();
  // The frame ends in the job that set the value, so it has gone when the next job runs.
  executor.post([&] {
    gate.reset();
    gone.set_value();
  });
  gone.get_future().wait();
  return value.get();
}

template <class T>
T value_type_of(const Task<T>&);

}  // namespace detail

/// `make` is called on the executor and returns a Task: `auto x = run_on(reactor.executor(), [&] { return fetch(&thing); });`
template <class Make>
auto run_on(Executor& executor, Make make) {
  using T = decltype(detail::value_type_of(make()));
  return detail::run_on<T>(executor, make);
}

/// Runs a plain function as a job of the executor and waits until it has.
template <class Function>
void call_on(Executor& executor, Function function) {
  std::promise<void> done;
  executor.post([&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace smarthl7::env
