// SPDX-License-Identifier: Apache-2.0
// What every hub watches without a declaration: a partner that cannot be reached or does not answer, credentials that are
// rejected, lanes that a person must let go on, dead letters, messages sent twice, dedup keys with other bytes, tables
// whose new file cannot be used, a disk that gets full. Each is a name, what it is about, and a condition that is asked at
// every look. No failure; one thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/alert/observed.h"

namespace smarthl7::alert {

inline constexpr std::chrono::minutes kUnreachableFor{5};
/// A file that is refused while it is being written is no alert yet.
inline constexpr std::chrono::seconds kTableFor{10};
/// Free space under which the disk is nearly full: this many times the reserve at which the store takes nothing more.
inline constexpr std::uint64_t kReservesLeft = 4;

struct Point {
  std::string name;     // "unreachable"
  std::string subject;  // "mercy"
  std::chrono::microseconds lasting{0};
  /// The text if it holds, else empty.
  std::function<std::string(const Observed&)> look;
};

[[nodiscard]] std::vector<Point> points_of(const plan::Plan& plan, std::uint64_t reserve_bytes);

}  // namespace smarthl7::alert
