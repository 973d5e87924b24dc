// SPDX-License-Identifier: Apache-2.0
// The way in: takes one source's messages, judges them, has the store make them durable, and only then answers.
// Ownership: borrows plan, store and reactors; lives as long as its source. Threads: called on the reactor of each connection,
// with counters per reactor; snapshot_of(reactor) on that reactor. Failure: whatever happens to a message, the sender is
// answered as long as its connection lives; what cannot be stored is answered so that the sender keeps it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/flow/answer_routes.h"
#include "runtime/flow/reactor.h"
#include "runtime/flow/response.h"
#include "runtime/observe/histogram.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

struct SourceCounters {
  std::uint64_t received = 0;    // frames with a message, of whatever kind
  std::uint64_t accepted = 0;    // taken: durable
  std::uint64_t rejected = 0;    // answered with AE or AR for what they are
  std::uint64_t unrecorded = 0;  // of these, counted only: more in a second than the store shall keep
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;   // same dedup key, other bytes
  std::uint64_t not_stored = 0;  // answered "try again": the store was full or has stopped
  std::uint64_t keyless = 0;     // passed a dedup step without a key
  std::uint64_t findings = 0;    // of tolerant validation
  std::uint64_t misfits = 0;     // bytes that their message's character set cannot hold (kept)
  std::uint64_t misfitting = 0;  // messages with such bytes
  std::uint64_t answers = 0;     // acknowledgements that a destination waited for
  std::uint64_t broken = 0;      // connections that broke or were closed for bad frames or time-outs
};

struct SourceSnapshot {
  std::string name;
  SourceCounters counters;
  transport::SourceStats connections;
  std::string local;            // where it listens
  observe::Histogram ack_time;  // last byte read to answer written
};

inline constexpr std::uint32_t kRecordedRejectsPerSecond = 20;  // of a source, on each reactor

class Intake final : public transport::Receiver {
 public:
  Intake(std::shared_ptr<const eval::BoundPlan> plan, plan::Id source, store::Store& store,
         std::span<const std::unique_ptr<Reactor>> reactors, std::span<const store::DestinationId> destinations,
         const AnswerRoutes* routes = nullptr);

  env::Task<transport::Reply> on_message(transport::Received received) override;
  void answer_written(std::uint64_t token, bool whole) override;
  void on_event(const transport::Event& event) override;

  /// Adds what the reactor has counted; called on it.
  void add_to(SourceSnapshot& snapshot, std::size_t reactor) const;

 private:
  struct Shard {  // of one reactor
    Reactor* reactor = nullptr;
    SourceCounters counters;
    observe::Histogram ack_time;
    std::int64_t second = 0;  // of which rejects are counted
    std::uint32_t recorded = 0;
  };

  [[nodiscard]] Shard& here();
  [[nodiscard]] bool may_record_reject(Shard& shard) const;
  [[nodiscard]] store::NewMessage judge(Shard& shard, const transport::Received& received);
  void refuse(Shard& shard, store::NewMessage& message, hl7::Verdict verdict, hl7::Finding finding);
  bool fits_header(Shard& shard, store::NewMessage& message);
  [[nodiscard]] bool accepts(const hl7::Message& message, hl7::Finding* finding) const;
  void take_effects(Shard& shard, const eval::Effects& effects, store::NewMessage& message);
  [[nodiscard]] SharedBytes commit_answer(Shard& shard, const SharedBytes& body);
  [[nodiscard]] SharedBytes cannot_store(Shard& shard, const SharedBytes& body);

  std::shared_ptr<const eval::BoundPlan> plan_;
  plan::Id source_;
  std::string name_;
  store::Store& store_;
  std::span<const store::DestinationId> destinations_;  // by plan id
  Responder responder_;
  const AnswerRoutes* routes_;  // null: no destination waits for answers here
  std::vector<Shard> shards_;
};

}  // namespace smarthl7::flow
