// SPDX-License-Identifier: Apache-2.0
// A store and a transport that do what a test says, for looking at one destination or one intake alone.
// Ownership: the test's; everything runs in one simulated world. Not for use outside tests.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "runtime/env/signal.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow::testing {

class ScriptedStore final : public store::Store {
 public:
  template <class T>
  using Task = env::Task<T>;

  std::vector<store::NewMessage> taken;
  std::vector<store::Outcome> outcomes;
  std::vector<store::Attempt> attempts;
  std::vector<store::DeliveryId> given_back;
  std::vector<store::DeliveryId> parked;
  std::vector<store::DestinationStatus> queued;
  std::vector<store::DeliveryState> states;  // of the first one of a duplicate
  std::optional<Error> failure;              // of accept()
  bool next_is_duplicate = false;
  SharedBytes first_acknowledgement;
  bool blocked = false;  // accept() waits for release()
  std::size_t waiting = 0;
  env::Signal unblocked;
  store::DestinationSink* sink = nullptr;
  store::DestinationOptions options;
  bool closed = false;

  Task<Result<store::Accepted>> accept(store::NewMessage message) override {
    ++waiting;
    while (blocked) co_await unblocked.wait();
    --waiting;
    if (failure) co_return std::unexpected(*failure);
    store::Accepted accepted;
    accepted.acknowledgement = next_is_duplicate ? first_acknowledgement : message.acknowledgement;
    accepted.duplicate = next_is_duplicate;
    std::uint32_t number = 0;
    for (const store::FlowEffects& flow : message.flows) {
      for (const store::NewDelivery& delivery : flow.deliveries) {
        const auto& awaited = message.awaited;
        if (!next_is_duplicate && std::find(awaited.begin(), awaited.end(), delivery.destination) != awaited.end())
          accepted.awaited.push_back(number);
        ++number;
      }
    }
    taken.push_back(std::move(message));
    accepted.id = taken.size();
    accepted.of = next_is_duplicate ? 1 : accepted.id;
    co_return accepted;
  }
  void outcome(store::Outcome outcome) override { outcomes.push_back(std::move(outcome)); }
  void attempt(store::Attempt attempt) override { attempts.push_back(std::move(attempt)); }
  void park(std::vector<store::DeliveryId> deliveries) override {
    parked.insert(parked.end(), deliveries.begin(), deliveries.end());
  }
  void give_back(std::vector<store::DeliveryId> deliveries) override {  // of a closed destination only, as the store does
    if (sink == nullptr) given_back.insert(given_back.end(), deliveries.begin(), deliveries.end());
  }
  Task<Result<store::DestinationId>> open_destination(store::DestinationOptions given,
                                                      store::DestinationSink* target) override {
    options = std::move(given);
    sink = target;
    co_return store::DestinationId{7};
  }
  Task<Result<void>> close_destination(store::DestinationId) override {
    sink = nullptr;
    co_return Result<void>{};
  }
  Task<Result<std::vector<store::DestinationStatus>>> queued_destinations() override { co_return queued; }
  Task<Result<std::vector<store::MessageRow>>> messages(store::MessageFilter) override {
    co_return std::vector<store::MessageRow>{};
  }
  Task<Result<store::Trace>> trace(store::MessageId) override { co_return store::Trace{}; }
  Task<Result<std::vector<store::DeliveryState>>> deliveries(store::MessageId) override { co_return states; }
  Task<Result<std::vector<store::DeadLetter>>> dead_letters(std::optional<std::string>, store::MessageId,
                                                            std::uint32_t) override {
    co_return std::vector<store::DeadLetter>{};
  }
  Task<Result<std::vector<store::Ambiguity>>> ambiguities(std::optional<std::string>, store::MessageId,
                                                          std::uint32_t) override {
    co_return std::vector<store::Ambiguity>{};
  }
  Task<Result<SharedBytes>> read_body(store::MessageId, std::optional<std::uint32_t>, store::AuditRecord) override {
    co_return SharedBytes{};
  }
  Task<Result<std::vector<store::AuditRecord>>> audit(std::uint64_t, std::uint32_t) override {
    co_return std::vector<store::AuditRecord>{};
  }
  Task<Result<store::StoreStatus>> status() override { co_return store::StoreStatus{}; }
  Task<Result<void>> close() override {
    closed = true;
    co_return Result<void>{};
  }
  void on_failure(std::function<void(Error)>) override {}
};

struct Reaction {  // of a receiver to one send
  enum class Kind : std::uint8_t { answer, nothing, not_sent, wait, judged, taken } kind = Kind::answer;
  std::string answer = "AA";        // a code, "CODE ERROR", or whole bytes when it starts with "raw:"
  std::vector<std::string> strays;  // MSA-2 of answers that come first
  ErrorCode error = ErrorCode::closed;
  transport::Judgement judgement = transport::Judgement::accepted;  // judged: by the receiver's protocol
  std::chrono::nanoseconds retry_after{0};
};

class ScriptedDestination;

/// What all connections of a scripted destination share.
struct Script {
  std::deque<Reaction> reactions;                        // of sends, in order; then AA
  std::deque<Error> connect_failures;                    // of connects, in order; then success
  std::vector<std::pair<SteadyTime, std::string>> sent;  // when, and the control id
  std::size_t connects = 0;
  std::vector<std::string> bodies;                // of sends and posts, whole
  std::size_t waiting = 0;                        // sends that wait for go
  env::Signal go;                                 // ends `wait`
  std::vector<ScriptedDestination*> connections;  // in the order of the workers
};

[[nodiscard]] inline std::string scripted_answer(const std::string& what, std::string_view id) {
  if (what.starts_with("raw:")) return what.substr(4);
  const auto blank = what.find(' ');
  std::string text =
      "MSH|^~\\&|S|S|H|H|2026||ACK^R01^ACK|A1|P|2.5.1\rMSA|" + what.substr(0, blank) + "|" + std::string(id) + "\r";
  if (blank != std::string::npos) text += "ERR|||" + what.substr(blank + 1) + "^x^HL70357|E\r";
  return text;
}

class ScriptedDestination final : public transport::Destination {
 public:
  ScriptedDestination(Script& script, env::Env env) : script_(script), env_(env) { script_.connections.push_back(this); }

  env::Task<Result<void>> connect(SteadyTime) override {
    ++script_.connects;
    if (!script_.connect_failures.empty()) {
      Error error = script_.connect_failures.front();
      script_.connect_failures.pop_front();
      co_return std::unexpected(std::move(error));
    }
    connected_ = true;
    co_return Result<void>{};
  }
  [[nodiscard]] bool connected() const override { return connected_; }
  env::Task<transport::Sent> send(SharedBytes message, SteadyTime deadline) override {
    const std::string_view view = message.view();
    const std::string id(view.substr(view.find("ORU|") + 4, view.find("|P|") - view.find("ORU|") - 4));
    Reaction reaction;
    if (!script_.reactions.empty()) {
      reaction = script_.reactions.front();
      script_.reactions.pop_front();
    }
    if (reaction.kind == Reaction::Kind::not_sent) {
      connected_ = false;
      co_return transport::Sent{transport::Sent::Outcome::not_sent, {}, Error{reaction.error, "scripted"}};
    }
    script_.sent.emplace_back(env_.executor.now(), id);
    script_.bodies.emplace_back(view);
    if (reaction.kind == Reaction::Kind::wait) {
      ++script_.waiting;
      const bool gone = co_await script_.go.wait(deadline);
      --script_.waiting;
      if (!gone) reaction.kind = Reaction::Kind::nothing;
    } else if (reaction.kind == Reaction::Kind::nothing) {
      co_await closing_.wait(deadline);
    }
    if (reaction.kind == Reaction::Kind::nothing) {
      connected_ = false;
      co_return transport::Sent{transport::Sent::Outcome::unknown, {}, Error{ErrorCode::timeout, "no answer in time"}};
    }
    if (reaction.kind == Reaction::Kind::judged || reaction.kind == Reaction::Kind::taken) {
      transport::Sent judged;
      judged.outcome =
          reaction.kind == Reaction::Kind::taken ? transport::Sent::Outcome::accepted : transport::Sent::Outcome::judged;
      judged.judgement = reaction.judgement;
      judged.retry_after = reaction.retry_after;
      judged.error.text = judged.detail = reaction.answer;
      co_return judged;
    }
    for (const std::string& stray : reaction.strays) pending_.push_back(scripted_answer("AA", stray));
    if (!reaction.answer.empty()) pending_.push_back(scripted_answer(reaction.answer, id));
    transport::Sent sent = co_await await_more_answer(deadline);
    co_return sent;
  }
  /// Something comes on this connection without being asked for.
  void arrive(std::string bytes) {
    pending_.push_back(std::move(bytes));
    came_.notify_all();
  }
  void break_off() {
    connected_ = false;
    came_.notify_all();
  }

  env::Task<transport::Sent> post(SharedBytes message, SteadyTime) override {
    const std::string_view view = message.view();
    const std::string id(view.substr(view.find("ORU|") + 4, view.find("|P|") - view.find("ORU|") - 4));
    script_.bodies.emplace_back(view);
    if (view.find("\rMSA") == std::string_view::npos) script_.sent.emplace_back(env_.executor.now(), id);
    co_return transport::Sent{transport::Sent::Outcome::written, {}, {}};
  }
  env::Task<transport::Sent> listen(SteadyTime deadline) override {
    interrupted_ = false;
    while (pending_.empty() && connected_ && !interrupted_ && env_.executor.now() < deadline) co_await came_.wait(deadline);
    if (!connected_) co_return transport::Sent{transport::Sent::Outcome::unknown, {}, Error{ErrorCode::closed, "closed"}};
    if (pending_.empty()) co_return transport::Sent{transport::Sent::Outcome::quiet, {}, {}};
    SharedBytes answer(std::move(pending_.front()));
    pending_.pop_front();
    co_return transport::Sent{transport::Sent::Outcome::answered, std::move(answer), {}};
  }
  void interrupt() override {
    interrupted_ = true;
    came_.notify_all();
  }
  env::Task<transport::Sent> await_more_answer(SteadyTime deadline) override {
    if (pending_.empty()) {
      co_await closing_.wait(deadline);
      connected_ = false;
      co_return transport::Sent{transport::Sent::Outcome::unknown, {}, Error{ErrorCode::timeout, "no answer in time"}};
    }
    SharedBytes answer(std::move(pending_.front()));
    pending_.pop_front();
    co_return transport::Sent{transport::Sent::Outcome::answered, std::move(answer), {}};
  }
  void close() override {
    connected_ = false;
    pending_.clear();
    closing_.notify_all();
    came_.notify_all();
  }
  [[nodiscard]] const std::string& address() const override { return address_; }

 private:
  Script& script_;
  env::Env env_;
  bool connected_ = false;
  bool interrupted_ = false;
  std::deque<std::string> pending_;
  env::Signal closing_;
  env::Signal came_;
  std::string address_ = "scripted:1";
};

class ScriptedTransport final : public transport::Transport {
 public:
  explicit ScriptedTransport(Script& script) : script_(script) {}
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  Result<std::unique_ptr<transport::Source>> make_source(const transport::Options&, transport::EnvSet,
                                                         transport::Receiver*) const override {
    return fail(ErrorCode::invalid, "the scripted transport has no sources");
  }
  Result<std::unique_ptr<transport::Destination>> make_destination(const transport::Options&, env::Env env) const override {
    return std::unique_ptr<transport::Destination>(std::make_unique<ScriptedDestination>(script_, env));
  }

 private:
  Script& script_;
};

}  // namespace smarthl7::flow::testing
