// SPDX-License-Identifier: Apache-2.0
// The journal: segment files that are only appended to, one record and one sync per group.
// JournalFiles reads (one per thread, it keeps open handles); JournalWriter appends (the writer's).
// Failure: ErrorCode::corrupt names file and offset. A write that failed can be taken back by cut(); a failed sync is final.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "runtime/store/format.h"

namespace smarthl7::store {

struct JournalPosition {     // between two records
  Location at = 0;           // where the next record starts, or the end of a segment
  std::uint64_t groups = 0;  // groups before it
  friend bool operator==(const JournalPosition&, const JournalPosition&) = default;
};

struct Record {
  Location at = 0;
  RecordHeader header;
  std::string meta;
};

class JournalFiles {
 public:
  JournalFiles(env::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  [[nodiscard]] std::string path_of(std::uint32_t segment) const { return folder_ + "/" + segment_name(segment); }
  Result<SegmentHeader> header(std::uint32_t segment);
  /// The record at `at`; its meta is checked, its bodies are not. not_found: there is no valid record.
  Result<Record> record(Location at);
  /// Compares all bodies with their checksums.
  Result<bool> bodies_match(const Record& record);
  Result<SharedBytes> body(const BodyPlace& place);
  /// The record after `position` (crossing into the next segment at a segment's end) and the position after it. It must be
  /// there.
  Result<Record> next(JournalPosition& position);
  void forget(std::uint32_t segment) { open_.erase(segment); }
  Result<std::uint64_t> size(std::uint32_t segment);
  /// First and last segment of the folder; {0, 0} without any. A gap is corrupt.
  Result<std::pair<std::uint32_t, std::uint32_t>> range();

 private:
  struct Open {
    std::unique_ptr<env::File> file;
    SegmentHeader header;
    std::uint64_t used = 0;
  };
  Result<Open*> get(std::uint32_t segment);
  Result<std::string> bytes(Location at, std::size_t size, std::uint32_t crc);
  [[nodiscard]] std::unexpected<Error> damaged_body(Location at) const;

  env::Disk& disk_;
  std::string folder_;
  std::map<std::uint32_t, Open> open_;
  std::uint64_t uses_ = 0;
};

struct Recovered {
  JournalPosition end;
  std::uint64_t cut_bytes = 0;  // of a torn tail ...
  std::string cut_file;         // ... of this file
  MessageId next_message = 1;   // only grows: from `start_message` on
};

/// Checks every record after `from`, cuts off a torn tail, and calls `each` for the valid ones. A bad record with a valid one
/// of a later group behind it is not a torn tail but damage.
Result<Recovered> recover_journal(env::Disk& disk, const std::string& folder, JournalPosition from, MessageId next_message);

class JournalWriter {
 public:
  JournalWriter(env::Env& environment, std::string folder, std::uint64_t segment_bytes)
      : env_(environment), folder_(std::move(folder)), segment_bytes_(segment_bytes) {}

  /// Goes on at `end`; starts segment 1 if there is none.
  Result<void> open(JournalPosition end);
  /// Makes sure that the current segment takes the next record; a new one is made durable before it is used.
  Result<void> roll_if_needed(std::int64_t now_micros);
  /// Where the next record starts.
  [[nodiscard]] Location at() const { return make_location(segment_, offset_); }
  [[nodiscard]] std::uint32_t seed() const { return seed_; }
  [[nodiscard]] std::uint64_t groups() const { return groups_; }
  [[nodiscard]] JournalPosition end() const { return {at(), groups_}; }

  Result<void> write(std::span<const std::string_view> pieces);
  env::Task<Result<void>> sync();
  /// The record written last is durable: the next one starts behind it.
  void advance(std::uint64_t size);
  /// Takes back what write() may have left behind the end, for good: it must not come back with a loss of power once another
  /// segment follows.
  env::Task<Result<void>> cut();

 private:
  Result<void> start_segment(std::uint32_t number, std::int64_t now_micros);

  env::Env env_;
  std::string folder_;
  std::uint64_t segment_bytes_;
  std::unique_ptr<env::File> file_;
  std::uint32_t segment_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t groups_ = 0;
  std::uint32_t seed_ = 0;
  std::int64_t day_ = 0;
};

}  // namespace smarthl7::store
