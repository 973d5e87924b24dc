// SPDX-License-Identifier: Apache-2.0
// The way in: takes one source's messages, has them judged (intake_judge.h) and made durable, and only then answers.
// Ownership: borrows plan, store and reactors; lives as long as its source. Threads: called on the reactor of each connection,
// with counters per reactor; add_to(reactor) on that reactor. Failure: whatever happens to a message, the sender is
// answered as long as its connection lives; what cannot be stored is answered so that the sender keeps it.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/flow/answer_routes.h"
#include "runtime/flow/delivered.h"
#include "runtime/flow/intake_counters.h"
#include "runtime/flow/intake_judge.h"
#include "runtime/flow/intake_sequence.h"
#include "runtime/flow/reactor.h"
#include "runtime/flow/response.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

class Intake final : public transport::Receiver {
 public:
  Intake(std::shared_ptr<const eval::BoundPlan> plan, plan::Id source, store::Store& store,
         std::span<const std::unique_ptr<Reactor>> reactors, std::span<const store::DestinationId> destinations,
         const AnswerRoutes* routes = nullptr, transport::IntakeMemory* memory = nullptr);
  ~Intake() override;

  env::Task<transport::Reply> on_message(transport::Received received) override;
  void answer_written(std::uint64_t token, bool whole) override;
  void on_event(const transport::Event& event) override;
  /// Who else hears of events; before the source starts. Called on the reactor of the connection.
  void tell_events(std::function<void(const transport::Event&)> listener) { listener_ = std::move(listener); }
  transport::IntakeMemory* memory() override { return memory_; }
  env::Task<Result<transport::InFile>> progress_of(Hash128 place) override;
  env::Task<Result<SharedBytes>> answer_in_file(transport::InFile where) override;
  void file_gone(Hash128 place) override;

  /// Under `ack on receipt`: waits until what was answered on this reactor is stored, or cannot be. Called on it, after the
  /// source has stopped.
  [[nodiscard]] env::Task<bool> settle(std::size_t reactor);

  /// Adds what the reactor has counted; called on it.
  void add_to(SourceSnapshot& snapshot, std::size_t reactor) const;

 private:
  struct Receipts;  // what was answered and is not stored yet
  struct Shard {    // of one reactor
    Reactor* reactor = nullptr;
    std::unique_ptr<Judge> judge;
    observe::Histogram ack_time;
    std::unique_ptr<Receipts> receipts;  // only under `ack on receipt`
  };

  struct Answering;  // a message of a batch until its answer is written

  [[nodiscard]] Shard& here();
  /// Judges, commits, and gives what is to be answered, without its token.
  env::Task<transport::Reply> take(Shard* shard, const transport::Received* received, std::string note);
  /// The same for each message of a batch or file; the answer is one, in the sender's envelope.
  env::Task<transport::Reply> take_batch(Shard* shard, const transport::Received* received);
  env::Task<void> take_one(Shard* shard, Answering* answering, env::Signal* answered);
  // ---- ack on receipt: intake_receipts.cc
  /// Waits for room, so that what was answered and is not stored stays little.
  env::Task<void> room_for(Shard* shard, std::size_t bytes);
  void store_later(Shard* shard, store::NewMessage message);
  env::Task<void> store_answered(Shard* shard, store::NewMessage message, std::uint64_t number);
  env::Task<void> try_again(Shard* shard);

  [[nodiscard]] Hash128 own_place(const Hash128& place) const;

  store::Store& store_;
  const std::string name_;
  SequenceBook sequences_;
  Responder responder_;
  Delivered delivered_;
  bool on_receipt_ = false;
  const AnswerRoutes* routes_;  // null: no destination waits for answers here
  transport::IntakeMemory* const memory_;
  std::function<void(const transport::Event&)> listener_;
  std::vector<Shard> shards_;
};

}  // namespace smarthl7::flow
