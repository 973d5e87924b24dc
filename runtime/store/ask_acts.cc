// SPDX-License-Identifier: Apache-2.0
// What people are shown before they act, and what an act needs to know: letters, the ledger, holds, and of each delivery that
// is to be replayed its body, its keys and its age.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/store/act_text.h"
#include "runtime/store/sql.h"
#include "runtime/store/state.h"
#include "runtime/store/statements.h"

namespace smarthl7::store {

namespace {

WallTime wall(std::int64_t micros) { return WallTime(Micros(micros)); }

}  // namespace

/// Reads what the journal knows of deliveries; neighbours often stand in one record, so the last one is kept.
class Reckoning {
 public:
  explicit Reckoning(State& state) : state_(state) {}

  /// False: the message's record is no longer kept.
  Result<bool> find(MessageId id) {
    if (id == id_) return found_;
    id_ = id;
    found_ = false;
    MessageRow row;
    auto records = state_.records_of(id, &row);
    if (!records && records.error().code == ErrorCode::not_found) return false;
    if (!records) return std::unexpected(std::move(records).error());
    records_ = std::move(*records);
    if (!record_ || record_->at != records_.front()) {
      record_.reset();
      auto record = state_.files_.record(records_.front());
      if (!record && record.error().code == ErrorCode::not_found) return false;
      if (!record) return std::unexpected(std::move(record).error());
      record_ = std::move(*record);
    }
    TRY(auto reader, MetaReader::open(record_->meta, record_->header));
    Entry entry;
    for (;;) {
      TRY(const bool more, reader.next(entry));
      if (!more) return false;
      auto* const message = std::get_if<MessageEntry>(&entry);
      if (message == nullptr || message->id != id) continue;
      entry_ = std::move(*message);
      reader_ = std::move(reader);
      found_ = true;
      return true;
    }
  }

  [[nodiscard]] const MessageEntry& entry() const { return entry_; }

  /// The flow and the entry of a delivery; nulls: there is none of that number.
  [[nodiscard]] std::pair<const FlowEntry*, const DeliveryEntry*> delivery(std::uint32_t number) const {
    for (const FlowEntry& flow : entry_.flows) {
      if (number < flow.deliveries.size()) return {&flow, &flow.deliveries[number]};
      number -= static_cast<std::uint32_t>(flow.deliveries.size());
    }
    return {nullptr, nullptr};
  }
  [[nodiscard]] std::uint32_t deliveries() const {
    std::size_t count = 0;
    for (const FlowEntry& flow : entry_.flows) count += flow.deliveries.size();
    return static_cast<std::uint32_t>(count);
  }

  void fill(Replayable& out) const {
    out.record = record_->at;
    out.group = record_->header.group;
    out.age = entry_.replay ? entry_.replay_age : entry_.id;
    out.type = entry_.type;
    out.source = entry_.source;
    out.plan = entry_.plan;
    out.control = entry_.control;
    if (out.delivery.number == kEndedByFlow) {
      out.flow = out.name;
      return;
    }
    const auto [flow, each] = delivery(out.delivery.number);
    if (each == nullptr) return;
    out.flow = flow->name;
    out.destination = each->destination;
    out.keys = each->keys;
    if (out.body.at != 0) return;
    const std::uint32_t piece = each->piece == kNoPiece ? entry_.body : each->piece;
    if (piece < reader_.pieces().size()) out.body = reader_.place(record_->at, piece);
  }

  /// How each delivery ended, so far.
  Result<std::vector<std::optional<OutcomeKind>>> outcomes() {
    std::vector<std::optional<OutcomeKind>> out(deliveries());
    for (const Location location : records_) {
      auto record = state_.files_.record(location);
      if (!record && record.error().code == ErrorCode::not_found) continue;
      if (!record) return std::unexpected(std::move(record).error());
      TRY(auto reader, MetaReader::open(record->meta, record->header));
      Entry one;
      for (;;) {
        TRY(const bool more, reader.next(one));
        if (!more) break;
        const auto* const outcome = std::get_if<OutcomeEntry>(&one);
        if (outcome != nullptr && outcome->delivery.id.message == id_ && outcome->delivery.id.number < out.size())
          out[outcome->delivery.id.number] = outcome->kind;
      }
    }
    return out;
  }

 private:
  State& state_;
  MessageId id_ = 0;
  bool found_ = false;
  std::vector<Location> records_;
  std::optional<Record> record_;
  MessageEntry entry_;
  MetaReader reader_;
};

namespace {

struct LetterRow {
  Letter letter;
  BodyPlace body;
  Location original = 0;
};

LetterRow letter_row(const sqlite::Statement& row) {
  LetterRow out;
  Letter& letter = out.letter;
  letter.delivery = {row.number(0), static_cast<std::uint32_t>(row.number(1))};
  letter.destination = row.text(2);
  letter.reason = row.text(3);
  letter.at = wall(row.integer(4));
  letter.attempts = static_cast<std::uint32_t>(row.number(5));
  letter.size = static_cast<std::uint32_t>(row.number(6));
  letter.edits = static_cast<std::uint32_t>(row.number(7));
  letter.state = static_cast<LetterState>(row.number(8));
  letter.acted_at = wall(row.integer(9));
  letter.actor = row.text(10);
  letter.why = row.text(11);
  letter.made = row.number(12);
  out.body = {row.number(13), letter.size, static_cast<std::uint32_t>(row.number(14))};
  out.original = row.number(15);
  return out;
}

void bind(sqlite::Statement& statement, const LetterFilter& filter, MessageId after) {
  statement.bind(1, after).bind(3, filter.since ? filter.since->time_since_epoch().count() : INT64_MIN);
  statement.bind(4, filter.all_states ? 1 : 0);
  if (filter.destination) statement.bind_text(2, *filter.destination);
  if (filter.message) statement.bind(5, *filter.message);
}

std::string closed_text(const Letter& letter) {
  if (letter.state == LetterState::dropped) return "the letter was dropped";
  return fmt::format("it was replayed as message {} already", letter.made);
}

}  // namespace

Result<std::vector<Letter>> State::letters(const LetterFilter& filter) {
  std::vector<Letter> out;
  Reckoning reckoning(*this);
  TRY(auto statement, database_->prepare(sql::kLetters));
  bind(statement, filter, filter.after);
  while (out.size() < filter.limit) {
    TRY(const bool row, statement.step());
    if (!row) break;
    Letter letter = letter_row(statement).letter;
    TRY(const bool kept, reckoning.find(letter.delivery.message));
    if (kept) {
      letter.type = reckoning.entry().type;
      if (letter.delivery.number == kEndedByFlow) {
        letter.flow = letter.destination;
      } else if (const auto* const flow = reckoning.delivery(letter.delivery.number).first; flow != nullptr) {
        letter.flow = flow->name;
      }
    }
    if (filter.flow && letter.flow != *filter.flow) continue;
    out.push_back(std::move(letter));
  }
  return out;
}

Result<std::vector<LedgerEntry>> State::ledger(const LedgerFilter& filter) {
  std::vector<LedgerEntry> out;
  TRY(auto statement, database_->prepare(sql::kLedger));
  statement.bind(1, filter.after).bind(3, filter.limit).bind(4, filter.all ? 1 : 0);
  if (filter.destination) statement.bind_text(2, *filter.destination);
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    LedgerEntry& entry = out.emplace_back();
    entry.what.delivery = {statement.number(0), static_cast<std::uint32_t>(statement.number(1))};
    entry.what.destination = statement.text(2);
    entry.what.released_at = wall(statement.integer(3));
    entry.what.found_at = wall(statement.integer(4));
    entry.what.covered = statement.integer(10) != 0;
    entry.type = statement.text(5);
    entry.outcome = statement.text(6);
    entry.resolved_at = wall(statement.integer(7));
    entry.actor = statement.text(8);
    entry.why = statement.text(9);
  }
}

Result<std::vector<Hold>> State::holds() {
  std::vector<Hold> out;
  TRY(auto statement, database_->prepare(sql::kHolds));
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    out.push_back({std::string(statement.text(0)), static_cast<std::uint32_t>(statement.number(1)), wall(statement.integer(2)),
                   std::string(statement.text(3)), std::string(statement.text(4))});
  }
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> State::open_letters() {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  TRY(auto statement, database_->prepare(sql::kOpenLetters));
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    out.emplace_back(statement.text(0), statement.number(1));
  }
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> State::open_ambiguities(
    const std::optional<std::string>& destination, MessageId through) {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  TRY(auto statement, database_->prepare(sql::kOpenAmbiguities));
  statement.bind(2, through);
  if (destination) statement.bind_text(1, *destination);
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    out.emplace_back(statement.text(0), statement.number(1));
  }
}

// ---- what is to be replayed -------------------------------------------------------------------------------------------------

namespace {

Replayable replayable(const LetterRow& row) {
  Replayable out;
  out.delivery = row.letter.delivery;
  out.name = row.letter.destination;
  out.body = row.body;
  if (row.letter.state == LetterState::open) {
    out.letter = true;
  } else {
    out.refused = closed_text(row.letter);
  }
  return out;
}

Replayable nothing(const Chosen& chosen, std::string why) {
  Replayable out;
  out.delivery = {chosen.message, chosen.delivery.value_or(0)};
  out.refused = std::move(why);
  return out;
}

}  // namespace

Result<std::vector<Replayable>> State::replayables(const Choice& choice, bool deliveries, const std::string& request,
                                                   MessageId after, std::uint32_t limit) {
  std::vector<Replayable> out;
  Reckoning reckoning(*this);
  TRY(auto letters, database_->prepare(sql::kLetters));
  TRY(auto requests, database_->prepare(sql::kRequest));
  const auto fill = [&](Replayable& one, const LetterRow* row) -> Result<void> {
    TRY(const bool kept, reckoning.find(one.delivery.message));
    if (kept) reckoning.fill(one);
    if (row != nullptr && row->original != 0 && kept) {
      Replayable before = one;
      before.body = {};
      reckoning.fill(before);
      one.original = before.body;
    }
    if (!kept && one.refused.empty()) one.refused = "its part of the journal is no longer kept";
    if (request.empty()) return {};
    requests.bind_text(1, request).bind(2, one.delivery.message).bind(3, one.delivery.number).bind_text(4, one.name);
    TRY(const bool done, requests.step());
    if (done) one.before = requests.number(0);
    requests.reset();
    return {};
  };
  if (choice.some.empty()) {
    bind(letters, choice.filter, after);
    for (;;) {
      TRY(const bool more, letters.step());
      if (!more) return out;
      const LetterRow row = letter_row(letters);
      // A message's letters stay together, for the next page begins after it.
      if (out.size() >= limit && row.letter.delivery.message != out.back().delivery.message) break;
      Replayable one = replayable(row);
      TRY_VOID(fill(one, &row));
      if (!choice.filter.flow || one.flow == *choice.filter.flow) out.push_back(std::move(one));
    }
    letters.reset();
    return out;
  }
  std::vector<Chosen> some = choice.some;
  std::ranges::sort(some, {}, [](const Chosen& one) { return std::pair(one.message, one.delivery); });
  LetterFilter filter = choice.filter;
  filter.all_states = true;
  for (const Chosen& chosen : some) {
    const std::size_t before = out.size();
    filter.message = chosen.message;
    bind(letters, filter, 0);
    std::vector<LetterRow> rows;
    for (;;) {
      TRY(const bool more, letters.step());
      if (!more) break;
      rows.push_back(letter_row(letters));
    }
    bool any_open = false;
    for (const LetterRow& row : rows) {
      if (chosen.delivery && *chosen.delivery != row.letter.delivery.number) continue;
      if (deliveries && row.letter.state != LetterState::open) continue;  // a delivery like others by now
      Replayable one = replayable(row);
      TRY_VOID(fill(one, &row));
      if (filter.flow && one.flow != *filter.flow) continue;
      any_open = any_open || one.letter;
      out.push_back(std::move(one));
    }
    if (!deliveries) {
      // Those that were done with before are named only where they are all that there is, or this request did it.
      if (any_open && !chosen.delivery)
        std::erase_if(out, [&](const Replayable& one) {
          return one.delivery.message == chosen.message && !one.letter && one.before == 0;
        });
      if (out.size() == before) out.push_back(nothing(chosen, "there is no such dead letter"));
      continue;
    }
    TRY(const bool kept, reckoning.find(chosen.message));
    if (!kept) {
      if (out.size() == before) out.push_back(nothing(chosen, "there is no such message, or it is no longer kept"));
      continue;
    }
    TRY(const auto outcomes, reckoning.outcomes());
    for (std::uint32_t number = 0; number < reckoning.deliveries(); ++number) {
      if (chosen.delivery && *chosen.delivery != number) continue;
      const auto [flow, each] = reckoning.delivery(number);
      if (flow->name.empty()) continue;  // an acknowledgement
      Replayable one;
      one.delivery = {chosen.message, number};
      one.name = destinations_[each->destination].name;
      const bool listed = std::any_of(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                                      [&](const Replayable& other) { return other.delivery == one.delivery; });
      if (listed || (filter.destination && one.name != *filter.destination)) continue;
      if (filter.flow && flow->name != *filter.flow) continue;
      if (!outcomes[number]) one.refused = "it is on its way still";
      TRY_VOID(fill(one, nullptr));
      out.push_back(std::move(one));
    }
    if (out.size() == before) out.push_back(nothing(chosen, "the message has no such delivery"));
  }
  return out;
}

Result<std::vector<BodyPlace>> State::find_bodies(const std::vector<DeliveryId>& deliveries) {
  std::vector<BodyPlace> out(deliveries.size());
  Reckoning reckoning(*this);
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    TRY(const bool kept, reckoning.find(deliveries[i].message));
    if (!kept) continue;
    Replayable one;
    one.delivery = deliveries[i];
    reckoning.fill(one);
    out[i] = one.body;
  }
  return out;
}

Result<bool> State::look_for_later(LaterSearch& search, const IdentitiesOf& identities, JournalPosition& at,
                                   JournalPosition end) {
  std::vector<std::uint64_t> people;
  for (std::uint32_t records = 0; records < kRecordsInOneStep; ++records) {
    if (at.groups >= end.groups || search.incomplete) return true;
    auto size = files_.size(segment_of(at.at));
    if (!size && size.error().code == ErrorCode::not_found) {  // delivered long ago, and no longer kept
      search.incomplete = true;
      return true;
    }
    if (!size) return std::unexpected(std::move(size).error());
    if (offset_of(at.at) >= *size) {
      at.at = make_location(segment_of(at.at) + 1, kSegmentHeaderSize);
      continue;
    }
    TRY(const Record record, files_.next(at));
    TRY(auto reader, MetaReader::open(record.meta, record.header));
    Entry entry;
    for (;;) {
      TRY(const bool more, reader.next(entry));
      if (!more) break;
      if (const auto* const outcome = std::get_if<OutcomeEntry>(&entry)) search.ended(outcome->delivery.id, outcome->kind);
      const auto* const message = std::get_if<MessageEntry>(&entry);
      if (message == nullptr) continue;
      if (++search.looked_at > kMostLookedAt) {
        search.incomplete = true;
        return true;
      }
      DeliveryId id{message->id, 0};
      std::uint32_t read = kNoPiece;  // whose identities `people` are
      for (const FlowEntry& flow : message->flows) {
        for (const DeliveryEntry& delivery : flow.deliveries) {
          const DeliveryId this_one = id;
          ++id.number;
          if (flow.name.empty() || !search.concerns(delivery.destination)) continue;
          const std::uint32_t piece = delivery.piece == kNoPiece ? message->body : delivery.piece;
          if (search.needs_people(delivery.destination, delivery.keys) && piece != read) {
            TRY(const SharedBytes body, files_.body(reader.place(record.at, piece)));
            people = identities(body.view());
            read = piece;
          }
          search.came(delivery.destination, this_one, message->replay ? message->replay_age : message->id, delivery.keys,
                      people);
        }
      }
    }
  }
  return false;
}

}  // namespace smarthl7::store
