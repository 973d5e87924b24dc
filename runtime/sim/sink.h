// SPDX-License-Identifier: Apache-2.0
// A receiver with moods: takes messages, and now and then answers late, wrongly, twice, for another message, with garbage, with
// half a frame, or not at all (a batch is answered by its id, as one message); refuses some for now and some for good; is away
// for a while. It writes down what reached it. Ownership: borrows world and wire. Threads: its own executor. No failure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/env/gate.h"
#include "runtime/sim/frames.h"
#include "runtime/sim/network.h"

namespace smarthl7::sim {

enum class Mood : std::uint8_t {
  takes,       // AA at once
  slow,        // AA, within the hub's patience
  late,        // AA, after it
  silent,      // takes it and says nothing
  wrong_id,    // takes it, answers for another message
  cut_id,      // takes it, answers with half of the control id
  garbage,     // takes it, answers something that is no answer
  half_frame,  // takes it, half an answer and closes
  twice,       // takes it, AA two times
  hangs_up,    // takes it and closes
  error,       // AE without a code: does not take it
  not_now,     // AR 207: does not take it
  reject,      // AR without a code: does not take it
  never,       // AE 103: does not take it, ever
};

struct SinkOptions {
  std::string name = "MERCY";
  env::Endpoint at;
  unsigned moody_per_mille = 250;  // of messages: one of `moods`
  std::vector<Mood> moods;         // one that stands twice comes twice as often; empty: it always takes
  unsigned never_per_mille = 20;   // of control ids: refused for good whenever they come
  std::chrono::nanoseconds hub_patience = std::chrono::seconds(1);
  /// Commit acknowledgements at once, and then the application's, by its mood; some of those over a connection of its own.
  bool enhanced = false;
  env::Endpoint hub;          // for these
  bool knows_copies = false;  // of what has the MSH-3 and MSH-10 of a message that it took it says yes, and takes nothing
};

struct Arrival {
  std::string control_id;
  std::string message;
  SteadyTime at;
  bool taken = false;
  bool copy = false;           // of one that was taken before (SinkOptions::knows_copies)
  bool answered_well = false;  // AA was written whole, in time
  Mood mood = Mood::takes;
};

class Sink {
 public:
  Sink(World& world, Wire& wire, SinkOptions options);
  void start();
  /// From now on it takes everything at once.
  void calm_down();
  /// Stops listening and drops its connections for a while.
  void go_away(std::chrono::nanoseconds length);

  [[nodiscard]] const std::vector<Arrival>& arrivals() const { return arrivals_; }
  /// Control ids that it refused for good, or without a code, at least once.
  [[nodiscard]] const std::set<std::string>& refused() const { return refused_; }

 private:
  env::Task<void> listen();
  env::Task<void> serve(std::unique_ptr<env::Stream> stream);
  void count(Mood mood);
  env::Task<void> answer_elsewhere(std::string text);
  env::Task<bool> answer(FrameLine* line, std::size_t arrival, Mood mood);
  [[nodiscard]] Mood mood_for(const std::string& control_id);

  World& world_;
  Rng rng_;
  SinkOptions options_;
  SimNetwork network_;
  SimExecutor executor_;
  std::unique_ptr<env::Listener> listener_;
  std::vector<FrameLine*> lines_;  // in the order of their making: addresses differ from run to run
  SteadyTime back_at_{};
  bool calm_ = false;
  std::vector<Arrival> arrivals_;
  std::set<std::string> refused_;
  std::map<std::string, bool> never_;
  std::set<std::string> known_;  // MSH-3 and MSH-10 of what it took
  env::Signal wake_;
  env::Gate gate_;
};

}  // namespace smarthl7::sim
