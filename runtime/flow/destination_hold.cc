// SPDX-License-Identifier: Apache-2.0
// Lanes that a person holds: they stand still before the next attempt. A barrier stands while one of its lanes is held.
#include "runtime/flow/destination_parts.h"

namespace smarthl7::flow {

void Destination::hold(std::optional<std::uint16_t> lane, const std::string& why) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lane && *lane != i) continue;
    held_[i] = why.empty() ? "no reason was given" : why;
    wake_lane(i);
  }
  for (const auto& worker : workers_) wake(*worker);
}

void Destination::release(std::optional<std::uint16_t> lane) {
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (!lane || *lane == i) held_[i].clear();
  for (const auto& worker : workers_) {
    if (!lane || *lane == worker->lane) worker->resumed = true;
    wake(*worker);
  }
}

const std::string* Destination::held_why(const Worker& worker) const {
  if (!held_[worker.lane].empty()) return &held_[worker.lane];
  if (worker.current == nullptr) return nullptr;
  for (const store::LaneNumber lane : worker.current->released.lanes)
    if (!held_[lane].empty()) return &held_[lane];
  return nullptr;
}

env::Task<void> Destination::stand_while_held(Worker* worker) {
  for (;;) {
    const std::string* const why = held_why(*worker);
    if (why == nullptr || stopping_) break;
    enter(*worker, LaneState::held);
    worker->last_error = "held by a person: " + *why;
    co_await rest(worker, &worker->wake, kNever);
  }
  worker->last_error.clear();
}

}  // namespace smarthl7::flow
