// SPDX-License-Identifier: Apache-2.0
// What a message waits for beside its turn in the lane: a refused one of its key that a person must look at, the pace that the
// receiver can take, and a person's word when the receiver may have forgotten that it has the message already.
#include <algorithm>
#include <utility>

#include "runtime/flow/destination_parts.h"

namespace smarthl7::flow {

// ---- `on refusal hold key`: a refused message and all that comes after it with one of its keys stand beside the lanes, in
// order. They are released in the store and do not count against the windows; how many there may be is bounded.

bool Destination::is_blocked(const Item& item) const {
  if (parked_.empty()) return false;
  const std::vector<std::uint64_t>& keys = item.released.keys;
  if (!keys.empty() && keys.front() == store::kEveryKey) return true;
  return blocked_.contains(store::kEveryKey) ||
         std::ranges::any_of(keys, [this](std::uint64_t key) { return key < store::kEveryKey && blocked_.contains(key); });
}

bool Destination::can_park(const Item& item) const {
  return parked_.size() < policy_.most_parked && parked_bytes_ + item.bytes.size() <= policy_.most_parked_bytes;
}

void Destination::park(const std::shared_ptr<Item>& item) {
  item->parked = true;
  item->heads = 0;  // back in its lanes it comes to head each of them anew
  item->sender = nullptr;
  for (const std::uint64_t key : item->released.keys)
    if (key != store::kExpressLane) ++blocked_[key];
  parked_bytes_ += item->bytes.size();
  parked_.push_back(item);
  store_.park({item->released.delivery});
}

/// A person lets them go on: the refused ones are given up, the others go back to the front of their lanes, in order.
void Destination::release_parked() {
  if (parked_.empty()) return;
  const std::deque<std::shared_ptr<Item>> parked = std::exchange(parked_, {});
  blocked_.clear();
  parked_bytes_ = 0;
  for (auto at = parked.rbegin(); at != parked.rend(); ++at) {
    const std::shared_ptr<Item>& item = *at;
    item->parked = false;
    if (!item->refusal.empty()) continue;
    for (const store::LaneNumber number : item->released.lanes) put_back(item, number);
  }
  for (const std::shared_ptr<Item>& item : parked)
    if (!item->refusal.empty()) give_up(*item, item->refusal, item->refused_by.detail, item->refused_by.bytes);
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (!lanes_[i]->queue.empty()) wake_lane(i);
}

/// Before all that waits there, which came later; behind what is being sent, which has none of its keys.
void Destination::put_back(const std::shared_ptr<Item>& item, std::size_t lane) {
  std::deque<std::shared_ptr<Item>>& queue = lanes_[lane]->queue;
  if (!queue.empty() && queue.front()->sending) {
    queue.insert(queue.begin() + 1, item);
    return;
  }
  if (!queue.empty()) {  // a barrier that waits for its other lanes heads this one no longer
    for (const auto& worker : workers_) {
      if (worker->lane != lane || worker->counted != queue.front().get()) continue;
      worker->counted = nullptr;
      --queue.front()->heads;
      queue.front()->sender = nullptr;
    }
  }
  queue.push_front(item);
}

// ---- pace -----------------------------------------------------------------------------------------------------------------

/// Turns are given out in the order of asking, so no lane starves: each is as late as it must be for no more than
/// `pace_messages` in any `pace_within`. False: the destination stops.
env::Task<bool> Destination::take_turn(Worker* worker) {
  if (policy_.pace_messages == 0) co_return true;
  SteadyTime turn = now();
  if (turns_.size() >= policy_.pace_messages) {
    turn = std::max(turn, turns_.front() + policy_.pace_within);
    turns_.pop_front();
  }
  turns_.push_back(turn);
  if (turn <= now()) co_return true;
  ++counters_.paced;
  enter(*worker, LaneState::paced);
  while (!stopping_ && now() < turn) co_await rest(worker, &worker->wake, turn);
  co_return !stopping_;
}

// ---- exactly once ---------------------------------------------------------------------------------------------------------

/// A message that the receiver may have, and may have forgotten since, is not sent again without a person. False: it stops.
env::Task<bool> Destination::within_memory(Worker* worker, Item* item) {
  const bool may_have_it = item->attempts > 0 || item->released.maybe_seen;
  if (!policy_.exactly_once || item->resend_allowed || !may_have_it) co_return true;
  if (!item->first_sent) item->first_sent = item->released.released_at;
  const auto known_for = std::chrono::duration_cast<std::chrono::nanoseconds>(env_.clock.wall() - *item->first_sent);
  if (known_for + policy_.ack_within < policy_.remembers) co_return true;
  note(*item, "not sent again", "the receiver may have it and may have forgotten that");
  co_await hold(worker, "the receiver may have this message and no longer know it; ask it, then let the lane go on");
  item->resend_allowed = true;
  co_return !stopping_;
}

// ---- what an earlier run knew ---------------------------------------------------------------------------------------------

SteadyTime Destination::first_refusal_of(const Item& item) const {
  const WallTime since = item.released.refused_since;
  if (since == WallTime{}) return now();
  const auto ago = std::max<WallTime::duration>(env_.clock.wall() - since, WallTime::duration::zero());
  return now() - ago;
}

void Destination::add_express_worker() {
  if (express_connection_ == nullptr) return;
  auto worker = std::make_unique<Worker>();
  worker->connection = std::move(express_connection_);
  worker->lane = static_cast<std::uint16_t>(lanes_.size() - 1);
  worker->since = env_.clock.wall();
  worker->running = true;
  ++running_workers_;
  workers_.push_back(std::move(worker));
  gate_.spawn(work(workers_.back().get()));
}

}  // namespace smarthl7::flow
