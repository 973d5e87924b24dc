// SPDX-License-Identifier: Apache-2.0
// `batch up to N or D`: many messages to one (FHS/BHS, HL7 chapter 2.10.3). Members wait in a queue of the store's, accepted
// and acknowledged; a batch closes with its N-th member, at kBatchBytes, or D after its first member was taken, also if the hub
// was down meanwhile. One commit takes the batch as a message of its own and ends its members, so each member is in exactly one
// batch, in the order of their commits; a crash before that commit leaves them collected.
// Ownership: the Engine; borrows store and Env, which outlive it. Threads: its executor. Failure: a full disk lets it wait and
// try again; a stopped store ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/env/env.h"
#include "runtime/env/gate.h"
#include "runtime/env/signal.h"
#include "runtime/store/store.h"

namespace smarthl7::flow {

inline constexpr std::uint64_t kBatchBytes = 16ULL << 20;  // a batch closes at this size whatever N is

struct BatchPolicy {
  std::string name;  // of the queue: "lab_results batch 1"
  std::string flow;
  std::uint32_t most_messages = 1;
  std::chrono::microseconds within{0};
  std::vector<store::DestinationId> destinations;
  Sha256 plan{};
};

struct BatchSnapshot {
  std::string name;
  std::uint64_t batches = 0;  // of this run
  std::uint64_t members = 0;  // in them
  std::uint64_t waiting = 0;  // collected for the next one
};

class Batcher final : public store::DestinationSink {
 public:
  Batcher(BatchPolicy policy, store::Store& store, env::Env env);
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// What was collected before a start is here again when this has returned, or soon after.
  [[nodiscard]] env::Task<Result<store::DestinationId>> start();
  /// What is collected stays in the store.
  [[nodiscard]] env::Task<void> stop();
  [[nodiscard]] BatchSnapshot snapshot() const;

  void on_released(std::vector<store::Released> batch) override;
  void on_durable(std::size_t outcomes) override;

 private:
  [[nodiscard]] env::Task<void> work();
  [[nodiscard]] bool is_full() const;
  /// When the batch that begins with the first member closes.
  [[nodiscard]] SteadyTime due() const;
  /// Takes what goes into one batch from the front: its message, with the outcomes of its members.
  [[nodiscard]] store::NewMessage make(std::size_t& members) const;

  BatchPolicy policy_;
  store::Store& store_;
  env::Env env_;
  store::DestinationId id_ = 0;
  bool open_ = false;
  bool stopping_ = false;
  std::deque<store::Released> members_;
  std::uint64_t bytes_ = 0;
  BatchSnapshot counts_;
  env::Signal changed_;
  env::Gate gate_;
};

}  // namespace smarthl7::flow
