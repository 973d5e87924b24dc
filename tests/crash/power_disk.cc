// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/power_disk.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "tests/crash/unsynced.h"

namespace smarthl7::testing {

namespace {

struct NameChange {
  enum class Kind { created, removed, renamed };
  Kind kind;
  std::string path;  // created, removed; the new name of what was renamed
  std::string from;  // its old name
  std::string kept;  // in limbo: what was removed, or what the new name stood for
};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

struct PowerDisk::State {
  std::unique_ptr<env::Disk> real;
  std::string limbo;
  PowerFaults faults;
  std::mutex mutex;
  std::mt19937_64 random;
  std::map<std::string, std::shared_ptr<Unsynced>> files;  // by the name that they have now
  std::vector<std::shared_ptr<Unsynced>> nameless;         // removed, and open somewhere
  std::vector<NameChange> changes;                         // of names, since the folder's sync
  std::uint64_t steps = 0;
  std::uint64_t syncs = 0;  // of files
  std::uint64_t kept = 0;

  /// One change more; the lights may go out with it. Under the lock.
  void step() {
    if (++steps == faults.cut_at) lose_power();
  }
  void undo(const NameChange& change);
  [[noreturn]] void lose_power();
  std::string keep(const std::string& path) {
    std::string name = limbo + "/" + std::to_string(++kept);
    return real->rename(path, name) ? name : std::string();
  }
  std::chrono::microseconds sync_time() {
    return std::chrono::microseconds(1 + random() % std::max<std::uint64_t>(faults.most_sync_micros, 1));
  }
};

void PowerDisk::State::undo(const NameChange& change) {
  switch (change.kind) {
    case NameChange::Kind::created: static_cast<void>(real->remove(change.path)); break;
    case NameChange::Kind::removed: static_cast<void>(real->rename(change.kept, change.path)); break;
    case NameChange::Kind::renamed:
      static_cast<void>(real->rename(change.path, change.from));
      if (!change.kept.empty()) static_cast<void>(real->rename(change.kept, change.path));
      break;
  }
}

void PowerDisk::State::lose_power() {
  Losses losses;
  for (const auto& [path, file] : files) file->lose(random, losses);
  for (const auto& file : nameless) file->lose(random, losses);
  const std::size_t made_it = changes.empty() ? 0 : random() % (changes.size() + 1);
  for (std::size_t i = changes.size(); i > made_it; --i) undo(changes[i - 1]);
  losses.names = changes.size() - made_it;
  for (const auto& [path, file] : files)
    if (path.ends_with("-shm")) static_cast<void>(real->remove(path));
  std::fprintf(
      stderr,
      "power lost: step %llu, unsynced sectors %llu, back %llu, torn %llu, foreign %llu, shrunk files %llu, names %llu\n",
      static_cast<unsigned long long>(steps), static_cast<unsigned long long>(losses.dirty),
      static_cast<unsigned long long>(losses.reverted), static_cast<unsigned long long>(losses.torn),
      static_cast<unsigned long long>(losses.foreign), static_cast<unsigned long long>(losses.shrunk),
      static_cast<unsigned long long>(losses.names));
  std::fflush(stderr);
  ::_exit(137);
}

/// A file through which the disk sees every change. Shares the Unsynced with other handles of the same file.
class PowerFile final : public env::File {
 public:
  PowerFile(std::unique_ptr<env::File> real, std::shared_ptr<PowerDisk::State> disk, std::shared_ptr<Unsynced> unsynced)
      : real_(std::move(real)), disk_(std::move(disk)), unsynced_(std::move(unsynced)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override { return real_->read_at(offset, into); }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    return write_at(offset, std::span<const std::string_view>(&bytes, 1));
  }

  Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    std::uint64_t size = 0;
    for (const std::string_view piece : pieces) size += piece.size();
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(unsynced_->note(offset, size));
    TRY_VOID(real_->write_at(offset, pieces));
    unsynced_->grown(offset + size);
    disk_->step();
    return {};
  }

  env::Task<Result<void>> sync() override { co_return sync_now(); }

  Result<void> sync_now() override {
    std::chrono::microseconds takes{};
    {
      const std::lock_guard lock(disk_->mutex);
      disk_->step();
      if (failed_) return fail(ErrorCode::stopped, "an earlier sync failed");
      const std::uint64_t number = ++disk_->syncs;
      if (number == disk_->faults.fail_sync_at) {
        failed_ = true;
        Losses losses;
        unsynced_->lose(disk_->random, losses);
        std::fprintf(stderr, "sync failed\n");
        return fail(ErrorCode::io, "the medium reported an error while syncing");
      }
      if (disk_->faults.syncs) unsynced_->sync_begins();
      takes = disk_->sync_time();
      if (number == disk_->faults.slow_sync_at) {
        std::fprintf(stderr, "sync is slow\n");
        takes = std::chrono::seconds(5);
      }
    }
    std::this_thread::sleep_for(takes);  // the lights may go out while the medium writes
    const std::lock_guard lock(disk_->mutex);
    if (disk_->faults.syncs) unsynced_->sync_ends();
    return {};
  }

  Result<std::uint64_t> size() override { return real_->size(); }

  Result<void> truncate(std::uint64_t size) override {
    const std::lock_guard lock(disk_->mutex);
    const std::uint64_t before = unsynced_->size();
    if (size < before) TRY_VOID(unsynced_->note(size, before - size));
    TRY_VOID(real_->truncate(size));
    unsynced_->cut_to(size);
    disk_->step();
    return {};
  }

  void preallocate(std::uint64_t size) override { real_->preallocate(size); }

 private:
  std::unique_ptr<env::File> real_;
  std::shared_ptr<PowerDisk::State> disk_;
  std::shared_ptr<Unsynced> unsynced_;
  bool failed_ = false;
};

PowerDisk::PowerDisk(std::unique_ptr<env::Disk> real, std::string limbo, PowerFaults faults)
    : state_(std::make_shared<State>()) {
  state_->real = std::move(real);
  state_->limbo = std::move(limbo);
  state_->faults = faults;
  state_->random.seed(faults.seed);
}

PowerDisk::~PowerDisk() = default;

void PowerDisk::cut() {
  state_->mutex.lock();
  state_->lose_power();
}

Result<std::unique_ptr<env::File>> PowerDisk::open(const std::string& path, env::OpenMode mode) {
  const std::lock_guard lock(state_->mutex);
  TRY(const bool there, state_->real->exists(path));
  TRY(auto real, state_->real->open(path, mode));
  if (!there) {
    state_->changes.push_back({NameChange::Kind::created, path, "", ""});
    state_->step();
  }
  auto& known = state_->files[path];
  if (!known) {
    TRY(auto raw, state_->real->open(path, env::OpenMode::read_write));
    TRY(known, Unsynced::of(std::move(raw)));
  }
  return std::unique_ptr<env::File>(std::make_unique<PowerFile>(std::move(real), state_, known));
}

Result<bool> PowerDisk::exists(const std::string& path) { return state_->real->exists(path); }
Result<std::vector<std::string>> PowerDisk::list(const std::string& folder) { return state_->real->list(folder); }
Result<void> PowerDisk::make_folder(const std::string& path) { return state_->real->make_folder(path); }

Result<void> PowerDisk::remove(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  TRY(const bool there, state_->real->exists(path));
  if (!there) return state_->real->remove(path);
  state_->changes.push_back({NameChange::Kind::removed, path, "", state_->keep(path)});
  if (const auto known = state_->files.find(path); known != state_->files.end()) {
    state_->nameless.push_back(known->second);
    state_->files.erase(known);
  }
  state_->step();
  return {};
}

Result<void> PowerDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(state_->mutex);
  TRY(const bool over, state_->real->exists(to));
  NameChange change{NameChange::Kind::renamed, to, from, over ? state_->keep(to) : std::string()};
  TRY_VOID(state_->real->rename(from, to));
  if (const auto old = state_->files.find(to); old != state_->files.end()) state_->nameless.push_back(old->second);
  if (const auto known = state_->files.find(from); known != state_->files.end()) {
    state_->files[to] = known->second;
    state_->files.erase(from);
  }
  state_->changes.push_back(std::move(change));
  state_->step();
  return {};
}

Result<void> PowerDisk::sync_folder(const std::string& path) {
  std::size_t covered = 0;
  std::chrono::microseconds takes{};
  {
    const std::lock_guard lock(state_->mutex);
    state_->step();
    covered = state_->changes.size();
    takes = state_->sync_time();
  }
  std::this_thread::sleep_for(takes);
  const std::lock_guard lock(state_->mutex);
  if (!state_->faults.syncs) return {};
  std::vector<NameChange> left;
  for (std::size_t i = 0; i < state_->changes.size(); ++i) {
    NameChange& change = state_->changes[i];
    if (i >= covered || folder_of(change.path) != path) {
      left.push_back(std::move(change));
    } else if (!change.kept.empty()) {
      static_cast<void>(state_->real->remove(change.kept));
    }
  }
  state_->changes = std::move(left);
  return {};
}

Result<std::unique_ptr<env::DiskLock>> PowerDisk::lock(const std::string& path) { return state_->real->lock(path); }
Result<std::uint64_t> PowerDisk::free_bytes(const std::string& folder) { return state_->real->free_bytes(folder); }
std::uint64_t PowerDisk::syncs() const { return state_->real->syncs(); }
std::uint64_t PowerDisk::bytes_written() const { return state_->real->bytes_written(); }

}  // namespace smarthl7::testing
