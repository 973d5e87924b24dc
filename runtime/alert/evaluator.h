// SPDX-License-Identifier: Apache-2.0
// What has begun and what is over. An alert holds while one of its `when` does; it fires when one has held at every look for
// its `for`, once per episode; it is over when none has held for a calm minute (five after a start, since a partner that is
// still down must first be tried again). Owned by the watch; borrows the plan; one thread; no failure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/alert/book.h"
#include "runtime/alert/meter.h"
#include "runtime/alert/points.h"
#include "runtime/observe/status.h"

namespace smarthl7::alert {

inline constexpr std::chrono::minutes kCalm{1};
inline constexpr std::chrono::minutes kCalmAfterStart{5};

struct Event {
  std::string alert;  // "slow_results", "unreachable of mercy"
  bool declared = false;
  bool over = false;  // else it has begun
  WallTime began{};   // of the episode
  WallTime at{};
  std::string text;
  std::vector<std::string> contacts;
};

class Evaluator {
 public:
  /// `reserve_bytes`: StoreOptions'. Without `points`, only what the plan declares is watched.
  Evaluator(const plan::Plan& plan, std::uint64_t reserve_bytes, bool points);
  ~Evaluator();

  /// Episodes that were open when the last run ended; those of alerts that are watched no more are given back.
  std::vector<Episode> restore(const std::vector<Episode>& open, WallTime now);
  /// Sources whose last message before this run an alert wants to know.
  [[nodiscard]] std::vector<std::string> silent_sources() const;
  void came_before(std::string_view source, WallTime at);

  [[nodiscard]] std::vector<Event> look(const Observed& observed);

  [[nodiscard]] std::vector<observe::AlertStatus> states() const;
  /// How often a declared alert has fired in this run.
  [[nodiscard]] std::uint64_t fired(std::string_view alert) const;
  [[nodiscard]] std::vector<std::string> contacts_of(std::string_view alert) const;

 private:
  struct Condition;
  struct Alert;

  const plan::Plan& plan_;
  std::vector<std::unique_ptr<Alert>> alerts_;
  bool started_ = false;
  SteadyTime started_at_{};
};

}  // namespace smarthl7::alert
