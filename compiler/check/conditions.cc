// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "compiler/check/checker.h"

namespace smarthl7::check {

using diag::Code;
using syntax::BinaryOp;
using syntax::ExprKind;

Value Checker::test(const syntax::TestExpr& test) {
  Value value = value_of(TypeKind::boolean);
  const auto* path = test.operand->try_as<syntax::PathExpr>();
  if (path != nullptr) {
    this->path(*path, Want::any);
    return value;
  }
  if (test.operand->kind != ExprKind::error && !test.operand->poisoned) {
    report(Code::E0409, test.operand->span,
           fmt::format("`{}` is no path, so it cannot be tested for presence", text(*test.operand)));
  }
  return value;
}

Value Checker::each(const syntax::EachExpr& each) {
  Value value = value_of(TypeKind::boolean);
  if (each.scope == nullptr || each.body == nullptr) return value;
  auto frame = scope(*each.scope);
  if (!frame) return value;
  const Proofs before = proofs;
  enter(std::move(*frame));
  if (each.where != nullptr) {
    every ? message_condition(*each.where) : condition(*each.where);
    assume(*each.where, true);
  }
  every ? message_condition(*each.body) : condition(*each.body);
  proofs = before;
  frames.pop_back();
  return value;
}

bool Checker::no_failures(const Value& value, std::string_view place) {
  if (value.fails.empty()) return true;
  const Problem& problem = value.fails.front();
  if (problem.absence) {
    report(Code::E0412, problem.span, problem.text, fmt::format("{} has no `else`", place),
           "prove it with `present` before, or give a default: `(PATH or \"...\")`");
  } else {
    report(Code::E0411, problem.span, problem.text, fmt::format("{} has no `else`, so nothing in it may fail", place));
  }
  return false;
}

void Checker::condition(const syntax::Expr& condition) { no_failures(truth(condition), "a condition"); }

void Checker::message_condition(const syntax::Expr& condition) {
  const auto* binary = condition.try_as<syntax::BinaryExpr>();
  if (binary != nullptr && binary->op == BinaryOp::logic_and) {
    message_condition(*binary->left);
    const Proofs before = proofs;
    assume(*binary->left, true);
    message_condition(*binary->right);
    proofs = before;
    context.facts.types[condition.id] = {.kind = TypeKind::boolean};
    return;
  }
  split_every(condition);
}

void Checker::split_every(const syntax::Expr& condition) {
  const auto outer = std::exchange(plural, {});
  if (condition.kind == ExprKind::each) {
    const bool was = std::exchange(every_value, false);
    this->condition(condition);
    every_value = was;
  } else {
    this->condition(condition);
  }
  for (const syntax::PathExpr* path : plural) {
    const ResolvedPath& resolved = context.facts.paths[path->id];
    const auto [at, first] = context.facts.every.try_emplace(condition.id, resolved);
    if (!first && at->second.text != resolved.text) {
      report(Code::E0419, condition.span,
             fmt::format("this speaks of every {} and of every {} at once", at->second.text, resolved.text), {},
             every_value ? "a condition speaks of one field; write a `rule \"...\" : each ... : ...`"
                         : fmt::format("say which belong together: `each {} : ...`", resolved.segment));
      break;
    }
    context.facts.standing.insert(path->id);
  }
  plural = outer;
}

void Checker::reason(const syntax::StringExpr* text) {
  if (text == nullptr) return;
  in_reason = true;
  const bool was_every = std::exchange(every, false);
  no_failures(expr(*text), "a reason");
  every = was_every;
  in_reason = false;
}

void Checker::otherwise(const syntax::ElseClause& clause) {
  reason(clause.reason);
  if (clause.ack_code == nullptr || clause.ack_code->text.empty()) return;
  if (clause.ack_code->text != "AE" && clause.ack_code->text != "AR") {
    report(Code::E0515, clause.ack_code->span, fmt::format("`{}` is no answer of a reject", clause.ack_code->text), {},
           "AE says that the message is wrong, AR that it is refused");
  }
}

}  // namespace smarthl7::check
