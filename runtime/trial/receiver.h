// SPDX-License-Identifier: Apache-2.0
// A receiver that answers as a test says: by a script of codes, late, with garbage, not at all; it can be down for a while. It
// speaks original and enhanced mode (HL7 chapter 2.9), as MSH-15 and MSH-16 of what it gets ask, and remembers what it took.
// Ownership: borrows world and wire. Threads: the world's. No failure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "compiler/plan/trials.h"
#include "runtime/env/gate.h"
#include "runtime/sim/frames.h"
#include "runtime/sim/network.h"

namespace smarthl7::trial {

struct Arrival {
  std::string message;
  SteadyTime at;
  std::string answer;  // "AA", "AE", "AR 207", "nothing", "garbage"
  bool taken = false;  // it said, or was about to say, that it has the message
};

class Receiver {
 public:
  Receiver(sim::World& world, sim::Wire& wire, const env::Endpoint& at);
  void start();

  /// From now on; the last answer without a number stays.
  void answer(std::vector<plan::TrialAnswer> script);
  /// Takes no connections and drops those it has; zero: for good.
  void go_down(std::chrono::microseconds length);

  [[nodiscard]] const std::vector<Arrival>& arrivals() const { return arrivals_; }

 private:
  env::Task<void> listen();
  env::Task<void> serve(std::unique_ptr<env::Stream> stream);
  env::Task<bool> reply(sim::FrameLine* line, std::size_t arrival, plan::TrialAnswer answer);
  [[nodiscard]] plan::TrialAnswer next_answer();

  sim::World& world_;
  sim::SimNetwork network_;
  env::Endpoint at_;
  sim::SimExecutor executor_;
  std::unique_ptr<env::Listener> listener_;
  std::set<sim::FrameLine*> lines_;
  SteadyTime back_at_{};
  std::vector<plan::TrialAnswer> script_;
  std::size_t step_ = 0;     // of the script
  std::uint64_t given_ = 0;  // how often that answer was given
  std::vector<Arrival> arrivals_;
  env::Signal wake_;
  env::Gate gate_;
};

}  // namespace smarthl7::trial
