// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/lanes.h"

#include <algorithm>
#include <utility>

#include "stdlib/base/assert.h"

namespace smarthl7::store {

namespace {
constexpr std::size_t kHeadMost = 2048;  // of a lane's backlog in memory
constexpr std::size_t kHeadLeast = 768;  // below it the next page is read

bool concerns_all(std::span<const std::uint64_t> keys) { return keys.size() == 1 && keys.front() == kEveryKey; }
}  // namespace

// ---- how many have a key ----------------------------------------------------------------------------------------------------

void KeyCounts::add(std::span<const std::uint64_t> keys) {
  if (counts_.empty()) counts_.assign(kSize, 0);
  ++sum_;
  if (!keys.empty() && keys.front() == kEveryKey) ++all_;
  for (const std::uint64_t key : keys)
    if (key < kEveryKey) ++counts_[key % kSize];
}

void KeyCounts::take(std::span<const std::uint64_t> keys) {
  if (counts_.empty()) return;
  --sum_;
  if (!keys.empty() && keys.front() == kEveryKey) --all_;
  for (const std::uint64_t key : keys)
    if (key < kEveryKey) --counts_[key % kSize];
}

/// Of a delivery with any of these keys.
bool KeyCounts::any(std::span<const std::uint64_t> keys) const {
  if (sum_ == 0 || keys.empty()) return false;
  if (all_ > 0 || concerns_all(keys)) return true;
  return std::ranges::any_of(keys, [this](std::uint64_t key) { return key < kEveryKey && counts_[key % kSize] > 0; });
}

namespace {
bool in_express(const Destination& destination, const Queued& delivery) {
  const LaneNumber express = destination.options.lanes;
  return delivery.barrier ? delivery.barrier->back() == express : delivery.lane == express;
}
}  // namespace

void Lanes::count(Destination& destination, const Queued& delivery) {
  if (!destination.options.express || delivery.keys == nullptr) return;
  const bool express = in_express(destination, delivery);
  if (express) destination.express.add(*delivery.keys);
  if (!express || delivery.barrier) destination.ordinary.add(*delivery.keys);
}

void Lanes::discount(Destination& destination, const Queued& delivery) {
  if (!destination.options.express || delivery.keys == nullptr) return;
  const bool express = in_express(destination, delivery);
  if (express) destination.express.take(*delivery.keys);
  if (!express || delivery.barrier) destination.ordinary.take(*delivery.keys);
}

/// Order per key is kept whatever is urgent: with something of its keys before it in the other lanes, an urgent delivery goes
/// there too; with something of its keys before it in the express lane, any goes there; with both it waits for both.
void Lanes::choose_lane(Destination& destination, bool urgent, std::vector<std::uint64_t>& keys) {
  std::erase(keys, kExpressLane);  // of a message that is replayed
  if (destination.barrier_due && destination.queued == 0) destination.barrier_due = false;
  if (destination.barrier_due && !destination.options.order.empty()) {
    keys = {kEveryKey};
    destination.barrier_due = false;
    barriers_.push_back(&destination);
  }
  if (!destination.options.express) return;
  if (concerns_all(keys)) return keys.push_back(kExpressLane);
  const bool behind_express = destination.express.any(keys);
  const bool behind_ordinary = destination.ordinary.any(keys);
  if (behind_express && behind_ordinary) {
    keys.push_back(kExpressLane);  // beside its own lanes
  } else if (behind_express || (urgent && !behind_ordinary)) {
    keys.insert(keys.begin(), kExpressLane);  // instead of them
  }
}

bool Lanes::has_express(const Destination& destination) const {
  return destination.lanes.back().behind() || std::ranges::any_of(outstanding_, [&](const auto& one) {
           return one.second.destination == &destination && in_express(destination, one.second.delivery);
         });
}

Destination& Lanes::add(DestinationId id, std::string name, LaneNumber lanes) {
  auto& destination = *destinations_.emplace_back(std::make_unique<Destination>());
  destination.id = id;
  destination.name = std::move(name);
  destination.options.name = destination.name;
  destination.options.lanes = lanes;
  destination.lanes.resize(lanes + 1U);
  return destination;
}

Destination* Lanes::find(DestinationId id) {
  for (const auto& destination : destinations_)
    if (destination->id == id) return destination.get();
  return nullptr;
}

Destination* Lanes::find(const std::string& name) {
  for (const auto& destination : destinations_)
    if (destination->name == name) return destination.get();
  return nullptr;
}

std::span<const LaneNumber> Lanes::lanes_of(const Queued& delivery) {
  if (delivery.barrier) return *delivery.barrier;
  return {&delivery.lane, 1};
}

bool Lanes::has_room(const Destination& destination, const Lane& lane, std::uint32_t size) {
  if (lane.out_messages == 0) return true;
  return lane.out_messages < destination.options.window_messages && lane.out_bytes + size <= destination.options.window_bytes;
}

bool Lanes::has_half(const Destination& destination, const Lane& lane) {
  return lane.out_messages == 0 || (lane.out_messages <= destination.options.window_messages / 2 &&
                                    lane.out_bytes <= destination.options.window_bytes / 2);
}

void Lanes::put_out(Destination& destination, const Queued& delivery, std::int64_t now) {
  for (const LaneNumber number : lanes_of(delivery)) {
    Lane& lane = destination.lanes[number];
    ++lane.out_messages;
    lane.out_bytes += delivery.size;
  }
  ++destination.released;
  outstanding_[delivery.id] = Outstanding{&destination, delivery, now};
}

void Lanes::take_out(Destination& destination, const Queued& delivery) {
  const auto at = outstanding_.find(delivery.id);
  const bool counted = at == outstanding_.end() || !at->second.parked;
  for (const LaneNumber number : lanes_of(delivery)) {
    if (!counted) break;
    Lane& lane = destination.lanes[number];
    --lane.out_messages;
    lane.out_bytes -= delivery.size;
  }
  --destination.released;
  if (at != outstanding_.end()) outstanding_.erase(at);
}

/// No part of a group: what it changes is right whether the group is written or not.
void Lanes::park(const DeliveryId& id) {
  Outstanding* const found = outstanding(id);
  if (found == nullptr || found->parked) return;
  found->parked = true;
  for (const LaneNumber number : lanes_of(found->delivery)) {
    Lane& lane = found->destination->lanes[number];
    --lane.out_messages;
    lane.out_bytes -= found->delivery.size;
  }
  found->destination->ready = found->destination->paged = true;
}

bool Lanes::accept(Destination& destination, Queued delivery, std::int64_t now) {
  ++destination.queued;
  destination.queued_bytes += delivery.size;
  count(destination, delivery);
  bool free = destination.sink != nullptr;
  for (const LaneNumber number : lanes_of(delivery)) {
    const Lane& lane = destination.lanes[number];
    free = free && !lane.behind() && has_room(destination, lane, delivery.size);
  }
  if (free) {
    put_out(destination, delivery, now);
    undo_.push_back({Undo::Kind::released_new, &destination, std::move(delivery), now, false});
    return true;
  }
  for (const LaneNumber number : lanes_of(delivery)) {
    Lane& lane = destination.lanes[number];
    if (lane.gap == 0 && lane.tail.empty() && lane.head.size() < kHeadMost) {
      lane.head.push_back(delivery);
    } else {
      lane.tail.push_back(delivery);
    }
  }
  destination.ready = true;
  undo_.push_back({Undo::Kind::queued, &destination, std::move(delivery), now, false});
  return false;
}

void Lanes::refill(Lane& lane) {
  while (lane.gap == 0 && !lane.tail.empty() && lane.head.size() < kHeadMost) {
    lane.head.push_back(std::move(lane.tail.front()));
    lane.tail.pop_front();
  }
}

// Releases from one lane while it can; true if another lane may go on because of it.
bool Lanes::try_release(Destination& destination, LaneNumber number, std::int64_t now, std::vector<Queued>& out) {
  Lane& lane = destination.lanes[number];
  bool others = false;
  if (!has_half(destination, lane)) return false;
  for (;;) {
    if (lane.head.empty()) refill(lane);
    if (lane.head.empty() || !has_room(destination, lane, lane.head.front().size)) return others;
    const Queued delivery = lane.head.front();
    for (const LaneNumber other : lanes_of(delivery)) {
      Lane& its = destination.lanes[other];
      if (its.head.empty()) refill(its);
      if (its.head.empty() || its.head.front().id != delivery.id || !has_room(destination, its, delivery.size)) return others;
    }
    for (const LaneNumber other : lanes_of(delivery)) {
      Lane& its = destination.lanes[other];
      its.head_end = std::max(its.head_end, delivery.id);
      its.head.pop_front();
    }
    others = others || delivery.barrier != nullptr;
    put_out(destination, delivery, now);
    undo_.push_back({Undo::Kind::released_old, &destination, delivery, now, false});
    out.push_back(delivery);
  }
}

void Lanes::release(Destination& destination, std::int64_t now, std::vector<Queued>& out) {
  if (!destination.ready || destination.sink == nullptr) return;
  destination.ready = false;
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = 0; i < destination.lanes.size(); ++i)
      again = try_release(destination, static_cast<LaneNumber>(i), now, out) || again;
  }
}

std::optional<Outstanding> Lanes::finish(const DeliveryId& id, bool dead) {
  const auto found = outstanding_.find(id);
  if (found == outstanding_.end()) return std::nullopt;
  Outstanding gone = found->second;
  Destination& destination = *gone.destination;
  take_out(destination, gone.delivery);
  discount(destination, gone.delivery);
  --destination.queued;
  destination.queued_bytes -= gone.delivery.size;
  ++(dead ? destination.dead : destination.delivered);
  destination.ready = true;
  undo_.push_back({Undo::Kind::finished, &destination, gone.delivery, gone.released_at, dead});
  return gone;
}

std::deque<Queued>::iterator Lanes::place_in_head(Lane& lane, const DeliveryId& id) {
  return std::lower_bound(lane.head.begin(), lane.head.end(), id,
                          [](const Queued& one, const DeliveryId& wanted) { return one.id < wanted; });
}

std::optional<Outstanding> Lanes::give_back(const DeliveryId& id) {
  const auto found = outstanding_.find(id);
  if (found == outstanding_.end() || found->second.destination->sink != nullptr) return std::nullopt;
  Outstanding back = found->second;
  Destination& destination = *back.destination;
  take_out(destination, back.delivery);
  ++destination.epoch;  // a page on its way may have been read with this one in it: it is read again
  for (Lane& lane : destination.lanes) lane.loading = false;
  for (const LaneNumber number : lanes_of(back.delivery)) {
    Lane& lane = destination.lanes[number];
    lane.head.insert(place_in_head(lane, id), back.delivery);
  }
  destination.ready = true;
  undo_.push_back({Undo::Kind::given_back, &destination, back.delivery, back.released_at, false});
  return back;
}

Outstanding* Lanes::outstanding(const DeliveryId& id) {
  const auto found = outstanding_.find(id);
  return found == outstanding_.end() ? nullptr : &found->second;
}

bool Lanes::announce(const DeliveryId& id) {
  Outstanding* const found = outstanding(id);
  if (found == nullptr) return false;
  bool go_on = false;
  for (const LaneNumber number : lanes_of(found->delivery)) {
    Lane& lane = found->destination->lanes[number];
    ++lane.finishing;
    if (lane.behind() &&
        lane.out_messages - std::min(lane.finishing, lane.out_messages) <= found->destination->options.window_messages / 2)
      go_on = true;
  }
  return go_on;
}

void Lanes::withdraw(const DeliveryId& id) {
  Outstanding* const found = outstanding(id);
  if (found == nullptr) return;
  for (const LaneNumber number : lanes_of(found->delivery)) {
    Lane& lane = found->destination->lanes[number];
    if (lane.finishing > 0) --lane.finishing;
  }
}

std::vector<Outstanding*> Lanes::outstanding_of(const Destination& destination) {
  std::vector<Outstanding*> out;
  for (auto& [id, outstanding] : outstanding_)
    if (outstanding.destination == &destination) out.push_back(&outstanding);
  std::sort(out.begin(), out.end(), [](const Outstanding* a, const Outstanding* b) { return a->delivery.id < b->delivery.id; });
  return out;
}

void Lanes::rollback() {
  for (auto at = undo_.rbegin(); at != undo_.rend(); ++at) {
    Destination& destination = *at->destination;
    switch (at->kind) {
      case Undo::Kind::released_new:
        take_out(destination, at->delivery);
        discount(destination, at->delivery);
        --destination.queued;
        destination.queued_bytes -= at->delivery.size;
        break;
      case Undo::Kind::queued:
        for (const LaneNumber number : lanes_of(at->delivery)) {
          Lane& lane = destination.lanes[number];
          (lane.tail.empty() ? lane.head : lane.tail).pop_back();
        }
        discount(destination, at->delivery);
        --destination.queued;
        destination.queued_bytes -= at->delivery.size;
        break;
      case Undo::Kind::released_old:
        take_out(destination, at->delivery);
        for (const LaneNumber number : lanes_of(at->delivery)) destination.lanes[number].head.push_front(at->delivery);
        break;
      case Undo::Kind::given_back:
        for (const LaneNumber number : lanes_of(at->delivery)) {
          Lane& lane = destination.lanes[number];
          lane.head.erase(place_in_head(lane, at->delivery.id));
        }
        put_out(destination, at->delivery, at->released_at);
        break;
      case Undo::Kind::finished:
        put_out(destination, at->delivery, at->released_at);
        count(destination, at->delivery);
        ++destination.queued;
        destination.queued_bytes += at->delivery.size;
        --(at->dead ? destination.dead : destination.delivered);
        break;
    }
    destination.ready = true;
  }
  for (Destination* const destination : barriers_) destination->barrier_due = true;
  commit();
}

// ---- paging -----------------------------------------------------------------------------------------------------------------

void Lanes::applied(MessageId message) {
  for (const auto& destination : destinations_) {
    for (Lane& lane : destination->lanes) {
      refill(lane);
      while (!lane.tail.empty() && lane.tail.front().id.message <= message) {
        if (lane.gap == 0 && !lane.head.empty()) lane.head_end = std::max(lane.head_end, lane.head.back().id);
        ++lane.gap;
        lane.gap_end = lane.tail.front().id.message;
        lane.tail.pop_front();
      }
    }
  }
}

std::vector<Lanes::Page> Lanes::wanted() {
  std::vector<Page> pages;
  for (const auto& destination : destinations_) {
    for (std::size_t i = 0; i < destination->lanes.size(); ++i) {
      Lane& lane = destination->lanes[i];
      if (lane.gap == 0 || lane.loading || lane.head.size() >= kHeadLeast) continue;
      lane.loading = true;
      const DeliveryId after = lane.head.empty() ? lane.head_end : std::max(lane.head_end, lane.head.back().id);
      pages.push_back({destination->id, static_cast<LaneNumber>(i), after, lane.gap_end,
                       static_cast<std::uint32_t>(kHeadMost - lane.head.size()), destination->epoch,
                       destination->options.keep_keys});
    }
  }
  return pages;
}

void Lanes::loaded(const Page& page, std::vector<Queued> deliveries) {
  Destination* const destination = find(page.destination);
  if (destination == nullptr || page.epoch != destination->epoch) return;  // the lanes were made anew since
  Lane& lane = destination->lanes[page.lane];
  lane.loading = false;
  SMARTHL7_ASSERT(deliveries.size() <= lane.gap && !deliveries.empty(), "the state has what the lane left there");
  lane.gap -= deliveries.size();
  for (Queued& delivery : deliveries) lane.head.push_back(std::move(delivery));
  lane.head_end = std::max(lane.head_end, lane.head.back().id);
  refill(lane);
  destination->ready = destination->paged = true;
}

// ---- after a start ----------------------------------------------------------------------------------------------------------

void Lanes::reset(Destination& destination, LaneNumber lanes) {
  for (Outstanding* const outstanding : outstanding_of(destination)) outstanding_.erase(DeliveryId(outstanding->delivery.id));
  destination.lanes.clear();
  destination.lanes.resize(lanes + 1U);
  destination.ordinary.clear();
  destination.express.clear();
  destination.options.lanes = lanes;
  ++destination.epoch;
  destination.queued = destination.queued_bytes = destination.released = 0;
  destination.ready = true;
}

void Lanes::restore_released(Destination& destination, Queued delivery, std::int64_t released_at) {
  put_out(destination, delivery, released_at);
}

void Lanes::restore_backlog(Destination& destination, LaneNumber lane, std::uint64_t count, MessageId last) {
  destination.lanes[lane].gap = count;
  destination.lanes[lane].gap_end = last;
  destination.ready = true;
}

void Lanes::restore_keys(Destination& destination, const std::vector<std::vector<std::uint64_t>>& keys) {
  for (const std::vector<std::uint64_t>& each : keys) {
    Queued delivery;
    std::vector<LaneNumber> lanes = store::lanes_of(each, destination.options.lanes);
    delivery.lane = lanes.front();
    if (lanes.size() > 1) delivery.barrier = std::make_shared<const std::vector<LaneNumber>>(std::move(lanes));
    delivery.keys = std::make_shared<const std::vector<std::uint64_t>>(each);
    count(destination, delivery);
  }
}

}  // namespace smarthl7::store
