// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/world.h"

#include <algorithm>

namespace smarthl7::sim {

SimExecutor::SimExecutor(World& world) : world_(world) { world_.executors_.push_back(this); }

SimExecutor::~SimExecutor() {
  clear();
  std::erase(world_.executors_, this);
}

SteadyTime SimExecutor::now() const { return world_.now_; }

env::TimerId SimExecutor::at(SteadyTime when, env::Job job) {
  const env::TimerId id = ++world_.last_timer_;
  world_.timers_.emplace(std::pair(when, id), World::Timer{this, std::move(job)});
  world_.due_.emplace(id, when);
  return id;
}

void SimExecutor::cancel(env::TimerId timer) {
  const auto found = world_.due_.find(timer);
  if (found == world_.due_.end()) return;
  world_.timers_.erase({found->second, timer});
  world_.due_.erase(found);
}

void SimExecutor::clear() {
  std::deque<Work> dropped;
  dropped.swap(queue_);
  std::vector<env::Job> jobs;
  for (auto it = world_.timers_.begin(); it != world_.timers_.end();) {
    if (it->second.executor != this) {
      ++it;
      continue;
    }
    jobs.push_back(std::move(it->second.job));
    world_.due_.erase(it->first.second);
    it = world_.timers_.erase(it);
  }
}

void SimExecutor::run_front() {
  Work work = std::move(queue_.front());
  queue_.pop_front();
  const Entered entered(this);
  if (auto* job = std::get_if<env::Job>(&work)) {
    (*job)();
  } else {
    std::get<std::coroutine_handle<>>(work).resume();
  }
}

void SimExecutor::run_job(env::Job job) {
  const Entered entered(this);
  job();
}

void World::fire_first() {
  auto first = timers_.begin();
  Timer timer = std::move(first->second);
  if (first->first.first > now_) now_ = first->first.first;
  due_.erase(first->first.second);
  timers_.erase(first);
  timer.executor->run_job(std::move(timer.job));
}

bool World::step() {
  ++steps_;
  std::size_t ready = 0;
  for (const SimExecutor* executor : executors_) ready += executor->queue_.empty() ? 0U : 1U;
  const bool timer_due = !timers_.empty() && timers_.begin()->first.first <= now_;
  std::size_t chosen = rng_.below(ready + (timer_due ? 1U : 0U));
  if (ready == 0 && timers_.empty()) return false;
  if (chosen == ready) {  // the due timer, or nothing else is to be done
    fire_first();
    return true;
  }
  for (SimExecutor* executor : executors_) {
    if (executor->queue_.empty() || chosen-- != 0) continue;
    executor->run_front();
    return true;
  }
  return true;
}

WallTime SimClock::wall() const {
  return WallTime(std::chrono::duration_cast<std::chrono::microseconds>(world_.now().time_since_epoch()) + offset_);
}

}  // namespace smarthl7::sim
