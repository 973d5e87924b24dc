// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/delivered.h"

#include <algorithm>
#include <unordered_map>

#include "runtime/flow/asking.h"
#include "runtime/flow/reactor.h"
#include "runtime/flow/response.h"

namespace smarthl7::flow {

// ---- those who wait -------------------------------------------------------------------------------------------------------

struct Outcomes::Waiting {
  env::Executor& executor;
  std::unordered_multimap<store::MessageId, Waiter*> waiters;
  SteadyTime end = kNever;
};

Outcomes::Outcomes(env::Executor& executor) : waiting_(std::make_shared<Waiting>(executor)) {}

Outcomes::Waiter::Waiter(Outcomes* outcomes, store::MessageId message) : waiting_(outcomes->waiting_), message_(message) {
  waiting_->waiters.emplace(message_, this);
}

Outcomes::Waiter::~Waiter() {
  const auto [first, last] = waiting_->waiters.equal_range(message_);
  for (auto at = first; at != last; ++at) {
    if (at->second != this) continue;
    waiting_->waiters.erase(at);
    return;
  }
}

env::Task<std::optional<bool>> Outcomes::Waiter::wait(std::vector<std::uint32_t> deliveries, SteadyTime until) {
  env::Executor& executor = waiting_->executor;
  for (;;) {
    const bool dead = std::ranges::any_of(deliveries, [this](std::uint32_t number) { return given_up_.contains(number); });
    if (dead) co_return std::optional<bool>(false);
    std::erase_if(deliveries, [this](std::uint32_t number) { return accepted_.contains(number); });
    if (deliveries.empty()) co_return std::optional<bool>(true);
    const SteadyTime end = std::min(until, waiting_->end);
    if (executor.now() >= end) co_return std::optional<bool>();
    co_await came_.wait(end);
  }
}

void Outcomes::arrived(store::DeliveryId delivery, store::OutcomeKind kind) {
  const auto [first, last] = waiting_->waiters.equal_range(delivery.message);
  for (auto at = first; at != last; ++at) {
    Waiter& waiter = *at->second;
    (kind == store::OutcomeKind::accepted ? waiter.accepted_ : waiter.given_up_).insert(delivery.number);
    waiter.came_.notify_all();
  }
}

void Outcomes::end(SteadyTime until) {
  waiting_->end = until;
  for (const auto& [message, waiter] : waiting_->waiters) waiter->came_.notify_all();
}

// ---- one source's side ----------------------------------------------------------------------------------------------------

Delivered::Delivered(const plan::Plan& plan, plan::Id source, store::Store& store) : store_(store) {
  const plan::Source& own = plan.sources[source];
  if (own.ack == plan::AckMode::when_delivered)
    within_ = std::chrono::microseconds(static_cast<std::int64_t>(own.answer_within_micros));
}

void Delivered::ask(const eval::Effects& effects, std::span<const store::DestinationId> destinations,
                    store::NewMessage& message) const {
  if (!waits()) return;
  for (const eval::FlowEffects& flow : effects.flows) {
    for (const eval::Delivery& delivery : flow.deliveries) {
      if (delivery.in_branch || delivery.destination == plan::kNone) continue;
      const store::DestinationId id = destinations[delivery.destination];
      if (std::ranges::find(message.awaited, id) == message.awaited.end()) message.awaited.push_back(id);
    }
  }
}

void Delivered::answer(Reactor& reactor, const SharedBytes& request, std::vector<store::DestinationId> awaited,
                       const store::Accepted& accepted, transport::Reply& reply) const {
  const Asked asked = asked_of(request.view());
  if (wants(asked.accept, true)) reply.answer = accepted.acknowledgement;
  if (is_enhanced(asked) && !wants(asked.application, true) && !wants(asked.application, false)) return;
  auto waiter = std::make_unique<Outcomes::Waiter>(&reactor.outcomes, accepted.of);
  reply.later.emplace(wait(&reactor, request, std::move(awaited), accepted, std::move(waiter)));
}

env::Task<SharedBytes> Delivered::wait(Reactor* reactor, SharedBytes request, std::vector<store::DestinationId> destinations,
                                       store::Accepted accepted, std::unique_ptr<Outcomes::Waiter> waiter) const {
  const SteadyTime until = reactor->env.executor.now() + within_;
  std::vector<std::uint32_t> deliveries = std::move(accepted.awaited);
  std::optional<bool> all;
  bool known = true;
  if (accepted.duplicate) {  // the first one's deliveries: those that have ended, and those that have not
    Result<std::vector<store::DeliveryState>> states = co_await store_.deliveries(accepted.of);
    known = states.has_value();
    if (known) {
      for (const store::DeliveryState& state : *states) {
        if (std::ranges::find(destinations, state.destination) == destinations.end()) continue;
        if (!state.outcome) deliveries.push_back(state.number);
        if (state.outcome == store::OutcomeKind::dead) all = false;
      }
    }
  }
  if (known && !all) {
    std::optional<bool> came = co_await waiter->wait(std::move(deliveries), until);
    all = came;
  }
  waiter.reset();
  const Asked asked = asked_of(request.view());
  if (is_enhanced(asked) && !wants(asked.application, all.value_or(false))) co_return SharedBytes();
  const std::string_view text = !all ? "the message is stored and not delivered yet; it will be"
                                     : "a receiving system did not take the message; it is kept for a person to look at";
  co_return application_answer(*reactor, request, all.value_or(false), text);
}

}  // namespace smarthl7::flow
