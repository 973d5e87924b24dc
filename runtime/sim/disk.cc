// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/disk.h"

#include <algorithm>
#include <cstring>

#include "runtime/env/signal.h"

namespace smarthl7::sim {

namespace {

constexpr std::size_t kSector = 512;

void apply_write(std::string& content, const Inode::Write& write) {
  if (write.truncate) {
    content.resize(write.offset);
    return;
  }
  if (content.size() < write.offset + write.bytes.size()) content.resize(write.offset + write.bytes.size());
  std::memcpy(content.data() + write.offset, write.bytes.data(), write.bytes.size());
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

/// A part of a write that was on its way to the medium: a first part of it, or any of its sectors.
void apply_torn(std::string& content, const Inode::Write& write, Rng& rng) {
  if (rng.chance(400)) {
    Inode::Write part = write;
    std::size_t cut = rng.below(write.bytes.size());
    if (rng.chance(700)) cut -= std::min<std::size_t>(cut, (write.offset + cut) % kSector);
    part.bytes.resize(cut);
    apply_write(content, part);
    return;
  }
  for (std::size_t at = 0; at < write.bytes.size();) {
    const std::size_t size = std::min<std::size_t>(kSector - (write.offset + at) % kSector, write.bytes.size() - at);
    if (rng.chance(500)) apply_write(content, {write.offset + at, write.bytes.substr(at, size), false});
    at += size;
  }
}

std::shared_ptr<Inode> survivor(const Inode& inode, CrashKind kind, World& world) {
  auto next = std::make_shared<Inode>();
  if (kind == CrashKind::kill) {  // the cache of the system lives on
    *next = inode;
    return next;
  }
  Rng& rng = world.rng();
  next->durable = inode.durable;
  const auto fate = rng.below(3);  // 0: all lost, 1: each for itself, 2: all made it
  for (const auto& write : inode.pending) {
    const auto one = fate == 1 ? rng.below(3) : fate;
    if (one == 0) {
      world.injected().add(Injected::lost_write);
    } else if (one == 1 && !write.truncate && write.bytes.size() > 1) {
      world.injected().add(Injected::torn_write);
      apply_torn(next->durable, write, rng);
    } else {
      apply_write(next->durable, write);
    }
  }
  next->content = next->durable;
  return next;
}

}  // namespace

Image Image::after_crash(CrashKind kind, World& world) const {
  Image next;
  next.folders = folders;
  std::map<const Inode*, std::shared_ptr<Inode>> made;
  const auto carry = [&](const std::map<std::string, std::shared_ptr<Inode>>& from,
                         std::map<std::string, std::shared_ptr<Inode>>& to) {
    for (const auto& [path, inode] : from) {
      auto& copy = made[inode.get()];
      if (!copy) copy = survivor(*inode, kind, world);
      to.emplace(path, copy);
    }
  };
  const bool names_made_it = kind == CrashKind::kill || world.rng().chance(500);
  carry(names_made_it ? names : durable_names, next.names);
  if (kind == CrashKind::kill) {
    carry(durable_names, next.durable_names);
  } else {
    next.durable_names = next.names;
  }
  return next;
}

class SimFile final : public env::File {
 public:
  SimFile(SimDisk& disk, std::shared_ptr<Inode> inode, bool writable)
      : disk_(disk), inode_(std::move(inode)), writable_(writable) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    const std::string& content = inode_->content;
    if (offset >= content.size()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(into.size(), content.size() - offset);
    std::memcpy(into.data(), content.data() + offset, size);
    return size;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    if (!writable_) return fail(ErrorCode::refused, "the file is open for reading only");
    return write({offset, std::string(bytes), false});
  }

  Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    if (!writable_) return fail(ErrorCode::refused, "the file is open for reading only");
    std::string whole;
    for (const auto piece : pieces) whole += piece;
    return write({offset, std::move(whole), false});
  }

  env::Task<Result<void>> sync() override {
    ++disk_.syncs_;
    const std::uint64_t number = disk_.syncs_;
    const std::size_t covered = inode_->pending.size();
    disk_.operation();
    const bool slow = disk_.rng_.chance(disk_.faults.slow_sync_per_mille);
    if (slow) disk_.world_.injected().add(Injected::slow_sync);
    const auto takes = slow ? std::chrono::nanoseconds(std::chrono::seconds(5))
                            : disk_.rng_.micros(disk_.faults.least_sync_micros, disk_.faults.most_sync_micros);
    co_await env::sleep_until(disk_.world_.now() + takes);
    if (fails(number)) co_return fail(ErrorCode::io, "the medium reported an error while syncing");
    make_durable(covered);
    co_return Result<void>{};
  }

  Result<void> sync_now() override {
    ++disk_.syncs_;
    disk_.operation();
    if (fails(disk_.syncs_)) return fail(ErrorCode::io, "the medium reported an error while syncing");
    make_durable(inode_->pending.size());
    return {};
  }

  Result<std::uint64_t> size() override { return inode_->content.size(); }

  Result<void> truncate(std::uint64_t size) override {
    if (!writable_) return fail(ErrorCode::refused, "the file is open for reading only");
    return write({size, {}, true});
  }

  void preallocate(std::uint64_t /*size*/) override {}

 private:
  Result<void> write(Inode::Write write) {
    disk_.operation();
    const bool longer = !write.truncate && write.offset + write.bytes.size() > inode_->content.size();
    const bool full = longer && disk_.faults.full;
    if (full) {
      disk_.world_.injected().add(Injected::full_disk);
      write.bytes.resize(disk_.rng_.chance(500) ? disk_.rng_.below(write.bytes.size()) : 0);
    }
    if (write.truncate || !write.bytes.empty()) {
      apply_write(inode_->content, write);
      disk_.bytes_written_ += write.bytes.size();
      inode_->pending.push_back(std::move(write));
    }
    if (full) return fail(ErrorCode::full, "no space left on the device");
    return {};
  }

  bool fails(std::uint64_t number) {
    if (number != disk_.faults.fail_sync_at && disk_.failed_at_ == kNever) return false;
    if (disk_.failed_at_ == kNever) {
      disk_.failed_at_ = disk_.world_.now();
      disk_.world_.injected().add(Injected::failed_sync);
    }
    return true;
  }

  void make_durable(std::size_t covered) {
    covered = std::min(covered, inode_->pending.size());
    for (std::size_t i = 0; i < covered; ++i) apply_write(inode_->durable, inode_->pending[i]);
    inode_->pending.erase(inode_->pending.begin(), inode_->pending.begin() + static_cast<std::ptrdiff_t>(covered));
    for (const auto& [path, inode] : disk_.image_.names)
      if (inode == inode_) disk_.image_.durable_names[path] = inode;
  }

  SimDisk& disk_;
  std::shared_ptr<Inode> inode_;
  bool writable_;
};

class SimLock final : public env::DiskLock {
 public:
  SimLock(SimDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  ~SimLock() override { disk_.locks_.erase(path_); }

 private:
  SimDisk& disk_;
  std::string path_;
};

Result<std::unique_ptr<env::File>> SimDisk::open(const std::string& path, env::OpenMode mode) {
  const auto found = image_.names.find(path);
  const bool must_exist = mode == env::OpenMode::read || mode == env::OpenMode::read_write;
  if (found == image_.names.end() && must_exist) return fail(ErrorCode::not_found, path + " does not exist");
  if (found != image_.names.end() && mode == env::OpenMode::create_new) return fail(ErrorCode::exists, path + " exists");
  if (found == image_.names.end()) operation();
  auto& inode = image_.names[path];
  if (!inode) inode = std::make_shared<Inode>();
  return std::unique_ptr<env::File>(std::make_unique<SimFile>(*this, inode, mode != env::OpenMode::read));
}

Result<bool> SimDisk::exists(const std::string& path) { return image_.names.contains(path) || image_.folders.contains(path); }

Result<std::vector<std::string>> SimDisk::list(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& [path, inode] : image_.names)
    if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
  return names;
}

Result<void> SimDisk::make_folder(const std::string& path) {
  image_.folders.insert(path);
  return {};
}

Result<void> SimDisk::remove(const std::string& path) {
  operation();
  if (image_.names.erase(path) == 0) return fail(ErrorCode::not_found, path + " does not exist");
  return {};
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to) {
  operation();
  const auto found = image_.names.find(from);
  if (found == image_.names.end()) return fail(ErrorCode::not_found, from + " does not exist");
  auto inode = found->second;
  image_.names.erase(found);
  image_.names[to] = std::move(inode);
  return {};
}

Result<void> SimDisk::sync_folder(const std::string& path) {
  ++syncs_;
  operation();
  std::erase_if(image_.durable_names, [&](const auto& name) { return folder_of(name.first) == path; });
  for (const auto& [name, inode] : image_.names)
    if (folder_of(name) == path) image_.durable_names[name] = inode;
  return {};
}

Result<std::unique_ptr<env::DiskLock>> SimDisk::lock(const std::string& path) {
  if (!locks_.insert(path).second) return fail(ErrorCode::exists, path + " is locked by another process");
  return std::unique_ptr<env::DiskLock>(std::make_unique<SimLock>(*this, path));
}

}  // namespace smarthl7::sim
