// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/planted_store.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "runtime/env/gate.h"
#include "tests/sim/forwarding_store.h"

namespace smarthl7::sim {

namespace {

class EagerStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  Task<Result<store::Accepted>> accept(store::NewMessage message) override {
    store::Accepted accepted;
    const auto [known, fresh] = answered_.try_emplace(message.control_id, message.acknowledgement);
    accepted.acknowledgement = known->second;
    accepted.duplicate = !fresh;
    gate_.spawn(commit_later(std::move(message)));
    co_return accepted;
  }
  Task<Result<void>> close() override {
    co_await gate_.drained();
    Result<void> closed = co_await inner().close();
    co_return closed;
  }

 private:
  Task<void> commit_later(store::NewMessage message) {
    Result<store::Accepted> committed = co_await inner().accept(std::move(message));
    (void)committed;  // nobody is told: that is the bug
  }

  std::map<std::string, SharedBytes> answered_;
  env::Gate gate_;
};

/// A destination's sink with something wrong in how it is told of releases.
class WrongSink final : public store::DestinationSink {
 public:
  using Change = std::function<void(std::vector<store::Released>& kept, std::vector<store::Released>& batch)>;
  WrongSink(store::DestinationSink* inner, Change change) : inner_(inner), change_(std::move(change)) {}

  void on_released(std::vector<store::Released> batch) override {
    change_(kept_, batch);
    if (!batch.empty()) inner_->on_released(std::move(batch));
  }
  void on_durable(std::size_t outcomes) override { inner_->on_durable(outcomes); }
  void on_response(store::MessageId message, const store::Response& response) override {
    inner_->on_response(message, response);
  }
  void on_outcome(store::DeliveryId delivery, store::OutcomeKind kind) override { inner_->on_outcome(delivery, kind); }

 private:
  store::DestinationSink* inner_;
  Change change_;
  std::vector<store::Released> kept_;
};

class WrongSinksStore final : public ForwardingStore {
 public:
  WrongSinksStore(std::unique_ptr<store::Store> inner, WrongSink::Change change)
      : ForwardingStore(std::move(inner)), change_(std::move(change)) {}

  Task<Result<store::DestinationId>> open_destination(store::DestinationOptions options,
                                                      store::DestinationSink* sink) override {
    sinks_.push_back(std::make_unique<WrongSink>(sink, change_));
    return inner().open_destination(std::move(options), sinks_.back().get());
  }

 private:
  WrongSink::Change change_;
  std::vector<std::unique_ptr<WrongSink>> sinks_;
};

class LateKeyStore final : public ForwardingStore {
 public:
  LateKeyStore(std::unique_ptr<store::Store> inner, std::shared_ptr<Planted::Memory> memory)
      : ForwardingStore(std::move(inner)), memory_(std::move(memory)), keys_(memory_->keys) {}

  Task<Result<store::Accepted>> accept(store::NewMessage message) override {
    std::optional<store::DedupClaim> claim;
    for (store::FlowEffects& flow : message.flows) {
      if (!flow.dedup) continue;
      claim = flow.dedup;
      flow.dedup.reset();
    }
    if (!claim) {
      Result<store::Accepted> unclaimed = co_await inner().accept(std::move(message));
      co_return unclaimed;
    }
    const std::pair key(claim->key.high, claim->key.low);
    if (const auto known = keys_.find(key); known != keys_.end() && known->second.content == claim->content) {
      store::Accepted copy = known->second.first;
      copy.duplicate = true;
      copy.of = copy.id;
      co_return copy;
    }
    Result<store::Accepted> accepted = co_await inner().accept(std::move(message));
    if (accepted) {
      WrittenKey written;
      written.content = claim->content;
      written.first = *accepted;
      keys_[key] = written;
      gate_.spawn(write_later(key, written));
    }
    co_return accepted;
  }
  Task<Result<void>> close() override {
    co_await gate_.drained();
    Result<void> closed = co_await inner().close();
    co_return closed;
  }

 private:
  /// After the acknowledgement: that is the bug.
  Task<void> write_later(std::pair<std::uint64_t, std::uint64_t> key, WrittenKey written) {
    co_await env::sleep_until(memory_->world.now() + std::chrono::milliseconds(20));
    memory_->keys[key] = written;
  }

  std::shared_ptr<Planted::Memory> memory_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, WrittenKey> keys_;
  env::Gate gate_;
};

}  // namespace

std::unique_ptr<store::Store> make_eager_store(std::unique_ptr<store::Store> inner) {
  return std::make_unique<EagerStore>(std::move(inner));
}

std::unique_ptr<store::Store> make_forgetful_store(std::unique_ptr<store::Store> inner,
                                                   std::shared_ptr<Planted::Memory> memory) {
  constexpr unsigned kForgotten = 20;  // per mille
  return std::make_unique<WrongSinksStore>(
      std::move(inner), [memory](std::vector<store::Released>& kept, std::vector<store::Released>& batch) {
        batch.insert(batch.begin(), std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
        kept.clear();
        if (memory->rng.chance(kForgotten)) std::swap(kept, batch);
      });
}

std::unique_ptr<store::Store> make_reordering_store(std::unique_ptr<store::Store> inner) {
  return std::make_unique<WrongSinksStore>(
      std::move(inner), [](std::vector<store::Released>&, std::vector<store::Released>& batch) {
        std::ranges::stable_partition(batch, [](const store::Released& one) { return !one.maybe_seen; });
      });
}

std::unique_ptr<store::Store> make_late_key_store(std::unique_ptr<store::Store> inner,
                                                  std::shared_ptr<Planted::Memory> memory) {
  return std::make_unique<LateKeyStore>(std::move(inner), std::move(memory));
}

}  // namespace smarthl7::sim
