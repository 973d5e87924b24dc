// SPDX-License-Identifier: Apache-2.0
// What flows and options ask of expressions: each call is one check at one message state.
#include <fmt/format.h>

#include "compiler/check/checker.h"
#include "compiler/check/expressions.h"

namespace smarthl7::check {

Type check_value(Context& context, const MessageState& state, const syntax::Expr& expr) {
  Checker checker(context, state);
  const Value value = checker.single(expr);
  return checker.no_failures(value, "this place") ? value.type : Type{};
}

Type check_needed_value(Context& context, const MessageState& state, const syntax::Expr& expr) {
  Checker checker(context, state);
  const Value value = checker.single(expr);
  if (!checker.no_failures(value, "this place")) return {};
  if (value.absent) {
    checker.report(diag::Code::E0412, value.absent->span, value.absent->text, "an address or a file name needs a value here",
                   "`require` it in the message, or prove it with `when ... present`");
    return {};
  }
  return value.type;
}

Type check_key(Context& context, const MessageState& state, const syntax::PathExpr& path) {
  return check_value(context, state, path);
}

void check_every_place(Context& context, const MessageState& state, const syntax::PathExpr& path) {
  Checker checker(context, state);
  const auto info = checker.path(path, Want::any);
  if (info && path.parts.empty())
    checker.report(diag::Code::E0409, path.span, fmt::format("`{}` is no field", checker.text(path)),
                   "what is ignored are fields, as in `ignoring MSH-7, EVN-2`");
}

std::optional<SplitScope> check_split(Context& context, const MessageState& state, const syntax::PathExpr& path) {
  Checker checker(context, state);
  const auto frame = checker.scope(path);
  if (!frame) return std::nullopt;
  if (frame->kind == plan::ScopeKind::repetition || frame->places.size() != 1) {
    checker.report(diag::Code::E0520, path.span,
                   fmt::format("`{}` is no one group or segment of the structure", checker.text(path)),
                   "name a group that repeats, as in `split each ORDER_OBSERVATION`");
    return std::nullopt;
  }
  return SplitScope{frame->name, !checker.model.single_below(frame->places.front(), 0)};
}

void check_condition(Context& context, const MessageState& state, const syntax::Expr& condition) {
  Checker(context, state).condition(condition);
}

Proofs proofs_when(Context& context, const MessageState& state, const syntax::Expr& condition, bool truth) {
  Checker checker(context, state);
  checker.silent = true;
  checker.assume(condition, truth);
  return std::move(checker.proofs);
}

void check_reason(Context& context, const MessageState& state, const syntax::StringExpr& reason) {
  Checker(context, state).reason(&reason);
}

void check_else(Context& context, const MessageState& state, const syntax::ElseClause& clause) {
  Checker(context, state).otherwise(clause);
}

void check_literal(Context& context, const MessageState& state, const Type& subject, const syntax::Expr& literal) {
  Checker checker(context, state);
  const Value value = checker.single(literal);
  if (value.broken() || subject.kind == TypeKind::error) return;
  if (!is_literal(literal)) {
    checker.report(diag::Code::E0401, literal.span, fmt::format("`{}` is no literal", checker.text(literal)));
  } else if (!Checker::same_kind(subject, value.type)) {
    checker.report(diag::Code::E0401, literal.span,
                   fmt::format("`{}` is {}, and {} is due", checker.text(literal), phrase(value.type), phrase(subject)));
  } else {
    checker.literal_fits(subject, literal);
  }
}

std::optional<std::vector<std::string_view>> closed_codes(const MessageType& message, const Type& subject) {
  const MessageModel model(message);
  if (subject.kind != TypeKind::code) return std::nullopt;
  const bool by_standard = subject.datatype == "ID" && model.table_closed(subject.table);
  if (!by_standard && !model.table_closed_by_site(subject.table)) return std::nullopt;
  return model.table_codes(subject.table);
}

Proofs proofs_of(Context& context, const MessageType& message) {
  MessageState state;
  state.type = message;
  if (message.kind != MessageType::Kind::hl7) return {};
  state.proofs.add("valid");
  Checker checker(context, state);
  checker.silent = true;
  if (message.profile == nullptr) return state.proofs;
  for (const syntax::MessageItem* item : message.profile->items) {
    const auto* require = item->try_as<syntax::RequireItem>();
    if (require == nullptr) continue;
    for (const syntax::PathExpr* path : require->paths) {
      if (const auto info = checker.path(*path, Want::any)) checker.assume_present(info->resolved);
    }
  }
  return std::move(checker.proofs);
}

}  // namespace smarthl7::check
