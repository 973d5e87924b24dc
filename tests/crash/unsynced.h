// SPDX-License-Identifier: Apache-2.0
// What one file would lose with the power: the older versions of every sector written since the last sync, and its size then.
// Ownership: of the PowerDisk's state. Threads: its lock. Failure: as the real file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "runtime/env/disk.h"

namespace smarthl7::testing {

struct Losses {                // of one cut
  std::uint64_t dirty = 0;     // sectors that no sync had covered
  std::uint64_t reverted = 0;  // of these, back at an older version
  std::uint64_t torn = 0;      // half new, half old
  std::uint64_t foreign = 0;   // never written: bytes of somebody else
  std::uint64_t shrunk = 0;    // files that lost what they grew by, or a part of it
  std::uint64_t names = 0;     // creations, renames and removals taken back
};

class Unsynced {
 public:
  /// `raw` reads and writes; what is in it now counts as durable.
  static Result<std::shared_ptr<Unsynced>> of(std::unique_ptr<env::File> raw);

  /// Before bytes [offset, offset + size) change.
  Result<void> note(std::uint64_t offset, std::uint64_t size);
  void grown(std::uint64_t size) { size_ = std::max(size_, size); }
  void cut_to(std::uint64_t size) { size_ = size; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// A sync covers what was written before it began, once it is over.
  void sync_begins();
  void sync_ends();

  /// Undoes a random part on the real file.
  void lose(std::mt19937_64& random, Losses& losses);

 private:
  using Versions = std::vector<std::string>;  // of one sector, the oldest first; short at the end of the file
  using Sectors = std::map<std::uint64_t, Versions>;
  explicit Unsynced(std::unique_ptr<env::File> raw) : raw_(std::move(raw)) {}
  Result<std::string> now(std::uint64_t sector);

  std::unique_ptr<env::File> raw_;
  std::uint64_t size_ = 0;
  std::uint64_t durable_size_ = 0;
  std::uint64_t syncing_size_ = 0;
  Sectors dirty_;
  Sectors syncing_;  // of a sync that is under way
};

}  // namespace smarthl7::testing
