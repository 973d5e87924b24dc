// SPDX-License-Identifier: Apache-2.0
// The seeded numbers of a simulated history (SplitMix64): same seed, same history. Not for secrets.
// Value type; one thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace smarthl7::sim {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// 0 .. end-1
  std::uint64_t below(std::uint64_t end) { return end < 2 ? 0 : next() % end; }
  /// first .. last
  std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
  bool chance(unsigned per_mille) { return below(1000) < per_mille; }
  std::chrono::nanoseconds micros(std::uint64_t first, std::uint64_t last) {
    return std::chrono::microseconds(static_cast<std::int64_t>(between(first, last)));
  }
  /// A generator of its own, so that one part drawing more does not shift another part's numbers.
  Rng split() { return Rng(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace smarthl7::sim
