// SPDX-License-Identifier: Apache-2.0
// The timers of one executor: an indexed binary heap, so that cancelling is cheap and leaves nothing behind (a hub sets a
// deadline for nearly every wait and cancels nearly all of them). One thread. Does not read a clock.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/env/executor.h"

namespace smarthl7::env {

class TimerHeap {
 public:
  TimerId add(SteadyTime when, Job job);
  /// False: it has fired, was cancelled before, or is kNoTimer.
  bool cancel(TimerId timer);
  /// When the earliest one is due; kNever when there is none.
  [[nodiscard]] SteadyTime next() const { return heap_.empty() ? kNever : slots_[heap_.front()].when; }
  /// Takes out the earliest one that is due at `now`; those of the same time in the order in which they were added.
  std::optional<Job> take_due(SteadyTime now);
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Slot {
    SteadyTime when;
    std::uint64_t order = 0;
    Job job;
    std::uint32_t place = 0;  // in heap_
    std::uint32_t generation = 0;
  };
  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const;
  void put(std::uint32_t place, std::uint32_t slot);
  void rise(std::uint32_t place);
  void sink(std::uint32_t place);
  Job remove(std::uint32_t place);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> heap_;  // indexes of slots_
  std::vector<std::uint32_t> free_;
  std::uint64_t added_ = 0;
};

}  // namespace smarthl7::env
