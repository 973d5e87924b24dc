// SPDX-License-Identifier: Apache-2.0
// The open episodes of alerts in the data folder, so that a restart within one says nothing twice. One small file, written anew
// and synced whenever an episode begins, is told of, or is over: a few times an hour at most.
// Ownership: borrows the disk. Threads: one. Failure: Result; a file that cannot be read counts as empty, and the caller is
// told (at worst somebody hears twice).
#pragma once

#include <string>
#include <vector>

#include "runtime/env/disk.h"
#include "stdlib/base/time.h"

namespace smarthl7::alert {

struct Episode {
  std::string alert;  // "slow_results", "unreachable of mercy"
  WallTime began{};
  bool over = false;
  bool told = false;  // those who are to hear of its beginning (or, if it is over, of its end) have
  std::string text;   // without patient data

  friend bool operator==(const Episode&, const Episode&) = default;
};

class Book {
 public:
  Book(env::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}
  [[nodiscard]] Result<std::vector<Episode>> read() const;
  Result<void> write(const std::vector<Episode>& episodes);

 private:
  [[nodiscard]] std::string path() const { return folder_ + "/alerts"; }

  env::Disk& disk_;
  std::string folder_;
};

}  // namespace smarthl7::alert
