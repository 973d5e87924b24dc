// SPDX-License-Identifier: Apache-2.0
// Files of the operating system behind env::Disk: pread, pwritev, fdatasync, flock.
// Ownership: a File may outlive its Disk (they share the counters). Threads: a File by one thread at a time, the Disk by any.
// Failure: Result with the path and the system's text. A failed fdatasync is reported once; the file refuses every later sync,
// because the kernel may have dropped the pages that it could not write.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/env/disk.h"

namespace smarthl7::env {

struct DiskCounters {
  std::atomic<std::uint64_t> syncs{0};
  std::atomic<std::uint64_t> bytes_written{0};
};

class RealDisk final : public Disk {
 public:
  RealDisk();
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<std::unique_ptr<DiskLock>> lock(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& folder) override;
  [[nodiscard]] std::uint64_t syncs() const override { return counters_->syncs.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t bytes_written() const override {
    return counters_->bytes_written.load(std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<DiskCounters> counters_;
};

}  // namespace smarthl7::env
