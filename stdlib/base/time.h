// SPDX-License-Identifier: Apache-2.0
// The two notions of time. WallTime is what stands in a trace (UTC, microseconds); SteadyTime is what
// deadlines are measured with and never jumps. Nothing here reads a clock: clocks are given (runtime/env).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace smarthl7 {

using Micros = std::chrono::microseconds;
using WallTime = std::chrono::sys_time<Micros>;

struct SteadyClock {  // a clock type without now(): the time comes from an Executor
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SteadyClock>;
  static constexpr bool is_steady = true;
};
using SteadyTime = SteadyClock::time_point;
inline constexpr SteadyTime kNever = SteadyTime::max();

/// "2026-11-23T05:26:12.123456Z"
[[nodiscard]] std::string to_iso8601(WallTime time);
/// HL7 time stamp with seconds and offset +0000: "20261123052612+0000" (HL7 2.5.1 ch. 2A.77 TS).
[[nodiscard]] std::string to_hl7_timestamp(WallTime time);

}  // namespace smarthl7
