// SPDX-License-Identifier: Apache-2.0
// One simulated history: two laboratories send through the hub to two moody receivers while the hub is killed, loses power, has
// its disk fail or fill up, or is stopped, and starts again; then everything calms down and the promises are checked.
// Everything follows from the seed. Value types; one thread (crash points are the process's).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/env/crash_point.h"
#include "runtime/sim/sender.h"
#include "runtime/sim/sink.h"
#include "runtime/store/store.h"

namespace smarthl7::sim {

struct HistoryOptions {
  std::uint64_t seed = 1;
  bool acknowledge_before_commit = false;  // the planted bug
  bool narrate = false;                    // print what happens to the hub
};

struct HistoryCounts {
  std::uint64_t steps = 0;
  std::uint64_t lives = 0;
  std::uint64_t crashes = 0;
  std::uint64_t failed_syncs = 0;
  std::uint64_t sends = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t duplicates = 0;  // taken by a receiver more than once
  std::uint64_t listed = 0;      // in the ambiguity ledger
  std::uint64_t dead = 0;
  std::uint64_t batches = 0;
  std::uint64_t batched = 0;                          // messages in them
  std::map<std::string, std::uint64_t> crash_points;  // hit
};

/// What the hub's own books say when all is over.
struct Books {
  struct Delivery {
    std::string destination;
    std::string control_id;
    std::string reason;
  };
  std::map<store::MessageId, std::string> control_ids;
  std::vector<Delivery> dead;
  std::vector<store::Ambiguity> ambiguities;
  std::map<store::MessageId, store::Trace> traces;  // of messages that a receiver took twice
};

struct History {  // what there is to check
  const std::vector<const Sender*>* senders = nullptr;
  std::map<std::string, const Sink*> sinks;  // by destination
  Books books;
  std::uint32_t window_messages = 0;
  std::uint32_t keyed_lanes = 0;
  bool enhanced = false;           // receivers get MSH-15 and MSH-16 set
  bool responds = false;           // senders get the answer of kFifoName
  const Sink* registry = nullptr;  // gets batches; null: there are none
  std::size_t batch_messages = 0;
};

struct HistoryResult {
  std::vector<std::string> broken;  // promises; empty: all were kept
  HistoryCounts counts;
};

[[nodiscard]] HistoryResult run_history(const HistoryOptions& options);

/// The promises, checked against what senders were told and receivers saw.
[[nodiscard]] std::vector<std::string> check_promises(const History& history, HistoryCounts& counts);

}  // namespace smarthl7::sim
