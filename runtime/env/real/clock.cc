// SPDX-License-Identifier: Apache-2.0
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "runtime/env/real/real.h"
#include "stdlib/base/assert.h"

namespace smarthl7::env {

namespace {

class RealClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override {
    return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  }
};

class RealRandom final : public Random {  // a buffer of the kernel's generator: 64 words a system call
 public:
  std::uint64_t next() override {
    if (left_ == 0) fill();
    const std::uint64_t word = buffer_[--left_];
    buffer_[left_] = 0;
    return word;
  }

 private:
  void fill() {
    auto* at = reinterpret_cast<char*>(buffer_.data());
    std::size_t missing = sizeof(buffer_);
    while (missing > 0) {
      const ssize_t got = ::getrandom(at, missing, 0);
      SMARTHL7_ASSERT(got > 0 || errno == EINTR, "the kernel's random generator is always there");
      if (got <= 0) continue;
      at += got;
      missing -= static_cast<std::size_t>(got);
    }
    left_ = buffer_.size();
  }

  std::array<std::uint64_t, 64> buffer_{};
  std::size_t left_ = 0;
};

}  // namespace

std::unique_ptr<Clock> make_real_clock() { return std::make_unique<RealClock>(); }
std::unique_ptr<Random> make_real_random() { return std::make_unique<RealRandom>(); }

}  // namespace smarthl7::env
