// SPDX-License-Identifier: Apache-2.0
// How far files were taken: a mark per place, kept like a dedup key and committed with the message that it speaks of, so that
// neither can be there without the other.
#include <cstring>

#include "runtime/store/writer.h"

namespace smarthl7::store {

namespace {

/// A file that stays half-taken, or cannot be moved away, for longer than this is taken again.
constexpr std::chrono::seconds kRemembered = std::chrono::hours(24 * 400);

std::int64_t seconds_after(std::int64_t micros, std::chrono::seconds length) { return micros / 1'000'000 + length.count(); }

}  // namespace

env::Task<Result<FileMark>> Store::file_mark(Hash128 /*place*/) {
  co_return fail(ErrorCode::invalid, "this store keeps no ledger of files");
}

env::Task<Result<SharedBytes>> Store::file_answer(FileMark /*mark*/) {
  co_return fail(ErrorCode::invalid, "this store keeps no ledger of files");
}

env::Task<Result<void>> Store::record(AuditRecord /*record*/) {
  co_return fail(ErrorCode::invalid, "this store keeps no records");
}

Hash128 Writer::answer_key(const FileMark& mark) const {
  char bytes[32];
  std::memcpy(bytes, &mark.place.high, 8);
  std::memcpy(bytes + 8, &mark.place.low, 8);
  std::memcpy(bytes + 16, &mark.version, 8);
  std::memcpy(bytes + 24, &mark.number, 8);
  return keyed_hash(manifest_.hash_key, {bytes, sizeof bytes});
}

void Writer::add_file(Group& group, AcceptRequest& request) {
  if (!request.result) {  // a later one of this group must not pass it
    interrupt_file(request);
    return;
  }
  const FileMark& mark = *request.message.file;
  FileEntry entry;
  entry.message = request.result->id;
  entry.place = hashed(mark.place);
  entry.version = mark.version;
  entry.number = mark.number;
  entry.last = mark.last;
  entry.expires = seconds_after(group.at, kRemembered);
  const SharedBytes& answer = request.result->acknowledgement;
  if (mark.keep_answer && !answer.empty()) {
    entry.piece = request.acknowledgement;
    if (entry.piece == kNoPiece) {  // of a copy: the first one's
      group.held.push_back(answer);
      entry.piece = group.record.add_piece(answer.view());
    }
    entry.answer = answer_key(mark);
    entry.answer_expires = seconds_after(group.at, std::chrono::duration_cast<std::chrono::seconds>(options_.body_retention));
    const Piece& piece = group.record.piece(entry.piece);
    const KeyFacts facts{entry.answer, {},       entry.message, entry.answer_expires, group.record.place(entry.piece),
                         piece.size,   piece.crc};
    group.keys[facts.key.low].push_back({facts, answer});
  }
  group.record.add(entry);
  const KeyFacts facts{entry.place, content_of(entry), entry.message, entry.expires, 0, 0, 0};
  std::vector<GroupKey>& keys = group.keys[facts.key.low];  // one mark a group, however many messages of the file it has
  for (GroupKey& key : keys) {
    if (key.facts.key != facts.key) continue;
    key.facts = facts;
    return;
  }
  keys.push_back({facts, {}});
}

void Writer::add_forgotten(Group& group) {
  group.forgotten = std::exchange(forgotten_, {});
  for (const Hash128& place : group.forgotten) {
    FileEntry entry;
    entry.message = next_message_;  // no message's: a key needs one that is not 0
    entry.place = hashed(place);
    entry.expires = seconds_after(group.at, kRemembered);
    group.record.add(entry);
    group.keys[entry.place.low].push_back({KeyFacts{entry.place, {}, entry.message, entry.expires, 0, 0, 0}, {}});
  }
}

void Writer::interrupt_file(const AcceptRequest& request) { interrupted_.insert(request.message.file->place); }

bool Writer::is_interrupted(const AcceptRequest& request) const {
  return request.message.file && interrupted_.contains(request.message.file->place);
}

env::Task<Result<FileMark>> Writer::file_mark(Hash128 place) {
  if (refusing_.load(std::memory_order_acquire)) co_return fail(ErrorCode::stopped, "the store has stopped");
  env::Completion<Result<FileMark>> done;
  command([this, place, &done] {
    if (failure_) return done.complete(fail(ErrorCode::stopped, "the store has stopped"));
    interrupted_.erase(place);
    Group none(GroupRecord(0, 0));
    auto claim = look_up(none, hashed(place), {}, env_.clock.wall().time_since_epoch().count() / 1'000'000);
    if (!claim) return done.complete(std::unexpected(claim.error()));
    FileMark mark;
    mark.place = place;
    mark.version = claim->first.content.high;
    mark.number = claim->first.content.low >> 1U;
    mark.last = (claim->first.content.low & 1U) != 0;
    done.complete(mark);
  });
  auto result = co_await done;
  co_return result;
}

env::Task<Result<SharedBytes>> Writer::file_answer(FileMark mark) {
  if (refusing_.load(std::memory_order_acquire)) co_return fail(ErrorCode::stopped, "the store has stopped");
  env::Completion<Result<SharedBytes>> done;
  command([this, mark, &done] {
    Group none(GroupRecord(0, 0));
    auto claim = look_up(none, answer_key(mark), {}, env_.clock.wall().time_since_epoch().count() / 1'000'000);
    if (!claim) return done.complete(std::unexpected(claim.error()));
    const KeyFacts& facts = claim->first;
    if (facts.acknowledgement_size == 0) return done.complete(SharedBytes());
    auto bytes = files_.body({facts.acknowledgement, facts.acknowledgement_size, facts.acknowledgement_crc});
    if (!bytes && bytes.error().code == ErrorCode::not_found) bytes = SharedBytes();  // its segment is no longer kept
    done.complete(std::move(bytes));
  });
  auto result = co_await done;
  co_return result;
}

void Writer::forget_file(Hash128 place) {
  if (refusing_.load(std::memory_order_acquire)) return;
  command([this, place] {
    forgotten_.push_back(place);
    if (outcomes_due_ == kNever) outcomes_due_ = env_.executor.now() + options_.outcome_delay;
  });
}

}  // namespace smarthl7::store
