// SPDX-License-Identifier: Apache-2.0
// What a destination gets: the types of all deliveries to it, in every flow, `else -> DESTINATION` included.
#include <algorithm>

#include "compiler/check/tests.h"

namespace smarthl7::check {
namespace {

using syntax::StepKind;

class Deliveries {
 public:
  Deliveries(const Context& context, std::string_view destination) : context_(context), destination_(destination) {}

  std::vector<MessageState> find() {
    for (const auto* flow : context_.project.all<syntax::FlowDecl>()) steps(flow->steps);
    return std::move(found_);
  }

 private:
  void steps(syntax::List<syntax::Step> list) {
    for (const syntax::Step* one : list) step(*one);
  }

  void arms(syntax::List<syntax::Arm> list) {
    for (const syntax::Arm* arm : list) steps(arm->steps);
  }

  void step(const syntax::Step& step) {
    switch (step.kind) {
      case StepKind::deliver: names(step, step.as<syntax::DeliverStep>().destinations); break;
      case StepKind::when: arms(step.as<syntax::WhenStep>().arms); break;
      case StepKind::route: arms(step.as<syntax::RouteStep>().arms); break;
      case StepKind::fanout: arms(step.as<syntax::FanoutStep>().arms); break;
      case StepKind::branch: steps(step.as<syntax::BranchStep>().steps); break;
      case StepKind::validate: otherwise(step, step.as<syntax::ValidateStep>().otherwise); break;
      case StepKind::apply: otherwise(step, step.as<syntax::ApplyStep>().otherwise); break;
      case StepKind::convert: otherwise(step, step.as<syntax::ConvertStep>().otherwise); break;
      case StepKind::redact: otherwise(step, step.as<syntax::RedactStep>().otherwise); break;
      case StepKind::map: {
        otherwise(step, step.as<syntax::MapStep>().otherwise);
        const auto* mapping = context_.project.declared<syntax::MappingDecl>(step.as<syntax::MapStep>().mapping);
        if (mapping != nullptr) lines(step, mapping->items);
        break;
      }
      case StepKind::from:
      case StepKind::dedup:
      case StepKind::split:
      case StepKind::batch:
      case StepKind::respond:
      case StepKind::dead:
      case StepKind::drop:
      case StepKind::reject:
      case StepKind::error: break;
    }
  }

  /// A line of a mapping that delivers what could not be mapped: as it came to the `map`.
  void lines(const syntax::Step& step, syntax::List<syntax::MappingItem> items) {
    for (const syntax::MappingItem* item : items) {
      switch (item->kind) {
        case syntax::MappingItemKind::each: lines(step, item->as<syntax::EachItem>().items); break;
        case syntax::MappingItemKind::assign: otherwise(step, item->as<syntax::AssignItem>().otherwise); break;
        case syntax::MappingItemKind::remove: otherwise(step, item->as<syntax::DeleteItem>().otherwise); break;
        case syntax::MappingItemKind::insert:
          otherwise(step, item->as<syntax::InsertItem>().otherwise);
          lines(step, item->as<syntax::InsertItem>().items);
          break;
        case syntax::MappingItemKind::when:
          for (const syntax::WhenMappingArm* arm : item->as<syntax::WhenItem>().arms) lines(step, arm->items);
          break;
        case syntax::MappingItemKind::error: break;
      }
    }
  }

  void otherwise(const syntax::Step& step, const syntax::ElseClause* clause) {
    if (clause != nullptr && clause->kind == syntax::ElseKind::deliver) names(step, clause->destinations);
  }

  void names(const syntax::Step& step, syntax::List<syntax::Name> destinations) {
    const bool named = std::any_of(destinations.begin(), destinations.end(),
                                   [this](const syntax::Name* name) { return name->text == destination_; });
    const auto state = context_.facts.steps.find(step.id);
    if (!named || state == context_.facts.steps.end()) return;
    for (MessageState& known : found_) {
      if (known.type != state->second.type) continue;
      known.proofs = Proofs::both(known.proofs, state->second.proofs);
      return;
    }
    found_.push_back(state->second);
  }

  const Context& context_;
  std::string_view destination_;
  std::vector<MessageState> found_;
};

}  // namespace

std::vector<MessageState> delivered_to(const Context& context, std::string_view destination) {
  std::vector<MessageState> found = Deliveries(context, destination).find();
  // Acknowledgements of enhanced mode go there too.
  for (const auto& [name, source] : context.source_ends) {
    if (source.application_ack != destination) continue;
    MessageState open;
    if (std::none_of(found.begin(), found.end(), [&](const MessageState& known) { return known.type == open.type; }))
      found.push_back(std::move(open));
  }
  return found;
}

}  // namespace smarthl7::check
