// SPDX-License-Identifier: Apache-2.0
// SQLite's file layer on top of env::Disk, so that the simulation can stand in for the disk and syncs are counted in one place.
// There is no shared memory: connections use locking_mode=EXCLUSIVE, and the folder's lock keeps other processes away.
// Ownership: a Vfs outlives the connections opened through it. Threads: the files by one thread at a time.
// Failure: the last Error of the disk is kept, because SQLite's codes are too coarse to decide on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/env/env.h"

namespace smarthl7::store::sqlite {

class Vfs {
 public:
  Vfs(env::Disk& disk, const env::Clock& clock, std::uint64_t seed);
  Vfs(const Vfs&) = delete;
  Vfs& operator=(const Vfs&) = delete;
  ~Vfs();

  [[nodiscard]] const std::string& name() const;
  /// The Error behind the last failure that SQLite reported, once.
  [[nodiscard]] std::optional<Error> take_error();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace smarthl7::store::sqlite
