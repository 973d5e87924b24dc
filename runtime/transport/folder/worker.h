// SPDX-License-Identifier: Apache-2.0
// A thread for calls that block: a slow disk or server makes its own folder wait, not the reactor. It begins with the first
// job; jobs run one after the other. Ownership: outlives the tasks that wait for it. Threads: run() from an executor, whose
// coroutine goes on there. No failure.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "runtime/env/completion.h"
#include "runtime/env/task.h"

namespace smarthl7::transport::folder {

class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  template <class T>
  env::Task<T> run(std::move_only_function<T()> job) {
    env::Completion<T> done;
    post([&done, &job] { done.complete(job()); });
    T value = co_await done;
    co_return value;
  }

 private:
  void post(std::move_only_function<void()> job);
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::move_only_function<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace smarthl7::transport::folder
