// SPDX-License-Identifier: Apache-2.0
// Files as the store sees them. All of a store's durable bytes go through this interface (its journal and segments directly,
// SQLite through a VFS on top), so the simulation can drop unsynced writes, tear records, fill up or fail.
// Threads: a File is used by one thread at a time; Disk by any. Failure: Result; a failed sync is final for that file, nobody
// retries it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/env/task.h"
#include "stdlib/base/result.h"

namespace smarthl7::env {

class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// Reads up to into.size() bytes; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) = 0;
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  /// write_at of several pieces in one system call.
  virtual Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) = 0;
  /// Content (and the size needed to read it) is on the medium when this returns. The only call that takes time in the
  /// simulation.
  virtual Task<Result<void>> sync() = 0;
  /// The same for callers that cannot wait as a coroutine (the SQLite VFS).
  virtual Result<void> sync_now() = 0;
  virtual Result<std::uint64_t> size() = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  /// Reserves space so that later syncs need no allocation; best effort.
  virtual void preallocate(std::uint64_t size) = 0;
};

enum class OpenMode {
  read,        // must exist
  read_write,  // must exist
  create,      // read and write; made if it is not there
  create_new,  // read and write; must not exist
};

class DiskLock {  // an exclusive hold on a folder, until destroyed
 public:
  virtual ~DiskLock() = default;
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Names (not paths) of the files in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<void> make_folder(const std::string& path) = 0;  // and its parents; mode 0700
  virtual Result<void> remove(const std::string& path) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Makes created, renamed and removed names of a folder durable.
  virtual Result<void> sync_folder(const std::string& path) = 0;
  virtual Result<std::unique_ptr<DiskLock>> lock(
      const std::string& path) = 0;  // ErrorCode::exists when another process holds it
  virtual Result<std::uint64_t> free_bytes(const std::string& folder) = 0;
  /// How many syncs of files were done, of all kinds: what a benchmark divides by messages.
  [[nodiscard]] virtual std::uint64_t syncs() const = 0;
  /// Bytes handed to write_at, of all files.
  [[nodiscard]] virtual std::uint64_t bytes_written() const = 0;
};

}  // namespace smarthl7::env
