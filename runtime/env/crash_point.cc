// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/crash_point.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace smarthl7::env {

namespace detail {
std::atomic<bool> crash_points_armed{false};
}

namespace {

constexpr std::array<std::string_view, 9> kNames = {
    "in_receive",
    "before_commit",
    "in_commit",
    "between_commit_and_ack",
    "between_send_and_answer",
    "between_answer_and_outcome",
    "before_batch",
    "after_batch",
    "in_checkpoint",
};
static_assert(static_cast<std::size_t>(CrashPoint::in_checkpoint) + 1 == kNames.size());

std::function<void(CrashPoint)>& handler() {
  static std::function<void(CrashPoint)> instance;
  return instance;
}

}  // namespace

std::span<const std::string_view> crash_point_names() { return kNames; }

void arm_crash_points(std::function<void(CrashPoint)> given) {
  handler() = std::move(given);
  detail::crash_points_armed.store(static_cast<bool>(handler()), std::memory_order_relaxed);
}

Result<void> arm_crash_points_from_environment() {
  const char* set = std::getenv("SMARTHL7_CRASH_AT");
  if (set == nullptr || *set == '\0') return {};
  std::string_view name = set;
  int visits = 1;
  if (const auto colon = name.find(':'); colon != std::string_view::npos) {
    const std::string_view number = name.substr(colon + 1);
    if (std::from_chars(number.data(), number.data() + number.size(), visits).ec != std::errc{} || visits < 1)
      return fail(ErrorCode::invalid, "SMARTHL7_CRASH_AT: the number after ':' must be 1 or more");
    name = name.substr(0, colon);
  }
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] != name) continue;
    auto left = std::make_shared<std::atomic<int>>(visits);
    arm_crash_points([i, left](CrashPoint point) {
      if (static_cast<std::size_t>(point) == i && left->fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
    });
    return {};
  }
  return fail(ErrorCode::invalid, "SMARTHL7_CRASH_AT: there is no crash point `" + std::string(name) + "`");
}

void detail::visit(CrashPoint point) {
  if (handler()) handler()(point);
}

}  // namespace smarthl7::env
