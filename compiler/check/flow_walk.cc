// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/flow_walk.h"

namespace smarthl7::check {

using syntax::StepKind;

namespace {

const syntax::ElseClause* else_of(const syntax::Step& step) {
  switch (step.kind) {
    case StepKind::validate: return step.as<syntax::ValidateStep>().otherwise;
    case StepKind::map: return step.as<syntax::MapStep>().otherwise;
    case StepKind::apply: return step.as<syntax::ApplyStep>().otherwise;
    case StepKind::convert: return step.as<syntax::ConvertStep>().otherwise;
    case StepKind::redact: return step.as<syntax::RedactStep>().otherwise;
    case StepKind::from:
    case StepKind::dedup:
    case StepKind::when:
    case StepKind::route:
    case StepKind::fanout:
    case StepKind::branch:
    case StepKind::split:
    case StepKind::batch:
    case StepKind::deliver:
    case StepKind::respond:
    case StepKind::dead:
    case StepKind::drop:
    case StepKind::reject:
    case StepKind::error: return nullptr;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string_view> sources_of(const syntax::FlowDecl& flow) {
  std::vector<std::string_view> sources;
  for (const syntax::Step* step : flow.steps) {
    const auto* from = step->try_as<syntax::FromStep>();
    if (from == nullptr) continue;
    for (const syntax::Name* name : from->sources) sources.push_back(name->text);
  }
  return sources;
}

void deliveries_of(syntax::List<syntax::Step> steps, const std::function<void(const syntax::Name&)>& f) {
  const auto in_arms = [&f](syntax::List<syntax::Arm> arms) {
    for (const syntax::Arm* arm : arms) deliveries_of(arm->steps, f);
  };
  for (const syntax::Step* step : steps) {
    if (const auto* deliver = step->try_as<syntax::DeliverStep>()) {
      for (const syntax::Name* name : deliver->destinations) f(*name);
    } else if (const auto* when = step->try_as<syntax::WhenStep>()) {
      in_arms(when->arms);
    } else if (const auto* route = step->try_as<syntax::RouteStep>()) {
      in_arms(route->arms);
    } else if (const auto* fanout = step->try_as<syntax::FanoutStep>()) {
      in_arms(fanout->arms);
    } else if (const auto* branch = step->try_as<syntax::BranchStep>()) {
      deliveries_of(branch->steps, f);
    } else if (const auto* otherwise = else_of(*step)) {
      for (const syntax::Name* name : otherwise->destinations) f(*name);
    }
  }
}

}  // namespace smarthl7::check
