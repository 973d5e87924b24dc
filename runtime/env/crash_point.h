// SPDX-License-Identifier: Apache-2.0
// Named places at which a test can end the process as by SIGKILL. The list is here and nowhere else; a test visits all.
// Armed by the environment variable SMARTHL7_CRASH_AT=NAME[:N] (the N-th visit, 1 if absent) when arm_crash_points() runs at
// start; the simulation arms its own handler. Unarmed, a visit costs one relaxed load. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string_view>

#include "stdlib/base/result.h"

namespace smarthl7::env {

enum class CrashPoint : unsigned char {
  in_receive,                  // a frame is complete, nothing is stored
  before_commit,               // the group is gathered, nothing is written
  in_commit,                   // written, not synced
  between_commit_and_ack,      // synced, no acknowledgement sent
  between_send_and_answer,     // sent to a destination, no answer read
  between_answer_and_outcome,  // answered, the outcome is not durable
  before_batch,                // the members of a batch are gathered, nothing of it is committed
  after_batch,                 // the batch is durable, its collector has not moved on
  in_checkpoint,               // the state is being brought up to date with the journal
};

[[nodiscard]] std::span<const std::string_view> crash_point_names();  // in the order of the enum

/// From SMARTHL7_CRASH_AT; an unknown name is an Error.
Result<void> arm_crash_points_from_environment();
/// The simulation's handler (empty: disarm).
void arm_crash_points(std::function<void(CrashPoint)> handler);

namespace detail {
extern std::atomic<bool> crash_points_armed;
void visit(CrashPoint point);
}  // namespace detail

inline void crash_point(CrashPoint point) {
  if (detail::crash_points_armed.load(std::memory_order_relaxed)) [[unlikely]]
    detail::visit(point);
}

}  // namespace smarthl7::env
