// SPDX-License-Identifier: Apache-2.0
// What the steps of a flow have in common: failures and their `else`, rejects, levels, keys of destinations.
#include <fmt/format.h>

#include "compiler/check/expressions.h"
#include "compiler/check/flow_checker.h"

namespace smarthl7::check {

using diag::Code;

void FlowChecker::check_failure(const syntax::Step& step, const syntax::ElseClause* clause, const Way& way,
                                std::string_view what, bool may_continue) {
  if (clause == nullptr) {
    if (step.poisoned) return;
    context_.sink.report(
        Code::E0510, step.span, fmt::format("{} can fail and does not say what happens then", what),
        "add `else reject AE`, `else dead \"why\"`, `else drop \"why\"`, `else -> DESTINATION` or `else continue`");
    return;
  }
  if (clause->poisoned) return;
  if (clause->kind == syntax::ElseKind::keep || clause->kind == syntax::ElseKind::value ||
      (clause->kind == syntax::ElseKind::proceed && !may_continue)) {
    context_.sink.report(Code::E0511, clause->span, fmt::format("{} cannot do that", what),
                         "after its `else` stands `reject`, `continue`, `dead \"why\"`, `drop \"why\"` or `-> DESTINATION`");
    return;
  }
  check_else(context_, way.state, *clause);
  if (clause->kind == syntax::ElseKind::reject) check_reject(clause->span, "`reject`");
  if (clause->kind != syntax::ElseKind::deliver) return;
  for (const syntax::Name* name : clause->destinations) {
    const auto at = context_.destinations.find(name->text);
    if (at == context_.destinations.end()) continue;
    check_content(*name, at->second, way);
    note_delivery(*name, at->second, way, true);
    if (!at->second.order_keys.empty() || !at->second.urgent_keys.empty()) {
      context_.sink.report(
          Code::E0511, name->span,
          fmt::format("`{}` {} by a path, which a message that failed need not have", name->text,
                      at->second.order_keys.empty() ? "knows urgent messages" : "orders"),
          "deliver it to a destination with `order fifo`, `order by patient` or `order none`, or give it up with `dead`");
    }
  }
  if (clause->destinations.size() > 1) {
    context_.sink.report(Code::E0511, clause->span, "after `else ->` stands one destination");
  }
}

void FlowChecker::check_reject(source::Span span, std::string_view what) {
  if (no_reject_.empty()) return;
  context_.sink.report(Code::E0508, span, fmt::format("{} cannot stand here", what),
                       fmt::format("{}; use `dead` or `drop`", no_reject_));
}

void FlowChecker::note_delivery(const syntax::Name& use, const DestinationInfo& destination, const Way& way, bool otherwise) {
  if (destination.idempotent.empty()) return;
  Delivered delivered;
  delivered.flow = &flow_;
  delivered.use = &use;
  delivered.mappings = way.mappings;
  delivered.arms = way.arms;
  if (!takes_everything_ && sources_known_) delivered.types = accepts_;
  delivered.otherwise = otherwise;
  delivered.split = way.split.has_value();
  context_.delivered[use.text].push_back(std::move(delivered));
}

/// The ordering key of a destination, and what makes a message urgent there, is a path of what is delivered: checked for each
/// place.
void FlowChecker::check_keys(const syntax::Node& step, const syntax::Name& use, const DestinationInfo& destination,
                             const Way& way) {
  if ((destination.order_keys.empty() && destination.urgent_keys.empty()) || way.state.type.kind == MessageType::Kind::error)
    return;
  Facts own;
  own.messages = context_.facts.messages;
  Context here{context_.sources, context_.project, context_.files, context_.sink, own};
  for (const syntax::PathExpr* key : destination.order_keys) {
    if (!key->poisoned) static_cast<void>(check_key(here, way.state, *key));
  }
  for (const syntax::PathExpr* key : destination.urgent_keys) {
    if (!key->poisoned) check_every_place(here, way.state, *key);
  }
  context_.keys[{step.id, use.text}] = std::move(own);
}

}  // namespace smarthl7::check
