// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/alert/reach.h"
#include "stdlib/base/assert.h"

namespace smarthl7::alert {
namespace {

constexpr std::array kKinds = std::to_array<std::pair<std::string_view, MetricKind>>({
    {"accepted", MetricKind::accepted},
    {"ack_time", MetricKind::ack_time},
    {"conflicts", MetricKind::conflicts},
    {"dead", MetricKind::dead},
    {"delivery_time", MetricKind::delivery_time},
    {"dropped", MetricKind::dropped},
    {"duplicates", MetricKind::duplicates},
    {"held", MetricKind::held},
    {"oldest", MetricKind::oldest},
    {"queued", MetricKind::queued},
    {"queued_bytes", MetricKind::queued_bytes},
    {"refused", MetricKind::refused},
    {"rejected", MetricKind::rejected},
    {"resent", MetricKind::resent},
    {"silence", MetricKind::silence},
    {"unanswered", MetricKind::unanswered},
    {"unreachable", MetricKind::unreachable},
});

std::string show_duration(std::uint64_t micros) {
  const std::uint64_t seconds = micros / 1'000'000;
  if (seconds == 0) return fmt::format("{}ms", micros / 1000);
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{}s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("{}h{}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d{}h", seconds / 86'400, seconds / 3600 % 24);
}

std::string show_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"B", "KiB", "MiB", "GiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{}B", bytes) : fmt::format("{:.1f}{}", amount, kUnits[unit]);
}

bool compare(std::uint64_t value, std::string_view op, std::uint64_t with) {
  if (op == ">") return value > with;
  if (op == ">=") return value >= with;
  if (op == "<") return value < with;
  if (op == "<=") return value <= with;
  if (op == "==") return value == with;
  return value != with;
}

std::uint64_t micros_between(WallTime from, WallTime to) {
  return to > from ? static_cast<std::uint64_t>((to - from).count()) : 0;  // clocks jump
}

}  // namespace

std::optional<MetricKind> metric_kind(std::string_view name) {
  const auto* found = std::ranges::find(kKinds, name, &std::pair<std::string_view, MetricKind>::first);
  if (found == kKinds.end()) return std::nullopt;
  return found->second;
}

std::string show(route::MetricUnit unit, std::uint64_t value) {
  switch (unit) {
    case route::MetricUnit::duration: return show_duration(value);
    case route::MetricUnit::size: return show_size(value);
    case route::MetricUnit::count: return fmt::format("{}", value);
    case route::MetricUnit::per_minute: return fmt::format("{} per minute", value);
  }
  return "";
}

Meter::Meter(const plan::Plan& plan, const plan::AlertCondition& condition)
    : op_(plan.text(condition.op)),
      value_(condition.value),
      lasting_(static_cast<std::int64_t>(condition.for_micros)),
      flow_(condition.flow) {
  const std::string& name = plan.text(condition.metric);
  const auto kind = metric_kind(name);
  const route::Metric* metric = route::find_metric(name);
  SMARTHL7_ASSERT(kind && metric != nullptr, "a checked plan watches declared metrics");
  kind_ = *kind;
  unit_ = metric->unit;
  share_ = static_cast<double>(condition.quantile) / 100;
  const bool of_flow = flow_ != plan::kNone;
  what_ = fmt::format("{}{} {} {}", condition.quantile == 0 ? "" : fmt::format("p{} of ", condition.quantile), name,
                      of_flow ? "in" : "of",
                      of_flow ? plan.text(plan.flows[flow_].name) : plan.text(plan.destinations[condition.destination].name));
  if (of_flow) {
    const plan::Flow& flow = plan.flows[flow_];
    for (plan::Id at = 0; at < flow.sources.count; ++at) sources_.push_back(plan.lists[flow.sources.first + at]);
    for (const plan::Id source : sources_) names_.push_back(plan.text(plan.sources[source].name));
    destinations_ = reached_by(plan, flow);
  } else {
    destinations_.push_back(condition.destination);
  }
  if (condition.quantile != 0) quantiles_ = std::make_unique<QuantileWindow>();
}

void Meter::came_before(std::string_view source, WallTime at) {
  if (std::ranges::find(names_, source) == names_.end()) return;
  came_ = std::max(came_.value_or(at), at);
}

std::uint64_t Meter::sources(const Observed& observed, std::uint64_t flow::SourceCounters::* counter) const {
  std::uint64_t sum = 0;
  for (const plan::Id id : sources_)
    if (id < observed.engine.sources.size()) sum += observed.engine.sources[id].counters.*counter;
  return sum;
}

std::uint64_t Meter::destinations(const Observed& observed, std::uint64_t flow::DestinationCounters::* counter) const {
  std::uint64_t sum = 0;
  for (const plan::Id id : destinations_)
    if (id < observed.engine.destinations.size()) sum += observed.engine.destinations[id].counters.*counter;
  return sum;
}

std::uint64_t Meter::endings(const Observed& observed, std::uint64_t flow::FlowCounters::* counter) const {
  std::uint64_t sum = 0;
  for (const plan::Id id : sources_) {
    if (id >= observed.engine.sources.size() || flow_ >= observed.engine.sources[id].flows.size()) continue;
    sum += observed.engine.sources[id].flows[flow_].*counter;
  }
  return sum;
}

/// Lanes whose message had such an attempt and waits for the next one: with pauses of minutes they are still not reached.
std::uint64_t Meter::lanes_in(const Observed& observed, std::initializer_list<flow::Trouble> troubles) const {
  std::uint64_t lanes = 0;
  for (const plan::Id id : destinations_) {
    if (id >= observed.engine.destinations.size()) continue;
    for (const flow::LaneStatus& lane : observed.engine.destinations[id].lanes) {
      const bool such = std::find(troubles.begin(), troubles.end(), lane.trouble) != troubles.end();
      if (lane.head.message != 0 && such) ++lanes;
    }
  }
  return lanes;
}

std::optional<std::uint64_t> Meter::quantile(const Observed& observed) {
  observe::Histogram all;
  if (kind_ == MetricKind::ack_time) {
    for (const plan::Id id : sources_)
      if (id < observed.engine.sources.size()) all.add(observed.engine.sources[id].ack_time);
  } else {
    for (const plan::Id id : destinations_)
      if (id < observed.engine.destinations.size()) all.add(observed.engine.destinations[id].delivery_time);
  }
  observe::Histogram window = quantiles_->take(all, observed.now);
  if (kind_ == MetricKind::delivery_time) {
    // What is at the head of a lane has taken so long already: else nothing would be slow where nothing is delivered.
    for (const plan::Id id : destinations_) {
      if (id >= observed.engine.destinations.size()) continue;
      for (const flow::LaneStatus& lane : observed.engine.destinations[id].lanes)
        if (lane.head.message != 0)
          window.add(std::chrono::microseconds(static_cast<std::int64_t>(micros_between(lane.head_received, observed.wall))));
    }
  }
  if (window.count() == 0) return std::nullopt;
  return static_cast<std::uint64_t>(window.quantile(share_).count());
}

std::uint64_t Meter::silence(const Observed& observed) {
  const std::uint64_t received = sources(observed, &flow::SourceCounters::received);
  if (!silent_since_) {
    silent_since_ = observed.now;
    if (came_ && received == 0) *silent_since_ -= std::chrono::microseconds(micros_between(*came_, observed.wall));
  } else if (received != received_) {
    silent_since_ = observed.now;
  }
  received_ = received;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(observed.now - *silent_since_).count());
}

std::optional<std::uint64_t> Meter::measure(const Observed& observed) {
  using flow::Trouble;
  const auto rate = [&](std::uint64_t count) { return counts_.take(count, observed.now); };
  const auto kept = [&](std::uint64_t store::DestinationStatus::* number) -> std::uint64_t {
    const std::string& name = observed.engine.destinations[destinations_.front()].name;
    for (const store::DestinationStatus& status : observed.store.destinations)
      if (status.name == name) return status.*number;
    return 0;
  };
  const bool known = flow_ != plan::kNone || destinations_.front() < observed.engine.destinations.size();
  if (!known) return std::nullopt;  // the engine is starting
  switch (kind_) {
    case MetricKind::accepted: return rate(sources(observed, &flow::SourceCounters::accepted));
    case MetricKind::conflicts: return rate(sources(observed, &flow::SourceCounters::conflicts));
    case MetricKind::duplicates: return rate(sources(observed, &flow::SourceCounters::duplicates));
    case MetricKind::rejected: return rate(sources(observed, &flow::SourceCounters::rejected));
    case MetricKind::dropped: return rate(endings(observed, &flow::FlowCounters::dropped));
    case MetricKind::dead:
      return rate(endings(observed, &flow::FlowCounters::dead) + destinations(observed, &flow::DestinationCounters::dead));
    case MetricKind::ack_time:
    case MetricKind::delivery_time: return quantile(observed);
    case MetricKind::silence: return silence(observed);
    case MetricKind::queued: return kept(&store::DestinationStatus::queued);
    case MetricKind::queued_bytes: return kept(&store::DestinationStatus::queued_bytes);
    case MetricKind::oldest: {
      const auto oldest = observed.engine.destinations[destinations_.front()].oldest;
      return oldest ? micros_between(*oldest, observed.wall) : 0;
    }
    case MetricKind::held: {
      const flow::DestinationSnapshot& seen = observed.engine.destinations[destinations_.front()];
      return seen.held +
             static_cast<std::uint64_t>(std::ranges::count(seen.lanes, flow::LaneState::held, &flow::LaneStatus::state));
    }
    case MetricKind::resent: return rate(destinations(observed, &flow::DestinationCounters::resent));
    case MetricKind::refused:
      return std::max(rate(destinations(observed, &flow::DestinationCounters::refused)),
                      lanes_in(observed, {Trouble::refused}));
    case MetricKind::unanswered:
      return std::max(rate(destinations(observed, &flow::DestinationCounters::unanswered)),
                      lanes_in(observed, {Trouble::unanswered, Trouble::mismatched}));
    case MetricKind::unreachable:
      return std::max(rate(destinations(observed, &flow::DestinationCounters::unreachable)),
                      lanes_in(observed, {Trouble::unreachable, Trouble::credentials}));
  }
  return std::nullopt;
}

bool Meter::holds(const Observed& observed) {
  last_ = measure(observed);
  return last_ && compare(*last_, op_, value_);
}

std::string Meter::text() const {
  const std::string bound = fmt::format("({} {})", op_, show(unit_, value_));
  if (!last_) return fmt::format("{} has no value {}", what_, bound);
  return fmt::format("{} is {} {}", what_, show(unit_, *last_), bound);
}

}  // namespace smarthl7::alert
