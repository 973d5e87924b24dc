// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "compiler/check/checker.h"

namespace smarthl7::check {

using diag::Code;
using syntax::BinaryOp;
using syntax::ExprKind;

Value Checker::binary(const syntax::BinaryExpr& binary) {
  switch (binary.op) {
    case BinaryOp::logic_or: return either(binary);
    case BinaryOp::logic_and: {
      Value value = truth(*binary.left);
      const Proofs before = proofs;
      assume(*binary.left, true);
      add_failures(value, truth(*binary.right));
      proofs = before;
      value.type = {.kind = TypeKind::boolean};
      return value;
    }
    case BinaryOp::equal:
    case BinaryOp::not_equal:
    case BinaryOp::less:
    case BinaryOp::less_equal:
    case BinaryOp::greater:
    case BinaryOp::greater_equal: return comparison(binary);
    case BinaryOp::add:
    case BinaryOp::subtract:
    case BinaryOp::multiply:
    case BinaryOp::divide: return arithmetic(binary);
  }
  return broken_value();
}

bool Checker::kinds_agree(const syntax::BinaryExpr& binary, const Value& left, const Value& right) {
  if (same_kind(left.type, right.type)) return true;
  std::string help;
  std::vector<diag::Fix> fixes;
  const auto text_kind = Type{.kind = TypeKind::text};
  const auto number_kind = Type{.kind = TypeKind::number};
  const bool left_text = same_kind(left.type, text_kind) && same_kind(right.type, number_kind);
  const bool right_text = same_kind(right.type, text_kind) && same_kind(left.type, number_kind);
  if (left_text || right_text) {
    const syntax::Expr& number = left_text ? *binary.right : *binary.left;
    const syntax::Expr& other = left_text ? *binary.left : *binary.right;
    if (number.kind == ExprKind::number) {
      help = fmt::format("compare with `\"{}\"`, or convert: `number({})`", text(number), text(other));
      const bool equality = binary.op == BinaryOp::equal || binary.op == BinaryOp::not_equal;
      if (equality) fixes.push_back(diag::replace(number.span, fmt::format("\"{}\"", text(number)), "compare with text"));
    } else {
      help = fmt::format("convert one side: `number({})`", text(other));
    }
  }
  report(
      Code::E0401, binary.span,
      fmt::format("`{}` is {}, but `{}` is {}", text(*binary.left), phrase(left.type), text(*binary.right), phrase(right.type)),
      "nothing is converted silently", std::move(help), std::move(fixes));
  return false;
}

Value Checker::comparison(const syntax::BinaryExpr& binary) {
  Value value = value_of(TypeKind::boolean);
  for (const auto& [side, other] : {std::pair{binary.right, binary.left}, std::pair{binary.left, binary.right}}) {
    if (side->kind != ExprKind::null_value) continue;
    report(Code::E0401, binary.span, "`null` is not compared but tested", {}, fmt::format("write `{} null`", text(*other)),
           {diag::replace(binary.span, fmt::format("{}{} null", binary.op == BinaryOp::not_equal ? "not " : "", text(*other)),
                          "test for null")});
    return value;
  }
  const Value left = single(*binary.left);
  const Value right = single(*binary.right);
  if (left.broken() || right.broken()) return value;
  add_failures(value, left);
  add_failures(value, right);
  const bool equality = binary.op == BinaryOp::equal || binary.op == BinaryOp::not_equal;
  if (!equality) {
    if (is_date_type(left.type.datatype) || is_date_type(right.type.datatype)) {
      report(Code::E0418, binary.span, "dates cannot be ordered yet",
             fmt::format("`{}` is a date or time", text(is_date_type(left.type.datatype) ? *binary.left : *binary.right)),
             "this version compares them with `==` and `!=` as text");
      return value;
    }
    if (same_kind(left.type, right.type) && same_kind(left.type, {.kind = TypeKind::text})) {
      report(Code::E0401, binary.span,
             fmt::format("`{}` compares numbers, and both sides are text", syntax::spelling(binary.op)), {},
             fmt::format("convert them: `number({})`", text(*binary.left)));
      return value;
    }
  }
  if (!kinds_agree(binary, left, right)) return value;
  if (is_literal(*binary.right)) literal_fits(left.type, *binary.right);
  if (is_literal(*binary.left)) literal_fits(right.type, *binary.left);
  if (equality && left.absent && right.absent) {
    report(Code::E0413, binary.span,
           fmt::format("both `{}` and `{}` may be absent, and two absent values are no match", text(*binary.left),
                       text(*binary.right)),
           "one of them must be proven present", fmt::format("write `{} present and {}`", text(*binary.left), text(binary)),
           binary.left->kind == ExprKind::path
               ? std::vector{diag::replace({binary.span.file, binary.span.begin, binary.span.begin},
                                           fmt::format("{} present and ", text(*binary.left)), "prove it first")}
               : std::vector<diag::Fix>{});
  }
  if (!equality) {
    for (const Value* side : {&left, &right}) {
      if (side->absent)
        value.fails.push_back({side->absent->span,
                               fmt::format("{}, and `{}` needs a value", side->absent->text, syntax::spelling(binary.op)),
                               true});
    }
  }
  return value;
}

Value Checker::arithmetic(const syntax::BinaryExpr& binary) {
  Value value = value_of(TypeKind::number);
  const Value left = single(*binary.left);
  const Value right = single(*binary.right);
  if (left.broken() || right.broken()) return broken_value();
  value.constant = left.constant && right.constant;
  if (is_date_type(left.type.datatype) || is_date_type(right.type.datatype)) {
    report(Code::E0418, binary.span, "arithmetic with dates is not there yet", {}, "this version computes with numbers only");
    return broken_value();
  }
  for (const auto& [side, operand] : {std::pair{&left, binary.left}, std::pair{&right, binary.right}}) {
    if (!same_kind(side->type, {.kind = TypeKind::number})) {
      const bool is_text = same_kind(side->type, {.kind = TypeKind::text});
      report(Code::E0401, operand->span,
             fmt::format("`{}` is {}, and `{}` computes with numbers", text(*operand), phrase(side->type),
                         syntax::spelling(binary.op)),
             {},
             !is_text                     ? std::string()
             : binary.op == BinaryOp::add ? fmt::format("texts are joined in a string: `\"{{{}}} ...\"`", text(*operand))
                                          : fmt::format("write `number({})`", text(*operand)));
      return broken_value();
    }
    add_failures(value, *side);
    if (side->absent)
      value.fails.push_back({side->absent->span,
                             fmt::format("{}, and `{}` needs a value", side->absent->text, syntax::spelling(binary.op)), true});
  }
  if (binary.op == BinaryOp::divide) {
    const auto* divisor = binary.right->try_as<syntax::NumberExpr>();
    const bool sure = divisor != nullptr && divisor->text.find_first_of("123456789") != std::string_view::npos;
    if (!sure) value.fails.push_back({binary.span, fmt::format("`{}` may be zero", text(*binary.right)), false});
  }
  return value;
}

Value Checker::either(const syntax::BinaryExpr& binary) {
  Value left = expr(*binary.left);
  if (left.type.kind == TypeKind::boolean) {
    const Proofs before = proofs;
    assume(*binary.left, false);
    add_failures(left, truth(*binary.right));
    proofs = before;
    return left;
  }
  if (!left.broken()) left = single(*binary.left);
  const Value right = single(*binary.right);
  if (left.broken() || right.broken()) return broken_value();
  if (!kinds_agree(binary, left, right)) return broken_value();
  if (is_literal(*binary.right)) literal_fits(left.type, *binary.right);
  if (!left.absent && !every) {
    report(Code::W0403, binary.right->span, fmt::format("this default is never used: `{}` is always there", text(*binary.left)),
           {}, "remove it",
           {diag::replace({binary.span.file, binary.left->span.end, binary.span.end}, "", "remove the default")});
  }
  Value value = left;
  value.absent = right.absent;
  value.constant = left.constant && right.constant;
  if (left.type.kind != right.type.kind && !is_literal(*binary.right)) value.type = {.kind = TypeKind::text};
  add_failures(value, right);
  return value;
}

Value Checker::in_set(const syntax::InExpr& in) {
  Value value = value_of(TypeKind::boolean);
  const Value operand = single(*in.operand);
  if (in.table != nullptr) {
    const TableInfo* table = context.table(*in.table);
    if (table != nullptr) context.facts.use(in.table->text);
    if (!operand.broken() && !same_kind(operand.type, {.kind = TypeKind::text})) {
      report(Code::E0401, in.operand->span,
             fmt::format("`{}` is {}, and the keys of a table are text", text(*in.operand), phrase(operand.type)));
    }
  }
  for (const syntax::Expr* literal : in.values) {
    const Value given = single(*literal);
    if (given.broken() || operand.broken()) continue;
    if (!is_literal(*literal)) {
      report(Code::E0401, literal->span, fmt::format("`{}` is no literal, and `in` takes literals or a table", text(*literal)));
    } else if (!same_kind(operand.type, given.type)) {
      report(Code::E0401, literal->span,
             fmt::format("`{}` is {}, but `{}` is {}", text(*literal), phrase(given.type), text(*in.operand),
                         phrase(operand.type)));
    } else {
      literal_fits(operand.type, *literal);
    }
  }
  add_failures(value, operand);
  return value;
}

Value Checker::matches(const syntax::MatchesExpr& matches) {
  Value value = value_of(TypeKind::boolean);
  const Value operand = single(*matches.operand);
  if (!operand.broken() && !same_kind(operand.type, {.kind = TypeKind::text})) {
    report(Code::E0401, matches.operand->span,
           fmt::format("`{}` is {}, and `matches` takes text", text(*matches.operand), phrase(operand.type)));
  }
  add_failures(value, operand);
  if (matches.pattern == nullptr) return value;
  if (!matches.pattern->is_literal()) {
    report(Code::E0408, matches.pattern->span, "a pattern is a literal, without `{...}`", {},
           "write it as `r\"...\"`, where braces stand for themselves");
  } else if (const auto error = pattern_error(matches.pattern->text())) {
    report(Code::E0408, matches.pattern->span, "the pattern is no regular expression", *error,
           "patterns are those of RE2, and match the whole value");
  }
  return value;
}

}  // namespace smarthl7::check
