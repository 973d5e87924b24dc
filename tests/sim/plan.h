// SPDX-License-Identifier: Apache-2.0
// The plan that the simulated histories run: one source, one flow with dedup, a FIFO destination and one that is ordered by
// patient over several lanes. Value functions; no failure.
#pragma once

#include <memory>

#include "compiler/plan/plan.h"

namespace smarthl7::sim {

struct PlanOptions {
  std::uint64_t ack_within_micros = 1'000'000;
  std::uint64_t first_pause_micros = 50'000;
  std::uint64_t most_pause_micros = 2'000'000;
  std::uint32_t keyed_connections = 3;
  bool enhanced = false;                    // both destinations wait for the application's acknowledgement
  std::uint64_t respond_within_micros = 0;  // not 0: senders get the answer of kFifoName
  std::uint32_t batch_messages = 0;         // not 0: a copy of each message is collected for kBatchName, so many at most ...
  std::uint64_t batch_micros = 300'000;     // ... and no longer
};

inline constexpr const char* kSourceAddress = "hub:2575";
inline constexpr const char* kFifoName = "mercy";
inline constexpr const char* kKeyedName = "archive";
inline constexpr const char* kBatchName = "registry";

/// Sources: "lab". Destinations: kFifoName (fifo), kKeyedName (by PID-3.1 and PID-4.1), and kBatchName (fifo) if
/// there are batches.
[[nodiscard]] plan::Plan make_plan(const PlanOptions& options);

}  // namespace smarthl7::sim
