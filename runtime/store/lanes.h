// SPDX-License-Identifier: Apache-2.0
// What waits to be delivered, by destination and lane: a window of released deliveries and the backlog behind it.
// The head of a long backlog is in memory, the middle only in the state, the newest (not yet applied there) in memory again, so
// memory does not grow with the queue. Changes of one group are undone together if the group is refused.
// Order: releases leave a lane in commit order; a barrier leaves when it heads all its lanes and all have room.
// Threads: the writer's. Failure: none; reading pages in is the caller's work.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/store/format.h"

namespace smarthl7::store {

using BarrierLanes = std::shared_ptr<const std::vector<LaneNumber>>;
using OrderKeys = std::shared_ptr<const std::vector<std::uint64_t>>;

struct Queued {  // one delivery without an outcome
  DeliveryId id;
  std::uint32_t size = 0;
  Location body = 0;
  std::uint32_t crc = 0;
  std::uint32_t attempts = 0;
  std::int64_t received_at = 0;
  std::int64_t refused_at = 0;  // for now, for the first time; 0: not yet
  LaneNumber lane = 0;          // if it is no barrier
  BarrierLanes barrier;         // if it is one
  OrderKeys keys;               // if the destination keeps them
};

/// How many deliveries without an outcome have a key: of a fixed size, so two keys may share a number, and what it says is then
/// too much, never too little.
class KeyCounts {
 public:
  void clear() { counts_.assign(kSize, 0); }
  void add(std::span<const std::uint64_t> keys);
  void take(std::span<const std::uint64_t> keys);
  [[nodiscard]] bool any(std::span<const std::uint64_t> keys) const;

 private:
  static constexpr std::size_t kSize = 32768;
  std::vector<std::uint32_t> counts_;  // none: nothing was counted
  std::uint64_t all_ = 0;              // that concern every key
  std::uint64_t sum_ = 0;
};

struct Lane {
  std::deque<Queued> head;
  std::uint64_t gap = 0;  // deliveries after head that are only in the state
  MessageId gap_end = 0;  // the last of them
  std::deque<Queued> tail;
  DeliveryId head_end;  // the last one that ever was in head
  std::uint32_t out_messages = 0;
  std::uint64_t out_bytes = 0;
  std::uint32_t finishing = 0;  // outcomes that came and wait for their commit
  bool loading = false;
  [[nodiscard]] bool behind() const { return !head.empty() || gap > 0 || !tail.empty(); }
};

struct Destination {
  DestinationId id = 0;
  std::string name;
  DestinationOptions options;
  DestinationSink* sink = nullptr;
  env::Executor* home = nullptr;
  std::vector<Lane> lanes;  // one more than options.lanes: the last is the express lane
  KeyCounts ordinary;       // with options.express: what waits, or is sent, by key, in the other lanes ...
  KeyCounts express;        // ... and in the express lane
  std::uint64_t queued = 0;
  std::uint64_t queued_bytes = 0;
  std::uint64_t released = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dead = 0;
  bool barrier_due = false;  // the next delivery waits for all that is queued: its keys mean something else
  bool ready = false;        // a lane may release something
  bool paged = false;        // ... and nothing else will ask for a group because of it
  std::uint64_t epoch = 0;   // changes when the lanes are made anew
};

struct Outstanding {  // released, without an outcome
  Destination* destination = nullptr;
  Queued delivery;
  std::int64_t released_at = 0;
  bool parked = false;  // it counts for no window
};

struct DeliveryIdHash {
  std::size_t operator()(const DeliveryId& id) const {
    return static_cast<std::size_t>((id.message << 8 ^ id.number) * 0x9E3779B97F4A7C15ULL);
  }
};

class Lanes {
 public:
  Destination& add(DestinationId id, std::string name, LaneNumber lanes);
  [[nodiscard]] Destination* find(DestinationId id);
  [[nodiscard]] Destination* find(const std::string& name);
  [[nodiscard]] const std::vector<std::unique_ptr<Destination>>& all() const { return destinations_; }

  /// Changes from here on can be taken back until commit().
  void begin() { commit(); }
  void commit() {
    undo_.clear();
    barriers_.clear();
  }
  void rollback();

  /// A new delivery: true if it is released at once.
  bool accept(Destination& destination, Queued delivery, std::int64_t now);
  /// Moves what may go from backlogs to windows; appends to `out`.
  void release(Destination& destination, std::int64_t now, std::vector<Queued>& out);
  /// The outcome of a released delivery; nothing if it is not known (any more).
  std::optional<Outstanding> finish(const DeliveryId& id, bool dead);
  /// A released delivery of a closed destination goes back to the backlog; nothing if it is not known or its destination is
  /// open.
  std::optional<Outstanding> give_back(const DeliveryId& id);
  [[nodiscard]] Outstanding* outstanding(const DeliveryId& id);
  /// A released delivery no longer counts against the windows of its lanes.
  void park(const DeliveryId& id);
  /// The keys of a new delivery with the lane that it may or must take, see DestinationOptions::express.
  void choose_lane(Destination& destination, bool urgent, std::vector<std::uint64_t>& keys);
  /// Something waits in the express lane, or was released from it and has no outcome.
  [[nodiscard]] bool has_express(const Destination& destination) const;
  /// An outcome came and will be committed; true if its lane could go on with it.
  bool announce(const DeliveryId& id);
  void withdraw(const DeliveryId& id);
  /// Released deliveries of a destination, in order.
  [[nodiscard]] std::vector<Outstanding*> outstanding_of(const Destination& destination);

  // ---- paging
  struct Page {
    DestinationId destination = 0;
    LaneNumber lane = 0;
    DeliveryId after;
    MessageId through = 0;
    std::uint32_t limit = 0;
    std::uint64_t epoch = 0;
    bool keys = false;  // wanted too
  };
  /// The state has all of the journal up to this message.
  void applied(MessageId message);
  /// Pages to read now; each is asked for once.
  std::vector<Page> wanted();
  void loaded(const Page& page, std::vector<Queued> deliveries);

  // ---- after a start, or when the number of lanes has changed
  void reset(Destination& destination, LaneNumber lanes);
  void restore_released(Destination& destination, Queued delivery, std::int64_t released_at);
  void restore_backlog(Destination& destination, LaneNumber lane, std::uint64_t count, MessageId last);
  void restore_keys(Destination& destination, const std::vector<std::vector<std::uint64_t>>& keys);
  void restore_totals(Destination& destination, std::uint64_t queued, std::uint64_t bytes) {
    destination.queued = queued;
    destination.queued_bytes = bytes;
  }
  [[nodiscard]] std::size_t outstanding_count() const { return outstanding_.size(); }

 private:
  struct Undo {
    enum class Kind : std::uint8_t { released_new, queued, released_old, finished, given_back } kind;
    Destination* destination;
    Queued delivery;
    std::int64_t released_at;
    bool dead;
  };
  static void count(Destination& destination, const Queued& delivery);
  static void discount(Destination& destination, const Queued& delivery);
  static std::span<const LaneNumber> lanes_of(const Queued& delivery);
  static bool has_room(const Destination& destination, const Lane& lane, std::uint32_t size);
  static bool has_half(const Destination& destination, const Lane& lane);
  void put_out(Destination& destination, const Queued& delivery, std::int64_t now);
  void take_out(Destination& destination, const Queued& delivery);
  static void refill(Lane& lane);
  static std::deque<Queued>::iterator place_in_head(Lane& lane, const DeliveryId& id);
  bool try_release(Destination& destination, LaneNumber number, std::int64_t now, std::vector<Queued>& out);

  std::vector<std::unique_ptr<Destination>> destinations_;
  std::unordered_map<DeliveryId, Outstanding, DeliveryIdHash> outstanding_;
  std::vector<Undo> undo_;
  std::vector<Destination*> barriers_;  // that got the barrier that was due
};

}  // namespace smarthl7::store
