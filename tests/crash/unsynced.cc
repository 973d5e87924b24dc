// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/unsynced.h"

#include <algorithm>

namespace smarthl7::testing {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::size_t kVersions = 4;  // of a sector that is written again and again, the oldest and the latest ones

std::string whole(std::string bytes) {
  bytes.resize(kSector, '\0');
  return bytes;
}

}  // namespace

Result<std::shared_ptr<Unsynced>> Unsynced::of(std::unique_ptr<env::File> raw) {
  std::shared_ptr<Unsynced> made(new Unsynced(std::move(raw)));
  TRY(made->size_, made->raw_->size());
  made->durable_size_ = made->size_;
  return made;
}

Result<std::string> Unsynced::now(std::uint64_t sector) {
  if (sector * kSector >= size_) return std::string();
  std::string bytes(kSector, '\0');
  TRY(const std::size_t got, raw_->read_at(sector * kSector, bytes));
  bytes.resize(got);
  return bytes;
}

Result<void> Unsynced::note(std::uint64_t offset, std::uint64_t size) {
  if (size == 0) return {};
  for (std::uint64_t sector = offset / kSector; sector <= (offset + size - 1) / kSector; ++sector) {
    Versions& versions = dirty_[sector];
    TRY(auto bytes, now(sector));
    if (versions.size() == kVersions) versions.erase(versions.begin() + 1);
    versions.push_back(std::move(bytes));
  }
  return {};
}

void Unsynced::sync_begins() {
  if (syncing_.empty()) {
    syncing_.swap(dirty_);
  } else {  // two at once on one file: the older versions stay possible
    for (auto& [sector, versions] : dirty_) {
      Versions& all = syncing_[sector];
      all.insert(all.end(), std::make_move_iterator(versions.begin()), std::make_move_iterator(versions.end()));
    }
    dirty_.clear();
  }
  syncing_size_ = size_;
}

void Unsynced::sync_ends() {
  syncing_.clear();
  durable_size_ = syncing_size_;
}

void Unsynced::lose(std::mt19937_64& random, Losses& losses) {
  Sectors all = std::move(syncing_);
  for (auto& [sector, versions] : dirty_) {
    Versions& known = all[sector];
    known.insert(known.end(), std::make_move_iterator(versions.begin()), std::make_move_iterator(versions.end()));
  }
  losses.dirty += all.size();
  const auto fate = random() % 4;  // 0: all of it is lost; 3: all of it made it; else each sector for itself
  if (fate == 3) return;
  std::uint64_t size = size_;
  if (fate == 0) {
    size = durable_size_;
  } else if (random() % 2 == 0) {
    const auto [least, most] = std::minmax(durable_size_, size_);
    size = least + random() % (most - least + 1);
  }
  if (size < size_) ++losses.shrunk;
  for (auto& [sector, versions] : all) {
    const std::uint64_t at = sector * kSector;
    if (at >= size) continue;
    auto current = now(sector);
    if (!current) continue;
    std::string next = whole(*current);
    const auto pick = fate == 0 ? 0 : random() % (versions.size() + 2);
    if (pick < versions.size()) {
      const bool never_written = versions[pick].empty();
      next = whole(versions[pick]);
      ++losses.reverted;
      if (never_written && random() % 8 == 0) {
        for (char& byte : next) byte = static_cast<char>(random());
        ++losses.foreign;
      }
    } else if (pick == versions.size()) {
      const std::string old = whole(versions.back());
      const auto middle = random() % kSector;
      const bool front_is_old = random() % 2 == 0;
      const auto from = front_is_old ? 0 : middle;
      const auto count = front_is_old ? middle : kSector - middle;
      next.replace(from, count, old, from, count);
      ++losses.torn;
    }
    next.resize(std::min(kSector, size - at));
    static_cast<void>(raw_->write_at(at, std::string_view(next)));
  }
  static_cast<void>(raw_->truncate(size));
}

}  // namespace smarthl7::testing
