// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/expressions.h"

#include <fmt/format.h>

#include <vector>

#include "compiler/check/values.h"
#include "compiler/lower/paths.h"
#include "stdlib/base/assert.h"

namespace smarthl7::lower {
namespace {

using plan::Expr;
using plan::ExprOp;
using plan::ValueType;
using syntax::BinaryOp;
using syntax::ExprKind;

ValueType value_type(check::TypeKind kind) {
  switch (kind) {
    case check::TypeKind::number:
    case check::TypeKind::port: return ValueType::number;
    case check::TypeKind::boolean: return ValueType::boolean;
    case check::TypeKind::duration: return ValueType::duration;
    case check::TypeKind::size: return ValueType::size;
    case check::TypeKind::segment:
    case check::TypeKind::null:
    case check::TypeKind::error: return ValueType::nothing;
    case check::TypeKind::date: return ValueType::date;
    case check::TypeKind::time: return ValueType::time;
    case check::TypeKind::timestamp: return ValueType::timestamp;
    case check::TypeKind::text:
    case check::TypeKind::url:
    case check::TypeKind::address:
    case check::TypeKind::code:
    case check::TypeKind::varies:
    case check::TypeKind::composite: break;
  }
  return ValueType::text;
}

/// "007.50" -> "7.50": digits as written, without zeros before them.
std::string canonical_number(std::string_view digits) {
  while (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') digits.remove_prefix(1);
  return std::string(digits);
}

class Expressions {
 public:
  Expressions(PlanBuilder& builder, bool in_reason) : builder_(builder), in_reason_(in_reason) {}

  Id lower(const syntax::Expr& expr) {
    const auto every = builder_.facts().every.find(expr.id);
    if (every == builder_.facts().every.end()) return one(expr);
    // Holds for each value: the condition sees the value on which `every` stands.
    Expr holds = node(ExprOp::every_value, ValueType::boolean, expr);
    holds.a = lower_resolved(builder_, every->second);
    holds.b = one(expr);
    return builder_.add(holds);
  }

 private:
  Expr node(ExprOp op, ValueType type, const syntax::Expr& expr) {
    Expr made;
    made.op = op;
    made.type = type;
    made.place = builder_.place(expr.span);
    return made;
  }

  ValueType type_of(const syntax::Expr& expr) const {
    const auto at = builder_.facts().types.find(expr.id);
    if (at == builder_.facts().types.end()) return ValueType::text;
    return at->second.list ? ValueType::list : value_type(at->second.kind);
  }

  Id text(std::string_view value, const syntax::Expr& expr) {
    Expr made = node(ExprOp::text, ValueType::text, expr);
    made.a = builder_.text(value);
    return builder_.add(made);
  }

  Id binary_node(ExprOp op, ValueType type, const syntax::Expr& expr, const syntax::Expr& left, const syntax::Expr& right) {
    Expr made = node(op, type, expr);
    made.a = lower(left);
    made.b = lower(right);
    return builder_.add(made);
  }

  Id one(const syntax::Expr& expr) {
    switch (expr.kind) {
      case ExprKind::string: return string(expr.as<syntax::StringExpr>());
      case ExprKind::number: {
        Expr made = node(ExprOp::number, ValueType::number, expr);
        made.a = builder_.text(canonical_number(expr.as<syntax::NumberExpr>().text));
        return builder_.add(made);
      }
      case ExprKind::unit: return unit(expr.as<syntax::UnitExpr>());
      case ExprKind::boolean: {
        Expr made = node(ExprOp::boolean, ValueType::boolean, expr);
        made.a = expr.as<syntax::BoolExpr>().value ? 1 : 0;
        return builder_.add(made);
      }
      case ExprKind::null_value: return builder_.add(node(ExprOp::absent, ValueType::nothing, expr));
      case ExprKind::name: return setting(expr.as<syntax::NameExpr>());
      case ExprKind::path: return path(expr.as<syntax::PathExpr>());
      case ExprKind::raw: {
        Expr made = node(ExprOp::read_raw, ValueType::text, expr);
        made.a = lower_path(builder_, *expr.as<syntax::RawExpr>().path);
        return builder_.add(made);
      }
      case ExprKind::call: return call(expr.as<syntax::CallExpr>());
      case ExprKind::lookup: return lookup(expr.as<syntax::LookupExpr>());
      case ExprKind::negation: {
        Expr made = node(ExprOp::logical_not, ValueType::boolean, expr);
        made.a = lower(*expr.as<syntax::NotExpr>().operand);
        return builder_.add(made);
      }
      case ExprKind::binary: return binary(expr.as<syntax::BinaryExpr>());
      case ExprKind::in_set: return in_set(expr.as<syntax::InExpr>());
      case ExprKind::matches: {
        const auto& matches = expr.as<syntax::MatchesExpr>();
        Expr made = node(ExprOp::matches, ValueType::boolean, expr);
        made.a = lower(*matches.operand);
        made.b = builder_.text(matches.pattern->text());
        return builder_.add(made);
      }
      case ExprKind::test: {
        const auto& test = expr.as<syntax::TestExpr>();
        const ExprOp op = test.test == syntax::TestKind::present  ? ExprOp::present
                          : test.test == syntax::TestKind::absent ? ExprOp::is_absent
                                                                  : ExprOp::is_null;
        Expr made = node(op, ValueType::boolean, expr);
        made.a = lower_path(builder_, test.operand->as<syntax::PathExpr>());
        return builder_.add(made);
      }
      case ExprKind::each: {
        const auto& each = expr.as<syntax::EachExpr>();
        Expr made = node(ExprOp::every_scope, ValueType::boolean, expr);
        made.a = lower_scope(builder_, *each.scope, each.where);
        made.b = lower(*each.body);
        return builder_.add(made);
      }
      case ExprKind::count:
      case ExprKind::event:
      case ExprKind::version:
      case ExprKind::error: break;
    }
    SMARTHL7_ASSERT(false, "an expression that passed the check can be lowered");
    return plan::kNone;
  }

  Id string(const syntax::StringExpr& string) {
    if (string.is_literal()) return text(string.text(), string);
    std::vector<Id> parts;
    for (const syntax::StringPart& part : string.parts) {
      parts.push_back(part.value != nullptr ? lower(*part.value) : text(part.text, string));
    }
    Expr made = node(ExprOp::concat, ValueType::text, string);
    made.print_absent = in_reason_;
    made.list = builder_.list(parts);
    return builder_.add(made);
  }

  Id unit(const syntax::UnitExpr& unit) {
    const auto micros = check::duration_micros(unit);
    const auto bytes = check::size_bytes(unit);
    Expr made = node(ExprOp::number, micros ? ValueType::duration : ValueType::size, unit);
    made.a = builder_.text(std::to_string(micros ? *micros : bytes.value_or(0)));
    return builder_.add(made);
  }

  Id setting(const syntax::NameExpr& name) {
    const auto& settings = builder_.context().settings;
    const auto at = settings.find(name.text);
    SMARTHL7_ASSERT(at != settings.end() && at->second.declaration != nullptr, "a setting that passed the check is declared");
    Expr made = node(ExprOp::setting, value_type(at->second.type.kind), name);
    made.a = builder_.id_of(*at->second.declaration);
    return builder_.add(made);
  }

  Id path(const syntax::PathExpr& path) {
    if (builder_.facts().standing.contains(path.id)) return builder_.add(node(ExprOp::value, ValueType::text, path));
    const bool list = type_of(path) == ValueType::list;
    Expr made = node(list ? ExprOp::read_list : ExprOp::read, list ? ValueType::list : ValueType::text, path);
    made.a = lower_path(builder_, path);
    return builder_.add(made);
  }

  /// `code(x)` and `code(x, TABLE)`.
  Id code(const syntax::CallExpr& call) {
    const auto type = builder_.facts().types.find(call.id);
    SMARTHL7_ASSERT(type != builder_.facts().types.end(), "a call that passed the check has its type");
    Expr made = node(ExprOp::code, ValueType::text, call);
    made.a = lower(*call.arguments.front());
    if (const auto codes = builder_.facts().codes.find(call.id); codes != builder_.facts().codes.end()) {
      std::vector<Id> ids;
      for (const std::string& one : codes->second) ids.push_back(builder_.text(one));
      made.list = builder_.list(ids);
      made.c = builder_.text(fmt::format("{:04}", type->second.table));
    } else {
      const auto table = builder_.context().tables.find(type->second.local);
      SMARTHL7_ASSERT(table != builder_.context().tables.end(), "a code that passed the check has its table");
      made.b = builder_.id_of(*table->second.declaration);
      made.c = builder_.text(type->second.local);
    }
    return builder_.add(made);
  }

  Id call(const syntax::CallExpr& call) {
    if (call.function->text == "code") return code(call);
    std::vector<Id> arguments;
    for (const syntax::Expr* argument : call.arguments) arguments.push_back(lower(*argument));
    Expr made = node(ExprOp::call, type_of(call), call);
    made.a = builder_.builtin(call.function->text);
    made.list = builder_.list(arguments);
    return builder_.add(made);
  }

  Id lookup(const syntax::LookupExpr& lookup) {
    const check::TableInfo* table = builder_.context().table(*lookup.table);
    SMARTHL7_ASSERT(table != nullptr && lookup.keys.size() == table->keys,
                    "a look-up that passed the check has its table and keys");
    Expr made = node(ExprOp::lookup, ValueType::text, lookup);
    made.a = builder_.id_of(*table->declaration);
    made.b = lower(*lookup.keys.front());
    std::vector<Id> further;
    for (std::size_t i = 1; i < lookup.keys.size(); ++i) further.push_back(lower(*lookup.keys[i]));
    made.list = builder_.list(further);
    made.c = static_cast<Id>(table->column(lookup.column != nullptr ? lookup.column->text : std::string_view{}).value_or(1));
    return builder_.add(made);
  }

  Id in_set(const syntax::InExpr& in) {
    const ExprOp op = in.table != nullptr ? ExprOp::in_table : in.list != nullptr ? ExprOp::in_values : ExprOp::in_list;
    Expr made = node(op, ValueType::boolean, in);
    made.a = lower(*in.operand);
    if (in.table != nullptr) {
      made.b = builder_.id_of_use(in.table);
    } else if (in.list != nullptr) {
      made.b = lower(*in.list);
    } else {
      std::vector<Id> values;
      for (const syntax::Expr* value : in.values) values.push_back(lower(*value));
      made.list = builder_.list(values);
    }
    return builder_.add(made);
  }

  Id binary(const syntax::BinaryExpr& binary) {
    const auto make = [&](ExprOp op, ValueType type) { return binary_node(op, type, binary, *binary.left, *binary.right); };
    switch (binary.op) {
      case BinaryOp::logic_or:
        return type_of(*binary.left) == ValueType::boolean ? make(ExprOp::logical_or, ValueType::boolean)
                                                           : make(ExprOp::either, type_of(binary));
      case BinaryOp::logic_and: return make(ExprOp::logical_and, ValueType::boolean);
      case BinaryOp::equal: return make(ExprOp::equal, ValueType::boolean);
      case BinaryOp::not_equal: return make(ExprOp::not_equal, ValueType::boolean);
      case BinaryOp::less: return make(ExprOp::less, ValueType::boolean);
      case BinaryOp::less_equal: return make(ExprOp::less_equal, ValueType::boolean);
      case BinaryOp::greater: return make(ExprOp::greater, ValueType::boolean);
      case BinaryOp::greater_equal: return make(ExprOp::greater_equal, ValueType::boolean);
      case BinaryOp::add: return make(ExprOp::add, type_of(binary));
      case BinaryOp::subtract: return make(ExprOp::subtract, type_of(binary));
      case BinaryOp::multiply: return make(ExprOp::multiply, type_of(binary));
      case BinaryOp::divide: return make(ExprOp::divide, type_of(binary));
    }
    return plan::kNone;
  }

  PlanBuilder& builder_;
  bool in_reason_;
};

plan::ElseKind else_kind(const syntax::ElseClause& clause) {
  switch (clause.kind) {
    case syntax::ElseKind::reject:
      return clause.ack_code != nullptr && clause.ack_code->text == "AR" ? plan::ElseKind::reject
                                                                         : plan::ElseKind::reject_error;
    case syntax::ElseKind::proceed: return plan::ElseKind::proceed;
    case syntax::ElseKind::keep: return plan::ElseKind::keep;
    case syntax::ElseKind::dead: return plan::ElseKind::dead;
    case syntax::ElseKind::drop: return plan::ElseKind::drop;
    case syntax::ElseKind::deliver: return plan::ElseKind::deliver;
    case syntax::ElseKind::value: return plan::ElseKind::value;
  }
  return plan::ElseKind::none;
}

}  // namespace

Id lower_expression(PlanBuilder& builder, const syntax::Expr& expr) { return Expressions(builder, false).lower(expr); }

Id lower_reason(PlanBuilder& builder, const syntax::StringExpr* reason) {
  return reason == nullptr ? plan::kNone : Expressions(builder, true).lower(*reason);
}

plan::Else lower_else(PlanBuilder& builder, const syntax::ElseClause* clause) {
  plan::Else made;
  if (clause == nullptr) return made;
  made.kind = else_kind(*clause);
  made.reason = lower_reason(builder, clause->reason);
  if (clause->kind == syntax::ElseKind::value) made.value = lower_expression(builder, *clause->value);
  if (clause->kind == syntax::ElseKind::deliver && !clause->destinations.empty())
    made.destination = builder.id_of_use(clause->destinations.front());
  return made;
}

}  // namespace smarthl7::lower
