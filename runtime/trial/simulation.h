// SPDX-License-Identifier: Apache-2.0
// The world of one test: a hub with the project's plan, a receiver for each destination, a sender for each source, and the
// clock that the test moves on. Ends as a kill ends a process. Owns all of it; one thread. Failure: broken().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/alert/watch.h"
#include "runtime/eval/evaluator.h"
#include "runtime/sim/hub.h"
#include "runtime/transport/transport.h"
#include "runtime/trial/receiver.h"
#include "runtime/trial/sender.h"

namespace smarthl7::trial {

struct DeadMessage {
  store::DeadLetter letter;
  std::string body;
};

class Simulation final : private alert::Subject, private alert::Teller {
 public:
  /// `alerts`: the plan's alerts are looked at, every five seconds.
  Simulation(std::shared_ptr<const eval::BoundPlan> plan, std::uint64_t seed, bool alerts = false);
  ~Simulation() override;
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  [[nodiscard]] Receiver& receiver(plan::Id destination) { return *receivers_[destination]; }
  [[nodiscard]] Sender& sender(plan::Id source) { return *senders_[source]; }

  /// Lets so much time pass. False: broken() says why.
  bool pass(std::chrono::nanoseconds length);
  /// Runs until the condition holds.
  bool until(const std::function<bool()>& condition);
  /// What is under way after a send comes to its end, or to its next pause.
  bool settle();
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::chrono::microseconds elapsed() const;
  [[nodiscard]] SteadyTime began() const { return began_; }
  [[nodiscard]] WallTime began_wall() const { return began_wall_; }

  [[nodiscard]] std::vector<DeadMessage> dead_letters();
  [[nodiscard]] std::vector<observe::AlertStatus> alerts() const;
  /// Of the last messages that the hub took or refused, oldest first.
  [[nodiscard]] std::vector<store::Trace> traces(std::uint32_t most);

 private:
  bool step();
  bool start();
  env::Task<void> ask_dead();
  env::Task<void> ask_traces(std::uint32_t most);
  void ask(env::Task<void> task);
  // ---- of the watch over alerts; nobody is told
  env::Task<Result<alert::Observed>> observe() override;
  env::Task<std::optional<WallTime>> last_message(std::string source) override;
  bool tell(const alert::Event& /*event*/) override { return true; }
  void warn(const Error& error) override;

  sim::World world_;
  sim::Wire wire_;
  sim::SimClock clock_;
  sim::SimExecutor executor_;
  std::unique_ptr<transport::Transport> transport_;
  std::vector<std::unique_ptr<transport::Transport>> stand_ins_;  // for the other connectors
  std::vector<std::unique_ptr<Receiver>> receivers_;              // by destination
  std::vector<std::unique_ptr<Sender>> senders_;                  // by source
  std::shared_ptr<const eval::BoundPlan> plan_;
  bool with_alerts_ = false;
  std::unique_ptr<alert::Watch> watch_;  // what runs of it is the hub's
  std::unique_ptr<sim::SimHub> hub_;
  SteadyTime began_{};
  WallTime began_wall_{};
  bool started_ = false;
  bool answered_ = false;
  std::string broken_;
  std::vector<DeadMessage> dead_;
  std::vector<store::Trace> traces_;
};

}  // namespace smarthl7::trial
