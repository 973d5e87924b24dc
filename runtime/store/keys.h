// SPDX-License-Identifier: Apache-2.0
// Dedup keys: a table in memory for the newest, sorted files ("runs") for the rest, each behind a small in-memory filter, so a
// new key costs no read. A run is written once, is dropped when its last key has expired, and small runs are merged.
// Ownership: KeyRun owns its open file. Threads: each object by one. Failure: corrupt names the file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/store/format.h"

namespace smarthl7::store {

struct KeyFacts {  // what the first one with this key left
  Hash128 key;
  Hash128 content;
  MessageId message = 0;
  std::int64_t expires = 0;  // seconds since 1970
  Location acknowledgement = 0;
  std::uint32_t acknowledgement_size = 0;
  std::uint32_t acknowledgement_crc = 0;
};
static_assert(sizeof(KeyFacts) == 64);
/// Responses and marks of files are kept as keys too; `content` is how the delivery ended, and how far the file was taken.
[[nodiscard]] constexpr Hash128 content_of(const FileEntry& file) {
  return {file.version, (file.number << 1U) | (file.last ? 1U : 0U)};
}
[[nodiscard]] constexpr Hash128 content_of(OutcomeKind kind) { return {0, static_cast<std::uint64_t>(kind)}; }

/// Open addressing; a later insert of the same key replaces.
class KeyTable {
 public:
  void insert(const KeyFacts& facts);
  [[nodiscard]] const KeyFacts* find(const Hash128& key) const;
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear();
  /// All of them, sorted by key.
  [[nodiscard]] std::vector<KeyFacts> sorted() const;

 private:
  void grow();
  std::vector<KeyFacts> slots_;  // message 0: empty
  std::size_t size_ = 0;
};

/// A Bloom filter of 64-byte blocks, about 12 bits a key: a key that is not there passes in under 1 % of cases.
class KeyFilter {
 public:
  explicit KeyFilter(std::size_t keys);
  explicit KeyFilter(std::vector<std::uint64_t> words) : words_(std::move(words)) {}
  void insert(const Hash128& key);
  [[nodiscard]] bool may_contain(const Hash128& key) const;
  [[nodiscard]] const std::vector<std::uint64_t>& words() const { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

/// Writes a run: keys in ascending order, then finish() makes it durable.
class KeyRunWriter {
 public:
  static Result<KeyRunWriter> create(env::Disk& disk, const std::string& path, std::size_t expected);
  Result<void> add(const KeyFacts& facts);
  Result<void> finish();
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::int64_t expires() const { return expires_; }

 private:
  KeyRunWriter(std::unique_ptr<env::File> file, std::size_t expected) : file_(std::move(file)), filter_(expected) {}
  Result<void> flush();
  std::unique_ptr<env::File> file_;
  KeyFilter filter_;
  std::string buffer_;
  std::vector<std::uint64_t> index_;
  std::uint64_t offset_ = 0;
  std::uint64_t count_ = 0;
  std::int64_t expires_ = 0;
};

class KeyRun {
 public:
  static Result<std::unique_ptr<KeyRun>> open(env::Disk& disk, const std::string& path);
  Result<std::optional<KeyFacts>> find(const Hash128& key);
  /// Entries first .. first+out.size()-1 (fewer at the end), in order.
  Result<void> read(std::uint64_t first, std::vector<KeyFacts>& out, std::size_t count);
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  explicit KeyRun(std::unique_ptr<env::File> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)), filter_(0) {}
  std::unique_ptr<env::File> file_;
  std::string path_;
  KeyFilter filter_;
  std::vector<std::uint64_t> index_;  // high half of each block's first key
  std::uint64_t count_ = 0;
};

/// Writes what lives in `runs` (oldest first; of two equal keys the newest stays) and has not expired at `now` to a new run.
Result<KeyRunWriter> merge_runs(env::Disk& disk, const std::string& path, std::vector<std::unique_ptr<KeyRun>>& runs,
                                std::int64_t now);

[[nodiscard]] std::string run_name(std::uint64_t number);  // "keys-0000000001"

}  // namespace smarthl7::store
