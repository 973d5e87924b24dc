// SPDX-License-Identifier: Apache-2.0
// What people ask of the state: listings, traces, dead letters, the ambiguity ledger, the audit.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/store/act_text.h"
#include "runtime/store/codec.h"
#include "runtime/store/sql.h"
#include "runtime/store/state.h"
#include "runtime/store/statements.h"

namespace smarthl7::store {

namespace {

WallTime wall(std::int64_t micros) { return WallTime(Micros(micros)); }

std::string state_name(std::uint32_t flags, std::uint32_t deliveries, std::uint32_t delivered, std::uint32_t dead) {
  if ((flags & kRowRejected) != 0) return "rejected";
  if ((flags & kRowDuplicate) != 0) return "duplicate";
  if (deliveries == 0) return "dropped";
  if (delivered + dead < deliveries) return "queued";
  if (dead == 0) return "delivered";
  return delivered == 0 ? "dead" : "mixed";
}

// A condition for a state of the filter; nullptr: there is no such state.
const char* condition_of(std::string_view state) {
  if (state == "accepted") return "flags & 3 = 0";
  if (state == "rejected") return "flags & 1 = 1";
  if (state == "duplicate") return "flags & 2 = 2";
  if (state == "dead") return "dead > 0";
  if (state == "queued") return "flags & 3 = 0 AND delivered + dead < deliveries";
  if (state == "delivered") return "flags & 3 = 0 AND deliveries > 0 AND delivered = deliveries";
  return nullptr;
}

bool names_flow(std::string_view flows, std::uint64_t wanted) {
  ByteReader reader(flows);
  while (!reader.done() && reader.ok())
    if (reader.varint() == wanted) return true;
  return false;
}

}  // namespace

Result<MessageRow> State::row_of(sqlite::Statement& statement) const {
  MessageRow row;
  row.id = statement.number(0);
  row.received_at = wall(statement.integer(2));
  row.source = name_of(statement.number(3));
  row.type = statement.text(4);
  row.size = static_cast<std::uint32_t>(statement.number(6));
  row.deliveries = static_cast<std::uint32_t>(statement.number(8));
  row.delivered = static_cast<std::uint32_t>(statement.number(9));
  row.dead = static_cast<std::uint32_t>(statement.number(10));
  row.replay = (statement.number(7) & kRowReplay) != 0;
  row.state = state_name(static_cast<std::uint32_t>(statement.number(7)), row.deliveries, row.delivered, row.dead);
  return row;
}

Result<std::vector<MessageRow>> State::messages(const MessageFilter& filter, std::uint64_t control_hash) {
  std::vector<MessageRow> rows;
  std::uint64_t flow = 0;
  std::string query(sql::kListMessages);
  query += filter.newest_first && filter.after != 0 ? fmt::format(" WHERE id < {}", filter.after)
                                                    : fmt::format(" WHERE id > {}", filter.after);
  if (filter.source) {
    const auto known = names_.find(*filter.source);
    if (known == names_.end()) return rows;
    query += fmt::format(" AND source = {}", known->second);
  }
  if (filter.flow) {
    const auto known = names_.find(*filter.flow);
    if (known == names_.end()) return rows;
    flow = known->second;
  }
  if (filter.control_id) query += fmt::format(" AND control = {}", static_cast<std::int64_t>(control_hash));
  if (filter.state) {
    const char* const condition = condition_of(*filter.state);
    if (condition == nullptr) return fail(ErrorCode::invalid, "there is no message state `" + *filter.state + "`");
    query += fmt::format(" AND {}", condition);
  }
  query += filter.newest_first ? " ORDER BY id DESC" : " ORDER BY id";
  TRY(auto statement, database_->prepare(query));
  while (rows.size() < filter.limit) {
    TRY(const bool more, statement.step());
    if (!more) break;
    if (flow != 0 && !names_flow(statement.text(11), flow)) continue;
    TRY(auto row, row_of(statement));
    rows.push_back(std::move(row));
  }
  return rows;
}

// ---- trace ------------------------------------------------------------------------------------------------------------------

struct TraceBuilder {
  State& state;
  Trace& trace;
  MessageId id;
  std::int64_t at = 0;            // of the record that is being read
  std::size_t of_acceptance = 0;  // events of the commit that took the message: they come first, as they happened

  std::string destination(DestinationId number) const {
    const auto found = state.destinations_.find(number);
    return found == state.destinations_.end() ? std::string() : found->second.name;
  }
  void add(std::int64_t when, std::string what, std::string where, std::string detail) {
    trace.events.push_back({wall(when), std::move(what), std::move(where), std::move(detail)});
  }

  void operator()(const MessageEntry& entry) {
    if (entry.id != id) return;
    trace.plan = to_hex(entry.plan);
    const std::string source(entry.source);
    // Each stage is counted from the receipt; the clocks are not the same, so none is shown later than the commit.
    const std::int64_t latest = std::max(entry.received_at, at);
    const auto after = [&](std::uint32_t micros) { return std::min(entry.received_at + micros, latest); };
    if (entry.replay) return add_replay(entry, source);
    add(entry.received_at, "received", source, fmt::format("{} bytes on connection {}", entry.size, entry.connection));
    const bool rejected = entry.verdict == Verdict::rejected;
    add(after(std::max(entry.stage_micros[0], entry.stage_micros[1])), "validated", source,
        rejected               ? std::string(entry.reason)
        : entry.reason.empty() ? "passed"
                               : "passed; " + std::string(entry.reason));
    for (const TableEntry& table : entry.tables)
      add(after(std::max(entry.stage_micros[0], entry.stage_micros[1])), "looked up", std::string(table.name),
          fmt::format("version {:016x}, in use since {}", table.version, to_iso8601(wall(table.since))));
    const auto flows = std::ranges::count_if(entry.flows, [](const FlowEntry& flow) { return !flow.name.empty(); });
    if (flows > 0)
      add(after(std::max(entry.stage_micros[1], entry.stage_micros[2])), "mapped", source, fmt::format("by {} flows", flows));
    if (entry.duplicate) add(at, "duplicate", source, fmt::format("of message {}", entry.duplicate_of));
    if (entry.conflict) add(at, "conflict", source, fmt::format("same key as message {}, other bytes", entry.duplicate_of));
    add(at, "stored", source, rejected ? "as rejected" : "");
    std::uint32_t number = 0;
    for (const FlowEntry& flow : entry.flows) {
      if (flow.duplicate && !entry.duplicate) add(at, "duplicate", std::string(flow.name), "this flow had seen it");
      for (const DeliveryEntry& delivery : flow.deliveries) {
        add(at, delivery.released ? "released" : "queued", destination(delivery.destination),
            fmt::format("delivery {}{}", number, flow.name.empty() ? ", the application acknowledgement" : ""));
        ++number;
      }
      for (const EndingEntry& ending : flow.endings)
        add(at, ending.kind == Ending::Kind::dead ? "dead" : "dropped", std::string(flow.name), std::string(ending.reason));
    }
    add(at, "acknowledged", source, "after this commit");
    of_acceptance = trace.events.size();
  }
  void add_replay(const MessageEntry& entry, const std::string& source) {
    add(at, "stored", source,
        fmt::format("a replay of message {}, {}", entry.replay_of.message, delivery_text(entry.replay_of.number)));
    for (const FlowEntry& flow : entry.flows)
      for (const DeliveryEntry& delivery : flow.deliveries)
        add(at, delivery.released ? "released" : "queued", destination(delivery.destination), "delivery 0");
    of_acceptance = trace.events.size();
  }
  void operator()(const ActEntry& entry) {
    if (entry.delivery.message != id && !(entry.kind == ActKind::replayed && entry.made == id)) return;
    add(at, std::string(name_of(entry.kind)), std::string(entry.actor), describe(entry));
  }
  void operator()(const OutcomeEntry& entry) {
    if (entry.delivery.id.message != id) return;
    std::string detail(entry.kind == OutcomeKind::accepted ? "accepted" : std::string(entry.reason));
    detail += fmt::format(", attempts {}", entry.attempts);
    if (!entry.answer.empty()) detail += ", answer " + std::string(entry.answer);
    add(entry.at, entry.kind == OutcomeKind::accepted ? "outcome" : "dead", destination(entry.delivery.destination),
        std::move(detail));
  }
  void operator()(const AttemptEntry& entry) {
    if (entry.delivery.id.message != id) return;
    std::string detail = fmt::format("{}: {}", entry.number, entry.outcome);
    if (!entry.detail.empty()) detail += ", " + std::string(entry.detail);
    add(entry.at, "attempt", destination(entry.delivery.destination), std::move(detail));
  }
  void operator()(const ReleaseEntry& entry) {
    if (entry.delivery.id.message != id) return;
    add(at, "released", destination(entry.delivery.destination), fmt::format("delivery {}", entry.delivery.id.number));
  }
  void operator()(const GiveBackEntry& entry) {
    if (entry.delivery.id.message != id) return;
    add(at, "queued", destination(entry.delivery.destination),
        fmt::format("delivery {} again: it was not sent before a stop", entry.delivery.id.number));
  }
  void operator()(const AmbiguityEntry& entry) {
    if (entry.delivery.id.message != id) return;
    add(at, "released", destination(entry.delivery.destination),
        fmt::format("delivery {} again: it may have been seen before a restart{}", entry.delivery.id.number,
                    entry.covered ? ", and its receiver knows copies" : ""));
  }
  void operator()(const AuditEntry& entry) {
    if (entry.message != id) return;
    add(entry.at, "read", std::string(entry.actor), std::string(entry.act));
  }
  void operator()(const ResponseEntry& entry) {
    if (entry.message != id) return;
    add(at, "response", destination(entry.destination),
        entry.piece == kNoPiece ? "none came; the sender is told so" : "kept for the sender");
  }
  void operator()(const DestinationEntry&) {}
  void operator()(const FileEntry&) {}  // the message's note names its file

  Result<void> read(Location location) {
    auto record = state.files_.record(location);
    if (!record && record.error().code == ErrorCode::not_found) {
      add(at, "dropped record", "", "its journal segment is no longer kept");
      return {};
    }
    if (!record) return std::unexpected(record.error());
    at = record->header.at;
    TRY(auto reader, MetaReader::open(record->meta, record->header));
    Entry entry;
    for (;;) {
      TRY(const bool more, reader.next(entry));
      if (!more) return {};
      std::visit(*this, entry);
    }
  }
};

Result<std::vector<Location>> State::records_of(MessageId id, MessageRow* row) {
  sqlite::Statement& statement = statements_->message;
  statement.bind(1, id);
  TRY(const bool found, statement.step());
  if (!found) return fail(ErrorCode::not_found, fmt::format("there is no message {}", id));
  TRY(*row, row_of(statement));
  std::vector<Location> records = {statement.number(1)};
  ByteReader later(statement.text(12));
  while (!later.done() && later.ok()) records.push_back(later.u64());
  statement.reset();
  return records;
}

Result<std::vector<DeliveryState>> State::deliveries(MessageId id) {
  MessageRow row;
  TRY(const std::vector<Location> records, records_of(id, &row));
  std::vector<DeliveryState> states;
  for (const Location location : records) {
    auto record = files_.record(location);
    if (!record && record.error().code == ErrorCode::not_found) continue;
    if (!record) return std::unexpected(record.error());
    TRY(auto reader, MetaReader::open(record->meta, record->header));
    Entry entry;
    for (;;) {
      TRY(const bool more, reader.next(entry));
      if (!more) break;
      if (const auto* message = std::get_if<MessageEntry>(&entry); message != nullptr && message->id == id) {
        std::uint32_t number = 0;
        for (const FlowEntry& flow : message->flows)
          for (const DeliveryEntry& delivery : flow.deliveries)
            states.push_back({number++, delivery.destination, std::nullopt});
      } else if (const auto* outcome = std::get_if<OutcomeEntry>(&entry);
                 outcome != nullptr && outcome->delivery.id.message == id && outcome->delivery.id.number < states.size()) {
        states[outcome->delivery.id.number].outcome = outcome->kind;
      }
    }
  }
  return states;
}

Result<Trace> State::trace(MessageId id) {
  Trace trace;
  TRY(const std::vector<Location> records, records_of(id, &trace.message));
  TraceBuilder builder{*this, trace, id};
  for (const Location record : records) TRY_VOID(builder.read(record));
  TRY(auto settled, database_->prepare(sql::kSettled));
  settled.bind(1, id);
  for (;;) {
    TRY(const bool row, settled.step());
    if (!row) break;
    std::string why(settled.text(5));
    builder.add(settled.integer(3), "resolved", std::string(settled.text(4)),
                fmt::format("delivery {} at {}: {}{}", settled.number(1), settled.text(0), settled.text(2),
                            why.empty() ? "" : ": " + why));
  }
  std::stable_sort(trace.events.begin() + static_cast<std::ptrdiff_t>(builder.of_acceptance), trace.events.end(),
                   [](const TraceEvent& a, const TraceEvent& b) { return a.at < b.at; });
  return trace;
}

// ---- lists ------------------------------------------------------------------------------------------------------------------

Result<std::vector<DeadLetter>> State::dead_letters(const std::optional<std::string>& destination, MessageId after,
                                                    std::uint32_t limit) {
  std::vector<DeadLetter> out;
  TRY(auto statement, database_->prepare(sql::kDead));
  statement.bind(1, after).bind(3, limit);
  if (destination) statement.bind_text(2, *destination);
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    DeadLetter& letter = out.emplace_back();
    letter.delivery = {statement.number(0), static_cast<std::uint32_t>(statement.number(1))};
    letter.destination = statement.text(2);
    letter.reason = statement.text(3);
    letter.at = wall(statement.integer(4));
    letter.attempts = static_cast<std::uint32_t>(statement.number(5));
    letter.size = static_cast<std::uint32_t>(statement.number(6));
  }
}

Result<std::vector<Ambiguity>> State::ambiguities(const std::optional<std::string>& destination, MessageId after,
                                                  std::uint32_t limit) {
  std::vector<Ambiguity> out;
  TRY(auto statement, database_->prepare(sql::kAmbiguities));
  statement.bind(1, after).bind(3, limit);
  if (destination) statement.bind_text(2, *destination);
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    Ambiguity& entry = out.emplace_back();
    entry.delivery = {statement.number(0), static_cast<std::uint32_t>(statement.number(1))};
    entry.destination = statement.text(2);
    entry.released_at = wall(statement.integer(3));
    entry.found_at = wall(statement.integer(4));
    entry.covered = statement.integer(5) != 0;
  }
}

Result<std::vector<AuditRecord>> State::audit(std::uint64_t after, std::uint32_t limit) {
  std::vector<AuditRecord> out;
  TRY(auto statement, database_->prepare(sql::kAudit));
  statement.bind(1, after).bind(2, limit);
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    out.push_back({wall(statement.integer(0)), std::string(statement.text(1)), std::string(statement.text(2)),
                   std::string(statement.text(3))});
  }
}

Result<BodyPlace> State::find_body(MessageId id, std::optional<std::uint32_t> delivery) {
  sqlite::Statement& statement = statements_->message;
  statement.bind(1, id);
  TRY(const bool row, statement.step());
  if (!row) return fail(ErrorCode::not_found, fmt::format("there is no message {}", id));
  const Location location = statement.number(1);
  statement.reset();
  TRY(const Record record, files_.record(location));
  TRY(auto reader, MetaReader::open(record.meta, record.header));
  Entry entry;
  for (;;) {
    TRY(const bool more, reader.next(entry));
    if (!more) return fail(ErrorCode::not_found, fmt::format("there is no message {} where it should be", id));
    const auto* message = std::get_if<MessageEntry>(&entry);
    if (message == nullptr || message->id != id) continue;
    std::uint32_t piece = message->body;
    if (delivery) {
      std::vector<const DeliveryEntry*> all;
      for (const FlowEntry& flow : message->flows)
        for (const DeliveryEntry& each : flow.deliveries) all.push_back(&each);
      if (*delivery >= all.size())
        return fail(ErrorCode::not_found, fmt::format("message {} has no delivery {}", id, *delivery));
      if (all[*delivery]->piece != kNoPiece) piece = all[*delivery]->piece;
    }
    if (piece >= reader.pieces().size())
      return fail(ErrorCode::not_found,
                  message->duplicate
                      ? fmt::format("message {} is a copy of message {}; its body is there", id, message->duplicate_of)
                      : fmt::format("the body of message {} was not kept", id));
    return reader.place(record.at, piece);
  }
}

}  // namespace smarthl7::store
