// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/upkeep.h"

#include <utility>

namespace smarthl7::store {

Upkeep::Upkeep(std::unique_ptr<State> state, env::Executor& executor, bool background)
    : state_(std::move(state)), executor_(executor), background_(background), self_(std::make_shared<Upkeep*>(this)) {
  if (background_) thread_ = std::thread([this] { run(); });
}

Upkeep::~Upkeep() {
  *self_ = nullptr;
  stop();
}

bool Upkeep::submit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    queue_.push_back(std::move(work));
  }
  if (background_) {
    wake_.notify_one();
    return true;
  }
  executor_.post([self = self_] {
    if (*self != nullptr) (*self)->run_inline();
  });
  return true;
}

void Upkeep::run_inline() {
  Work work;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return;
    work = std::move(queue_.front());
    queue_.pop_front();
  }
  work(*state_);
}

void Upkeep::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work(*state_);
    work = nullptr;
    lock.lock();
  }
}

void Upkeep::stop() {
  std::deque<Work> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Upkeep::set_committed(JournalPosition position) {
  const std::lock_guard lock(mutex_);
  committed_ = position;
}

JournalPosition Upkeep::committed() const {
  const std::lock_guard lock(mutex_);
  return committed_;
}

}  // namespace smarthl7::store
