// SPDX-License-Identifier: Apache-2.0
// A log-linear histogram of durations: 16 steps per power of two from 1 µs on, so a quantile is right to about 6 %.
// Fixed size, no allocation. Value type; one thread (copies may travel). No failure.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace smarthl7::observe {

class Histogram {
 public:
  void add(std::chrono::nanoseconds value) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
    ++buckets_[bucket_of(micros < 0 ? 0 : static_cast<std::uint64_t>(micros))];
    ++count_;
  }
  void add(const Histogram& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
  }
  /// Takes away what an earlier copy of this one held.
  void subtract(const Histogram& earlier) {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] -= earlier.buckets_[i];
    count_ -= earlier.count_;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

  /// The value under which `share` (0..1) of all lie; 0 without values.
  [[nodiscard]] std::chrono::microseconds quantile(double share) const {
    if (count_ == 0) return {};
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_ - 1)) + 1;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      seen += buckets_[i];
      if (seen >= wanted) return std::chrono::microseconds(static_cast<std::int64_t>(upper_end(i)));
    }
    return std::chrono::microseconds(static_cast<std::int64_t>(upper_end(kBuckets - 1)));
  }

 private:
  static constexpr std::size_t kSteps = 16;
  static constexpr std::size_t kPowers = 40;  // up to 2^43 µs, a hundred days
  static constexpr std::size_t kBuckets = kSteps * (kPowers + 1);

  static std::size_t bucket_of(std::uint64_t micros) {
    if (micros < kSteps) return static_cast<std::size_t>(micros);
    const auto power = static_cast<std::size_t>(std::bit_width(micros)) - 5;  // 16..31 is 0
    if (power >= kPowers) return kBuckets - 1;
    return kSteps * (power + 1) + static_cast<std::size_t>((micros >> power) - kSteps);
  }
  static std::uint64_t upper_end(std::size_t bucket) {
    if (bucket < kSteps) return bucket;
    const std::size_t power = bucket / kSteps - 1;
    return ((static_cast<std::uint64_t>(bucket % kSteps) + kSteps + 1) << power) - 1;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace smarthl7::observe
