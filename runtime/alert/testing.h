// SPDX-License-Identifier: Apache-2.0
// A plan with one source, two destinations and a flow, and looks at it, for the tests of this folder. Value types; one thread;
// no failure. Only tests include it.
#pragma once

#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/alert/observed.h"

namespace smarthl7::alert {

struct When {
  std::string metric;
  std::string op;
  std::uint64_t value = 0;
  std::chrono::microseconds lasting{0};
  std::uint16_t quantile = 0;
  bool of_flow = false;  // else of the destination `mercy`
};

/// Source `lab`, destinations `mercy` and `archive`, flow `results` from the one to both.
inline plan::Plan small_plan(const std::vector<When>& whens) {
  plan::Plan plan;
  plan.strings.emplace_back();
  const auto text = [&plan](const std::string& value) {
    plan.strings.push_back(value);
    return static_cast<plan::Id>(plan.strings.size() - 1);
  };
  const auto list = [&plan](const std::vector<plan::Id>& ids) {
    const plan::Range range{static_cast<plan::Id>(plan.lists.size()), static_cast<plan::Id>(ids.size())};
    plan.lists.insert(plan.lists.end(), ids.begin(), ids.end());
    return range;
  };
  plan::Source source;
  source.name = text("lab");
  plan.sources.push_back(source);
  for (const char* name : {"mercy", "archive"}) {
    plan::Destination destination;
    destination.name = text(name);
    plan.destinations.push_back(destination);
  }
  for (const plan::Id destination : {plan::Id{0}, plan::Id{1}}) {
    plan::Step step;
    step.op = plan::StepOp::deliver;
    step.a = destination;
    plan.steps.push_back(step);
  }
  plan::Step when;  // the second delivery stands in a `when`
  when.op = plan::StepOp::when;
  plan::Expr always;
  always.op = plan::ExprOp::boolean;
  always.type = plan::ValueType::boolean;
  always.a = 1;
  plan.exprs.push_back(always);
  when.a = 0;
  when.body = list({1});
  plan.steps.push_back(when);
  plan::Flow flow;
  flow.name = text("results");
  flow.sources = list({0});
  flow.body = list({0, 2});
  plan.flows.push_back(flow);
  plan::Alert alert;
  alert.name = text("watched");
  alert.notify = list({text("oncall")});
  for (const When& one : whens) {
    plan::AlertCondition& condition = alert.conditions.emplace_back();
    condition.metric = text(one.metric);
    condition.op = text(one.op);
    condition.value = one.value;
    condition.quantile = one.quantile;
    condition.for_micros = static_cast<std::uint64_t>(one.lasting.count());
    (one.of_flow ? condition.flow : condition.destination) = 0;
  }
  plan.alerts.push_back(alert);
  return plan;
}

/// What is looked at: a test moves the time and the counters on.
struct Hub {
  Observed seen;

  Hub() {
    seen.now = SteadyTime(std::chrono::hours(1));
    seen.wall = WallTime(std::chrono::hours(480'000));
    seen.engine.sources.resize(1);
    seen.engine.sources[0].name = "lab";
    seen.engine.sources[0].flows.resize(1);
    for (const char* name : {"mercy", "archive"}) {
      flow::DestinationSnapshot& destination = seen.engine.destinations.emplace_back();
      destination.name = name;
      destination.lanes.resize(1);
      store::DestinationStatus& kept = seen.store.destinations.emplace_back();
      kept.name = name;
    }
    seen.store.free_bytes = 1ULL << 40;
  }
  void pass(std::chrono::microseconds length) {
    seen.now += length;
    seen.wall += length;
  }
  flow::SourceCounters& source() { return seen.engine.sources[0].counters; }
  flow::FlowCounters& flow() { return seen.engine.sources[0].flows[0]; }
  flow::DestinationSnapshot& mercy() { return seen.engine.destinations[0]; }
  flow::LaneStatus& lane() { return seen.engine.destinations[0].lanes[0]; }
};

}  // namespace smarthl7::alert
