// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/points.h"

#include <fmt/format.h>

#include <memory>

#include "runtime/alert/meter.h"
#include "runtime/alert/window.h"

namespace smarthl7::alert {
namespace {

using Lane = flow::LaneStatus;

/// What the first lane that is such says of itself; how many are.
template <class Such>
std::string lanes_text(const Observed& observed, std::size_t destination, std::string_view what, Such such) {
  if (destination >= observed.engine.destinations.size()) return {};
  std::size_t count = 0;
  const Lane* first = nullptr;
  for (const Lane& lane : observed.engine.destinations[destination].lanes) {
    if (!such(lane)) continue;
    ++count;
    if (first == nullptr) first = &lane;
  }
  if (first == nullptr) return {};
  return fmt::format("lanes {}: {}; {}", what, count, first->last_error);
}

/// A number that only grows has grown in the last minute.
template <class Count>
std::function<std::string(const Observed&)> grew(std::string what, Count count) {
  auto window = std::make_shared<CountWindow>();
  return [window, what = std::move(what), count](const Observed& observed) -> std::string {
    const std::uint64_t lately = window->take(count(observed), observed.now);
    return lately == 0 ? std::string() : fmt::format("{} {} in the last minute", lately, what);
  };
}

/// What the store keeps of a destination until a person does something about it.
std::function<std::string(const Observed&)> waiting(std::string name, std::string what,
                                                    std::uint64_t store::DestinationStatus::* number) {
  return [name = std::move(name), what = std::move(what), number](const Observed& observed) -> std::string {
    for (const store::DestinationStatus& one : observed.store.destinations)
      if (one.name == name && one.*number != 0) return fmt::format("{} {}", one.*number, what);
    return {};
  };
}

void of_destination(std::vector<Point>& points, const std::string& name, std::size_t id) {
  const auto counter = [id](std::uint64_t flow::DestinationCounters::* number) {
    return [id, number](const Observed& observed) -> std::uint64_t {
      return id < observed.engine.destinations.size() ? observed.engine.destinations[id].counters.*number : 0;
    };
  };
  points.push_back({"unreachable", name, kUnreachableFor, [id](const Observed& observed) {
                      return lanes_text(observed, id, "that reach nobody or get no answer", [](const Lane& lane) {
                        return lane.head.message != 0 &&
                               (lane.trouble == flow::Trouble::unreachable || lane.trouble == flow::Trouble::unanswered);
                      });
                    }});
  points.push_back({"credentials", name, {}, [id](const Observed& observed) {
                      return lanes_text(observed, id, "that stopped since credentials are rejected",
                                        [](const Lane& lane) { return lane.state == flow::LaneState::rejected; });
                    }});
  points.push_back({"held", name, {}, [id](const Observed& observed) {
                      std::string lanes = lanes_text(observed, id, "that a person must let go on",
                                                     [](const Lane& lane) { return lane.state == flow::LaneState::held; });
                      if (!lanes.empty() || id >= observed.engine.destinations.size()) return lanes;
                      const flow::DestinationSnapshot& seen = observed.engine.destinations[id];
                      if (seen.held == 0) return lanes;
                      return fmt::format(
                          "refused messages that a person must look at: {}; {} of the same keys wait behind them", seen.held,
                          seen.parked);
                    }});
  points.push_back(
      {"mismatched", name, {}, grew("answers for other messages", counter(&flow::DestinationCounters::mismatched))});
  points.push_back(
      {"dead", name, {}, waiting(name, "dead letters wait for a person", &store::DestinationStatus::dead_letters)});
  points.push_back(
      {"ambiguous",
       name,
       {},
       waiting(name, "messages may have come twice, and nobody has settled it", &store::DestinationStatus::ambiguous)});
}

}  // namespace

std::vector<Point> points_of(const plan::Plan& plan, std::uint64_t reserve_bytes) {
  std::vector<Point> points;
  for (std::size_t id = 0; id < plan.destinations.size(); ++id)
    of_destination(points, plan.text(plan.destinations[id].name), id);
  for (std::size_t id = 0; id < plan.flows.size(); ++id) {
    points.push_back(
        {"dead", plan.text(plan.flows[id].name), {}, grew("messages ended as dead", [id](const Observed& observed) {
           std::uint64_t sum = 0;
           for (const auto& source : observed.engine.sources)
             if (id < source.flows.size()) sum += source.flows[id].dead;
           return sum;
         })});
  }
  for (std::size_t id = 0; id < plan.sources.size(); ++id) {
    points.push_back({"conflicts",
                      plan.text(plan.sources[id].name),
                      {},
                      grew("messages with a known dedup key and other bytes", [id](const Observed& observed) {
                        return id < observed.engine.sources.size() ? observed.engine.sources[id].counters.conflicts : 0;
                      })});
    points.push_back({"not_stored",
                      plan.text(plan.sources[id].name),
                      {},
                      grew("messages refused, since the store could not take them", [id](const Observed& observed) {
                        return id < observed.engine.sources.size() ? observed.engine.sources[id].counters.not_stored : 0;
                      })});
  }
  for (const plan::Table& table : plan.tables) {
    if (table.reload == plan::TableReload::never) continue;
    points.push_back(
        {"table", plan.text(table.name), kTableFor, [name = plan.text(table.name)](const Observed& observed) -> std::string {
           for (const auto& [one, trouble] : observed.tables)
             if (one == name && !trouble.empty()) return "the file that is there is not used: " + trouble;
           return {};
         }});
  }
  points.push_back({"disk", "store", {}, [reserve_bytes](const Observed& observed) -> std::string {
                      const std::uint64_t free = observed.store.free_bytes;
                      if (free == 0 && observed.store.disk_bytes == 0) return {};  // not asked yet
                      if (free >= kReservesLeft * reserve_bytes) return {};
                      return fmt::format("{} are free; under {} nothing more is taken", show(route::MetricUnit::size, free),
                                         show(route::MetricUnit::size, reserve_bytes));
                    }});
  return points;
}

}  // namespace smarthl7::alert
