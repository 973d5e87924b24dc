// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/testing/manual_executor.h"

#include <utility>

namespace smarthl7::env {

void ManualExecutor::post(Job job) {
  const std::lock_guard lock(mutex_);
  queue_.emplace_back(std::move(job));
}

void ManualExecutor::post(std::coroutine_handle<> frame) {
  const std::lock_guard lock(mutex_);
  queue_.emplace_back(frame);
}

TimerId ManualExecutor::at(SteadyTime when, Job job) {
  const TimerId id = ++last_timer_;
  timers_.emplace(std::pair(when, id), std::move(job));
  due_.emplace(id, when);
  return id;
}

void ManualExecutor::cancel(TimerId timer) {
  const auto found = due_.find(timer);
  if (found == due_.end()) return;
  timers_.erase({found->second, timer});
  due_.erase(found);
}

bool ManualExecutor::run_one() {
  Work work;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    work = std::move(queue_.front());
    queue_.pop_front();
  }
  const Entered entered(this);
  if (auto* job = std::get_if<Job>(&work)) {
    (*job)();
  } else {
    std::get<std::coroutine_handle<>>(work).resume();
  }
  return true;
}

void ManualExecutor::fire_due() {
  while (!timers_.empty() && timers_.begin()->first.first <= now_) {
    auto job = std::move(timers_.begin()->second);
    due_.erase(timers_.begin()->first.second);
    timers_.erase(timers_.begin());
    const Entered entered(this);
    job();
  }
}

std::size_t ManualExecutor::run() {
  std::size_t count = 0;
  do {
    while (run_one()) ++count;
    fire_due();
  } while (run_one() ? (++count, true) : false);
  return count;
}

bool ManualExecutor::run_next_timer() {
  run();
  if (timers_.empty()) return false;
  if (timers_.begin()->first.first > now_) now_ = timers_.begin()->first.first;
  run();
  return true;
}

void ManualExecutor::advance(std::chrono::nanoseconds by) {
  const SteadyTime end = now_ + by;
  run();
  while (!timers_.empty() && timers_.begin()->first.first <= end) run_next_timer();
  now_ = end;
  run();
}

void ManualExecutor::clear() {
  timers_.clear();
  due_.clear();
  std::deque<Work> dropped;
  {
    const std::lock_guard lock(mutex_);
    dropped.swap(queue_);
  }
}

}  // namespace smarthl7::env
