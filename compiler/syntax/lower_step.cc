// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/lower.h"

namespace smarthl7::syntax {

void Lowering::report_if(At when_word) {
  if (text(when_word) == "if")
    report(diag::Code::E0123, span(when_word), "`if` is written `when`", {{span(when_word), "when"}});
}

List<Step> Lowering::steps(At block) {
  std::vector<const Step*> all;
  for (const At item : block) all.push_back(step(item));
  return list(all);
}

List<Arm> Lowering::arms(At parent) {
  std::vector<const Arm*> all;
  for (const At item : parent) {
    if (item.kind() == Kind::arm) all.push_back(arm(item));
  }
  return list(all);
}

const Arm* Lowering::arm(At at) {
  auto* result = make<Arm>(at);
  for (const At part : at) {
    switch (part.kind()) {
      case Kind::when_word: report_if(part); break;
      case Kind::arm_otherwise: result->otherwise = true; break;
      case Kind::arm_values: {
        std::vector<const Expr*> values;
        for (const At value : part) values.push_back(expression(value));
        result->values = list(values);
        break;
      }
      case Kind::block:
      case Kind::block_open:
        result->block = true;
        result->steps = steps(part);
        break;
      case Kind::dead:
      case Kind::drop:
      case Kind::reject:
      case Kind::deliver: result->steps = list(std::vector<const Step*>{step(part)}); break;
      default: result->condition = expression(part);
    }
  }
  return result;
}

const Step* Lowering::dedup(At at) {
  auto* result = make<DedupStep>(at);
  result->keys = paths(at);
  for (const At part : at) {
    switch (part.kind()) {
      case Kind::within_clause: result->within = only_expression(part); break;
      case Kind::ignoring_clause: result->ignoring = paths(part); break;
      case Kind::conflict_clause:
        result->conflict_rejects = true;
        for (const At code : part) result->conflict_code = name(code);
        break;
      default: break;
    }
  }
  if (result->within == nullptr) {
    const Span end{span(at).file, span(at).end, span(at).end};
    report(diag::Code::E0101, end, "expected `within` and how long a message is remembered, as in 7d");
    auto* missing = make<ErrorExpr>(end);
    missing->poisoned = true;
    result->within = missing;
    result->poisoned = true;
  }
  return result;
}

const Step* Lowering::apply(At at) {
  auto* result = make<ApplyStep>(at);
  for (const At part : at) {
    switch (part.kind()) {
      case Kind::name: result->transform = name(part); break;
      case Kind::block:
      case Kind::block_open: result->options = options(part); break;
      case Kind::message_type: result->as_type = message_type(part); break;
      case Kind::otherwise: result->otherwise = else_clause(part); break;
      default: result->file = string(part);
    }
  }
  return result;
}

const Step* Lowering::step(At at) {
  const auto else_of = [this](At parent) -> const ElseClause* {
    for (const At part : parent) {
      if (part.kind() == Kind::otherwise) return else_clause(part);
    }
    return nullptr;
  };
  switch (at.kind()) {
    case Kind::from: {
      auto* result = make<FromStep>(at);
      result->sources = names(at);
      return result;
    }
    case Kind::validate: {
      auto* result = make<ValidateStep>(at);
      result->message = name(at.first());
      for (const At part : at) {
        if (part.kind() == Kind::strict) result->strictness = Strictness::strict;
        if (part.kind() == Kind::tolerant) result->strictness = Strictness::tolerant;
      }
      result->otherwise = else_of(at);
      return result;
    }
    case Kind::dedup: return dedup(at);
    case Kind::map: {
      auto* result = make<MapStep>(at);
      result->mapping = name(at.first());
      result->otherwise = else_of(at);
      return result;
    }
    case Kind::apply: return apply(at);
    case Kind::convert: {
      auto* result = make<ConvertStep>(at);
      result->type = message_type(at.first());
      result->otherwise = else_of(at);
      return result;
    }
    case Kind::redact: {
      auto* result = make<RedactStep>(at);
      result->redaction = name(at.first());
      result->otherwise = else_of(at);
      return result;
    }
    case Kind::when_step: {
      auto* result = make<WhenStep>(at);
      result->arms = arms(at);
      return result;
    }
    case Kind::route: {
      auto* result = make<RouteStep>(at);
      result->subject = expression(at.first());
      result->arms = arms(*++at.begin());
      return result;
    }
    case Kind::fanout: {
      auto* result = make<FanoutStep>(at);
      result->arms = arms(at.first());
      return result;
    }
    case Kind::branch: {
      auto* result = make<BranchStep>(at);
      result->steps = steps(at.first());
      return result;
    }
    case Kind::split: {
      auto* result = make<SplitStep>(at);
      result->group = path(at.first());
      return result;
    }
    case Kind::batch: {
      auto* result = make<BatchStep>(at);
      result->count = expression(at.first());
      result->within = expression(*++at.begin());
      return result;
    }
    case Kind::respond: {
      auto* result = make<RespondStep>(at);
      result->destination = name(at.first());
      result->within = expression(*++at.begin());
      return result;
    }
    case Kind::deliver: {
      auto* result = make<DeliverStep>(at);
      result->destinations = names(at);
      return result;
    }
    case Kind::dead: {
      auto* result = make<DeadStep>(at);
      result->reason = string(at.first());
      return result;
    }
    case Kind::drop: {
      auto* result = make<DropStep>(at);
      result->reason = string(at.first());
      return result;
    }
    case Kind::reject: {
      auto* result = make<RejectStep>(at);
      for (const At part : at) {
        if (part.kind() == Kind::name) {
          result->ack_code = name(part);
        } else {
          result->reason = string(part);
        }
      }
      return result;
    }
    default: return make<ErrorStep>(at);
  }
}

}  // namespace smarthl7::syntax
