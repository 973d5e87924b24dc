// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/state.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/env/crash_point.h"
#include "runtime/store/codec.h"
#include "runtime/store/sql.h"
#include "runtime/store/statements.h"

namespace smarthl7::store {

namespace {
constexpr std::uint64_t kWalFrames = 4096;  // 16 MiB: then the WAL is emptied
constexpr std::size_t kRunsBeforeMerge = 8;
}  // namespace

std::string encode_keys(const std::vector<std::uint64_t>& keys) {
  std::string out;
  ByteWriter writer(out);
  for (const std::uint64_t key : keys) writer.u64(key);
  return out;
}

std::vector<std::uint64_t> decode_keys(std::string_view bytes) {
  std::vector<std::uint64_t> keys;
  ByteReader reader(bytes);
  while (!reader.done() && reader.ok()) keys.push_back(reader.u64());
  return keys;
}

Result<std::unique_ptr<State::Statements>> State::Statements::prepare(sqlite::Database& database) {
  auto all = std::make_unique<Statements>();
  const std::pair<sqlite::Statement*, std::string_view> wanted[] = {
      {&all->save_position, sql::kSavePosition},
      {&all->save_keys_position, sql::kSaveKeysPosition},
      {&all->add_name, sql::kAddName},
      {&all->save_destination, sql::kSaveDestination},
      {&all->add_message, sql::kAddMessage},
      {&all->update_message, sql::kUpdateMessage},
      {&all->message, sql::kMessage},
      {&all->add_queued, sql::kAddQueued},
      {&all->remove_queued, sql::kRemoveQueued},
      {&all->update_queued, sql::kUpdateQueued},
      {&all->set_released, sql::kSetReleased},
      {&all->queued, sql::kQueued},
      {&all->queue_page, sql::kQueuePage},
      {&all->add_dead, sql::kAddDead},
      {&all->add_ambiguity, sql::kAddAmbiguity},
      {&all->add_audit, sql::kAddAudit},
      {&all->add_run, sql::kAddRun},
      {&all->remove_run, sql::kRemoveRun},
      {&all->save_segment, sql::kSaveSegment},
      {&all->close_letter, sql::kCloseLetter},
      {&all->edit_letter, sql::kEditLetter},
      {&all->add_request, sql::kAddRequest},
      {&all->hold, sql::kHold},
      {&all->release, sql::kRelease},
      {&all->resolve, sql::kResolve},
  };
  for (const auto& [statement, text] : wanted) {
    TRY(*statement, database.prepare(text));
  }
  return all;
}

State::State(env::Env& environment, std::string folder)
    : env_(environment), folder_(std::move(folder)), files_(environment.disk, folder_) {}

State::~State() = default;

Result<std::unique_ptr<State>> State::open(env::Env& environment, std::string folder) {
  std::unique_ptr<State> state(new State(environment, std::move(folder)));
  TRY_VOID(state->prepare(environment.random.next()));
  return state;
}

Result<void> State::prepare(std::uint64_t seed) {
  vfs_ = std::make_unique<sqlite::Vfs>(env_.disk, env_.clock, seed);
  TRY(database_, sqlite::Database::open(*vfs_, folder_ + "/state.db", "NORMAL"));
  TRY_VOID(migrate());
  TRY(statements_, Statements::prepare(*database_));
  TRY_VOID(load());
  return remove_strays();
}

Result<void> State::migrate() {
  std::int64_t version = 0;
  {
    TRY(auto statement, database_->prepare("PRAGMA user_version"));
    TRY(const bool row, statement.step());
    if (row) version = statement.integer(0);
  }
  const auto known = static_cast<std::int64_t>(sql::kMigrations.size());
  if (version > known)
    return fail(ErrorCode::version,
                fmt::format("{}/state.db: has schema {}, this program knows up to {}", folder_, version, known));
  for (; version < known; ++version) {
    TRY(auto transaction, Transaction::begin(*database_));
    TRY_VOID(database_->execute(sql::kMigrations[static_cast<std::size_t>(version)]));
    TRY_VOID(database_->execute(fmt::format("PRAGMA user_version={}", version + 1)));
    TRY_VOID(transaction.commit());
  }
  return {};
}

Result<void> State::load() {
  {
    TRY(auto position, database_->prepare(sql::kPosition));
    TRY(const bool row, position.step());
    if (!row) return fail(ErrorCode::corrupt, folder_ + "/state.db: has no position");
    applied_ = {position.number(0), position.number(1)};
    keys_applied_ = {position.number(2), position.number(3)};
    next_message_ = position.number(4);
    next_run_ = position.number(5);
    totals_ = {position.number(6), position.number(7),  position.number(8),
               position.number(9), position.number(10), position.number(11)};
  }
  TRY(const auto destinations, this->destinations());
  destinations_.clear();
  for (const DestinationFacts& facts : destinations) destinations_[facts.id] = facts;
  names_.clear();
  name_texts_.clear();
  new_names_.clear();
  TRY(auto names, database_->prepare(sql::kNames));
  for (;;) {
    TRY(const bool row, names.step());
    if (!row) break;
    const auto id = static_cast<std::size_t>(names.number(0));
    names_.emplace(std::string(names.text(1)), id);
    if (name_texts_.size() < id) name_texts_.resize(id);
    name_texts_[id - 1] = names.text(1);
  }
  runs_.clear();
  TRY(auto runs, database_->prepare(sql::kRuns));
  for (;;) {
    TRY(const bool row, runs.step());
    if (!row) break;
    runs_.push_back({runs.number(0), runs.number(1), runs.integer(2)});
  }
  return {};
}

// Runs and dropped segments that a crash left behind.
Result<void> State::remove_strays() {
  TRY(const auto names, env_.disk.list(folder_));
  for (const std::string& name : names) {
    if (!name.starts_with("keys-")) continue;
    const bool listed =
        std::any_of(runs_.begin(), runs_.end(), [&](const RunFacts& run) { return run_name(run.number) == name; });
    if (!listed) TRY_VOID(env_.disk.remove(folder_ + "/" + name));
  }
  std::vector<std::uint64_t> known;
  TRY(auto statement, database_->prepare(sql::kSegments));
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) break;
    known.push_back(statement.number(0));
  }
  TRY(const auto range, files_.range());
  const std::uint32_t needed = first_needed_segment();
  for (std::uint32_t segment = range.first; segment != 0 && segment < needed; ++segment) {  // dropped, but not yet unlinked
    if (std::binary_search(known.begin(), known.end(), segment)) continue;
    TRY(const bool there, env_.disk.exists(files_.path_of(segment)));
    if (there) TRY_VOID(env_.disk.remove(files_.path_of(segment)));
  }
  return {};
}

std::uint64_t State::name_id(std::string_view name) {
  const auto [at, added] = names_.try_emplace(std::string(name), name_texts_.size() + 1);
  if (added) {
    name_texts_.emplace_back(name);
    new_names_.emplace_back(name);
  }
  return at->second;
}

std::string State::name_of(std::uint64_t id) const {
  return id >= 1 && id <= name_texts_.size() ? name_texts_[id - 1] : std::string();
}

Result<void> State::catch_up(JournalPosition end) {
  for (;;) {
    TRY(const bool there, apply(end, 16384));
    if (there) return {};
  }
}

// ---- queues -----------------------------------------------------------------------------------------------------------------

Result<std::vector<DestinationFacts>> State::destinations() {
  std::vector<DestinationFacts> out;
  TRY(auto statement, database_->prepare(sql::kDestinations));
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    out.push_back({static_cast<DestinationId>(statement.number(0)), std::string(statement.text(1)),
                   static_cast<LaneNumber>(statement.number(2)), statement.number(3), statement.number(4),
                   std::string(statement.text(5)), statement.number(6)});
  }
}

namespace {

/// The only key is kEveryKey or kExpressLane.
bool binds_all(std::string_view bytes) { return ByteReader(bytes).u64() >= kEveryKey; }

Queued queued_from(sqlite::Statement& row, LaneNumber lanes, LaneNumber lane, bool with_keys) {
  Queued delivery;
  delivery.id = {row.number(0), static_cast<std::uint32_t>(row.number(1))};
  delivery.body = row.number(2);
  delivery.size = static_cast<std::uint32_t>(row.number(3));
  delivery.crc = static_cast<std::uint32_t>(row.number(4));
  delivery.received_at = row.integer(5);
  delivery.attempts = static_cast<std::uint32_t>(row.number(6));
  delivery.lane = lane;
  const std::string_view bytes = row.text(7);
  delivery.refused_at = row.integer(8);
  if (bytes.empty() || (bytes.size() == sizeof(std::uint64_t) && !with_keys && !binds_all(bytes))) return delivery;
  auto keys = decode_keys(bytes);
  auto all = lanes_of(keys, lanes);
  if (all.size() > 1) delivery.barrier = std::make_shared<const std::vector<LaneNumber>>(std::move(all));
  if (with_keys) delivery.keys = std::make_shared<const std::vector<std::uint64_t>>(std::move(keys));
  return delivery;
}

}  // namespace

Result<DestinationQueue> State::queue_of(DestinationId destination) {
  DestinationQueue out;
  out.lanes = destinations_[destination].lanes;
  TRY(auto released, database_->prepare(sql::kQueueReleased));
  released.bind(1, destination);
  for (;;) {
    TRY(const bool row, released.step());
    if (!row) break;
    out.released.emplace_back(queued_from(released, out.lanes, static_cast<LaneNumber>(released.number(10)), true),
                              released.integer(9));
  }
  TRY(auto lanes, database_->prepare(sql::kQueueLanes));
  lanes.bind(1, destination);
  for (;;) {
    TRY(const bool row, lanes.step());
    if (!row) break;
    if (lanes.number(1) > 0)
      out.backlog.push_back({static_cast<LaneNumber>(lanes.number(0)), lanes.number(1), lanes.number(2)});
    out.queued += lanes.number(3);
    out.bytes += lanes.number(4);
  }
  const std::string every = encode_keys({kEveryKey});
  TRY(auto due, database_->prepare(sql::kBarrierDue));
  due.bind(1, destination).bind(2, destinations_[destination].ordered_since).bind_blob(3, every);
  TRY(const bool row, due.step());
  out.barrier_due = row && due.number(0) != 0;
  return out;
}

Result<std::vector<Queued>> State::page(const Lanes::Page& page) {
  std::vector<Queued> out;
  const LaneNumber lanes = destinations_[page.destination].lanes;
  sqlite::Statement& statement = statements_->queue_page;
  statement.bind(1, page.destination)
      .bind(2, static_cast<std::uint32_t>(page.lane))
      .bind(3, page.after.message)
      .bind(4, page.after.number);
  statement.bind(5, page.through).bind(6, page.limit);
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    out.push_back(queued_from(statement, lanes, page.lane, page.keys));
  }
}

Result<std::vector<std::vector<std::uint64_t>>> State::queued_keys(DestinationId destination) {
  std::vector<std::vector<std::uint64_t>> out;
  TRY(auto statement, database_->prepare(sql::kAllQueuedKeys));
  statement.bind(1, destination);
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return out;
    if (!statement.text(0).empty()) out.push_back(decode_keys(statement.text(0)));
  }
}

// ---- dedup keys -------------------------------------------------------------------------------------------------------------

Result<void> State::add_keys(std::vector<KeyFacts> keys, JournalPosition through, std::int64_t now_seconds) {
  RunFacts run{next_run_, 0, 0};
  if (!keys.empty()) {
    TRY(auto writer, KeyRunWriter::create(env_.disk, folder_ + "/" + run_name(run.number), keys.size()));
    for (const KeyFacts& facts : keys) TRY_VOID(writer.add(facts));
    TRY_VOID(writer.finish());
    TRY_VOID(env_.disk.sync_folder(folder_));
    run.count = writer.count();
    run.expires = writer.expires();
  }
  TRY(auto transaction, Transaction::begin(*database_));
  if (run.count > 0) TRY_VOID(statements_->add_run.bind(1, run.number).bind(2, run.count).bind(3, run.expires).run());
  TRY_VOID(statements_->save_keys_position.bind(1, through.at).bind(2, through.groups).bind(3, run.number + 1).run());
  TRY_VOID(transaction.commit());
  keys_applied_ = through;
  next_run_ = run.number + 1;
  if (run.count > 0) runs_.push_back(run);
  return merge_if_many(now_seconds);
}

// Runs of about the same size are merged eight at a time, so a key is rewritten once per level.
Result<void> State::merge_if_many(std::int64_t now_seconds) {
  std::vector<RunFacts> chosen;
  std::vector<RunFacts> expired;
  for (const RunFacts& run : runs_)
    if (run.expires <= now_seconds) expired.push_back(run);
  for (std::size_t first = 0; first < runs_.size() && chosen.empty(); ++first) {
    std::vector<RunFacts> like;  // neighbours only, so that newer stays newer
    for (std::size_t i = first; i < runs_.size() && runs_[i].count < std::max<std::uint64_t>(runs_[first].count, 1) * 4; ++i)
      like.push_back(runs_[i]);
    if (like.size() >= kRunsBeforeMerge) chosen = like;
  }
  if (chosen.empty() && expired.empty()) return {};
  RunFacts merged{0, 0, 0};
  if (!chosen.empty()) {
    // The merged run takes the number of its newest part, with a new file: numbers tell the age.
    std::vector<std::unique_ptr<KeyRun>> parts;
    for (const RunFacts& run : chosen) {
      TRY(auto part, KeyRun::open(env_.disk, folder_ + "/" + run_name(run.number)));
      parts.push_back(std::move(part));
    }
    merged.number = next_run_;
    const bool newest = chosen.back().number == runs_.back().number;
    if (!newest) return {};  // wait until the small runs at the end are the ones to merge
    TRY(auto writer, merge_runs(env_.disk, folder_ + "/" + run_name(merged.number), parts, now_seconds));
    TRY_VOID(env_.disk.sync_folder(folder_));
    merged.count = writer.count();
    merged.expires = writer.expires();
  }
  TRY(auto transaction, Transaction::begin(*database_));
  std::vector<RunFacts> gone = expired;
  for (const RunFacts& run : chosen)
    if (run.expires > now_seconds) gone.push_back(run);
  for (const RunFacts& run : gone) TRY_VOID(statements_->remove_run.bind(1, run.number).run());
  if (merged.count > 0)
    TRY_VOID(statements_->add_run.bind(1, merged.number).bind(2, merged.count).bind(3, merged.expires).run());
  const std::uint64_t next = merged.number != 0 ? merged.number + 1 : next_run_;
  TRY_VOID(statements_->save_keys_position.bind(1, keys_applied_.at).bind(2, keys_applied_.groups).bind(3, next).run());
  TRY_VOID(transaction.commit());
  next_run_ = next;
  for (const RunFacts& run : gone) {
    std::erase_if(runs_, [&](const RunFacts& one) { return one.number == run.number; });
    doomed_.push_back(folder_ + "/" + run_name(run.number));
  }
  if (merged.count > 0) runs_.push_back(merged);
  if (merged.number != 0 && merged.count == 0) doomed_.push_back(folder_ + "/" + run_name(merged.number));
  return {};
}

Result<void> State::replay_keys(JournalPosition end, KeyTable& into) {
  JournalPosition at = keys_applied_;
  if (at.at == 0) {
    TRY(const auto range, files_.range());
    at.at = make_location(range.first, kSegmentHeaderSize);
  }
  while (at.groups < end.groups) {
    TRY(const Record record, files_.next(at));
    TRY(auto reader, MetaReader::open(record.meta, record.header));
    Entry entry;
    for (;;) {
      TRY(const bool more, reader.next(entry));
      if (!more) break;
      if (const auto* response = std::get_if<ResponseEntry>(&entry)) {
        KeyFacts facts{response->key, content_of(response->kind), response->message, response->expires, 0, 0, 0};
        if (response->piece < reader.pieces().size()) {
          const Piece& piece = reader.pieces()[response->piece];
          facts.acknowledgement = record.at + reader.piece_offset(response->piece);
          facts.acknowledgement_size = piece.size;
          facts.acknowledgement_crc = piece.crc;
        }
        into.insert(facts);
        continue;
      }
      if (const auto* file = std::get_if<FileEntry>(&entry)) {
        into.insert(KeyFacts{file->place, content_of(*file), file->message, file->expires, 0, 0, 0});
        if (file->piece >= reader.pieces().size()) continue;
        const Piece& piece = reader.pieces()[file->piece];
        into.insert(KeyFacts{file->answer,
                             {},
                             file->message,
                             file->answer_expires,
                             record.at + reader.piece_offset(file->piece),
                             piece.size,
                             piece.crc});
        continue;
      }
      const auto* message = std::get_if<MessageEntry>(&entry);
      if (message == nullptr) continue;
      for (const FlowEntry& flow : message->flows) {
        if (!flow.claimed) continue;
        KeyFacts facts{flow.key, flow.content, message->id, flow.expires, 0, 0, 0};
        if (message->acknowledgement < reader.pieces().size()) {
          const Piece& piece = reader.pieces()[message->acknowledgement];
          facts.acknowledgement = record.at + reader.piece_offset(message->acknowledgement);
          facts.acknowledgement_size = piece.size;
          facts.acknowledgement_crc = piece.crc;
        }
        into.insert(facts);
      }
    }
  }
  return {};
}

// ---- upkeep -----------------------------------------------------------------------------------------------------------------

Result<void> State::checkpoint(bool always) {
  if (!always && database_->wal_frames() < kWalFrames && doomed_.size() < 2 * kRunsBeforeMerge) return {};
  env::crash_point(env::CrashPoint::in_checkpoint);
  TRY_VOID(database_->checkpoint());
  for (const std::string& path : std::exchange(doomed_, {})) {
    TRY(const bool there, env_.disk.exists(path));
    if (there) TRY_VOID(env_.disk.remove(path));
  }
  return {};
}

// Where a start begins to read: the keys that are in no run yet may lie further back than the state.
std::uint32_t State::first_needed_segment() const { return std::min(segment_of(applied_.at), segment_of(keys_applied_.at)); }

Result<std::uint64_t> State::drop_segments(std::int64_t before_micros) {
  struct Unused {
    std::uint64_t segment, first_message, last_message;
  };
  std::vector<Unused> unused;
  const std::uint32_t needed = first_needed_segment();
  {
    TRY(auto statement, database_->prepare(sql::kUnusedSegments));
    statement.bind(1, before_micros).bind(2, needed);
    for (;;) {
      TRY(const bool row, statement.step());
      if (!row) break;
      unused.push_back({statement.number(0), statement.number(1), statement.number(2)});
    }
  }
  if (unused.empty()) return 0;
  TRY(auto transaction, Transaction::begin(*database_));
  TRY(auto remove_segment, database_->prepare(sql::kRemoveSegment));
  TRY(auto remove_messages, database_->prepare(sql::kRemoveMessages));
  TRY(auto remove_letters, database_->prepare(sql::kRemoveLetters));
  TRY(auto remove_requests, database_->prepare(sql::kRemoveRequests));
  for (const Unused& segment : unused) {
    TRY_VOID(remove_segment.bind(1, segment.segment).run());
    for (sqlite::Statement* const remove : {&remove_messages, &remove_letters, &remove_requests})
      TRY_VOID(remove->bind(1, segment.first_message).bind(2, segment.last_message).run());
    doomed_.push_back(files_.path_of(static_cast<std::uint32_t>(segment.segment)));
    files_.forget(static_cast<std::uint32_t>(segment.segment));
  }
  TRY_VOID(transaction.commit());
  TRY_VOID(checkpoint(true));
  return unused.size();
}

Result<SharedBytes> State::read_body(const BodyPlace& place) { return files_.body(place); }

}  // namespace smarthl7::store
