// SPDX-License-Identifier: Apache-2.0
// The store alone with the rows that the hub writes: body, dedup key, delivery, trace, outcome. Threads: call from one; starts
// its own.
#pragma once

#include <cstdint>
#include <string>

namespace smarthl7::bench {

struct StoreCeiling {
  double rate = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double syncs_per_message = 0;
};

/// `callers` accept one message after the other; each delivery gets its outcome at once. On a copy of the folder.
[[nodiscard]] StoreCeiling measure_store(const std::string& folder, unsigned callers, double seconds);
/// Makes a data folder that holds so many random dedup keys.
void preload_keys(const std::string& folder, std::uint64_t count);

}  // namespace smarthl7::bench
