// SPDX-License-Identifier: Apache-2.0
// `ack on receipt`: the answer goes out between the verdict and the commit. At most a few messages are in that state, in the
// order in which they were answered; while the disk is full nothing more is answered.
#include "runtime/flow/intake_receipts.h"

namespace smarthl7::flow {

namespace {
constexpr std::size_t kMostMessages = 64;
constexpr std::uint64_t kMostBytes = 8ULL << 20;
constexpr std::chrono::seconds kFullPause{1};
}  // namespace

env::Task<void> Intake::room_for(Shard* shard, std::size_t bytes) {
  Receipts& receipts = *shard->receipts;
  while (!receipts.ending && (!receipts.refused.empty() || receipts.messages >= kMostMessages ||
                              (receipts.messages > 0 && receipts.bytes + bytes > kMostBytes)))
    co_await receipts.changed.wait();
}

void Intake::store_later(Shard* shard, store::NewMessage message) {
  Receipts& receipts = *shard->receipts;
  ++receipts.messages;
  receipts.bytes += message.body.size();
  const std::uint64_t number = receipts.next++;
  receipts.gate.spawn(store_answered(shard, std::move(message), number));
}

env::Task<void> Intake::store_answered(Shard* shard, store::NewMessage message, std::uint64_t number) {
  Receipts& receipts = *shard->receipts;
  SourceCounters& counters = shard->judge->counters;
  const std::size_t size = message.body.size();
  store::NewMessage kept = message;
  Result<store::Accepted> accepted = co_await store_.accept(std::move(message));
  if (accepted) {
    if (accepted->conflict) ++counters.conflicts;
    ++(accepted->duplicate ? counters.duplicates : counters.accepted);
    if (!accepted->duplicate) shard->judge->count(kept);
  } else if (accepted.error().code == ErrorCode::full && !receipts.ending) {
    receipts.refused.emplace(number, std::move(kept));
    if (!std::exchange(receipts.trying, true)) receipts.gate.spawn(try_again(shard));
    receipts.changed.notify_all();
    co_return;
  } else {
    ++counters.not_stored;
  }
  --receipts.messages;
  receipts.bytes -= size;
  receipts.changed.notify_all();
}

/// One after the other, so that they stay in order.
env::Task<void> Intake::try_again(Shard* shard) {
  Receipts& receipts = *shard->receipts;
  SourceCounters& counters = shard->judge->counters;
  env::Executor& executor = shard->reactor->env.executor;
  while (!receipts.refused.empty()) {
    const SteadyTime again = executor.now() + kFullPause;
    while (!receipts.ending && executor.now() < again) co_await receipts.changed.wait(again);
    while (!receipts.refused.empty()) {
      const auto first = receipts.refused.begin();
      const std::size_t size = first->second.body.size();
      store::NewMessage message = first->second;
      Result<store::Accepted> accepted = co_await store_.accept(std::move(message));
      if (!accepted && accepted.error().code == ErrorCode::full && !receipts.ending) break;
      if (accepted) {
        ++(accepted->duplicate ? counters.duplicates : counters.accepted);
        if (!accepted->duplicate) shard->judge->count(first->second);
      } else {
        ++counters.not_stored;
      }
      receipts.refused.erase(receipts.refused.begin());
      --receipts.messages;
      receipts.bytes -= size;
      receipts.changed.notify_all();
    }
  }
  receipts.trying = false;
  receipts.changed.notify_all();
}

env::Task<bool> Intake::settle(std::size_t reactor) {
  if (!on_receipt_) co_return true;
  Receipts& receipts = *shards_[reactor].receipts;
  receipts.ending = true;
  receipts.changed.notify_all();
  while (receipts.messages > 0) co_await receipts.changed.wait();
  co_await receipts.gate.drained();
  co_return true;
}

}  // namespace smarthl7::flow
