// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/shadow.h"

#include <algorithm>

#include "compiler/check/values.h"
#include "stdlib/base/decimal.h"

namespace smarthl7::check {

using syntax::BinaryExpr;
using syntax::BinaryOp;
using syntax::Expr;

namespace {

const BinaryExpr* binary(const Expr& expr, BinaryOp op) {
  const auto* found = expr.try_as<BinaryExpr>();
  return found != nullptr && found->op == op && found->left != nullptr && found->right != nullptr ? found : nullptr;
}

bool is_comparison(BinaryOp op) {
  return op == BinaryOp::equal || op == BinaryOp::not_equal || op == BinaryOp::less || op == BinaryOp::less_equal ||
         op == BinaryOp::greater || op == BinaryOp::greater_equal;
}

std::optional<std::string_view> text_of(const Expr& literal) {
  const auto* string = literal.try_as<syntax::StringExpr>();
  if (string == nullptr || !string->is_literal()) return std::nullopt;
  return string->text();
}

/// A number, or a duration or size in its smallest unit.
std::optional<Decimal> quantity_of(const Expr& literal) {
  if (const auto* number = literal.try_as<syntax::NumberExpr>()) return Decimal::parse(number->text);
  const auto* unit = literal.try_as<syntax::UnitExpr>();
  if (unit == nullptr) return std::nullopt;
  auto count = duration_micros(*unit);
  if (!count) count = size_bytes(*unit);
  if (!count) return std::nullopt;
  return Decimal::parse(std::to_string(*count));
}

bool is_constant(const Expr& expr) { return text_of(expr).has_value() || quantity_of(expr).has_value(); }

/// `SUBJECT op LITERAL`, turned round if it is written so.
struct Comparison {
  const Expr* subject = nullptr;
  BinaryOp op = BinaryOp::equal;
  const Expr* literal = nullptr;
};

std::optional<Comparison> comparison_of(const Expr& expr) {
  const auto* found = expr.try_as<BinaryExpr>();
  if (found == nullptr || !is_comparison(found->op) || found->left == nullptr || found->right == nullptr) return std::nullopt;
  if (is_constant(*found->right)) return Comparison{found->left, found->op, found->right};
  if (!is_constant(*found->left)) return std::nullopt;
  BinaryOp op = found->op;
  if (op == BinaryOp::less) {
    op = BinaryOp::greater;
  } else if (op == BinaryOp::less_equal) {
    op = BinaryOp::greater_equal;
  } else if (op == BinaryOp::greater) {
    op = BinaryOp::less;
  } else if (op == BinaryOp::greater_equal) {
    op = BinaryOp::less_equal;
  }
  return Comparison{found->right, op, found->left};
}

bool same(const Expr& a, const Expr& b) {
  const auto text_a = text_of(a);
  const auto text_b = text_of(b);
  if (text_a || text_b) return text_a == text_b;
  const auto quantity_a = quantity_of(a);
  const auto quantity_b = quantity_of(b);
  return quantity_a && quantity_b && *quantity_a <=> *quantity_b == 0;
}

bool holds(const Decimal& left, BinaryOp op, const Decimal& right) {
  const auto order = left <=> right;
  switch (op) {
    case BinaryOp::equal: return order == 0;
    case BinaryOp::not_equal: return order != 0;
    case BinaryOp::less: return order < 0;
    case BinaryOp::less_equal: return order <= 0;
    case BinaryOp::greater: return order > 0;
    case BinaryOp::greater_equal: return order >= 0;
    default: return false;
  }
}

/// Is every number on a's side of its bound on b's side of its own?
bool range_implies(const Comparison& a, const Comparison& b) {
  const auto left = quantity_of(*a.literal);
  const auto right = quantity_of(*b.literal);
  if (!left || !right) return false;
  const bool up = a.op == BinaryOp::greater || a.op == BinaryOp::greater_equal;
  const bool down = a.op == BinaryOp::less || a.op == BinaryOp::less_equal;
  const bool open = a.op == BinaryOp::greater || a.op == BinaryOp::less;  // the bound itself is not in it
  switch (b.op) {
    case BinaryOp::greater: return up && (open ? *left >= *right : *left > *right);
    case BinaryOp::greater_equal: return up && *left >= *right;
    case BinaryOp::less: return down && (open ? *left <= *right : *left < *right);
    case BinaryOp::less_equal: return down && *left <= *right;
    case BinaryOp::not_equal:
      return (up && (open ? *left >= *right : *left > *right)) || (down && (open ? *left <= *right : *left < *right));
    default: return false;
  }
}

}  // namespace

std::string normal_text(std::string_view text) {
  std::string result;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) continue;
    result += c;
  }
  return result;
}

std::string Shadow::normal(const Expr& expr) const { return normal_text(sources_.text(expr.span)); }

std::vector<const Expr*> Shadow::hiding(const Expr& condition) const {
  auto found = covered(condition);
  if (!found) return {};
  std::ranges::sort(*found, [](const Expr* a, const Expr* b) { return a->span < b->span; });
  found->erase(std::ranges::unique(*found).begin(), found->end());
  return std::move(*found);
}

/// Nothing: it may hold where none of the earlier ones does.
std::optional<Shadow::Found> Shadow::covered(const Expr& condition) const {
  if (const auto* either = binary(condition, BinaryOp::logic_or)) {
    auto left = covered(*either->left);
    auto right = left ? covered(*either->right) : std::nullopt;
    if (!right) return std::nullopt;
    left->insert(left->end(), right->begin(), right->end());
    return left;
  }
  for (const Expr* earlier : earlier_) {
    if (implies(condition, *earlier)) return Found{earlier};
  }
  if (const auto* both = binary(condition, BinaryOp::logic_and)) {
    auto left = covered(*both->left);
    return left ? left : covered(*both->right);
  }
  // A set of values may be taken by several arms, each some of them.
  const auto* in = condition.try_as<syntax::InExpr>();
  if (in == nullptr || in->table != nullptr || in->values.empty()) return std::nullopt;
  const std::string subject = normal(*in->operand);
  Found found;
  for (const Expr* value : in->values) {
    const auto by = std::ranges::find_if(
        earlier_, [&](const Expr* earlier) { return is_constant(*value) && value_implies(subject, *value, *earlier); });
    if (by == earlier_.end()) return std::nullopt;
    found.push_back(*by);
  }
  return found;
}

/// Wherever a is true, b is.
bool Shadow::implies(const Expr& a, const Expr& b) const {
  if (a.kind == b.kind && normal(a) == normal(b)) return true;
  if (const auto* truth = b.try_as<syntax::BoolExpr>()) return truth->value;
  if (const auto* truth = a.try_as<syntax::BoolExpr>(); truth != nullptr && !truth->value) return true;
  if (const auto* either = binary(a, BinaryOp::logic_or)) return implies(*either->left, b) && implies(*either->right, b);
  if (const auto* both = binary(b, BinaryOp::logic_and)) return implies(a, *both->left) && implies(a, *both->right);
  if (const auto* both = binary(a, BinaryOp::logic_and)) {
    if (implies(*both->left, b) || implies(*both->right, b)) return true;
  }
  if (const auto* either = binary(b, BinaryOp::logic_or)) {
    if (implies(a, *either->left) || implies(a, *either->right)) return true;
  }
  const auto* not_a = a.try_as<syntax::NotExpr>();
  const auto* not_b = b.try_as<syntax::NotExpr>();
  if (not_a != nullptr && not_b != nullptr) return implies(*not_b->operand, *not_a->operand);
  return atom_implies(a, b);
}

bool Shadow::atom_implies(const Expr& a, const Expr& b) const {
  if (const auto* in = a.try_as<syntax::InExpr>(); in != nullptr && in->table == nullptr) {
    const std::string subject = normal(*in->operand);
    return !in->values.empty() && std::ranges::all_of(in->values, [&](const Expr* value) {
      return is_constant(*value) && value_implies(subject, *value, b);
    });
  }
  const auto compared = comparison_of(a);
  if (compared && compared->op == BinaryOp::equal) return value_implies(normal(*compared->subject), *compared->literal, b);
  const auto other = comparison_of(b);
  if (compared && other && normal(*compared->subject) == normal(*other->subject)) return range_implies(*compared, *other);
  // What is compared or matched is there. `!=` alone holds of an absent value too.
  const Expr* there = nullptr;
  if (compared && compared->op != BinaryOp::not_equal) there = compared->subject;
  if (const auto* matches = a.try_as<syntax::MatchesExpr>()) there = matches->operand;
  if (const auto* in = a.try_as<syntax::InExpr>()) there = in->operand;
  const auto* test = b.try_as<syntax::TestExpr>();
  return there != nullptr && test != nullptr && test->test == syntax::TestKind::present &&
         normal(*there) == normal(*test->operand);
}

/// Is b true wherever the subject has this value?
bool Shadow::value_implies(std::string_view subject, const Expr& value, const Expr& b) const {
  if (const auto* either = binary(b, BinaryOp::logic_or))
    return value_implies(subject, value, *either->left) || value_implies(subject, value, *either->right);
  if (const auto* both = binary(b, BinaryOp::logic_and))
    return value_implies(subject, value, *both->left) && value_implies(subject, value, *both->right);
  if (const auto* truth = b.try_as<syntax::BoolExpr>()) return truth->value;
  if (const auto* in = b.try_as<syntax::InExpr>(); in != nullptr && in->table == nullptr) {
    return normal(*in->operand) == subject &&
           std::ranges::any_of(in->values, [&](const Expr* one) { return is_constant(*one) && same(*one, value); });
  }
  if (const auto* matches = b.try_as<syntax::MatchesExpr>()) {
    const auto text = text_of(value);
    return text && matches->pattern != nullptr && matches->pattern->is_literal() && normal(*matches->operand) == subject &&
           pattern_matches(matches->pattern->text(), *text);
  }
  if (const auto* test = b.try_as<syntax::TestExpr>()) {
    const auto text = text_of(value);
    return test->test == syntax::TestKind::present && normal(*test->operand) == subject && !(text && text->empty());
  }
  const auto compared = comparison_of(b);
  if (!compared || normal(*compared->subject) != subject) return false;
  if (compared->op == BinaryOp::equal) return same(*compared->literal, value);
  if (const auto text = text_of(value)) {
    const auto other = text_of(*compared->literal);
    return compared->op == BinaryOp::not_equal && other && *text != *other;
  }
  const auto left = quantity_of(value);
  const auto right = quantity_of(*compared->literal);
  return left && right && holds(*left, compared->op, *right);
}

}  // namespace smarthl7::check
