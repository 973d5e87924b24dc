// SPDX-License-Identifier: Apache-2.0
// What is known at compile time: literals, and functions of literals.
#include "compiler/check/checker.h"
#include "compiler/check/values.h"
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/calculate.h"

namespace smarthl7::check {

using syntax::ExprKind;

TypeKind kind_of(builtins::Type type) {
  switch (type) {
    case builtins::Type::text: return TypeKind::text;
    case builtins::Type::number: return TypeKind::number;
    case builtins::Type::boolean: return TypeKind::boolean;
    case builtins::Type::date: return TypeKind::date;
    case builtins::Type::time: return TypeKind::time;
    case builtins::Type::timestamp: return TypeKind::timestamp;
    case builtins::Type::duration: return TypeKind::duration;
    case builtins::Type::size: return TypeKind::size;
    case builtins::Type::any:
    case builtins::Type::moment:
    case builtins::Type::text_or_moment:
    case builtins::Type::same: break;
  }
  return TypeKind::error;
}

builtins::Type builtin_type(TypeKind kind) {
  switch (kind) {
    case TypeKind::text:
    case TypeKind::code:
    case TypeKind::varies:
    case TypeKind::url:
    case TypeKind::address: return builtins::Type::text;
    case TypeKind::number:
    case TypeKind::port: return builtins::Type::number;
    case TypeKind::boolean: return builtins::Type::boolean;
    case TypeKind::date: return builtins::Type::date;
    case TypeKind::time: return builtins::Type::time;
    case TypeKind::timestamp: return builtins::Type::timestamp;
    case TypeKind::duration: return builtins::Type::duration;
    case TypeKind::size: return builtins::Type::size;
    case TypeKind::composite:
    case TypeKind::segment:
    case TypeKind::null:
    case TypeKind::error: break;
  }
  return builtins::Type::any;
}

bool is_moment(const Type& type) {
  return type.kind == TypeKind::date || type.kind == TypeKind::time || type.kind == TypeKind::timestamp;
}

builtins::MomentKind moment_kind(TypeKind kind) {
  return kind == TypeKind::date   ? builtins::MomentKind::date
         : kind == TypeKind::time ? builtins::MomentKind::time
                                  : builtins::MomentKind::timestamp;
}

void digits_of(const Decimal& number, Value& value) {
  std::uint8_t digits = 0;
  const std::string text = number.absolute().plain().to_string();
  const std::string_view before = std::string_view(text).substr(0, text.find('.'));
  if (before != "0") digits = static_cast<std::uint8_t>(before.size());
  value.whole_digits = digits;
  value.scale = static_cast<std::uint8_t>(number.scale());
}

void known_bounds(const builtins::Value& known, Value& value) {
  if (known.is_moment()) {
    value.type.precision = known.moment.precision;
    value.type.offset = known.moment.has_offset() ? builtins::Offset::always : builtins::Offset::never;
  }
  if (known.kind == builtins::Kind::number) digits_of(known.number, value);
  if (known.kind == builtins::Kind::duration) digits_of(Decimal(known.micros()), value);
}

std::optional<builtins::Operation> operation_of(syntax::BinaryOp op) {
  switch (op) {
    case syntax::BinaryOp::add: return builtins::Operation::add;
    case syntax::BinaryOp::subtract: return builtins::Operation::subtract;
    case syntax::BinaryOp::multiply: return builtins::Operation::multiply;
    case syntax::BinaryOp::divide: return builtins::Operation::divide;
    default: return std::nullopt;
  }
}

std::optional<builtins::Value> constant_value(const syntax::Expr& expr, builtins::Arena& arena) {
  switch (expr.kind) {
    case ExprKind::string: {
      const auto& text = expr.as<syntax::StringExpr>();
      if (!text.is_literal()) return std::nullopt;
      return builtins::Value::of(text.text());
    }
    case ExprKind::number: {
      const auto number = Decimal::parse(expr.as<syntax::NumberExpr>().text);
      if (!number) return std::nullopt;
      return builtins::Value::of(*number);
    }
    case ExprKind::boolean: return builtins::Value::of(expr.as<syntax::BoolExpr>().value);
    case ExprKind::unit: {
      const auto& unit = expr.as<syntax::UnitExpr>();
      if (const auto micros = duration_micros(unit)) return builtins::Value::duration(static_cast<std::int64_t>(*micros));
      if (const auto bytes = size_bytes(unit)) return builtins::Value::size(static_cast<std::int64_t>(*bytes));
      return std::nullopt;
    }
    case ExprKind::call: {
      const auto& call = expr.as<syntax::CallExpr>();
      const builtins::Function* function = call.function == nullptr ? nullptr : builtins::find_function(call.function->text);
      if (function == nullptr || !function->takes(call.arguments.size())) return std::nullopt;
      std::vector<builtins::Value> arguments;
      for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        auto argument = constant_value(*call.arguments[i], arena);
        if (!argument || argument->absent()) return std::nullopt;
        const builtins::Parameter& parameter = function->parameter(i);
        if (argument->kind != builtins::Kind::list && !builtins::accepts(parameter.type, builtins::type_of(*argument)))
          return std::nullopt;
        if (parameter.list && argument->kind != builtins::Kind::list) {
          const std::span<builtins::Value> one = arena.take_values(1);
          one[0] = *argument;
          argument = builtins::Value::list(one);
        }
        if (parameter.list != (argument->kind == builtins::Kind::list)) return std::nullopt;
        arguments.push_back(*argument);
      }
      builtins::Value result;
      if (!function->apply(arguments, arena, result)) return std::nullopt;
      return result;
    }
    case ExprKind::binary: {
      const auto& binary = expr.as<syntax::BinaryExpr>();
      const auto operation = operation_of(binary.op);
      if (!operation) return std::nullopt;
      const auto left = constant_value(*binary.left, arena);
      const auto right = constant_value(*binary.right, arena);
      builtins::Value result;
      if (!left || !right || !builtins::calculate(*operation, *left, *right, result)) return std::nullopt;
      return result;
    }
    default: return std::nullopt;
  }
}

}  // namespace smarthl7::check
