// SPDX-License-Identifier: Apache-2.0
// A disk that loses power: real files, with a note of everything that no sync has covered. cut() undoes a random part of that
// on the real files, as a machine would that went dark, and ends the process.
//   Content: of the sectors (512 bytes) written since the file's last sync each keeps its new bytes, falls back to an older
//   version, or tears in the middle; what the file grew by may be missing, zeros or foreign bytes. So pages and records tear.
//   Names: what was created, renamed or removed since sync_folder() is taken back from some point on. A file's own sync does
//   not make its name durable, though ext4 and XFS do: POSIX does not promise it.
// Nothing is really synced: the page cache outlives the process, and a cut costs no time on the medium.
// Ownership: Files share their disk's state. Threads: any; the cut stops all others at their next call. Failure: as the real
// disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/env/disk.h"

namespace smarthl7::testing {

struct PowerFaults {
  std::uint64_t seed = 1;
  bool syncs = true;         // false: sync() answers that all is well and covers nothing
  std::uint64_t cut_at = 0;  // with the n-th change (write, truncate, sync, name); 0: only when told
  std::uint64_t most_sync_micros = 1500;
  std::uint64_t fail_sync_at = 0;  // the n-th sync reports an error, and the medium kept a random part of what it was to cover
  std::uint64_t slow_sync_at = 0;  // the n-th sync takes five seconds
};

class PowerDisk final : public env::Disk {
 public:
  /// `limbo` keeps removed files until their removal is durable; on the same file system, and not in the data folder.
  PowerDisk(std::unique_ptr<env::Disk> real, std::string limbo, PowerFaults faults);
  ~PowerDisk() override;

  Result<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<std::unique_ptr<env::DiskLock>> lock(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) override;
  [[nodiscard]] std::uint64_t syncs() const override;
  [[nodiscard]] std::uint64_t bytes_written() const override;

  /// The lights go out. Prints what was lost in one line; exit code 137.
  [[noreturn]] void cut();

 private:
  struct State;
  friend class PowerFile;
  std::shared_ptr<State> state_;
};

}  // namespace smarthl7::testing
