// SPDX-License-Identifier: Apache-2.0
// The engine: one checked plan at work. It owns the plan's sources and destinations, an evaluator per reactor, and the way of a
// message between them. Start it on an opened store, stop it to drain; a kill needs no farewell.
// Ownership: borrows store, transports and Envs, which outlive it; stopped before it is destroyed, except together with its
// executors' queues (a crash). Threads: start, stop, snapshot and resume on the first reactor. Failure: start() says why and
// leaves nothing running.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/eval/evaluator.h"
#include "runtime/flow/batcher.h"
#include "runtime/flow/destination.h"
#include "runtime/flow/intake.h"
#include "runtime/flow/reactor.h"
#include "runtime/store/acts.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

struct EngineSetup {
  std::shared_ptr<const eval::BoundPlan> plan;
  std::vector<transport::Options> source_options;       // in the order of Plan::sources
  std::vector<transport::Options> destination_options;  // in the order of Plan::destinations
  std::vector<const transport::Transport*> transports;  // found by their name
  store::Store* store = nullptr;
  transport::IntakeMemory* memory = nullptr;  // null: messages that are being received take what they need
  std::vector<env::Env> reactors;             // at least one
  std::uint32_t window_messages = 256;        // of a lane: released and without durable outcome
  std::function<void(std::string_view source, const transport::Event&)> on_connection{};  // any reactor; may be empty
  std::vector<store::Hold> holds;  // of people, from earlier runs: in effect before anything is sent or taken
};

struct EngineSnapshot {
  WallTime started_at{};
  bool stopping = false;
  std::vector<SourceSnapshot> sources;            // in the order of the plan
  std::vector<DestinationSnapshot> destinations;  // in the order of the plan
  std::vector<BatchSnapshot> batches;             // in the order of the plan
};

class Engine {
 public:
  explicit Engine(EngineSetup setup);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  /// Opens destinations, then listens. invalid: the plan asks for something that is not here, or lacks a destination that still
  /// has messages queued (the text names it); exists: a port is in use.
  [[nodiscard]] env::Task<Result<void>> start();
  /// Stops taking, answers what is in hand, lets sends that are on their way end until the deadline, closes the store.
  [[nodiscard]] env::Task<Result<void>> stop(SteadyTime deadline);
  [[nodiscard]] env::Task<EngineSnapshot> snapshot();
  /// Lets the held lanes of a destination go on and ends its pauses. not_found: no such destination.
  [[nodiscard]] env::Task<Result<void>> resume(std::string destination);
  /// not_found: neither a destination nor a source; invalid: no such lane, or a lane of a source.
  [[nodiscard]] Result<void> check_hold(const std::string& name, std::uint32_t lane) const;
  /// A destination sends nothing more from a lane (kAllLanes: any); a source closes its port and its connections, for a sender
  /// keeps what it cannot hand over, while it may throw away what is refused. Making that durable is the caller's.
  [[nodiscard]] env::Task<Result<void>> hold(std::string name, std::uint32_t lane, std::string why);
  /// Ends that; for a destination also what the engine held by itself. exists: the source's port is in use meanwhile.
  [[nodiscard]] env::Task<Result<void>> release(std::string name, std::uint32_t lane);

 private:
  struct DestinationEnd;
  struct BatchEnd;
  struct SourceEnd;

  [[nodiscard]] Result<const transport::Transport*> find_transport(const std::string& name) const;
  [[nodiscard]] Result<void> check_plan() const;
  [[nodiscard]] env::Task<Result<void>> check_queues();
  [[nodiscard]] env::Task<Result<void>> start_destinations();
  [[nodiscard]] env::Task<Result<void>> start_batches();
  [[nodiscard]] env::Task<Result<void>> start_sources();
  [[nodiscard]] env::Task<void> stop_ends(SteadyTime deadline);
  [[nodiscard]] env::Task<void> settle();
  void tell_waiting(Destination& destination);
  [[nodiscard]] Destination* destination_of(const std::string& name, Reactor** reactor) const;
  [[nodiscard]] SourceEnd* source_of(const std::string& name, std::size_t* index) const;
  [[nodiscard]] Result<void> make_source(std::size_t index, SourceEnd& end);
  [[nodiscard]] const store::Hold* kept_hold(const std::string& name) const;
  [[nodiscard]] env::Task<void> stop_batches();

  EngineSetup setup_;
  WallTime started_at_{};
  bool stopping_ = false;
  std::vector<store::DestinationId> destination_ids_;  // by plan id; then the queues of batches
  std::vector<std::unique_ptr<DestinationEnd>> destinations_;
  std::vector<std::unique_ptr<BatchEnd>> batches_;
  AnswerRoutes routes_;
  std::vector<std::unique_ptr<SourceEnd>> sources_;
  std::vector<std::unique_ptr<Reactor>> reactors_;  // last: their gates hold frames that use the ends
};

}  // namespace smarthl7::flow
