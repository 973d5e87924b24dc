// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/engine.h"

#include <algorithm>

#include "runtime/flow/engine_parts.h"

namespace smarthl7::flow {

namespace {

env::Task<bool> stop_destination(Destination* destination, SteadyTime deadline) {
  co_await destination->stop(deadline);
  co_return true;
}

env::Task<bool> stop_batch(Batcher* batcher) {
  co_await batcher->stop();
  co_return true;
}

env::Task<BatchSnapshot> count_batch(const Batcher* batcher) { co_return batcher->snapshot(); }

env::Task<DestinationSnapshot> take_snapshot(const Destination* destination) { co_return destination->snapshot(); }

env::Task<bool> resume_destination(Destination* destination) {
  destination->resume();
  co_return true;
}

struct IntakeCounts {
  std::vector<SourceSnapshot> sources;
};

env::Task<IntakeCounts> count_intakes(std::vector<const Intake*> intakes, IntakeCounts counts, std::size_t reactor) {
  for (std::size_t i = 0; i < intakes.size(); ++i) intakes[i]->add_to(counts.sources[i], reactor);
  co_return counts;
}

env::Task<void> stop_and_tell(Reactor* reactor, Destination* destination, SteadyTime deadline, std::size_t* left,
                              env::Signal* done) {
  co_await on_reactor(reactor, stop_destination(destination, deadline));
  if (--*left == 0) done->notify_all();
}

env::Task<void> stop_source(transport::Source* source, SteadyTime deadline, std::size_t* left, env::Signal* done) {
  co_await source->stop(deadline);
  if (--*left == 0) done->notify_all();
}

}  // namespace

Engine::Engine(EngineSetup setup) : setup_(std::move(setup)) {
  SMARTHL7_ASSERT(!setup_.reactors.empty(), "an engine needs a reactor");
  for (const env::Env& env : setup_.reactors) reactors_.push_back(std::make_unique<Reactor>(env, setup_.plan));
}

Engine::~Engine() = default;

Result<const transport::Transport*> Engine::find_transport(const std::string& name) const {
  for (const transport::Transport* transport : setup_.transports)
    if (transport->name() == name) return transport;
  return fail(ErrorCode::invalid, "this hub has no connector `" + name + "`");
}

Result<void> Engine::check_plan() const {
  const plan::Plan& plan = setup_.plan->plan();
  SMARTHL7_ASSERT(setup_.source_options.size() == plan.sources.size(), "options for every source");
  SMARTHL7_ASSERT(setup_.destination_options.size() == plan.destinations.size(), "options for every destination");
  for (const plan::Source& source : plan.sources) {
    TRY([[maybe_unused]] const auto* transport, find_transport(plan.text(source.connector)));
  }
  for (const plan::Destination& destination : plan.destinations) {
    TRY([[maybe_unused]] const auto* transport, find_transport(plan.text(destination.connector)));
  }
  return {};
}

env::Task<Result<void>> Engine::check_queues() {
  Result<std::vector<store::DestinationStatus>> queued = co_await setup_.store->queued_destinations();
  if (!queued) co_return std::unexpected(std::move(queued).error());
  const plan::Plan& plan = setup_.plan->plan();
  for (const store::DestinationStatus& status : *queued) {
    const bool known = std::ranges::any_of(plan.destinations, [&](const auto& d) { return plan.text(d.name) == status.name; });
    const bool batch = std::ranges::any_of(plan.batches, [&](const auto& b) { return plan.text(b.name) == status.name; });
    if (known || batch || status.queued == 0) continue;
    const bool was_batch = status.name.find(' ') != std::string::npos;  // names of destinations have no blanks
    co_return fail(ErrorCode::invalid, (was_batch ? "`" : "destination `") + status.name + "` is not in the plan and has " +
                                           std::to_string(status.queued) + " messages " + (was_batch ? "collected" : "queued") +
                                           "; nothing was started");
  }
  co_return Result<void>{};
}

env::Task<Result<void>> Engine::start() {
  started_at_ = reactors_[0]->env.clock.wall();
  CO_TRY_VOID(check_plan());
  Result<void> result = co_await check_queues();
  if (result) {
    Result<void> opened = co_await start_destinations();
    result = std::move(opened);
  }
  if (result) {
    Result<void> collecting = co_await start_batches();
    result = std::move(collecting);
  }
  if (result) {
    Result<void> listening = co_await start_sources();
    result = std::move(listening);
  }
  if (!result) co_await stop_ends(reactors_[0]->env.executor.now());
  co_return result;
}

env::Task<Result<void>> Engine::start_destinations() {
  const plan::Plan& plan = setup_.plan->plan();
  destination_ids_.resize(plan.destinations.size());
  for (std::size_t i = 0; i < plan.destinations.size(); ++i) {
    const plan::Destination& entry = plan.destinations[i];
    Reactor* reactor = reactors_[i % reactors_.size()].get();
    destinations_.push_back(std::unique_ptr<DestinationEnd>(
        new DestinationEnd{reactor, Destination(policy_of(plan, entry, setup_.window_messages), *setup_.store, reactor->env)}));
    Destination& destination = destinations_.back()->destination;
    if (destination.takes_answers()) routes_.add(reactor, &destination);
    tell_waiting(destination);
    for (const store::Hold& hold : setup_.holds) {
      if (hold.name != plan.text(entry.name)) continue;
      destination.hold(hold.lane == store::kAllLanes ? std::nullopt : std::optional(static_cast<std::uint16_t>(hold.lane)),
                       hold.why);
    }
    CO_TRY(const transport::Transport* transport, find_transport(plan.text(entry.connector)));
    env::Task<Result<store::DestinationId>> starting = destination.start(*transport, setup_.destination_options[i]);
    Result<store::DestinationId> id = co_await on_reactor(reactor, std::move(starting));
    if (!id) co_return fail(id.error().code, "destination `" + plan.text(entry.name) + "`", id.error());
    destination_ids_[i] = *id;
  }
  co_return Result<void>{};
}

/// To every reactor: which one the sender's connection is on is known there only.
void Engine::tell_waiting(Destination& destination) {
  destination.tell_responses([this](store::MessageId message, store::DestinationId from, const store::Response& response) {
    for (const auto& reactor : reactors_) {
      reactor->env.executor.post(
          [to = reactor.get(), message, from, response] { to->responses.arrived(message, from, response); });
    }
  });
  destination.tell_outcomes([this](store::DeliveryId delivery, store::OutcomeKind kind) {
    for (const auto& reactor : reactors_)
      reactor->env.executor.post([to = reactor.get(), delivery, kind] { to->outcomes.arrived(delivery, kind); });
  });
}

env::Task<Result<void>> Engine::start_batches() {
  const plan::Plan& plan = setup_.plan->plan();
  for (std::size_t i = 0; i < plan.batches.size(); ++i) {
    const plan::Batch& entry = plan.batches[i];
    BatchPolicy policy;
    policy.name = plan.text(entry.name);
    policy.flow = policy.name.substr(0, policy.name.find(' '));
    policy.most_messages = entry.most_messages;
    policy.within = std::chrono::microseconds(static_cast<std::int64_t>(entry.most_micros));
    for (plan::Id at = 0; at < entry.destinations.count; ++at)
      policy.destinations.push_back(destination_ids_[plan.lists[entry.destinations.first + at]]);
    policy.plan = setup_.plan->digest();
    Reactor* reactor = reactors_[i % reactors_.size()].get();
    batches_.push_back(
        std::unique_ptr<BatchEnd>(new BatchEnd{reactor, Batcher(std::move(policy), *setup_.store, reactor->env)}));
    env::Task<Result<store::DestinationId>> starting = batches_.back()->batcher.start();
    Result<store::DestinationId> id = co_await on_reactor(reactor, std::move(starting));
    if (!id) co_return fail(id.error().code, "`" + plan.text(entry.name) + "`", id.error());
    destination_ids_.push_back(*id);
  }
  co_return Result<void>{};
}

env::Task<void> Engine::stop_batches() {
  for (const auto& end : batches_) {
    env::Task<bool> stopping = stop_batch(&end->batcher);
    co_await on_reactor(end->reactor, std::move(stopping));
  }
}

env::Task<Result<void>> Engine::start_sources() {
  const plan::Plan& plan = setup_.plan->plan();
  for (std::size_t i = 0; i < plan.sources.size(); ++i) {
    auto end = std::make_unique<SourceEnd>();
    end->intake = std::make_unique<Intake>(setup_.plan, static_cast<plan::Id>(i), *setup_.store, reactors_, destination_ids_,
                                           routes_.empty() ? nullptr : &routes_, setup_.memory);
    if (setup_.on_connection)
      end->intake->tell_events(
          [this, name = plan.text(plan.sources[i].name)](const transport::Event& event) { setup_.on_connection(name, event); });
    CO_TRY_VOID(make_source(i, *end));
    sources_.push_back(std::move(end));
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (const store::Hold* const hold = kept_hold(plan.text(plan.sources[i].name)); hold != nullptr) {
      sources_[i]->held = true;
      sources_[i]->held_why = hold->why;
      continue;
    }
    Result<void> started = co_await sources_[i]->source->start();
    if (!started) co_return fail(started.error().code, "source `" + plan.text(plan.sources[i].name) + "`", started.error());
    sources_[i]->started = true;
  }
  co_return Result<void>{};
}

env::Task<void> Engine::stop_ends(SteadyTime deadline) {
  stopping_ = true;
  env::Gate& gate = reactors_[0]->gate;
  env::Signal done;
  std::size_t left = 0;
  // Senders that wait for a destination's answer are told to come again, in good time before their connections are closed.
  const SteadyTime now = reactors_[0]->env.executor.now();
  const SteadyTime patience = now + std::max(deadline - now, SteadyTime::duration(0)) / 2;
  for (const auto& reactor : reactors_)
    reactor->env.executor.post([to = reactor.get(), patience] {
      to->responses.end(patience);
      to->outcomes.end(patience);
    });
  for (const auto& end : sources_) left += end->started ? 1U : 0U;
  for (const auto& end : sources_)
    if (end->started) gate.spawn(stop_source(end->source.get(), deadline, &left, &done));
  while (left > 0) co_await done.wait();
  for (const auto& end : sources_) end->started = false;
  for (const auto& end : sources_) {  // what was answered on receipt
    for (std::size_t i = 0; i < reactors_.size(); ++i) {
      env::Task<bool> settling = end->intake->settle(i);
      co_await on_reactor(reactors_[i].get(), std::move(settling));
    }
  }
  co_await stop_batches();

  left = destinations_.size();
  for (const auto& end : destinations_) gate.spawn(stop_and_tell(end->reactor, &end->destination, deadline, &left, &done));
  while (left > 0) co_await done.wait();
}

/// Waits for what each reactor has begun: a task that was awaited from here has given its value, but its frame may still be
/// ending there.
env::Task<void> Engine::settle() {
  for (const auto& reactor : reactors_) {
    env::Completion<bool> passed;
    reactor->env.executor.post([target = &passed] { target->complete(true); });
    co_await passed;
  }
}

env::Task<Result<void>> Engine::stop(SteadyTime deadline) {
  co_await stop_ends(deadline);
  co_await settle();
  Result<void> closed = co_await setup_.store->close();
  co_return closed;
}

env::Task<EngineSnapshot> Engine::snapshot() {
  EngineSnapshot result;
  result.started_at = started_at_;
  result.stopping = stopping_;
  const plan::Plan& plan = setup_.plan->plan();
  IntakeCounts counts;
  std::vector<const Intake*> intakes;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    SourceSnapshot& source = counts.sources.emplace_back();
    source.name = plan.text(plan.sources[i].name);
    source.connections = sources_[i]->stats();
    source.held = sources_[i]->held;
    source.held_why = sources_[i]->held_why;
    if (sources_[i]->started) source.local = sources_[i]->source->place();
    intakes.push_back(sources_[i]->intake.get());
  }
  for (std::size_t i = 0; i < reactors_.size(); ++i) {
    env::Task<IntakeCounts> counting = count_intakes(intakes, std::move(counts), i);
    counts = co_await on_reactor(reactors_[i].get(), std::move(counting));
  }
  result.sources = std::move(counts.sources);
  for (const auto& end : destinations_) {
    env::Task<DestinationSnapshot> taking = take_snapshot(&end->destination);
    DestinationSnapshot taken = co_await on_reactor(end->reactor, std::move(taking));
    result.destinations.push_back(std::move(taken));
  }
  for (const auto& end : batches_) {
    env::Task<BatchSnapshot> counting = count_batch(&end->batcher);
    BatchSnapshot counted = co_await on_reactor(end->reactor, std::move(counting));
    result.batches.push_back(std::move(counted));
  }
  co_return result;
}

env::Task<Result<void>> Engine::resume(std::string destination) {
  const plan::Plan& plan = setup_.plan->plan();
  for (std::size_t i = 0; i < destinations_.size(); ++i) {
    if (plan.text(plan.destinations[i].name) != destination) continue;
    env::Task<bool> resuming = resume_destination(&destinations_[i]->destination);
    co_await on_reactor(destinations_[i]->reactor, std::move(resuming));
    co_return Result<void>{};
  }
  co_return fail(ErrorCode::not_found, "there is no destination `" + destination + "`");
}

}  // namespace smarthl7::flow
