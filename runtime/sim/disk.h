// SPDX-License-Identifier: Apache-2.0
// Simulated files. An Image is what is on the medium and in the cache of the system; a SimDisk is one process's view of it.
// crash() gives the Image that the next process finds: after a kill all that was written, after a loss of power what was synced
// plus a seeded part of the rest: of each write all, nothing, a first part, or some of its sectors. A file's sync makes its own
// name durable too (as ext4 and XFS do); renames and removals are durable after sync_folder. Ownership: an Image is shared by
// the files of one life. Threads: the world's. Failure: failing syncs as DiskFaults say.
#pragma once

#include <map>
#include <set>

#include "runtime/sim/world.h"

namespace smarthl7::sim {

struct DiskFaults {
  std::uint64_t least_sync_micros = 100;
  std::uint64_t most_sync_micros = 900;
  unsigned slow_sync_per_mille = 0;         // takes five seconds
  std::uint64_t fail_sync_at = 0;           // the n-th sync of this life fails (0: none)
  std::uint64_t free_bytes = 64ULL << 30U;  // what free_bytes() says
  bool full = false;                        // writes that make a file longer fail, some after a part of them
};

struct Inode {
  struct Write {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncate = false;  // to `offset`
  };
  std::string content;         // as a reader sees it now
  std::string durable;         // as it is on the medium
  std::vector<Write> pending;  // in content, not on the medium
};

struct Image {
  std::map<std::string, std::shared_ptr<Inode>> names;
  std::map<std::string, std::shared_ptr<Inode>> durable_names;
  std::set<std::string> folders;

  /// What the next process finds.
  [[nodiscard]] Image after_crash(CrashKind kind, World& world) const;
};

class SimDisk final : public env::Disk {
 public:
  SimDisk(World& world, Image image, std::shared_ptr<Host> host, DiskFaults given)
      : faults(given), world_(world), image_(std::move(image)), host_(std::move(host)), rng_(world.rng().split()) {}

  Result<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<std::unique_ptr<env::DiskLock>> lock(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& /*folder*/) override { return faults.free_bytes; }
  [[nodiscard]] std::uint64_t syncs() const override { return syncs_; }
  [[nodiscard]] std::uint64_t bytes_written() const override { return bytes_written_; }

  [[nodiscard]] const Image& image() const { return image_; }
  /// When a sync failed in this life; kNever: none did.
  [[nodiscard]] SteadyTime failed_at() const { return failed_at_; }

  DiskFaults faults;

 private:
  friend class SimFile;
  friend class SimLock;
  void operation() const {
    if (host_) host_->operation();
  }
  World& world_;
  Image image_;
  std::shared_ptr<Host> host_;
  Rng rng_;
  std::set<std::string> locks_;
  std::uint64_t syncs_ = 0;
  std::uint64_t bytes_written_ = 0;
  SteadyTime failed_at_ = kNever;
};

}  // namespace smarthl7::sim
