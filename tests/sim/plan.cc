// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/plan.h"

#include <string>
#include <vector>

namespace smarthl7::sim {

namespace {

using plan::Id;

class Builder {
 public:
  Builder() { plan_.strings.emplace_back(); }

  Id text(const std::string& value) {
    for (Id i = 0; i < plan_.strings.size(); ++i)
      if (plan_.strings[i] == value) return i;
    plan_.strings.push_back(value);
    return static_cast<Id>(plan_.strings.size() - 1);
  }
  plan::Range list(const std::vector<Id>& ids) {
    const plan::Range range{static_cast<Id>(plan_.lists.size()), static_cast<Id>(ids.size())};
    plan_.lists.insert(plan_.lists.end(), ids.begin(), ids.end());
    return range;
  }
  Id read(const std::string& segment, std::uint16_t field, std::uint16_t component) {
    plan::Path path;
    path.segment.name = text(segment);
    path.field = field;
    path.component = component;
    path.text = text(segment + "-" + std::to_string(field));
    plan_.paths.push_back(path);
    plan::Expr expr;
    expr.op = plan::ExprOp::read;
    expr.type = plan::ValueType::text;
    expr.a = static_cast<Id>(plan_.paths.size() - 1);
    plan_.exprs.push_back(expr);
    return static_cast<Id>(plan_.exprs.size() - 1);
  }
  Id step(plan::Step step) {
    plan_.steps.push_back(step);
    return static_cast<Id>(plan_.steps.size() - 1);
  }
  plan::Plan& plan() { return plan_; }

 private:
  plan::Plan plan_;
};

plan::Destination destination(Builder& build, const char* name, const PlanOptions& options) {
  plan::Destination result;
  result.name = build.text(name);
  result.connector = build.text("mllp");
  result.ack_within_micros = options.ack_within_micros;
  result.retry = 0;
  if (options.enhanced) {
    result.accept_ack = plan::AckCondition::always;
    result.application_ack = plan::AckCondition::always;
    result.application_within_micros = options.ack_within_micros;
  }
  return result;
}

}  // namespace

plan::Plan make_plan(const PlanOptions& options) {
  Builder build;
  plan::Plan& plan = build.plan();

  plan::Retry retry;
  retry.name = build.text("steady");
  retry.first_micros = options.first_pause_micros;
  retry.most_micros = options.most_pause_micros;
  retry.give_up_micros = 3'600'000'000;
  plan.retries.push_back(retry);

  plan::Source source;
  source.name = build.text("lab");
  source.connector = build.text("mllp");
  plan::AcceptedType type;
  type.code = build.text("ORU");
  type.trigger = build.text("R01");
  source.accepts.push_back(type);
  plan.sources.push_back(source);

  plan.destinations.push_back(destination(build, kFifoName, options));
  plan::Destination keyed = destination(build, kKeyedName, options);
  keyed.order = plan::Order::keys;
  keyed.connections = options.keyed_connections;
  plan.destinations.push_back(keyed);

  plan::Step dedup;
  dedup.op = plan::StepOp::dedup;
  dedup.list = build.list({build.read("MSH", 3, 0), build.read("MSH", 10, 0)});
  dedup.window_seconds = 7 * 24 * 3600;
  plan::Step to_fifo;
  to_fifo.op = plan::StepOp::deliver;
  to_fifo.a = 0;
  plan::Step to_keyed;
  to_keyed.op = plan::StepOp::deliver;
  to_keyed.a = 1;
  to_keyed.list = build.list({build.read("PID", 3, 1), build.read("PID", 4, 1)});

  if (options.batch_messages != 0) {
    plan::Destination registry = destination(build, kBatchName, options);
    registry.accept_ack = registry.application_ack = plan::AckCondition::as_sent;
    registry.application_within_micros = 0;
    plan.destinations.push_back(registry);
  }

  plan::Flow flow;
  flow.name = build.text("results");
  flow.sources = build.list({0});
  const Id first = build.step(dedup);
  const Id second = build.step(to_fifo);
  const Id third = build.step(to_keyed);
  std::vector<Id> steps = {first, second, third};
  if (options.batch_messages != 0) {
    plan::Batch batch;
    batch.name = build.text("results batch 1");
    batch.most_messages = options.batch_messages;
    batch.most_micros = options.batch_micros;
    batch.destinations = build.list({2});
    plan.batches.push_back(batch);
    plan::Step collect;
    collect.op = plan::StepOp::batch;
    collect.a = 0;
    plan::Step branch;
    branch.op = plan::StepOp::branch;
    branch.body = build.list({build.step(collect)});
    steps.push_back(build.step(branch));
  }
  flow.body = build.list(steps);
  if (options.respond_within_micros != 0) {
    flow.respond_from = 0;
    flow.respond_within_micros = options.respond_within_micros;
  }
  plan.flows.push_back(flow);
  return std::move(plan);
}

}  // namespace smarthl7::sim
