// SPDX-License-Identifier: Apache-2.0
// Load for benchmarks: a stop-and-wait MLLP sender over N connections and a sink that acknowledges, each one epoll thread of
// its own. They share no code with the hub. Messages are about 2.5 KB with a new control id each. Threads: call from one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace smarthl7::bench {

class AckSink {  // acknowledges every frame with AA
 public:
  AckSink();
  ~AckSink();
  [[nodiscard]] unsigned short port() const;
  [[nodiscard]] std::uint64_t count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct LoadResult {
  double seconds = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;  // answered otherwise
  double p50_ms = 0;
  double p99_ms = 0;
  [[nodiscard]] double rate() const { return static_cast<double>(acknowledged) / seconds; }
};

struct LoadOptions {
  unsigned short port = 0;
  unsigned connections = 1;
  double seconds = 0;          // stop after so long, or
  std::uint64_t messages = 0;  // after so many
  std::string prefix = "B";    // of control ids; a run of its own needs one of its own
};

/// Sends until the end of the time or count; every message that was begun is waited for.
[[nodiscard]] LoadResult run_load(const LoadOptions& options);

}  // namespace smarthl7::bench
