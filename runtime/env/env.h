// SPDX-License-Identifier: Apache-2.0
// What the engine may know of the outside world, one bundle per executor. `real/` gives it from the operating system,
// runtime/sim from a seed. Nothing in flow, store or transport reads a clock, makes randomness or opens a socket otherwise.
#pragma once

#include <cstdint>

#include "runtime/env/disk.h"
#include "runtime/env/executor.h"
#include "runtime/env/stream.h"
#include "stdlib/base/time.h"

namespace smarthl7::env {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall-clock time; may jump. Any thread.
  [[nodiscard]] virtual WallTime wall() const = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  /// 64 random bits; unpredictable from outside in the real one. One thread.
  virtual std::uint64_t next() = 0;
};

/// Borrowed; the owner (app or simulation) outlives all that holds an Env.
struct Env {
  Executor& executor;
  Network& network;
  Disk& disk;
  Clock& clock;
  Random& random;
};

}  // namespace smarthl7::env
