// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "compiler/check/checker.h"
#include "stdlib/hl7/primitive.h"

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
  for (const auto& [side, other, expr] : {std::tuple{&left, &right, binary.left}, std::tuple{&right, &left, binary.right}}) {
    if (!same_kind(side->type, text_kind) || !is_moment(other->type)) continue;
    help = fmt::format("write `{}({})`", describe({.kind = other->type.kind}), text(*expr));
    if (expr->kind == ExprKind::string)
      fixes.push_back(diag::replace(expr->span, fmt::format("{}({})", describe({.kind = other->type.kind}), text(*expr))));
  }
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
  if (!equality && same_kind(left.type, right.type) && same_kind(left.type, {.kind = TypeKind::text})) {
    const Value& dated = is_date_type(right.type.datatype) ? right : left;
    const bool date = is_date_type(dated.type.datatype);
    const std::string_view function = !date                                                          ? "number"
                                      : hl7::primitive_of(dated.type.datatype) == hl7::Primitive::tm ? "time"
                                                                                                     : "date";
    report(
        Code::E0401, binary.span,
        fmt::format("`{}` compares numbers, dates, times and durations, and both sides are text", syntax::spelling(binary.op)),
        date ? fmt::format("`{}` is sent as {}", text(&dated == &left ? *binary.left : *binary.right), dated.type.datatype)
             : std::string(),
        fmt::format("convert them: `{}({})`", function, text(*binary.left)));
    return value;
  }
  if (!equality && left.type.kind == TypeKind::boolean && right.type.kind == TypeKind::boolean) {
    report(Code::E0401, binary.span, fmt::format("`{}` has no meaning between two conditions", syntax::spelling(binary.op)), {},
           "compare them with `==`, or join them with `and` or `or`");
    return value;
  }
  if (!kinds_agree(binary, left, right)) return value;
  if (is_moment(left.type)) {
    builtins::Arena arena;
    const bool known = constant_value(*binary.left, arena) && constant_value(*binary.right, arena);
    if (!moments_match(binary, left, right, value) || known) return value;
  }
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

/// The types of stdlib/builtins/calculate.h.
bool Checker::operands_fit(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Type& result) {
  const Type& a = left.type;
  const Type& b = right.type;
  const bool sum = binary.op == BinaryOp::add || binary.op == BinaryOp::subtract;
  const bool count = a.kind == TypeKind::duration || a.kind == TypeKind::size;
  const Type number{.kind = TypeKind::number};
  result = number;
  if (same_kind(a, number) && same_kind(b, number)) return true;
  if (count && a.kind == b.kind) {
    if (sum) result = {.kind = a.kind};
    if (sum || binary.op == BinaryOp::divide) return true;
  } else if (count && !sum && same_kind(b, number)) {
    result = {.kind = a.kind};
    return true;
  } else if (is_moment(a) && sum && b.kind == TypeKind::duration) {
    result = a;
    return true;
  } else if (is_moment(a) && a.kind == b.kind && binary.op == BinaryOp::subtract) {
    result = {.kind = TypeKind::duration};
    return true;
  }
  for (const auto& [type, operand] : {std::pair{&a, binary.left}, std::pair{&b, binary.right}}) {
    if (!same_kind(*type, {.kind = TypeKind::text})) continue;
    const bool dated = is_date_type(type->datatype);
    report(Code::E0401, operand->span,
           fmt::format("`{}` is {}, and `{}` computes with numbers, durations and dates", text(*operand), phrase(*type),
                       syntax::spelling(binary.op)),
           {},
           dated ? fmt::format("write `{}({})`", hl7::primitive_of(type->datatype) == hl7::Primitive::tm ? "time" : "date",
                               text(*operand))
           : binary.op == BinaryOp::add ? fmt::format("texts are joined in a string: `\"{{{}}} ...\"`", text(*operand))
                                        : fmt::format("write `number({})`", text(*operand)));
    return false;
  }
  const bool turned = a.kind == TypeKind::duration && binary.op == BinaryOp::add && is_moment(b);
  const bool scaled = same_kind(a, number) && binary.op == BinaryOp::multiply && b.kind == TypeKind::duration;
  report(Code::E0401, binary.span,
         fmt::format("`{}` is {} and `{}` is {}, and `{}` does not join them", text(*binary.left), phrase(a),
                     text(*binary.right), phrase(b), syntax::spelling(binary.op)),
         {},
         turned || scaled
             ? fmt::format("write `{} {} {}`", text(*binary.right), syntax::spelling(binary.op), text(*binary.left))
         : is_moment(a) && same_kind(b, number) ? "a date is moved by a duration, as in `+ 7d`"
                                                : std::string());
  return false;
}

/// Whether the result has room, from what is known of the digits of both sides.
void Checker::number_bounds(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Value& value) {
  const auto is_count = [](const Value& side) {
    return side.type.kind == TypeKind::duration || side.type.kind == TypeKind::size;
  };
  // A duration or size is a whole number of 63 bits.
  const auto digits = [&](const Value& side) {
    return is_count(side) ? std::min<int>(side.whole_digits, 19) : side.whole_digits;
  };
  const auto places = [&](const Value& side) { return is_count(side) ? 0 : side.scale; };
  int whole = 0;
  int scale = 0;
  switch (binary.op) {
    case BinaryOp::add:
    case BinaryOp::subtract:
      whole = std::max<int>(digits(left), digits(right)) + 1;
      scale = std::max<int>(places(left), places(right));
      break;
    case BinaryOp::multiply:
      whole = digits(left) + digits(right);
      scale = places(left) + places(right);
      break;
    default:
      whole = digits(left) + places(right) + 1;
      scale = builtins::kQuotientPlaces;
      break;
  }
  const bool count = value.type.kind == TypeKind::duration || value.type.kind == TypeKind::size;
  const bool room = count ? whole <= 18 && (left.type.kind != TypeKind::size) : whole + scale <= Decimal::kMaxDigits;
  value.whole_digits = static_cast<std::uint8_t>(std::min<int>(whole, kAllDigits));
  value.scale = count ? std::uint8_t{0} : static_cast<std::uint8_t>(std::min<int>(scale, kAllDigits));
  if (room && binary.op == BinaryOp::divide) {
    builtins::Arena arena;
    const auto divisor = constant_value(*binary.right, arena);
    const bool zero = !divisor || (divisor->kind == builtins::Kind::number ? divisor->number.zero() : divisor->count == 0);
    if (!zero) return;
    value.fails.push_back({binary.span, fmt::format("`{}` may be zero", text(*binary.right)), false});
  } else if (!room) {
    value.fails.push_back({binary.span,
                           binary.op == BinaryOp::divide
                               ? fmt::format("`{}` may be zero, or the quotient be too large", text(*binary.right))
                           : left.type.kind == TypeKind::size ? fmt::format("`{}` may be negative or too large", text(binary))
                           : count                            ? fmt::format("`{}` may be too long a time", text(binary))
                                                              : fmt::format("`{}` may have more than 38 digits", text(binary)),
                           false});
  }
}

Value Checker::arithmetic(const syntax::BinaryExpr& binary) {
  Value value = value_of(TypeKind::number);
  const Value left = single(*binary.left);
  const Value right = single(*binary.right);
  if (left.broken() || right.broken() || !operands_fit(binary, left, right, value.type)) return broken_value();
  value.constant = left.constant && right.constant;
  for (const Value* side : {&left, &right}) {
    add_failures(value, *side);
    if (side->absent)
      value.fails.push_back({side->absent->span,
                             fmt::format("{}, and `{}` needs a value", side->absent->text, syntax::spelling(binary.op)), true});
  }
  builtins::Arena arena;
  if (const auto known = constant_value(binary, arena)) {
    known_bounds(*known, value);
    return value;
  }
  const bool known = constant_value(*binary.left, arena) && constant_value(*binary.right, arena);
  if (known && !is_moment(left.type)) {
    report(Code::E0422, binary.span, fmt::format("`{}` always fails", text(binary)), {},
           "there is no such number, date or duration");
    return broken_value();
  }
  const bool good = !is_moment(left.type)   ? (number_bounds(binary, left, right, value), true)
                    : is_moment(right.type) ? difference(binary, left, right, value)
                                            : shift(binary, left, value);
  if (good && known) {
    report(Code::E0422, binary.span, fmt::format("`{}` always fails", text(binary)), {},
           "the years are 0000 to 9999, and a time stays within its day");
    return broken_value();
  }
  return good ? value : broken_value();
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
  const bool same_table =
      left.type.table == right.type.table && left.type.local == right.type.local && left.type.datatype == right.type.datatype;
  if (left.type.kind == TypeKind::code && !is_literal(*binary.right) && (right.type.kind != TypeKind::code || !same_table)) {
    value.type = {.kind = TypeKind::text};
  } else if (left.type.kind != right.type.kind && left.type.kind != TypeKind::code) {
    value.type = {.kind = kind_of(builtin_type(left.type.kind))};
  }
  if (is_moment(value.type)) {
    if (left.type.precision != right.type.precision) value.type.precision.reset();
    if (left.type.offset != right.type.offset) value.type.offset = builtins::Offset::unknown;
  }
  value.whole_digits = std::max(left.whole_digits, right.whole_digits);
  value.scale = std::max(left.scale, right.scale);
  add_failures(value, right);
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
