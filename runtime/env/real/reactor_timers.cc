// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/real/reactor_timers.h"

#include <utility>

namespace smarthl7::env {

namespace {
// A TimerId is generation and slot + 1, so it is never kNoTimer and an old one does not hit a slot's next user.
TimerId make_id(std::uint32_t generation, std::uint32_t slot) { return (TimerId{generation} << 32) | (TimerId{slot} + 1); }
}  // namespace

bool TimerHeap::before(std::uint32_t a, std::uint32_t b) const {
  const Slot& left = slots_[a];
  const Slot& right = slots_[b];
  return left.when != right.when ? left.when < right.when : left.order < right.order;
}

void TimerHeap::put(std::uint32_t place, std::uint32_t slot) {
  heap_[place] = slot;
  slots_[slot].place = place;
}

void TimerHeap::rise(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  while (place > 0) {
    const std::uint32_t parent = (place - 1) / 2;
    if (!before(slot, heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, slot);
}

void TimerHeap::sink(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  const auto count = static_cast<std::uint32_t>(heap_.size());
  while (true) {
    std::uint32_t child = 2 * place + 1;
    if (child >= count) break;
    if (child + 1 < count && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], slot)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, slot);
}

TimerId TimerHeap::add(SteadyTime when, Job job) {
  std::uint32_t slot;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Slot& entry = slots_[slot];
  entry.when = when;
  entry.order = ++added_;
  entry.job = std::move(job);
  heap_.push_back(slot);
  rise(static_cast<std::uint32_t>(heap_.size() - 1));
  return make_id(slots_[slot].generation, slot);
}

Job TimerHeap::remove(std::uint32_t place) {
  const std::uint32_t slot = heap_[place];
  const std::uint32_t moved = heap_.back();
  heap_.pop_back();
  if (moved != slot) {
    put(place, moved);
    rise(place);
    sink(slots_[moved].place);
  }
  ++slots_[slot].generation;
  free_.push_back(slot);
  return std::exchange(slots_[slot].job, nullptr);
}

bool TimerHeap::cancel(TimerId timer) {
  const auto index = static_cast<std::uint32_t>(timer & 0xffffffffU);
  if (index == 0 || index > slots_.size()) return false;
  const std::uint32_t slot = index - 1;
  const auto generation = static_cast<std::uint32_t>(timer >> 32);
  // A free slot has a newer generation than any id given out for it.
  if (slots_[slot].generation != generation) return false;
  remove(slots_[slot].place);
  return true;
}

std::optional<Job> TimerHeap::take_due(SteadyTime now) {
  if (heap_.empty() || slots_[heap_.front()].when > now) return std::nullopt;
  return remove(0);
}

}  // namespace smarthl7::env
