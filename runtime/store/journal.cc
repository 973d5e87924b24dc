// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/store/delta.h"

namespace smarthl7::store {

namespace {

constexpr std::size_t kOpenSegments = 8;
constexpr std::int64_t kDayMicros = 86'400'000'000LL;
constexpr std::string_view kPrefix = "journal-";

std::uint32_t number_of(std::string_view name) {
  std::uint32_t number = 0;
  if (!name.starts_with(kPrefix)) return 0;
  name.remove_prefix(kPrefix.size());
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size() ? number : 0;
}

}  // namespace

Result<JournalFiles::Open*> JournalFiles::get(std::uint32_t segment) {
  if (const auto found = open_.find(segment); found != open_.end()) {
    found->second.used = ++uses_;
    return &found->second;
  }
  if (open_.size() >= kOpenSegments) {
    auto oldest = open_.begin();
    for (auto at = open_.begin(); at != open_.end(); ++at)
      if (at->second.used < oldest->second.used) oldest = at;
    open_.erase(oldest);
  }
  TRY(auto file, disk_.open(path_of(segment), env::OpenMode::read));
  std::string bytes(kSegmentHeaderSize, '\0');
  TRY(const std::size_t got, file->read_at(0, bytes));
  TRY(const SegmentHeader header, decode_segment_header(std::string_view(bytes).substr(0, got), path_of(segment)));
  if (header.number != segment)
    return fail(ErrorCode::corrupt, path_of(segment) + ": offset 0: this is another segment's file");
  Open& open = open_[segment];
  open.file = std::move(file);
  open.header = header;
  open.used = ++uses_;
  return &open;
}

Result<SegmentHeader> JournalFiles::header(std::uint32_t segment) {
  TRY(Open* const open, get(segment));
  return open->header;
}

Result<std::uint64_t> JournalFiles::size(std::uint32_t segment) {
  TRY(Open* const open, get(segment));
  return open->file->size();
}

Result<Record> JournalFiles::record(Location at) {
  TRY(Open* const open, get(segment_of(at)));
  const std::uint64_t offset = offset_of(at);
  Record record;
  record.at = at;
  std::array<char, kRecordHeaderSize> head{};
  TRY(const std::size_t got, open->file->read_at(offset, head));
  TRY(record.header, decode_record_header(std::string_view(head.data(), got), open->header.seed()));
  if (record.header.meta_size > kMaxMetaSize) return fail(ErrorCode::not_found, "there is no record");
  record.meta.resize(record.header.meta_size);
  TRY(const std::size_t meta, open->file->read_at(offset + kRecordHeaderSize + record.header.body_size, record.meta));
  if (meta != record.meta.size() || crc32c(record.meta, open->header.seed()) != record.header.meta_crc)
    return fail(ErrorCode::not_found, "there is no whole record");
  return record;
}

Result<bool> JournalFiles::bodies_match(const Record& record) {
  TRY(Open* const open, get(segment_of(record.at)));
  auto reader = MetaReader::open(record.meta, record.header);
  if (!reader) return false;
  std::string body;
  for (std::uint32_t i = 0; i < reader->pieces().size(); ++i) {
    const Piece& piece = reader->pieces()[i];
    body.resize(piece.size);
    TRY(const std::size_t got, open->file->read_at(offset_of(record.at) + reader->piece_offset(i), body));
    if (got != body.size() || crc32c(body, open->header.seed()) != piece.crc) return false;
  }
  return true;
}

Result<std::string> JournalFiles::bytes(Location at, std::size_t size, std::uint32_t crc) {
  TRY(Open* const open, get(segment_of(at)));
  std::string bytes(size, '\0');
  TRY(const std::size_t got, open->file->read_at(offset_of(at), bytes));
  if (got != bytes.size() || crc32c(bytes, open->header.seed()) != crc) return damaged_body(at);
  return bytes;
}

std::unexpected<Error> JournalFiles::damaged_body(Location at) const {
  return fail(ErrorCode::corrupt,
              fmt::format("{}: offset {}: a stored message is damaged", path_of(segment_of(at)), offset_of(at)));
}

Result<SharedBytes> JournalFiles::body(const BodyPlace& place) {
  if (!is_difference(place.at)) {
    TRY(std::string whole, bytes(place.at, place.size, place.crc));
    return SharedBytes(std::move(whole));
  }
  TRY(Open* const open, get(segment_of(place.at)));
  std::array<char, kDifferenceHeaderSize> head{};
  TRY(const std::size_t got, open->file->read_at(offset_of(place.at), head));
  const DifferenceHeader header = decode_difference_header({head.data(), got});
  if (header.size < kDifferenceHeaderSize || header.size > place.size || header.distance > offset_of(place.at))
    return damaged_body(place.at);
  TRY(const std::string difference, bytes(place.at, header.size, place.crc));
  const Location base = make_location(segment_of(place.at), offset_of(place.at) - header.distance);
  TRY(const std::string received, bytes(base, header.base_size, header.base_crc));
  auto whole = apply_delta(received, std::string_view(difference).substr(kDifferenceHeaderSize), place.size);
  if (!whole) return damaged_body(place.at);
  return SharedBytes(std::move(*whole));
}

Result<Record> JournalFiles::next(JournalPosition& position) {
  TRY(const std::uint64_t end, size(segment_of(position.at)));
  if (offset_of(position.at) >= end) position.at = make_location(segment_of(position.at) + 1, kSegmentHeaderSize);
  auto record = this->record(position.at);
  if (!record || record->header.group != position.groups + 1) {
    if (!record && record.error().code != ErrorCode::not_found) return record;
    return fail(ErrorCode::corrupt, fmt::format("{}: offset {}: a committed record is damaged",
                                                path_of(segment_of(position.at)), offset_of(position.at)));
  }
  position.at = make_location(segment_of(position.at), offset_of(position.at) + record->header.size());
  ++position.groups;
  return record;
}

Result<std::pair<std::uint32_t, std::uint32_t>> JournalFiles::range() {
  TRY(const auto names, disk_.list(folder_));
  std::pair<std::uint32_t, std::uint32_t> range{0, 0};
  for (const std::string& name : names) {
    const std::uint32_t number = number_of(name);
    if (number == 0) continue;
    if (range.first == 0) range.first = number;
    range.second = number;
  }
  return range;
}

// ---- recovery ---------------------------------------------------------------------------------------------------------------

namespace {

class Recovery {
 public:
  Recovery(env::Disk& disk, const std::string& folder, JournalPosition from, MessageId next_message)
      : disk_(disk), folder_(folder), files_(disk, folder), at_(from) {
    result_.next_message = next_message;
  }

  Result<Recovered> run() {
    TRY(const auto range, files_.range());
    if (range.first == 0) {
      if (at_.groups != 0) return fail(ErrorCode::corrupt, folder_ + ": the journal is missing");
      result_.end = at_;
      return result_;
    }
    if (at_.at == 0) at_.at = make_location(range.first, kSegmentHeaderSize);
    last_ = range.second;
    TRY_VOID(drop_unborn_segment(range.first));
    if (last_ == 0) {
      result_.end.groups = at_.groups;
      return result_;
    }
    for (;;) {
      TRY(const bool more, step());
      if (!more) break;
    }
    result_.end = at_;
    return result_;
  }

 private:
  std::uint32_t segment() const { return segment_of(at_.at); }

  // A last segment whose header never reached the disk holds nothing that was committed.
  Result<void> drop_unborn_segment(std::uint32_t first) {
    if (segment() > last_ || (segment() == last_ && offset_of(at_.at) != kSegmentHeaderSize)) return {};
    const auto header = files_.header(last_);
    if (header || header.error().code != ErrorCode::corrupt) return {};
    const std::string path = files_.path_of(last_);
    TRY(auto file, disk_.open(path, env::OpenMode::read));
    TRY(const std::uint64_t size, file->size());
    if (size > kSegmentHeaderSize) return {};
    file.reset();
    TRY_VOID(disk_.remove(path));
    TRY_VOID(disk_.sync_folder(folder_));
    result_.cut_bytes += size;
    result_.cut_file = path;
    const bool began_there = segment() == last_;
    last_ = last_ == first ? 0 : last_ - 1;
    if (began_there && last_ != 0) {
      TRY(const std::uint64_t before, files_.size(last_));
      at_.at = make_location(last_, before);
    }
    return {};
  }

  // One record further; false at the end of the journal.
  Result<bool> step() {
    TRY_VOID(readable(segment()));
    TRY(const std::uint64_t size, files_.size(segment()));
    if (offset_of(at_.at) > size) return damaged("the segment is shorter than what was committed");
    TRY(const bool ended, next_segment_goes_on());
    if (ended) {
      if (offset_of(at_.at) < size) TRY_VOID(truncate(size));
      at_.at = make_location(segment() + 1, kSegmentHeaderSize);
      return true;
    }
    if (offset_of(at_.at) == size) {
      if (segment() != last_) return damaged("records that were committed are missing");
      return false;
    }
    auto record = files_.record(at_.at);
    bool valid = record.has_value() && record->header.group == at_.groups + 1;
    if (!record && record.error().code != ErrorCode::not_found) return std::unexpected(record.error());
    if (valid) {
      TRY(valid, files_.bodies_match(*record));
    }
    if (!valid) return cut_tail(size);
    result_.next_message = std::max(result_.next_message, record->header.first_message + record->header.messages);
    at_.at = make_location(segment(), offset_of(at_.at) + record->header.size());
    ++at_.groups;
    return true;
  }

  Result<void> readable(std::uint32_t number) {
    auto header = files_.header(number);
    if (header) return {};
    if (header.error().code == ErrorCode::not_found)
      return fail(ErrorCode::corrupt, files_.path_of(number) + ": the segment is missing", header.error());
    return std::unexpected(header.error());
  }

  // The next segment says which group it begins with. Where that is the one after all so far, this segment ends here: what lies
  // behind was refused for want of space, and power was lost before its cut (which nothing waits for) reached the disk. It may
  // even be a whole record, under the number that was then given to another.
  Result<bool> next_segment_goes_on() {
    if (segment() == last_) return false;
    TRY_VOID(readable(segment() + 1));
    TRY(const SegmentHeader next, files_.header(segment() + 1));
    return next.first_group == at_.groups + 1;
  }

  Result<bool> cut_tail(std::uint64_t size) {
    TRY(const bool later, later_record(size));
    if (later || segment() != last_) return damaged("a committed record is damaged");
    TRY_VOID(truncate(size));
    return false;
  }

  Result<void> truncate(std::uint64_t size) {
    result_.cut_bytes += size - offset_of(at_.at);
    result_.cut_file = files_.path_of(segment());
    TRY(auto file, disk_.open(files_.path_of(segment()), env::OpenMode::read_write));
    TRY_VOID(file->truncate(offset_of(at_.at)));
    TRY_VOID(file->sync_now());
    files_.forget(segment());
    return {};
  }

  // Is there a valid record of a later group behind the bad one, in this segment?
  Result<bool> later_record(std::uint64_t size) {
    TRY(const SegmentHeader header, files_.header(segment()));
    TRY(auto file, disk_.open(files_.path_of(segment()), env::OpenMode::read));
    constexpr std::size_t kStep = 1 << 20;
    std::string window(kStep + kRecordHeaderSize, '\0');
    const std::string magic("G1R7", 4);
    for (std::uint64_t from = offset_of(at_.at) + 1; from + kRecordHeaderSize <= size; from += kStep) {
      TRY(const std::size_t got, file->read_at(from, window));
      const std::string_view seen(window.data(), got);
      for (std::size_t hit = seen.find(magic); hit != std::string_view::npos && hit < kStep; hit = seen.find(magic, hit + 1)) {
        const auto found = decode_record_header(seen.substr(hit), header.seed());
        if (!found || found->group <= at_.groups + 1) continue;
        const auto whole = files_.record(make_location(segment(), from + hit));
        if (whole) return true;
      }
    }
    return false;
  }

  std::unexpected<Error> damaged(const char* what) {
    return fail(ErrorCode::corrupt, fmt::format("{}: offset {}: {}", files_.path_of(segment()), offset_of(at_.at), what));
  }

  env::Disk& disk_;
  const std::string& folder_;
  JournalFiles files_;
  JournalPosition at_;
  std::uint32_t last_ = 0;
  Recovered result_;
};

}  // namespace

Result<Recovered> recover_journal(env::Disk& disk, const std::string& folder, JournalPosition from, MessageId next_message) {
  return Recovery(disk, folder, from, next_message).run();
}

// ---- appending --------------------------------------------------------------------------------------------------------------

Result<void> JournalWriter::open(JournalPosition end) {
  groups_ = end.groups;
  if (end.at == 0) return start_segment(1, env_.clock.wall().time_since_epoch().count());
  segment_ = segment_of(end.at);
  offset_ = offset_of(end.at);
  JournalFiles files(env_.disk, folder_);
  TRY(const SegmentHeader header, files.header(segment_));
  seed_ = header.seed();
  day_ = header.created_at / kDayMicros;
  TRY(file_, env_.disk.open(folder_ + "/" + segment_name(segment_), env::OpenMode::read_write));
  // The last records may be in the system's cache only: written by a process that was killed before its sync. They count as
  // committed from here on, so they become durable before anything follows from them.
  return file_->sync_now();
}

Result<void> JournalWriter::start_segment(std::uint32_t number, std::int64_t now_micros) {
  SegmentHeader header;
  header.number = number;
  header.created_at = now_micros;
  header.first_group = groups_ + 1;
  for (std::size_t i = 0; i < header.salt.size(); i += 8) {
    const std::uint64_t word = env_.random.next();
    std::memcpy(header.salt.data() + i, &word, 8);
  }
  const std::string bytes = encode(header);
  TRY(auto file, env_.disk.open(folder_ + "/" + segment_name(number), env::OpenMode::create_new));
  // Space is taken ahead only where there is plenty: on a nearly full disk what is left is for outcomes and state.
  if (const auto free = env_.disk.free_bytes(folder_); free && *free >= 4 * segment_bytes_) file->preallocate(segment_bytes_);
  TRY_VOID(file->write_at(0, std::string_view(bytes)));
  TRY_VOID(file->sync_now());
  TRY_VOID(env_.disk.sync_folder(folder_));
  file_ = std::move(file);
  segment_ = number;
  offset_ = bytes.size();
  seed_ = header.seed();
  day_ = now_micros / kDayMicros;
  return {};
}

Result<void> JournalWriter::roll_if_needed(std::int64_t now_micros) {
  const bool empty = offset_ == kSegmentHeaderSize;
  if (empty || (offset_ < segment_bytes_ && now_micros / kDayMicros == day_)) return {};
  const std::uint64_t used = offset_;
  auto file = std::move(file_);
  auto started = start_segment(segment_ + 1, now_micros);
  if (!started) {
    file_ = std::move(file);
    static_cast<void>(env_.disk.remove(folder_ + "/" + segment_name(segment_ + 1)));
    return started;
  }
  return file->truncate(used);  // gives back what was reserved and not used
}

Result<void> JournalWriter::write(std::span<const std::string_view> pieces) { return file_->write_at(offset_, pieces); }

env::Task<Result<void>> JournalWriter::sync() { return file_->sync(); }

void JournalWriter::advance(std::uint64_t size) {
  offset_ += size;
  ++groups_;
}

env::Task<Result<void>> JournalWriter::cut() {
  auto cut = file_->truncate(offset_);
  if (!cut) co_return cut;
  auto synced = co_await file_->sync();
  co_return synced;
}

}  // namespace smarthl7::store
