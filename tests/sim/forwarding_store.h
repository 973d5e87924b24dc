// SPDX-License-Identifier: Apache-2.0
// A store that hands every call on to the one that it owns: what planted bugs change one call of. Threads and failure: those of
// the inner store.
#pragma once

#include <memory>
#include <utility>

#include "runtime/store/store.h"

namespace smarthl7::sim {

class ForwardingStore : public store::Store {
 public:
  template <class T>
  using Task = env::Task<T>;

  explicit ForwardingStore(std::unique_ptr<store::Store> inner) : inner_(std::move(inner)) {}

  Task<Result<store::Accepted>> accept(store::NewMessage message) override { return inner_->accept(std::move(message)); }
  void outcome(store::Outcome outcome) override { inner_->outcome(std::move(outcome)); }
  void attempt(store::Attempt attempt) override { inner_->attempt(std::move(attempt)); }
  void park(std::vector<store::DeliveryId> deliveries) override { inner_->park(std::move(deliveries)); }
  void give_back(std::vector<store::DeliveryId> deliveries) override { inner_->give_back(std::move(deliveries)); }
  Task<Result<store::FileMark>> file_mark(Hash128 place) override { return inner_->file_mark(place); }
  Task<Result<SharedBytes>> file_answer(store::FileMark mark) override { return inner_->file_answer(mark); }
  void forget_file(Hash128 place) override { inner_->forget_file(place); }
  Task<Result<store::DestinationId>> open_destination(store::DestinationOptions options,
                                                      store::DestinationSink* sink) override {
    return inner_->open_destination(std::move(options), sink);
  }
  Task<Result<void>> close_destination(store::DestinationId destination) override {
    return inner_->close_destination(destination);
  }
  Task<Result<std::vector<store::DestinationStatus>>> queued_destinations() override { return inner_->queued_destinations(); }
  Task<Result<std::vector<store::MessageRow>>> messages(store::MessageFilter filter) override {
    return inner_->messages(std::move(filter));
  }
  Task<Result<store::Trace>> trace(store::MessageId id) override { return inner_->trace(id); }
  Task<Result<std::vector<store::DeliveryState>>> deliveries(store::MessageId id) override { return inner_->deliveries(id); }
  Task<Result<std::vector<store::DeadLetter>>> dead_letters(std::optional<std::string> destination, store::MessageId after,
                                                            std::uint32_t limit) override {
    return inner_->dead_letters(std::move(destination), after, limit);
  }
  Task<Result<std::vector<store::Ambiguity>>> ambiguities(std::optional<std::string> destination, store::MessageId after,
                                                          std::uint32_t limit) override {
    return inner_->ambiguities(std::move(destination), after, limit);
  }
  Task<Result<SharedBytes>> read_body(store::MessageId id, std::optional<std::uint32_t> delivery,
                                      store::AuditRecord record) override {
    return inner_->read_body(id, delivery, std::move(record));
  }
  Task<Result<void>> record(store::AuditRecord record) override { return inner_->record(std::move(record)); }
  Task<Result<std::vector<store::AuditRecord>>> audit(std::uint64_t after, std::uint32_t limit) override {
    return inner_->audit(after, limit);
  }
  Task<Result<store::StoreStatus>> status() override { return inner_->status(); }
  Task<Result<void>> close() override { return inner_->close(); }
  void on_failure(std::function<void(Error)> handler) override { inner_->on_failure(std::move(handler)); }

 protected:
  [[nodiscard]] store::Store& inner() { return *inner_; }

 private:
  std::unique_ptr<store::Store> inner_;
};

}  // namespace smarthl7::sim
