// SPDX-License-Identifier: Apache-2.0
// Holding and releasing destinations and sources while the engine runs, for people.
#include <utility>

#include "runtime/flow/engine_parts.h"

namespace smarthl7::flow {

namespace {

constexpr std::chrono::seconds kInHand{30};  // what a source has taken when it is held may be answered for this long

std::optional<std::uint16_t> lane_of(std::uint32_t lane) {
  if (lane == store::kAllLanes) return std::nullopt;
  return static_cast<std::uint16_t>(lane);
}

env::Task<bool> hold_destination(Destination* destination, std::uint32_t lane, std::string why) {
  destination->hold(lane_of(lane), why);
  co_return true;
}

env::Task<bool> release_destination(Destination* destination, std::uint32_t lane) {
  destination->release(lane_of(lane));
  co_return true;
}

}  // namespace

transport::SourceStats Engine::SourceEnd::stats() const {
  transport::SourceStats now = source->stats();
  now.accepted += before.accepted;
  now.refused += before.refused;
  now.frames += before.frames;
  now.bytes_in += before.bytes_in;
  now.bytes_out += before.bytes_out;
  now.noise_bytes += before.noise_bytes;
  now.bad_frames += before.bad_frames;
  now.timed_out += before.timed_out;
  now.tolerated_endings += before.tolerated_endings;
  now.files += before.files;
  now.failed_files += before.failed_files;
  return now;
}

Destination* Engine::destination_of(const std::string& name, Reactor** reactor) const {
  const plan::Plan& plan = setup_.plan->plan();
  for (std::size_t i = 0; i < destinations_.size(); ++i) {
    if (plan.text(plan.destinations[i].name) != name) continue;
    if (reactor != nullptr) *reactor = destinations_[i]->reactor;
    return &destinations_[i]->destination;
  }
  return nullptr;
}

Engine::SourceEnd* Engine::source_of(const std::string& name, std::size_t* index) const {
  const plan::Plan& plan = setup_.plan->plan();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (plan.text(plan.sources[i].name) != name) continue;
    if (index != nullptr) *index = i;
    return sources_[i].get();
  }
  return nullptr;
}

const store::Hold* Engine::kept_hold(const std::string& name) const {
  for (const store::Hold& hold : setup_.holds)
    if (hold.name == name) return &hold;
  return nullptr;
}

Result<void> Engine::make_source(std::size_t index, SourceEnd& end) {
  const plan::Plan& plan = setup_.plan->plan();
  const plan::Source& entry = plan.sources[index];
  TRY(const transport::Transport* transport, find_transport(plan.text(entry.connector)));
  auto made = transport->make_source(setup_.source_options[index], setup_.reactors, end.intake.get());
  if (!made) return fail(made.error().code, "source `" + plan.text(entry.name) + "`", made.error());
  end.source = std::move(*made);
  return {};
}

Result<void> Engine::check_hold(const std::string& name, std::uint32_t lane) const {
  const Destination* const destination = destination_of(name, nullptr);
  if (destination == nullptr && source_of(name, nullptr) == nullptr)
    return fail(ErrorCode::not_found, "the running plan has no destination or source `" + name + "`");
  if (lane == store::kAllLanes) return {};
  if (destination == nullptr) return fail(ErrorCode::invalid, "the source `" + name + "` has no lanes; hold all of it");
  if (lane < destination->lanes()) return {};
  return fail(ErrorCode::invalid, "the destination `" + name + "` has lanes 0 to " + std::to_string(destination->lanes() - 1));
}

env::Task<Result<void>> Engine::hold(std::string name, std::uint32_t lane, std::string why) {
  Reactor* reactor = nullptr;
  if (Destination* const destination = destination_of(name, &reactor); destination != nullptr) {
    env::Task<bool> holding = hold_destination(destination, lane, why);
    co_await on_reactor(reactor, std::move(holding));
  }
  SourceEnd* const end = source_of(name, nullptr);
  if (end == nullptr || stopping_) co_return Result<void>{};
  end->held = true;
  end->held_why = std::move(why);
  if (!end->started || end->changing) co_return Result<void>{};
  end->changing = true;
  end->started = false;
  co_await end->source->stop(reactors_[0]->env.executor.now() + kInHand);
  end->changing = false;
  co_return Result<void>{};
}

env::Task<Result<void>> Engine::release(std::string name, std::uint32_t lane) {
  Reactor* reactor = nullptr;
  if (Destination* const destination = destination_of(name, &reactor); destination != nullptr) {
    env::Task<bool> releasing = release_destination(destination, lane);
    co_await on_reactor(reactor, std::move(releasing));
  }
  std::size_t index = 0;
  SourceEnd* const end = source_of(name, &index);
  if (end == nullptr || end->started || stopping_) co_return Result<void>{};
  if (end->changing) co_return fail(ErrorCode::exists, "source `" + name + "` is still closing; release it again");
  end->changing = true;
  end->held = false;
  end->held_why.clear();
  end->before = end->stats();
  end->before.open = 0;
  Result<void> made = make_source(index, *end);
  if (made) {
    Result<void> started = co_await end->source->start();
    made = std::move(started);
  }
  end->changing = false;
  if (!made) co_return fail(made.error().code, "source `" + name + "`", made.error());
  end->started = true;
  co_return Result<void>{};
}

}  // namespace smarthl7::flow
