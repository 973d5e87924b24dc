// SPDX-License-Identifier: Apache-2.0
// What a simulated world does to the hub, by kind, and how often it did: the figures that a run of histories reports. A kind is
// counted where it happens, not where it is planned. Value type; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smarthl7::sim {

enum class Injected : std::uint8_t {
  // the network
  delayed,    // a piece of bytes that took its time
  split,      // a write that arrived in pieces
  overtaken,  // bytes that arrived before older ones of another connection
  cut,        // a write of which a part arrived, then a reset of both ends
  refused,    // a connect
  // the partners' mistakes
  late_answer,
  no_answer,
  wrong_answer,  // for another message
  cut_answer,    // with half of the control id
  garbage_answer,
  half_answer,  // half a frame, then closed
  twice_answered,
  hung_up,  // taken and closed
  refused_for_now,
  refused_for_good,
  answered_elsewhere,  // over a connection of its own
  receiver_away,
  half_message,  // a sender that closes in the middle of a frame
  nested_frame,  // a start block inside a frame
  noise,         // bytes outside of frames
  impatient,     // a sender that closes without waiting for the answer
  copy,          // an acknowledged message once more
  late_copy,     // ... after others
  conflict,      // other bytes under the same control id
  // the process and its machine
  killed_between_steps,
  killed_at_point,
  killed_at_operation,  // of disk or network, inside a step
  power_lost,
  lost_write,  // not synced, gone
  torn_write,  // not synced, a part of it there
  failed_sync,
  slow_sync,
  low_disk,   // free space under the reserve
  full_disk,  // writes fail
  clock_jump,
  stopped,  // drained and started again
  plan_replaced,
  plan_refused,     // it lacked a destination with messages queued
  lane_resumed,     // by a person
  replayed,         // a dead letter, by a person
  replay_refused,   // since later messages went before it
  replay_repeated,  // a request that had no answer before the hub ended
};
inline constexpr std::size_t kInjectedKinds = static_cast<std::size_t>(Injected::replay_repeated) + 1;

[[nodiscard]] std::string_view name_of(Injected kind);

class InjectedCounts {
 public:
  void add(Injected kind, std::uint64_t times = 1) { counts_[static_cast<std::size_t>(kind)] += times; }
  [[nodiscard]] std::uint64_t of(Injected kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  void add(const InjectedCounts& other) {
    for (std::size_t i = 0; i < kInjectedKinds; ++i) counts_[i] += other.counts_[i];
  }

 private:
  std::array<std::uint64_t, kInjectedKinds> counts_{};
};

}  // namespace smarthl7::sim
