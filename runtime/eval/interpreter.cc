// SPDX-License-Identifier: Apache-2.0
// The part of the interpreter that computes.
#include "runtime/eval/interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace smarthl7::eval {

using builtins::Kind;
using builtins::Value;
using plan::Expr;
using plan::ExprOp;
using plan::Id;
using plan::kNone;

namespace {

constexpr int kQuotientPlaces = 10;

}  // namespace

bool Interpreter::fail(std::uint16_t code, std::string text) {
  failure_.code = code;
  failure_.text = std::move(text);
  return false;
}

bool Interpreter::holds(Id id) {
  Value value;
  return evaluate(id, value) && value.kind == Kind::boolean && value.truth;
}

bool Interpreter::holds_for(Id condition, const Value& value) {
  values_.push_back(value);
  const bool held = holds(condition);
  values_.pop_back();
  return held;
}

std::string Interpreter::reason(Id id) {
  if (id == kNone) return {};
  Value value;
  if (!evaluate(id, value)) return {};
  return hl7::spelled(text_of(value, arena_));
}

bool Interpreter::evaluate(Id id, Value& value) {
  const Expr& e = bound_.plan().exprs[id];
  switch (e.op) {
    case ExprOp::text: value = Value::of(bound_.text(e.a)); return true;
    case ExprOp::number: value = Value::of(bound_.number(e.a)); return true;
    case ExprOp::boolean: value = Value::of(e.a != 0); return true;
    case ExprOp::absent: value = {}; return true;
    case ExprOp::setting: {
      const std::string_view text = bound_.setting(e.a);
      value = Value::of(text);
      if (e.type == plan::ValueType::boolean) value = Value::of(text == "true");
      if (const auto number = Decimal::parse(text); e.type == plan::ValueType::number && number) value = Value::of(*number);
      return true;
    }
    case ExprOp::read: return read_path(e.a, false, value);
    case ExprOp::read_raw: return read_path(e.a, true, value);
    case ExprOp::value: value = values_.empty() ? Value{} : values_.back(); return true;
    case ExprOp::present:
    case ExprOp::is_absent:
    case ExprOp::is_null: value = Value::of(test(e)); return true;
    case ExprOp::every_value:
    case ExprOp::any_value:
    case ExprOp::every_scope:
    case ExprOp::equal:
    case ExprOp::not_equal:
    case ExprOp::less:
    case ExprOp::less_equal:
    case ExprOp::greater:
    case ExprOp::greater_equal:
    case ExprOp::logical_and:
    case ExprOp::logical_or:
    case ExprOp::logical_not:
    case ExprOp::in_list:
    case ExprOp::in_table:
    case ExprOp::matches: return truth(e, value);
    case ExprOp::either: return evaluate(e.a, value) && (!value.absent() || evaluate(e.b, value));
    case ExprOp::add:
    case ExprOp::subtract:
    case ExprOp::multiply:
    case ExprOp::divide: return calculate(e, value);
    case ExprOp::concat: return concat(e, value);
    case ExprOp::call: return call(e, value);
    case ExprOp::lookup: return look_up(e, value);
  }
  return false;
}

bool Interpreter::read_path(Id id, bool raw, Value& value) {
  const plan::Path& path = bound_.plan().paths[id];
  value = {};
  const auto take = [&](const hl7::Location& place) {
    if (!raw) {
      value = read(place);
    } else if (message_->state(place) == hl7::State::present) {
      value = read_raw(place);
    }
  };
  if (path.repetition == plan::Pick::chosen) {
    hl7::Location place;
    if (!place_of(id, place)) return false;
    take(place);
    return true;
  }
  for_each_place(id, [&](const hl7::Location& place) {  // of many, the first that holds something
    take(place);
    return value.absent();
  });
  return true;
}

/// present, absent, null: of any place, of all, of any.
bool Interpreter::test(const Expr& e) {
  bool present = false;
  bool null = false;
  for_each_place(e.a, [&](const hl7::Location& place) {
    switch (message_->state(place)) {
      case hl7::State::absent: break;
      case hl7::State::null: null = true; break;
      case hl7::State::present: present = true; break;
    }
    return !present;
  });
  switch (e.op) {
    case ExprOp::present: return present;
    case ExprOp::is_null: return null;
    default: return !present && !null;
  }
}

bool Interpreter::truth(const Expr& e, Value& value) {
  bool result = false;
  switch (e.op) {
    case ExprOp::every_value: result = over_values(e, true); break;
    case ExprOp::any_value: result = over_values(e, false); break;
    case ExprOp::every_scope: result = for_each_in_scope(e.a, [&] { return holds(e.b); }); break;
    case ExprOp::logical_and: result = holds(e.a) && holds(e.b); break;
    case ExprOp::logical_or: result = holds(e.a) || holds(e.b); break;
    case ExprOp::logical_not: result = !holds(e.a); break;
    case ExprOp::in_list: result = in_list(e); break;
    case ExprOp::in_table: {
      Value key;
      if (!evaluate(e.a, key)) return false;
      result = key.kind == Kind::text && bound_.find_row(e.b, key.text).has_value();
      break;
    }
    case ExprOp::matches: {
      Value text;
      if (!evaluate(e.a, text)) return false;
      result = text.kind == Kind::text && bound_.matches(e.b, text.text);
      break;
    }
    default:
      if (!compare(e, result)) return false;
  }
  value = Value::of(result);
  return true;
}

bool Interpreter::over_values(const Expr& e, bool wanted) {
  bool result = wanted;
  for_each_place(e.a, [&](const hl7::Location& place) {
    const Value value = read(place);
    if (value.absent()) return true;
    const bool held = holds_for(e.b, value);
    if (held != wanted) result = !wanted;
    return held == wanted;
  });
  return result;
}

bool Interpreter::in_list(const Expr& e) {
  Value wanted;
  if (!evaluate(e.a, wanted) || wanted.absent()) return false;
  for (const Id id : bound_.list(e.list)) {
    const Expr& one = bound_.plan().exprs[id];
    if (one.op == ExprOp::text) {  // nearly always
      if (wanted.kind == Kind::text && wanted.text == bound_.text(one.a)) return true;
      continue;
    }
    Value candidate;
    if (evaluate(id, candidate) && builtins::same(wanted, candidate)) return true;
  }
  return false;
}

bool Interpreter::compare(const Expr& e, bool& result) {
  Value a;
  Value b;
  if (!evaluate(e.a, a) || !evaluate(e.b, b)) return false;
  const bool equality = e.op == ExprOp::equal || e.op == ExprOp::not_equal;
  if (a.absent() || b.absent()) {
    if (!equality) return fail(hl7::condition::kRequiredFieldMissing, "a value to compare");
    result = e.op == ExprOp::not_equal;  // an absent value equals no value
    return true;
  }
  const auto ordered = builtins::compare(a, b);
  if (!ordered) return fail(hl7::condition::kDataType, "two of one precision, both with an offset from UTC or both without");
  switch (e.op) {
    case ExprOp::equal: result = *ordered == 0; break;
    case ExprOp::not_equal: result = *ordered != 0; break;
    case ExprOp::less: result = *ordered < 0; break;
    case ExprOp::less_equal: result = *ordered <= 0; break;
    case ExprOp::greater: result = *ordered > 0; break;
    default: result = *ordered >= 0; break;
  }
  return true;
}

bool Interpreter::calculate(const Expr& e, Value& value) {
  Value a;
  Value b;
  if (!evaluate(e.a, a) || !evaluate(e.b, b)) return false;
  if (a.kind != Kind::number || b.kind != Kind::number)
    return fail(hl7::condition::kRequiredFieldMissing, "a value to calculate with");
  std::optional<Decimal> result;
  switch (e.op) {
    case ExprOp::add: result = a.number.add(b.number); break;
    case ExprOp::subtract: result = a.number.subtract(b.number); break;
    case ExprOp::multiply: result = a.number.multiply(b.number); break;
    default: result = a.number.divide(b.number, kQuotientPlaces); break;
  }
  if (!result) return fail(hl7::condition::kDataType, "numbers that can be calculated with (not by zero, at most 38 digits)");
  value = Value::of(*result);
  return true;
}

bool Interpreter::concat(const Expr& e, Value& value) {
  std::size_t size = 0;
  const std::size_t first = arguments_.size();
  bool absent = false;
  for (const Id id : bound_.list(e.list)) {
    Value part;
    if (!evaluate(id, part)) {
      if (!e.print_absent) {
        arguments_.resize(first);
        return false;
      }
      part = {};
    }
    if (part.absent()) {
      absent = true;
      part = Value::of(std::string_view("-"));
    }
    arguments_.push_back(Value::of(text_of(part, arena_)));
    size += arguments_.back().text.size();
  }
  char* const begin = arena_.take(size);
  char* at = begin;
  for (std::size_t i = first; i < arguments_.size(); ++i) {
    if (!arguments_[i].text.empty()) at = std::copy(arguments_[i].text.begin(), arguments_[i].text.end(), at);
  }
  arguments_.resize(first);
  value = absent && !e.print_absent ? Value{} : Value::of(std::string_view(begin, size));
  return true;
}

bool Interpreter::call(const Expr& e, Value& value) {
  const builtins::Function& function = bound_.builtin(e.a);
  const std::size_t first = arguments_.size();
  bool right = true;
  bool absent = false;
  for (const Id id : bound_.list(e.list)) {
    Value argument;
    right = right && evaluate(id, argument);
    absent = absent || argument.absent();
    arguments_.push_back(argument);
  }
  const auto given = std::span<const Value>(arguments_).subspan(first);
  if (right && absent) {
    value = function.result == builtins::Type::boolean ? Value::of(false) : Value{};
  } else if (right && !function.apply(given, arena_, value)) {
    right = fail(hl7::condition::kDataType, fmt::format("a value that {}() can take", function.name));
  }
  arguments_.resize(first);
  return right;
}

bool Interpreter::look_up(const Expr& e, Value& value) {
  Value key;
  if (!evaluate(e.b, key)) return false;
  const std::string_view table = bound_.text(bound_.plan().tables[e.a].name);
  if (key.kind != Kind::text) return fail(hl7::condition::kRequiredFieldMissing, fmt::format("a key for table {}", table));
  const auto row = bound_.find_row(e.a, key.text);
  if (!row) return fail(hl7::condition::kTableValue, fmt::format("a key of table {}", table));
  const std::string_view cell = bound_.cell(e.a, *row, e.c);
  value = cell.empty() ? Value{} : Value::of(cell);
  return true;
}

}  // namespace smarthl7::eval
