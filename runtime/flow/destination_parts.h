// SPDX-License-Identifier: Apache-2.0
// What a Destination consists of. Internal to destination.cc and destination_answers.cc. One executor.
#pragma once

#include <optional>

#include "runtime/flow/asking.h"
#include "runtime/flow/destination.h"

namespace smarthl7::flow {

struct Destination::Item {  // a released message on its way to an outcome
  store::Released released;
  SharedBytes bytes;  // what is sent: the released body, with MSH-15/16 set if the destination says so
  std::string control_id;
  bool batch = false;  // control_id is BHS-11 then
  Expect expect = Expect::answer;
  bool leaves_strays = false;  // answers to it may come when nobody waits for them any more
  std::size_t heads = 0;       // lanes that it heads
  Worker* sender = nullptr;    // of a barrier: who sends it
  std::uint32_t attempts = 0;  // of this run, those that can have reached somebody
  std::uint32_t failures = 0;  // in a row, of all kinds: how long to pause
  std::uint32_t errors = 0;    // AE without a code
  std::uint32_t mismatches = 0;
  std::uint32_t noted = 0;              // attempts for the trace, those that reached somebody ...
  std::uint32_t noted_unreachable = 0;  // ... and the others
  bool ended = false;                   // it has an outcome
  bool parked = false;                  // it waits in parked_, in no lane
  bool sending = false;                 // a worker is at it: nothing is put before it
  bool resend_allowed = false;          // a person let it go again though the receiver may have forgotten it
  std::string refusal;                  // of a parked one that was refused: why it will be given up ...
  Answer refused_by;                    // ... and the answer
  bool in_flight = false;               // it was sent, and its answer may come on any connection
  bool doubtful = false;                // it was sent before, and that attempt's answer may still come
  std::optional<Answer> elsewhere;      // its answer, which came on another connection or at a source
  env::Signal answered;                 // elsewhere is there
  env::Signal settled;                  // an answer was judged: it has an outcome, or is tried again
  bool gone_stale = false;              // the connection turned out closed before a byte was sent: one free new try
  SteadyTime first_refusal = kNever;
  std::optional<WallTime> first_sent;  // when the receiver can have seen it first
  SteadyTime first_silence = kNever;   // unreachable or unanswered since
};

struct Destination::Lane {
  std::deque<std::shared_ptr<Item>> queue;
  env::Signal changed;
};

struct Destination::Worker {
  std::uint16_t lane = 0;
  std::unique_ptr<transport::Destination> connection;
  env::Signal wake;  // ends pauses and holds
  LaneState state = LaneState::idle;
  WallTime since{};
  std::string last_error;
  Trouble trouble = Trouble::none;
  SteadyTime trouble_since{};
  std::shared_ptr<Item> current;
  bool strays = false;            // answers that nobody waited for may lie on the connection
  std::size_t last_id = 0;        // hash of the control id that was sent last ...
  store::DeliveryId last;         // ... and whose it was
  bool listening = false;         // listen() waits; interrupt() ends it
  const Item* counted = nullptr;  // the barrier for which this lane has been counted
  bool resumed = false;
  bool running = false;
};

/// Answers and errors are kept no longer than this.
[[nodiscard]] std::string cut_detail(std::string text);

}  // namespace smarthl7::flow
