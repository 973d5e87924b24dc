// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/check/expressions.h"
#include "compiler/check/flow_checker.h"
#include "compiler/check/mapping.h"
#include "compiler/check/options.h"
#include "compiler/check/respond.h"

namespace smarthl7::check {

using diag::Code;
using syntax::StepKind;

namespace {

constexpr std::string_view kInBranch = "the main line was answered for already: a `branch` is a copy that cannot reject";
constexpr std::string_view kOnReceipt = "the sender has its acknowledgement already: the source says `ack on receipt`";

std::string_view word_of(StepKind kind) {
  switch (kind) {
    case StepKind::from: return "from";
    case StepKind::validate: return "validate";
    case StepKind::dedup: return "dedup";
    case StepKind::map: return "map";
    case StepKind::apply: return "apply";
    case StepKind::convert: return "as";
    case StepKind::redact: return "redact";
    case StepKind::when: return "when";
    case StepKind::route: return "route";
    case StepKind::fanout: return "fanout";
    case StepKind::branch: return "branch";
    case StepKind::split: return "split";
    case StepKind::batch: return "batch";
    case StepKind::deliver: return "->";
    case StepKind::respond: return "respond";
    case StepKind::dead: return "dead";
    case StepKind::drop: return "drop";
    case StepKind::reject: return "reject";
    case StepKind::error: return "?";
  }
  return "?";
}

/// What stands for a step in a message: its word, if a block follows.
source::Span head_of(const syntax::Step& step) {
  const bool block = step.kind == StepKind::when || step.kind == StepKind::route || step.kind == StepKind::fanout ||
                     step.kind == StepKind::branch;
  if (!block) return step.span;
  return {step.span.file, step.span.begin,
          std::min(step.span.end, step.span.begin + static_cast<std::uint32_t>(word_of(step.kind).size()))};
}

bool poisoned_below(syntax::List<syntax::Step> list) {
  return std::any_of(list.begin(), list.end(),
                     [](const syntax::Step* step) { return step->kind == StepKind::error || step->poisoned; });
}

}  // namespace

MessageType unknown_type() {
  MessageType type;
  type.kind = MessageType::Kind::error;
  return type;
}

// ---- the flow -------------------------------------------------------------------------------------------------------------

void FlowChecker::check() {
  const bool complete = check_source_order();
  Way way;
  context_.facts.steps[flow_.id] = way.state;
  way = steps(flow_.steps, std::move(way));
  check_dedup_window();
  if (complete && !flow_.poisoned && !poisoned_below(flow_.steps)) check_open_end(way, flow_.name->span, "the flow");
}

/// `from` comes first, once; false if there is none.
bool FlowChecker::check_source_order() {
  const syntax::FromStep* first = nullptr;
  for (const syntax::Step* step : flow_.steps) {
    const auto* from = step->try_as<syntax::FromStep>();
    if (from == nullptr) continue;
    if (first != nullptr) {
      context_.sink.report({.code = Code::E0502,
                            .span = from->span,
                            .message = fmt::format("the flow `{}` says `from` twice", flow_.name->text),
                            .secondary = {{first->span, "first here"}},
                            .help = "name all its sources in one `from`, with commas"});
    } else if (step != flow_.steps.front() && flow_.steps.front()->kind != StepKind::error) {
      context_.sink.report(Code::E0502, from->span, "`from` is the first step of a flow", "move it before the other steps");
    }
    if (first == nullptr) first = from;
  }
  if (first != nullptr) {
    sources(*first);
    return true;
  }
  if (!flow_.poisoned && !poisoned_below(flow_.steps)) {
    context_.sink.report(Code::E0501, flow_.name->span,
                         fmt::format("the flow `{}` does not say where its messages come from", flow_.name->text),
                         "begin it with `from SOURCE`");
  }
  takes_everything_ = true;
  sources_known_ = false;
  return false;
}

void FlowChecker::sources(const syntax::FromStep& step) {
  std::set<std::string_view> seen;
  for (const syntax::Name* name : step.sources) {
    if (!seen.insert(name->text).second) {
      context_.sink.report(Code::E0704, name->span, fmt::format("`{}` is named twice", name->text));
      continue;
    }
    const auto at = context_.source_ends.find(name->text);
    if (at == context_.source_ends.end()) {
      sources_known_ = false;
      continue;
    }
    const SourceInfo& source = at->second;
    sources_.push_back(&source);
    sources_known_ = sources_known_ && !source.refused;
    takes_everything_ = takes_everything_ || source.accepts.empty();
    accepts_.insert(accepts_.end(), source.accepts.begin(), source.accepts.end());
    if (source.ack == plan::AckMode::on_receipt) no_reject_ = kOnReceipt;
  }
}

void FlowChecker::check_open_end(const Way& way, source::Span place, std::string_view what) {
  if (way.ended || way.delivered) return;
  diag::Diagnostic diagnostic{
      .code = Code::E0503,
      .span = place,
      .message = fmt::format("a message can reach the end of {} without being delivered or given up", what),
      .help = "end every way with `-> DESTINATION`, `dead \"why\"` or `drop \"why\"`"};
  if (way.open_choice) diagnostic.secondary.push_back(*way.open_choice);
  context_.sink.report(std::move(diagnostic));
}

// ---- steps ----------------------------------------------------------------------------------------------------------------

Way FlowChecker::steps(syntax::List<syntax::Step> list, Way way) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const syntax::Step* one = list[i];
    if (way.ended && !way.told && one->kind != StepKind::error) {
      way.told = true;
      diag::Diagnostic diagnostic{.code = Code::E0504,
                                  .span = head_of(*one),
                                  .message = fmt::format("no message reaches this `{}`", word_of(one->kind))};
      if (way.ender) diagnostic.secondary.push_back({*way.ender, "here every message has ended"});
      context_.sink.report(std::move(diagnostic));
    }
    context_.facts.steps[one->id] = way.state;
    if (const auto* collects = one->try_as<syntax::BatchStep>(); collects != nullptr && !way.ended)
      return batch(*collects, std::span(list).subspan(i + 1), std::move(way));
    const Way before = way;
    way = step(*one, std::move(way));
    if (before.ended) way = before;
  }
  return way;
}

Way FlowChecker::step(const syntax::Step& step, Way way) {
  const bool on_fields = step.kind == StepKind::validate || step.kind == StepKind::map || step.kind == StepKind::redact ||
                         step.kind == StepKind::dedup || step.kind == StepKind::split || step.kind == StepKind::batch;
  if (on_fields && needs_message(step, word_of(step.kind), way)) {
    way.state = {unknown_type(), {}};
    return way;
  }
  switch (step.kind) {
    case StepKind::from: return way;
    case StepKind::validate: return validate(step.as<syntax::ValidateStep>(), std::move(way));
    case StepKind::dedup: dedup(step.as<syntax::DedupStep>(), way); return way;
    case StepKind::map: return map(step.as<syntax::MapStep>(), std::move(way));
    case StepKind::redact: return redact(step.as<syntax::RedactStep>(), std::move(way));
    case StepKind::when: return when(step.as<syntax::WhenStep>(), way);
    case StepKind::route: return route(step.as<syntax::RouteStep>(), way);
    case StepKind::fanout: return fanout(step.as<syntax::FanoutStep>(), way);
    case StepKind::branch: branch(step.as<syntax::BranchStep>(), way); return way;
    case StepKind::deliver: return deliver(step, step.as<syntax::DeliverStep>().destinations, std::move(way));
    case StepKind::respond: respond(step.as<syntax::RespondStep>(), way); return way;
    case StepKind::dead: return end(step, step.as<syntax::DeadStep>().reason, std::move(way));
    case StepKind::drop: return end(step, step.as<syntax::DropStep>().reason, std::move(way));
    case StepKind::convert: return convert(step.as<syntax::ConvertStep>(), std::move(way));
    case StepKind::split: return split(step.as<syntax::SplitStep>(), std::move(way));
    case StepKind::reject: return reject(step.as<syntax::RejectStep>(), std::move(way));
    case StepKind::batch: return way;  // steps() sees what comes after it
    case StepKind::apply: return refuse(step, std::move(way));
    case StepKind::error: way.state.type = unknown_type(); return way;
  }
  return way;
}

/// A step of the language that does not run yet: what it would give is unknown, so nothing after it is blamed for that.
Way FlowChecker::refuse(const syntax::Step& step, Way way) {
  source::Span word = step.span;
  word.end = std::min(word.end, word.begin + static_cast<std::uint32_t>(word_of(step.kind).size()));
  context_.sink.report(Code::E0211, word, fmt::format("this version does not run `{}` yet", word_of(step.kind)),
                       "the rest of the flow is checked; take the step out to run it");
  way.state = {unknown_type(), {}};
  return way;
}

void FlowChecker::branch(const syntax::BranchStep& step, Way way) {
  const bool outer = in_branch_;
  const bool outer_fanout = std::exchange(in_fanout_, false);
  const std::string_view before = no_reject_;
  in_branch_ = true;
  if (no_reject_.empty()) no_reject_ = kInBranch;
  way.delivered = false;
  way.open_choice.reset();
  const Way after = steps(step.steps, std::move(way));
  if (!step.poisoned && !poisoned_below(step.steps)) {
    check_open_end(after, {step.span.file, step.span.begin, step.span.begin + 6}, "this `branch`");
  }
  in_branch_ = outer;
  in_fanout_ = outer_fanout;
  no_reject_ = before;
}

Way FlowChecker::deliver(const syntax::Node& step, syntax::List<syntax::Name> destinations, Way way) {
  std::set<std::string_view> seen;
  for (const syntax::Name* name : destinations) {
    if (!seen.insert(name->text).second)
      context_.sink.report(Code::E0704, name->span, fmt::format("`{}` is named twice", name->text));
    const auto at = context_.destinations.find(name->text);
    if (at == context_.destinations.end()) continue;
    check_content(*name, at->second, way);
    check_keys(step, *name, at->second, way);
    note_delivery(*name, at->second, way, false);
    if (!in_branch_) way.reached.insert(name->text);
  }
  way.delivered = true;
  return way;
}

Way FlowChecker::end(const syntax::Step& step, const syntax::StringExpr* reason, Way way) {
  if (reason != nullptr && !reason->poisoned) check_reason(context_, way.state, *reason);
  way.ended = true;
  way.ender = step.span;
  return way;
}

void check_flows(Context& context) {
  const std::vector<Link> links = links_of(context);
  for (const auto* flow : context.project.all<syntax::FlowDecl>()) FlowChecker(context, *flow, links).check();
  check_responses(context);
}

}  // namespace smarthl7::check
