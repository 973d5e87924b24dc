// SPDX-License-Identifier: Apache-2.0
// Journal to tables. One Application is one transaction: facts that end within it (a delivery accepted and finished) never
// become rows; the rest is written in key order at the end, with the position, so that either all of it is there or nothing.
#include <algorithm>

#include "runtime/env/crash_point.h"
#include "runtime/store/act_text.h"
#include "runtime/store/codec.h"
#include "runtime/store/sql.h"
#include "runtime/store/state.h"
#include "runtime/store/statements.h"

namespace smarthl7::store {

namespace {

struct MessageChange {
  MessageId id = 0;
  bool created = false;
  Location record = 0;
  std::int64_t received = 0;
  std::uint64_t source = 0;
  std::string type;
  std::uint64_t control = 0;
  std::uint64_t size = 0;
  std::uint32_t flags = 0;
  std::uint32_t deliveries = 0;
  std::uint32_t delivered = 0;
  std::uint32_t dead = 0;
  std::string flows;
  std::string later;
  Location last_record = 0;
};

struct DeliveryChange {
  DeliveryRef ref;
  bool created = false;
  bool finished = false;
  bool given_back = false;  // what the row says about its release no longer holds
  std::int64_t released = 0;
  std::int64_t refused = 0;
  std::uint32_t attempts = 0;
  BodyPlace body;
  std::int64_t received = 0;
  std::string keys;
};

struct Act {  // of a person
  ActKind kind;
  std::int64_t at;
  std::string actor, why, name;
  DeliveryId delivery;
  MessageId made;
  std::uint32_t lane;
  std::string outcome;
  DestinationId destination;
  BodyPlace body;
  bool letter;
  std::string request;
};

}  // namespace

class Application {
 public:
  explicit Application(State& state)
      : state_(state), sql_(*state.statements_), position_(state.applied_), totals_(state.totals_) {
    next_message_ = state.next_message_;
  }

  Result<bool> run(JournalPosition end, std::uint64_t most) {
    if (position_.at == 0) {
      TRY(const auto range, state_.files_.range());
      position_.at = make_location(range.first, kSegmentHeaderSize);
    }
    std::uint64_t taken = 0;
    while (position_.groups < end.groups && taken < most) {
      TRY(const Record record, state_.files_.next(position_));
      TRY_VOID(take(record));
      taken += std::max<std::uint64_t>(record.header.messages, 1);
    }
    TRY_VOID(write());
    return position_.groups >= end.groups;
  }

 private:
  Result<void> take(const Record& record) {
    record_ = &record;
    TRY(auto reader, MetaReader::open(record.meta, record.header));
    reader_ = &reader;
    next_message_ = std::max(next_message_, record.header.first_message + record.header.messages);
    auto& segment = segments_[segment_of(record.at)];
    segment.last_at = std::max(segment.last_at, record.header.at);
    if (record.header.messages > 0) {
      if (segment.first == 0) segment.first = record.header.first_message;
      segment.last = record.header.first_message + record.header.messages - 1;
    }
    Entry entry;
    for (;;) {
      TRY(const bool more, reader.next(entry));
      if (!more) return {};
      TRY_VOID(std::visit([this](const auto& one) { return apply(one); }, entry));
    }
  }

  BodyPlace place_of(std::uint32_t piece) const {
    if (piece >= reader_->pieces().size()) return {};
    return reader_->place(record_->at, piece);
  }

  MessageChange& message(MessageId id) {
    const auto [at, added] = message_index_.try_emplace(id, messages_.size());
    if (added) messages_.emplace_back().id = id;
    return messages_[at->second];
  }

  // The message is also spoken of in this record.
  void touch(MessageChange& change) {
    if (change.last_record == record_->at) return;
    change.last_record = record_->at;
    if (!change.created || change.record != record_->at) ByteWriter(change.later).u64(record_->at);
  }

  DeliveryChange& delivery(const DeliveryRef& ref) {
    const auto [at, added] = delivery_index_.try_emplace(ref.id, deliveries_.size());
    if (added) deliveries_.emplace_back().ref = ref;
    return deliveries_[at->second];
  }

  Result<void> apply(const MessageEntry& entry) {
    MessageChange& change = message(entry.id);
    change.created = true;
    change.record = change.last_record = record_->at;
    change.received = entry.received_at;
    change.source = state_.name_id(entry.source);
    change.type = entry.type;
    change.control = entry.control;
    change.size = entry.size;
    if (entry.verdict == Verdict::rejected) change.flags |= kRowRejected;
    if (entry.duplicate) change.flags |= kRowDuplicate;
    if (entry.conflict) change.flags |= kRowConflict;
    if (entry.replay) change.flags |= kRowReplay;
    if (!entry.replay)
      ++(entry.duplicate ? totals_.duplicates : entry.verdict == Verdict::rejected ? totals_.rejected : totals_.messages);
    if (entry.conflict) ++totals_.conflicts;
    std::uint32_t number = 0;
    for (const FlowEntry& flow : entry.flows) {
      if (!flow.name.empty()) ByteWriter(change.flows).varint(state_.name_id(flow.name));
      for (const DeliveryEntry& each : flow.deliveries) add_delivery(entry, each, {entry.id, number++});
      for (const EndingEntry& ending : flow.endings) TRY_VOID(add_ending(entry, flow, ending));
    }
    MessageChange& again = message(entry.id);
    again.deliveries += number;
    return {};
  }

  void add_delivery(const MessageEntry& entry, const DeliveryEntry& each, DeliveryId id) {
    DeliveryRef ref{id, each.destination, lanes_of(each.keys, state_.destinations_[each.destination].lanes)};
    DeliveryChange& change = delivery(ref);
    change.created = true;
    change.released = each.released ? record_->header.at : 0;
    change.body = place_of(each.piece == kNoPiece ? entry.body : each.piece);
    change.received = entry.received_at;
    change.keys = encode_keys(each.keys);
  }

  Result<void> add_ending(const MessageEntry& entry, const FlowEntry& flow, const EndingEntry& ending) {
    if (ending.kind == Ending::Kind::dropped) {
      ++totals_.dropped;
      return {};
    }
    ++totals_.dead;
    MessageChange& change = message(entry.id);
    ++change.deliveries;
    ++change.dead;
    return add_dead({entry.id, 0xFFFFFFFFU}, flow.name, ending.reason, entry.received_at, 0,
                    place_of(ending.piece == kNoPiece ? entry.body : ending.piece));
  }

  Result<void> add_dead(DeliveryId id, std::string_view name, std::string_view reason, std::int64_t at, std::uint32_t attempts,
                        const BodyPlace& body) {
    dead_.push_back({id, std::string(name), std::string(reason), at, attempts, body});
    return {};
  }

  Result<void> apply(const OutcomeEntry& entry) {
    MessageChange& change = message(entry.delivery.id.message);
    touch(change);
    DeliveryChange& done = delivery(entry.delivery);
    done.finished = true;
    DestinationFacts& destination = state_.destinations_[entry.delivery.destination];
    changed_destinations_.push_back(entry.delivery.destination);
    if (entry.kind == OutcomeKind::accepted) {
      ++change.delivered;
      ++destination.delivered;
      return {};
    }
    ++change.dead;
    ++destination.dead;
    ++totals_.dead;
    if (!done.created) TRY_VOID(find_queued(done));
    return add_dead(entry.delivery.id, destination.name, entry.reason, entry.at, entry.attempts, done.body);
  }

  Result<void> find_queued(DeliveryChange& change) {
    sql_.queued.bind(1, change.ref.destination).bind(2, static_cast<std::uint32_t>(change.ref.lanes.front()));
    sql_.queued.bind(3, change.ref.id.message).bind(4, change.ref.id.number);
    TRY(const bool row, sql_.queued.step());
    if (row)
      change.body = {sql_.queued.number(0), static_cast<std::uint32_t>(sql_.queued.number(1)),
                     static_cast<std::uint32_t>(sql_.queued.number(2))};
    sql_.queued.reset();
    return {};
  }

  Result<void> apply(const AttemptEntry& entry) {
    touch(message(entry.delivery.id.message));
    DeliveryChange& change = delivery(entry.delivery);
    change.attempts = std::max(change.attempts, entry.number);
    if (change.refused == 0 && entry.outcome == kRefusedForNow) change.refused = entry.at;
    return {};
  }

  Result<void> apply(const ReleaseEntry& entry) {
    touch(message(entry.delivery.id.message));
    delivery(entry.delivery).released = record_->header.at;
    return {};
  }

  Result<void> apply(const GiveBackEntry& entry) {
    touch(message(entry.delivery.id.message));
    DeliveryChange& change = delivery(entry.delivery);
    change.given_back = true;
    change.released = 0;
    return {};
  }

  // Rows of letters change at the end, in order; what is pending here already is changed where it stands.
  Result<void> apply(const ActEntry& entry) {
    const std::int64_t at = record_->header.at;
    Act act{entry.kind,
            at,
            std::string(entry.actor),
            std::string(entry.reason),
            std::string(entry.name),
            entry.delivery,
            entry.made,
            entry.lane,
            std::string(entry.outcome),
            entry.destination,
            place_of(entry.piece),
            entry.letter,
            std::string(entry.request)};
    if (entry.delivery.message != 0) touch(message(entry.delivery.message));
    audit_.push_back({WallTime(Micros(at)), act.actor, std::string(name_of(entry.kind)), describe(entry)});
    if (entry.kind != ActKind::resolved) {
      acts_.push_back(std::move(act));
      return {};
    }
    for (Seen& seen : ambiguities_) {
      if (seen.destination != act.destination || !seen.outcome.empty() || (act.made != 0 && seen.id.message > act.made))
        continue;
      seen.outcome = act.outcome;
      seen.resolved = at;
      seen.actor = act.actor;
      seen.why = act.why;
    }
    resolves_.push_back(std::move(act));
    return {};
  }

  Result<void> apply(const ResponseEntry&) { return {}; }  // a key: replay_keys() reads it
  Result<void> apply(const FileEntry&) { return {}; }      // the same

  Result<void> apply(const AmbiguityEntry& entry) {
    touch(message(entry.delivery.id.message));
    ambiguities_.push_back(
        {entry.delivery.id, record_->header.at, entry.delivery.destination, entry.released_at, {}, 0, {}, {}, entry.covered});
    return {};
  }

  Result<void> apply(const AuditEntry& entry) {
    if (entry.message != 0) touch(message(entry.message));
    audit_.push_back({WallTime(Micros(entry.at)), std::string(entry.actor), std::string(entry.act), std::string(entry.object)});
    return {};
  }

  // New, or with another number of lanes: then what is queued so far moves to its new lanes before anything else happens.
  Result<void> apply(const DestinationEntry& entry) {
    DestinationFacts& facts = state_.destinations_[entry.id];
    const bool relane = facts.id != 0 && facts.lanes != entry.lanes;
    facts.id = entry.id;
    facts.name = entry.name;
    facts.lanes = entry.lanes;
    if (facts.order != entry.order) facts.ordered_since = next_message_;
    facts.order = entry.order;
    changed_destinations_.push_back(entry.id);
    if (!relane) return {};
    relaned_.push_back(entry.id);
    for (DeliveryChange& change : deliveries_)
      if (change.ref.destination == entry.id && change.created)
        change.ref.lanes = lanes_of(decode_keys(change.keys), entry.lanes);
    return {};
  }

  // ---- the transaction

  Result<void> write() {
    TRY(auto transaction, Transaction::begin(*state_.database_));
    for (std::size_t i = 0; i < state_.new_names_.size(); ++i) {
      const std::uint64_t id = state_.name_texts_.size() - state_.new_names_.size() + i + 1;
      TRY_VOID(sql_.add_name.bind(1, id).bind_text(2, state_.new_names_[i]).run());
    }
    TRY_VOID(write_destinations());
    TRY_VOID(write_deliveries());
    TRY_VOID(write_messages());
    TRY_VOID(write_lists());
    TRY_VOID(sql_.save_position.bind(1, position_.at)
                 .bind(2, position_.groups)
                 .bind(3, next_message_)
                 .bind(4, totals_.messages)
                 .bind(5, totals_.rejected)
                 .bind(6, totals_.duplicates)
                 .bind(7, totals_.conflicts)
                 .bind(8, totals_.dead)
                 .bind(9, totals_.dropped)
                 .run());
    env::crash_point(env::CrashPoint::in_checkpoint);
    TRY_VOID(transaction.commit());
    state_.applied_ = position_;
    state_.next_message_ = next_message_;
    state_.totals_ = totals_;
    state_.new_names_.clear();
    return {};
  }

  Result<void> write_destinations() {
    std::sort(changed_destinations_.begin(), changed_destinations_.end());
    changed_destinations_.erase(std::unique(changed_destinations_.begin(), changed_destinations_.end()),
                                changed_destinations_.end());
    for (const DestinationId id : changed_destinations_) {
      const DestinationFacts& facts = state_.destinations_[id];
      sql_.save_destination.bind(1, id).bind_text(2, facts.name).bind(3, static_cast<std::uint32_t>(facts.lanes));
      TRY_VOID(sql_.save_destination.bind(4, facts.delivered)
                   .bind(5, facts.dead)
                   .bind_text(6, facts.order)
                   .bind(7, facts.ordered_since)
                   .run());
    }
    for (const DestinationId id : relaned_) TRY_VOID(move_rows(id));
    return {};
  }

  // Rows of a destination whose number of lanes changed are written again under their new lanes.
  Result<void> move_rows(DestinationId id) {
    TRY_VOID(state_.database_->execute(std::string(sql::kMoveQueue) + std::to_string(id)));
    {
      TRY(auto clear, state_.database_->prepare(sql::kClearQueue));
      TRY_VOID(clear.bind(1, id).run());
      TRY(auto rows, state_.database_->prepare(sql::kMovedRows));
      for (;;) {
        TRY(const bool row, rows.step());
        if (!row) break;
        DeliveryChange change;
        change.keys = rows.text(8);
        change.ref = {{rows.number(0), static_cast<std::uint32_t>(rows.number(1))},
                      id,
                      lanes_of(decode_keys(change.keys), state_.destinations_[id].lanes)};
        change.body = {rows.number(2), static_cast<std::uint32_t>(rows.number(3)), static_cast<std::uint32_t>(rows.number(4))};
        change.received = rows.integer(5);
        change.attempts = static_cast<std::uint32_t>(rows.number(6));
        change.released = rows.integer(7);
        change.refused = rows.integer(9);
        TRY_VOID(insert(change));
      }
    }
    TRY_VOID(state_.database_->execute(sql::kDropMoved));
    for (DeliveryChange& change : deliveries_) {  // changes below speak of rows that have just moved
      if (change.created || change.ref.destination != id) continue;
      TRY(auto find, state_.database_->prepare(sql::kQueuedKeys));
      find.bind(1, id).bind(2, change.ref.id.message).bind(3, change.ref.id.number);
      TRY(const bool row, find.step());
      if (row) change.ref.lanes = lanes_of(decode_keys(find.text(0)), state_.destinations_[id].lanes);
    }
    return {};
  }

  Result<void> insert(const DeliveryChange& change) {
    bool first = true;
    for (const LaneNumber lane : change.ref.lanes) {
      sql_.add_queued.bind(1, change.ref.destination).bind(2, static_cast<std::uint32_t>(lane)).bind(3, change.ref.id.message);
      sql_.add_queued.bind(4, change.ref.id.number).bind(5, first ? 1 : 0).bind(6, change.body.at).bind(7, change.body.size);
      sql_.add_queued.bind(8, change.body.crc).bind(9, change.received).bind(10, change.attempts).bind(11, change.released);
      TRY_VOID(sql_.add_queued.bind_blob(12, change.keys).bind(13, change.refused).run());
      first = false;
    }
    return {};
  }

  Result<void> write_deliveries() {
    std::sort(deliveries_.begin(), deliveries_.end(), [](const DeliveryChange& a, const DeliveryChange& b) {
      return std::pair(a.ref.destination, a.ref.id) < std::pair(b.ref.destination, b.ref.id);
    });
    for (const DeliveryChange& change : deliveries_) {
      if (change.created && change.finished) continue;
      if (change.created) {
        TRY_VOID(insert(change));
        continue;
      }
      for (const LaneNumber lane : change.ref.lanes) {
        sqlite::Statement& statement = change.finished     ? sql_.remove_queued
                                       : change.given_back ? sql_.set_released
                                                           : sql_.update_queued;
        int at = 1;
        if (!change.finished) {
          statement.bind(at++, change.attempts);
          statement.bind(at++, change.released);
          statement.bind(at++, change.refused);
        }
        statement.bind(at, change.ref.destination).bind(at + 1, static_cast<std::uint32_t>(lane));
        TRY_VOID(statement.bind(at + 2, change.ref.id.message).bind(at + 3, change.ref.id.number).run());
      }
    }
    return {};
  }

  Result<void> write_messages() {
    std::sort(messages_.begin(), messages_.end(), [](const MessageChange& a, const MessageChange& b) { return a.id < b.id; });
    for (const MessageChange& change : messages_) {
      if (!change.created) {
        TRY_VOID(sql_.update_message.bind(1, change.delivered)
                     .bind(2, change.dead)
                     .bind_blob(3, change.later)
                     .bind(4, change.id)
                     .run());
        continue;
      }
      sqlite::Statement& add = sql_.add_message;
      add.bind(1, change.id).bind(2, change.record).bind(3, change.received).bind(4, change.source).bind_text(5, change.type);
      add.bind(6, change.control)
          .bind(7, change.size)
          .bind(8, change.flags)
          .bind(9, change.deliveries)
          .bind(10, change.delivered);
      TRY_VOID(add.bind(11, change.dead).bind_blob(12, change.flows).bind_blob(13, change.later).run());
    }
    return {};
  }

  Result<void> write_lists() {
    for (const Dead& dead : dead_) {
      sql_.add_dead.bind(1, dead.id.message)
          .bind(2, dead.id.number)
          .bind_text(3, dead.name)
          .bind_text(4, dead.reason)
          .bind(5, dead.at);
      TRY_VOID(sql_.add_dead.bind(6, dead.attempts).bind(7, dead.body.at).bind(8, dead.body.size).bind(9, dead.body.crc).run());
    }
    for (const Act& act : resolves_) {
      sql_.resolve.bind_text(1, act.outcome).bind(2, act.at).bind_text(3, act.actor).bind_text(4, act.why);
      TRY_VOID(sql_.resolve.bind(5, act.destination).bind(6, act.made).run());
    }
    for (const Seen& seen : ambiguities_) {
      sql_.add_ambiguity.bind(1, seen.id.message).bind(2, seen.id.number).bind(3, seen.found);
      sql_.add_ambiguity.bind(4, seen.destination).bind(5, seen.released).bind_text(6, seen.outcome).bind(7, seen.resolved);
      TRY_VOID(sql_.add_ambiguity.bind_text(8, seen.actor).bind_text(9, seen.why).bind(10, seen.covered ? 1 : 0).run());
    }
    TRY_VOID(write_acts());
    for (const AuditRecord& record : audit_) {
      sql_.add_audit.bind(1, static_cast<std::int64_t>(record.at.time_since_epoch().count())).bind_text(2, record.actor);
      TRY_VOID(sql_.add_audit.bind_text(3, record.act).bind_text(4, record.object).run());
    }
    for (const auto& [number, segment] : segments_) {
      sql_.save_segment.bind(1, number).bind(2, segment.last_at).bind(3, segment.first == 0 ? next_message_ : segment.first);
      TRY_VOID(sql_.save_segment.bind(4, segment.last).run());
    }
    return {};
  }

  Result<void> write_acts() {
    for (const Act& act : acts_) {
      if (act.kind == ActKind::held) {
        sql_.hold.bind_text(1, act.name).bind(2, act.lane).bind(3, act.at).bind_text(4, act.actor);
        TRY_VOID(sql_.hold.bind_text(5, act.why).run());
      } else if (act.kind == ActKind::released) {
        TRY_VOID(sql_.release.bind_text(1, act.name).bind(2, act.lane).run());
      } else if (act.kind == ActKind::edited) {
        sql_.edit_letter.bind(1, act.body.at).bind(2, act.body.size).bind(3, act.body.crc).bind(4, act.delivery.message);
        TRY_VOID(sql_.edit_letter.bind(5, act.delivery.number).bind_text(6, act.name).run());
      } else {
        TRY_VOID(write_closing(act));
      }
    }
    return {};
  }

  Result<void> write_closing(const Act& act) {
    if (act.kind == ActKind::dropped || act.letter) {
      sql_.close_letter.bind(1, act.kind == ActKind::dropped ? 2 : 1).bind(2, act.at).bind_text(3, act.actor);
      sql_.close_letter.bind_text(4, act.why).bind(5, act.made).bind(6, act.delivery.message).bind(7, act.delivery.number);
      TRY_VOID(sql_.close_letter.bind_text(8, act.name).run());
    }
    if (act.kind != ActKind::replayed || act.request.empty()) return {};
    sql_.add_request.bind_text(1, act.request).bind(2, act.delivery.message).bind(3, act.delivery.number);
    return sql_.add_request.bind_text(4, act.name).bind(5, act.made).run();
  }

  struct Dead {
    DeliveryId id;
    std::string name, reason;
    std::int64_t at;
    std::uint32_t attempts;
    BodyPlace body;
  };
  struct Seen {
    DeliveryId id;
    std::int64_t found;
    DestinationId destination;
    std::int64_t released;
    std::string outcome;  // of those that were settled before they were written
    std::int64_t resolved;
    std::string actor, why;
    bool covered;
  };
  struct Segment {
    std::int64_t last_at = 0;
    MessageId first = 0;
    MessageId last = 0;
  };

  State& state_;
  State::Statements& sql_;
  JournalPosition position_;
  Totals totals_;
  MessageId next_message_ = 1;
  const Record* record_ = nullptr;
  MetaReader* reader_ = nullptr;
  std::vector<MessageChange> messages_;
  std::unordered_map<MessageId, std::size_t> message_index_;
  std::vector<DeliveryChange> deliveries_;
  std::unordered_map<DeliveryId, std::size_t, DeliveryIdHash> delivery_index_;
  std::vector<Dead> dead_;
  std::vector<Seen> ambiguities_;
  std::vector<AuditRecord> audit_;
  std::vector<Act> acts_;
  std::vector<Act> resolves_;
  std::vector<DestinationId> changed_destinations_;
  std::vector<DestinationId> relaned_;
  std::map<std::uint32_t, Segment> segments_;
};

Result<bool> State::apply(JournalPosition end, std::uint64_t most) {
  if (applied_.groups >= end.groups) return true;
  auto done = Application(*this).run(end, most);
  if (!done) {  // what was learnt from the part that is undone
    Error first = std::move(done).error();
    TRY_VOID(load());
    return std::unexpected(std::move(first));
  }
  return done;
}

}  // namespace smarthl7::store
