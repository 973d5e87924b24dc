// SPDX-License-Identifier: Apache-2.0
// The promises of the hub, checked when a history is over: against what each sender was told and each receiver saw, and then
// against what the hub's own books say of it. Borrows all of it for the call. Pure; no failure: what is broken is the result.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/sim/sender.h"
#include "runtime/sim/sink.h"
#include "runtime/store/store.h"
#include "tests/sim/history.h"
#include "tests/sim/person.h"
#include "tests/sim/routes.h"

namespace smarthl7::sim {

/// What the hub's own books say when all is over.
struct Books {
  struct Message {
    std::string identity;  // of what was received (traffic.h)
    store::Trace trace;
    std::vector<store::DeliveryState> deliveries;
  };
  struct Delivery {
    std::string destination;
    std::string identity;  // of what would have been delivered: a part's own
    std::string reason;
  };
  struct Batch {
    store::MessageId id = 0;
    store::Trace trace;
  };
  std::map<store::MessageId, Message> messages;  // taken, not refused, no copies, no replays
  std::map<store::MessageId, Message> replays;   // what they deliver
  std::map<std::string, Batch> batches;          // by BHS-11
  std::vector<Delivery> dead;
  std::vector<store::Ambiguity> ambiguities;

  /// Of a message or a batch; an empty one if there is none.
  [[nodiscard]] const store::Trace& trace_of(store::MessageId id) const;
};

struct History {
  std::vector<const Sender*> senders;
  std::map<std::string, const Sink*> sinks;  // by destination
  std::vector<const Route*> routes;          // the variants that ran, by their number
  Books books;
  std::uint32_t window_messages = 0;
  std::map<std::string, std::vector<SteadyTime>> resumed;  // when a person let a destination's lanes go on
  std::vector<Replayed> replays;                           // that a person was told of
  bool conflicts_refused = false;
  bool clock_jumps = false;
  bool responds = false;  // senders get the answer of `mercy`
};

[[nodiscard]] std::vector<std::string> check_promises(const History& history, HistoryCounts& counts);

}  // namespace smarthl7::sim
