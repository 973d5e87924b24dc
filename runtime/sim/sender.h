// SPDX-License-Identifier: Apache-2.0
// A sender as hospitals' systems are: one connection, one message at a time, waits for the answer, and sends the same message
// again, same control id, after a time-out, a broken connection or "not now". It remembers what it was promised. A message with
// MSH-15 AL gets CA and, right after it on the same connection, AA; a CA alone is a promise too. Rude ones also break frames.
// Ownership: borrows world and wire. Threads: its own executor. What it finds wrong with the hub's answers is in complaints().
#pragma once

#include <string>
#include <vector>

#include "runtime/env/gate.h"
#include "runtime/sim/frames.h"
#include "runtime/sim/network.h"

namespace smarthl7::sim {

struct SenderOptions {
  std::string name = "LAB1";
  env::Endpoint hub;
  std::vector<std::string> messages;  // each with its own control id
  unsigned again_per_mille = 100;     // sends an acknowledged message once more
  unsigned late_again_per_mille = 0;  // ... one of the earlier ones, some with another time in MSH-7
  unsigned rude_per_mille = 0;        // of sends: half a frame, a frame inside a frame, noise before it, no wait for the answer
  std::chrono::nanoseconds patience = std::chrono::seconds(2);
  std::uint64_t most_pause_micros = 20'000;  // between messages
  bool relayed = false;                      // after CA comes what a receiver said, whatever that is
  bool delivered = false;                    // AA says that it was delivered; each copy has an answer of its own
};

struct Promise {  // what the hub said about one message
  std::string message;
  std::string control_id;
  bool accepted = false;
  bool refused = false;         // for what it is: AE or AR without 207
  std::string answer;           // the first AA or CA, whole
  std::string second;           // ... and the AA that followed the CA
  SteadyTime sent_at = kNever;  // first
  SteadyTime accepted_at = kNever;
  SteadyTime delivered_at = kNever;  // by an answer that says so
  std::uint32_t sends = 0;
  std::uint32_t not_now = 0;  // answers
};

class Sender {
 public:
  Sender(World& world, Wire& wire, SenderOptions options);
  void start();
  [[nodiscard]] bool done() const { return next_ == promises_.size(); }
  [[nodiscard]] const std::vector<Promise>& promises() const { return promises_; }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  env::Task<void> run();
  env::Task<bool> send_once(Promise* promise, bool other_time);
  env::Task<bool> send_rudely(Promise* promise, SteadyTime deadline);
  [[nodiscard]] Promise* earlier();
  bool judge(Promise& promise, const std::string& answer);
  bool judge_second(Promise& promise, const std::string& answer);

  World& world_;
  Rng rng_;
  SenderOptions options_;
  SimNetwork network_;
  SimExecutor executor_;
  std::unique_ptr<FrameLine> line_;
  std::vector<Promise> promises_;
  std::size_t next_ = 0;
  std::vector<std::string> complaints_;
  env::Gate gate_;
};

}  // namespace smarthl7::sim
