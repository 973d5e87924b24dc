// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/flow.h"

#include <fmt/format.h>

#include "compiler/check/values.h"
#include "compiler/lower/expressions.h"
#include "compiler/lower/redaction.h"

namespace smarthl7::lower {
namespace {

using syntax::StepKind;

class FlowLowerer {
 public:
  FlowLowerer(PlanBuilder& builder, std::string_view flow) : builder_(builder), flow_(flow) {}

  plan::Range steps(syntax::List<syntax::Step> list) {
    std::vector<Id> ids;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (const auto* collects = list[i]->try_as<syntax::BatchStep>()) {
        ids.push_back(batch(*collects, std::span(list).subspan(i + 1)));
        break;  // the rest is the batch's
      }
      step(*list[i], ids);
    }
    return builder_.list(ids);
  }

 private:
  void step(const syntax::Step& step, std::vector<Id>& ids);
  plan::Step validate(const syntax::ValidateStep& step);
  plan::Step dedup(const syntax::DedupStep& step);
  plan::Step reject(const syntax::RejectStep& step);
  Id batch(const syntax::BatchStep& step, std::span<const syntax::Step* const> rest);
  plan::Step when(std::span<const syntax::Arm* const> arms);
  plan::Step route(const syntax::RouteStep& step);
  plan::Step convert(const syntax::ConvertStep& step);
  plan::Step fanout(const syntax::FanoutStep& step);
  void deliver(const syntax::DeliverStep& step, std::vector<Id>& ids);
  Id value(const syntax::Arm& arm, const syntax::Expr& expr, bool by_type);
  /// Of what comes in to a step.
  [[nodiscard]] plan::Level level_of(const syntax::Node& step) const {
    const auto& levels = builder_.facts().levels;
    const auto at = levels.find(step.id);
    return at == levels.end() ? plan::Level::identified : at->second.level;
  }

  PlanBuilder& builder_;
  std::string_view flow_;
  unsigned batches_ = 0;
};

plan::Step FlowLowerer::validate(const syntax::ValidateStep& step) {
  plan::Step lowered;
  lowered.op = plan::StepOp::validate;
  lowered.a = builder_.id_of_use(step.message);
  lowered.tolerant = step.strictness == syntax::Strictness::tolerant;
  lowered.strict = step.strictness == syntax::Strictness::strict;
  lowered.on_failure = lower_else(builder_, step.otherwise);
  return lowered;
}

plan::Step FlowLowerer::dedup(const syntax::DedupStep& step) {
  constexpr std::uint64_t kMicrosInSecond = 1'000'000;
  plan::Step lowered;
  lowered.op = plan::StepOp::dedup;
  std::vector<Id> keys;
  for (const syntax::PathExpr* key : step.keys) keys.push_back(lower_expression(builder_, *key));
  lowered.list = builder_.list(keys);
  if (const auto* unit = step.within == nullptr ? nullptr : step.within->try_as<syntax::UnitExpr>()) {
    lowered.window_seconds = check::duration_micros(*unit).value_or(0) / kMicrosInSecond;
  }
  lowered.reject_conflict = step.conflict_rejects;
  std::vector<Id> ignoring;
  for (const syntax::PathExpr* path : step.ignoring) ignoring.push_back(lower_path(builder_, *path));
  lowered.ignoring = builder_.list(ignoring);
  return lowered;
}

plan::Step FlowLowerer::reject(const syntax::RejectStep& step) {
  plan::Step lowered;
  lowered.op = plan::StepOp::reject;
  const bool for_good = step.ack_code != nullptr && step.ack_code->text == "AR";
  lowered.on_failure.kind = for_good ? plan::ElseKind::reject : plan::ElseKind::reject_error;
  if (step.reason != nullptr) lowered.on_failure.reason = lower_reason(builder_, step.reason);
  return lowered;
}

/// One step: what it collects leaves the flow here, and the destinations that follow are the batch's.
Id FlowLowerer::batch(const syntax::BatchStep& step, std::span<const syntax::Step* const> rest) {
  plan::Batch batch;
  batch.name = builder_.text(fmt::format("{} batch {}", flow_, ++batches_));
  if (const auto* count = step.count->try_as<syntax::NumberExpr>())
    batch.most_messages = static_cast<std::uint32_t>(check::whole_number(count->text).value_or(1));
  if (const auto* within = step.within->try_as<syntax::UnitExpr>())
    batch.most_micros = check::duration_micros(*within).value_or(0);
  std::vector<Id> destinations;
  for (const syntax::Step* one : rest) {
    for (const syntax::Name* name : one->as<syntax::DeliverStep>().destinations)
      destinations.push_back(builder_.id_of_use(name));
  }
  batch.destinations = builder_.list(destinations);
  batch.place = builder_.place(step.span);
  plan::Step lowered;
  lowered.op = plan::StepOp::batch;
  lowered.a = static_cast<Id>(builder_.plan().batches.size());
  lowered.place = batch.place;
  builder_.plan().batches.push_back(batch);
  return builder_.add(lowered);
}

/// `when A { } otherwise when B { } otherwise { }`: each further arm stands in the `otherwise` of the one before.
plan::Step FlowLowerer::when(std::span<const syntax::Arm* const> arms) {
  plan::Step lowered;
  lowered.op = plan::StepOp::when;
  lowered.a = lower_expression(builder_, *arms.front()->condition);
  lowered.body = steps(arms.front()->steps);
  arms = arms.subspan(1);
  if (arms.empty()) return lowered;
  if (arms.front()->condition == nullptr) {
    lowered.otherwise = steps(arms.front()->steps);
    return lowered;
  }
  plan::Step next = when(arms);
  next.place = builder_.place(arms.front()->span);
  const Id ids[] = {builder_.add(next)};
  lowered.otherwise = builder_.list(ids);
  return lowered;
}

Id FlowLowerer::value(const syntax::Arm& arm, const syntax::Expr& expr, bool by_type) {
  if (by_type) return builder_.text(builder_.context().text(expr.span));
  static_cast<void>(arm);
  return lower_expression(builder_, expr);
}

plan::Step FlowLowerer::route(const syntax::RouteStep& step) {
  plan::Step lowered;
  lowered.op = plan::StepOp::route;
  const auto* word = step.subject->try_as<syntax::NameExpr>();
  lowered.by_type = word != nullptr && word->text == "type";
  if (!lowered.by_type) lowered.a = lower_expression(builder_, *step.subject);
  std::vector<Id> ids;
  for (const syntax::Arm* arm : step.arms) {
    plan::Arm one;
    one.otherwise = arm->otherwise;
    std::vector<Id> values;
    for (const syntax::Expr* expr : arm->values) values.push_back(value(*arm, *expr, lowered.by_type));
    one.values = builder_.list(values);
    one.body = steps(arm->steps);
    one.place = builder_.place(arm->span);
    ids.push_back(builder_.add(one));
  }
  lowered.list = builder_.list(ids);
  return lowered;
}

plan::Step FlowLowerer::convert(const syntax::ConvertStep& step) {
  plan::Step lowered;
  lowered.op = plan::StepOp::convert;
  const std::string_view format = step.type->format->text;
  const plan::Content content = format == "xml"    ? plan::Content::xml
                                : format == "json" ? plan::Content::json
                                : format == "hl7"  ? plan::Content::hl7
                                                   : plan::Content::bytes;
  lowered.a = static_cast<Id>(content);
  std::vector<Id> words;
  for (const syntax::Name* word : {step.type->version, step.type->structure}) {
    if (word != nullptr) words.push_back(builder_.text(word->text));
  }
  lowered.list = builder_.list(words);
  lowered.on_failure = lower_else(builder_, step.otherwise);
  return lowered;
}

plan::Step FlowLowerer::fanout(const syntax::FanoutStep& step) {
  plan::Step lowered;
  lowered.op = plan::StepOp::fanout;
  std::vector<Id> ids;
  for (const syntax::Arm* arm : step.arms) {
    plan::Arm one;
    one.otherwise = arm->otherwise;
    if (arm->condition != nullptr) one.condition = lower_expression(builder_, *arm->condition);
    one.body = steps(arm->steps);
    one.place = builder_.place(arm->span);
    ids.push_back(builder_.add(one));
  }
  lowered.list = builder_.list(ids);
  return lowered;
}

void FlowLowerer::deliver(const syntax::DeliverStep& step, std::vector<Id>& ids) {
  const check::Context& context = builder_.context();
  for (const syntax::Name* name : step.destinations) {
    plan::Step lowered;
    lowered.op = plan::StepOp::deliver;
    lowered.a = builder_.id_of_use(name);
    const auto destination = context.destinations.find(name->text);
    const auto facts = context.keys.find({step.id, name->text});
    if (destination != context.destinations.end() && facts != context.keys.end()) {
      builder_.use_facts(&facts->second);
      std::vector<Id> keys;
      for (const syntax::PathExpr* key : destination->second.order_keys) keys.push_back(lower_expression(builder_, *key));
      std::vector<Id> urgent;
      for (const syntax::PathExpr* key : destination->second.urgent_keys) urgent.push_back(lower_path(builder_, *key));
      builder_.use_facts(nullptr);
      lowered.list = builder_.list(keys);
      std::vector<Id> codes;
      for (const std::string_view code : destination->second.urgent_codes) codes.push_back(builder_.text(code));
      lowered.urgent = !urgent.empty();
      lowered.ignoring = builder_.list(urgent);
      if (lowered.urgent) lowered.otherwise = builder_.list(codes);
    }
    lowered.place = builder_.place(name->span);
    lowered.level = level_of(step);
    ids.push_back(builder_.add(lowered));
  }
}

void FlowLowerer::step(const syntax::Step& step, std::vector<Id>& ids) {
  plan::Step lowered;
  switch (step.kind) {
    case StepKind::validate: lowered = validate(step.as<syntax::ValidateStep>()); break;
    case StepKind::dedup: lowered = dedup(step.as<syntax::DedupStep>()); break;
    case StepKind::map:
      lowered.op = plan::StepOp::map;
      lowered.a = builder_.id_of_use(step.as<syntax::MapStep>().mapping);
      break;
    case StepKind::redact:
      lowered.op = plan::StepOp::redact;
      lowered.a = lower_redaction(builder_, step.as<syntax::RedactStep>());
      break;
    case StepKind::when: lowered = when(step.as<syntax::WhenStep>().arms); break;
    case StepKind::convert: lowered = convert(step.as<syntax::ConvertStep>()); break;
    case StepKind::route: lowered = route(step.as<syntax::RouteStep>()); break;
    case StepKind::fanout: lowered = fanout(step.as<syntax::FanoutStep>()); break;
    case StepKind::branch:
      lowered.op = plan::StepOp::branch;
      lowered.body = steps(step.as<syntax::BranchStep>().steps);
      break;
    case StepKind::deliver: deliver(step.as<syntax::DeliverStep>(), ids); return;
    case StepKind::dead:
      lowered.op = plan::StepOp::dead;
      lowered.a = lower_reason(builder_, step.as<syntax::DeadStep>().reason);
      break;
    case StepKind::drop:
      lowered.op = plan::StepOp::drop;
      lowered.a = lower_reason(builder_, step.as<syntax::DropStep>().reason);
      break;
    case StepKind::reject: lowered = reject(step.as<syntax::RejectStep>()); break;
    case StepKind::split:
      lowered.op = plan::StepOp::split;
      lowered.a = lower_scope(builder_, *step.as<syntax::SplitStep>().group, nullptr);
      break;
    case StepKind::from:  // parts of the flow
    case StepKind::respond:
    case StepKind::apply:  // the rest was refused by the check
    case StepKind::batch:  // steps() has taken it
    case StepKind::error: return;
  }
  lowered.place = builder_.place(step.span);
  lowered.level = level_of(step);
  ids.push_back(builder_.add(lowered));
}

}  // namespace

plan::Flow lower_flow(PlanBuilder& builder, const syntax::FlowDecl& flow) {
  plan::Flow lowered;
  lowered.name = builder.text(flow.name->text);
  std::vector<Id> sources;
  for (const syntax::Step* step : flow.steps) {
    if (const auto* from = step->try_as<syntax::FromStep>()) {
      for (const syntax::Name* name : from->sources) sources.push_back(builder.id_of_use(name));
    }
    if (const auto* respond = step->try_as<syntax::RespondStep>()) {
      lowered.respond_from = builder.id_of_use(respond->destination);
      if (const auto* unit = respond->within->try_as<syntax::UnitExpr>())
        lowered.respond_within_micros = check::duration_micros(*unit).value_or(0);
    }
    const auto* validate = step->try_as<syntax::ValidateStep>();
    if (validate != nullptr && lowered.message == plan::kNone) lowered.message = builder.id_of_use(validate->message);
  }
  lowered.sources = builder.list(sources);
  lowered.body = FlowLowerer(builder, flow.name->text).steps(flow.steps);
  lowered.place = builder.place(flow.span);
  return lowered;
}

}  // namespace smarthl7::lower
