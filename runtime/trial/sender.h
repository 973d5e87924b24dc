// SPDX-License-Identifier: Apache-2.0
// The sender of a test: one connection to one source, one message at a time, each waited for at most a minute. Answers that
// come later are kept too, so `expect ack` after an `after` sees them. It never sends again by itself. Ownership: borrows world
// and wire. Threads: the world's. No failure: what gets no answer has none.
#pragma once

#include <string>
#include <vector>

#include "runtime/env/gate.h"
#include "runtime/env/signal.h"
#include "runtime/sim/frames.h"
#include "runtime/sim/network.h"

namespace smarthl7::trial {

/// One acknowledgement in an answer.
struct Ack {
  std::string code;        // MSA-1
  std::string control_id;  // MSA-2
  std::string text;        // its MSA and ERR segments
};
[[nodiscard]] std::vector<Ack> acks_in(std::string_view answer);

class Sender {
 public:
  Sender(sim::World& world, sim::Wire& wire, const env::Endpoint& hub);

  /// Begins to send; the world must run until idle().
  void send(std::vector<std::string> frames);
  [[nodiscard]] bool idle() const { return frames_.empty(); }
  /// Everything that came back since send() was called last.
  [[nodiscard]] std::span<const Ack> answers() const { return std::span(acks_).subspan(before_); }
  /// The hub did not take the connection, or closed it.
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  env::Task<void> run();
  env::Task<bool> send_one(std::string frame);
  env::Task<void> read(std::shared_ptr<sim::FrameLine> line);

  sim::World& world_;
  sim::SimNetwork network_;
  env::Endpoint hub_;
  sim::SimExecutor executor_;
  std::shared_ptr<sim::FrameLine> line_;
  std::vector<std::string> frames_;  // being sent
  std::vector<Ack> acks_;
  std::size_t before_ = 0;
  bool refused_ = false;
  env::Signal answered_;
  env::Gate gate_;
};

}  // namespace smarthl7::trial
