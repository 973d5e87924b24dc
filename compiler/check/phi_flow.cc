// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/phi_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/phi_mapping.h"
#include "compiler/check/redaction.h"

namespace smarthl7::check {

using diag::Code;
using syntax::StepKind;

void PhiFlow::check() {
  PhiState state;
  state.level = plan::Level::deidentified;
  for (const syntax::Step* one : flow_.steps) {
    const auto* from = one->try_as<syntax::FromStep>();
    if (from == nullptr) continue;
    for (const syntax::Name* name : from->sources) {
      const auto at = context_.source_ends.find(name->text);
      if (at == context_.source_ends.end()) continue;
      sources_.push_back(&at->second);
      state.level = std::min(state.level, at->second.level);
    }
  }
  if (sources_.empty()) state.level = plan::Level::identified;
  static_cast<void>(steps(flow_.steps, std::move(state)));
}

PhiFlow::Line PhiFlow::steps(syntax::List<syntax::Step> list, Line line) {
  for (const syntax::Step* one : list) {
    if (!line) return line;
    keep_facts(*one, *line);
    line = step(*one, std::move(*line));
  }
  return line;
}

const MessageType* PhiFlow::type_at(const syntax::Step& step) const {
  const auto at = context_.facts.steps.find(step.id);
  return at == context_.facts.steps.end() ? nullptr : &at->second.type;
}

PhiModel PhiFlow::model_at(const syntax::Step& step) const {
  const MessageType* type = type_at(step);
  return PhiModel(type == nullptr ? MessageType{} : *type);
}

/// For hover and the pictures: the level, and where something else stands than the standard says.
void PhiFlow::keep_facts(const syntax::Step& step, const PhiState& state) {
  PhiStep& fact = context_.facts.levels[step.id];
  fact.level = state.level;
  fact.places.clear();
  for (const auto& [place, entry] : state.entries) {
    if (entry.trail != nullptr) fact.places.push_back({describe(place), {entry.mark, way(entry.trail)}});
  }
}

PhiFlow::Line PhiFlow::step(const syntax::Step& step, PhiState state) {
  switch (step.kind) {
    case StepKind::validate: {
      const auto& validate = step.as<syntax::ValidateStep>();
      deliver_else(validate.otherwise, state);
      const bool refuses = validate.otherwise != nullptr && validate.otherwise->kind != syntax::ElseKind::proceed;
      state.strict = state.strict || (validate.strictness == syntax::Strictness::strict && refuses);
      return state;
    }
    case StepKind::map: return map(step.as<syntax::MapStep>(), state);
    case StepKind::redact: return redact(step.as<syntax::RedactStep>(), state);
    case StepKind::apply:
      deliver_else(step.as<syntax::ApplyStep>().otherwise, state);
      // What leaves a transform keeps the level that went in, and anything can be anywhere in it.
      if (state.level != plan::Level::deidentified) {
        const auto& apply = step.as<syntax::ApplyStep>();
        state.opaque = check::step(fmt::format("`apply {}`", apply.transform == nullptr ? "" : apply.transform->text),
                                   step.span, state.opaque);
      }
      return state;
    case StepKind::convert: deliver_else(step.as<syntax::ConvertStep>().otherwise, state); return state;
    case StepKind::when: {
      const auto arms = step.as<syntax::WhenStep>().arms;
      const bool total = std::any_of(arms.begin(), arms.end(), [](const syntax::Arm* arm) { return arm->otherwise; });
      return choice(step, arms, nullptr, state, !total);
    }
    case StepKind::route: {
      const auto& route = step.as<syntax::RouteStep>();
      return choice(step, route.arms, route.subject, state, false);
    }
    case StepKind::fanout: {
      const auto arms = step.as<syntax::FanoutStep>().arms;
      const bool total = std::any_of(arms.begin(), arms.end(), [](const syntax::Arm* arm) { return arm->otherwise; });
      return choice(step, arms, nullptr, state, !total);
    }
    case StepKind::branch: static_cast<void>(steps(step.as<syntax::BranchStep>().steps, state)); return state;
    case StepKind::deliver:
      for (const syntax::Name* name : step.as<syntax::DeliverStep>().destinations) deliver(*name, state);
      return state;
    case StepKind::respond: respond(step.as<syntax::RespondStep>()); return state;
    case StepKind::dead:
    case StepKind::drop:
    case StepKind::reject: return std::nullopt;
    case StepKind::from:
    case StepKind::dedup:
    case StepKind::split:
    case StepKind::batch:
    case StepKind::error: return state;
  }
  return state;
}

PhiState PhiFlow::map(const syntax::MapStep& step, const PhiState& state) {
  const auto* mapping = context_.project.declared<syntax::MappingDecl>(step.mapping);
  const MessageType* type = type_at(step);
  if (mapping == nullptr || type == nullptr) return state;
  const auto each_else = [&](const auto& self, syntax::List<syntax::MappingItem> items) -> void {
    for (const syntax::MappingItem* item : items) {
      if (const auto* one = item->try_as<syntax::AssignItem>()) deliver_else(one->otherwise, state);
      if (const auto* one = item->try_as<syntax::DeleteItem>()) deliver_else(one->otherwise, state);
      if (const auto* one = item->try_as<syntax::InsertItem>()) deliver_else(one->otherwise, state), self(self, one->items);
      if (const auto* one = item->try_as<syntax::EachItem>()) self(self, one->items);
      if (const auto* one = item->try_as<syntax::WhenItem>()) {
        for (const syntax::WhenMappingArm* arm : one->arms) self(self, arm->items);
      }
    }
  };
  each_else(each_else, mapping->items);
  const PhiModel takes(*type);
  if (mapping->to == nullptr) return phi_after(context_, *mapping, takes, takes, state);
  const auto* to = context_.project.declared<syntax::MessageDecl>(mapping->to);
  const PhiModel gives(to == nullptr ? MessageType{} : context_.message_type(*to));
  return phi_after(context_, *mapping, takes, gives, state);
}

PhiState PhiFlow::redact(const syntax::RedactStep& step, const PhiState& state) {
  deliver_else(step.otherwise, state);
  const RedactionInfo* redaction = redaction_of(context_, step);
  const MessageType* type = type_at(step);
  if (redaction == nullptr || redaction->broken || (type != nullptr && type->kind == MessageType::Kind::error)) {
    // It was reported; nothing after it is blamed for that.
    PhiState done = state;
    done.level = plan::Level::deidentified;
    return done;
  }
  return redactions_.after(model_at(step), state, step, *redaction);
}

PhiFlow::Line PhiFlow::choice(const syntax::Step& step, syntax::List<syntax::Arm> arms, const syntax::Expr* subject,
                              const PhiState& state, bool passes) {
  const PhiModel model = model_at(step);
  PhiState before = state;
  const auto under = [&](const syntax::Expr* condition) {
    if (condition == nullptr || condition->poisoned) return;
    if (Trail who = asks_who(context_, model, state, *condition)) before.under = std::move(who);
  };
  under(subject);
  std::vector<std::pair<PhiState, source::Span>> ways;
  for (const syntax::Arm* arm : arms) {
    under(arm->condition);
    if (Line line = steps(arm->steps, before)) ways.emplace_back(std::move(*line), arm->span);
  }
  if (passes) ways.emplace_back(before, source::Span{step.span.file, step.span.begin, step.span.begin + 4});
  if (ways.empty()) return std::nullopt;
  PhiState joined = ways.front().first;
  for (std::size_t i = 1; i < ways.size(); ++i) joined = either(std::move(joined), ways[i].first, model);
  joined.under = state.under;
  for (const auto& [one, span] : ways) {
    const bool lower = std::any_of(ways.begin(), ways.end(), [&](const auto& other) { return other.first.level > one.level; });
    if (lower && one.level == joined.level && one.redacted == state.redacted && !joined.unredacted) joined.unredacted = span;
  }
  return joined;
}

/// The sender is answered with what the destination says, which may know more than the sender may.
void PhiFlow::respond(const syntax::RespondStep& step) {
  if (step.destination == nullptr) return;
  const auto at = context_.destinations.find(step.destination->text);
  if (at == context_.destinations.end()) return;
  for (const SourceInfo* source : sources_) {
    if (source->level <= at->second.values.holds) continue;
    diag::Diagnostic diagnostic{
        .code = Code::E0608,
        .span = step.destination->span,
        .message = fmt::format("`{}` holds {} data and its answer goes to the senders of `{}`, which yields {} data",
                               step.destination->text, level_name(at->second.values.holds), source->declaration->name->text,
                               level_name(source->level))};
    if (const syntax::Option* yields = source->declaration->options->find("yields"))
      diagnostic.secondary.push_back({yields->span, "who sends no more is not told more"});
    diagnostic.help = fmt::format("say `holds {}` in the destination if its answers say no more, or do not relay them",
                                  level_name(source->level));
    context_.sink.report(std::move(diagnostic));
    return;
  }
}

}  // namespace smarthl7::check
