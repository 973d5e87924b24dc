// SPDX-License-Identifier: Apache-2.0
// The part of the interpreter that computes.
#include "runtime/eval/interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "stdlib/builtins/calculate.h"

namespace smarthl7::eval {

using builtins::Kind;
using builtins::Value;
using plan::Expr;
using plan::ExprOp;
using plan::Id;
using plan::kNone;

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
    case ExprOp::number: {
      const Decimal& number = bound_.number(e.a);
      value = e.type == plan::ValueType::duration ? Value::duration(number.to_int64())
              : e.type == plan::ValueType::size   ? Value::size(number.to_int64())
                                                  : Value::of(number);
      return true;
    }
    case ExprOp::boolean: value = Value::of(e.a != 0); return true;
    case ExprOp::absent: value = {}; return true;
    case ExprOp::setting: value = bound_.setting_value(e.a); return true;
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
    case ExprOp::in_values:
    case ExprOp::matches: return truth(e, value);
    case ExprOp::either: return evaluate(e.a, value) && (!value.absent() || evaluate(e.b, value));
    case ExprOp::add:
    case ExprOp::subtract:
    case ExprOp::multiply:
    case ExprOp::divide: return calculate(e, value);
    case ExprOp::concat: return concat(e, value);
    case ExprOp::call:
      if (const Value* known = bound_.constant(id)) {
        value = *known;
        return true;
      }
      return call(e, value);
    case ExprOp::lookup: return look_up(e, value);
    case ExprOp::read_list: value = read_list(e.a); return true;
    case ExprOp::code: return code(e, value);
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

/// The values that are there, in document order.
Value Interpreter::read_list(Id id) {
  const std::size_t first = arguments_.size();
  for_each_place(id, [&](const hl7::Location& place) {
    const Value value = read(place);
    if (!value.absent()) arguments_.push_back(value);
    return true;
  });
  const std::span<Value> items = arena_.take_values(arguments_.size() - first);
  std::copy(arguments_.begin() + static_cast<std::ptrdiff_t>(first), arguments_.end(), items.begin());
  arguments_.resize(first);
  return Value::list(items);
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
    return e.op == ExprOp::is_null ? !null : !present;
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
    case ExprOp::logical_and:
    case ExprOp::logical_or:
    case ExprOp::logical_not: {
      Value operand;  // one that cannot be computed is neither true nor false
      if (!evaluate(e.a, operand)) return false;
      result = operand.truth;
      if (e.op == ExprOp::logical_not) {
        result = !result;
      } else if (result == (e.op == ExprOp::logical_and)) {
        if (!evaluate(e.b, operand)) return false;
        result = operand.truth;
      }
      break;
    }
    case ExprOp::in_list: result = in_list(e); break;
    case ExprOp::in_table: {
      Value key;
      if (!evaluate(e.a, key)) return false;
      result = key.kind == Kind::text && rows_of(e.b).find(key.text).has_value();
      break;
    }
    case ExprOp::in_values: {
      Value wanted;
      Value list;
      if (!evaluate(e.a, wanted) || !evaluate(e.b, list)) return false;
      result = list.kind == Kind::list &&
               std::ranges::any_of(list.list(), [&](const Value& item) { return builtins::same(wanted, item); });
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
  if (a.absent() || b.absent()) return fail(hl7::condition::kRequiredFieldMissing, "a value to calculate with");
  const builtins::Operation operation = e.op == ExprOp::add        ? builtins::Operation::add
                                        : e.op == ExprOp::subtract ? builtins::Operation::subtract
                                        : e.op == ExprOp::multiply ? builtins::Operation::multiply
                                                                   : builtins::Operation::divide;
  if (builtins::calculate(operation, a, b, value)) return true;
  return fail(hl7::condition::kDataType,
              a.is_moment()
                  ? "dates and times that can be calculated with (in whole units of their precision, of one precision)"
                  : "numbers that can be calculated with (not by zero, at most 38 digits)");
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

/// One value where a list is due: a list of one, or of none.
Value Interpreter::list_of(const Value& value) {
  const std::span<Value> items = arena_.take_values(value.absent() ? 0 : 1);
  if (!items.empty()) items[0] = value;
  return Value::list(items);
}

bool Interpreter::call(const Expr& e, Value& value) {
  const builtins::Function& function = bound_.builtin(e.a);
  const std::size_t first = arguments_.size();
  bool right = true;
  bool absent = false;
  for (const Id id : bound_.list(e.list)) {
    Value argument;
    right = right && evaluate(id, argument);
    if (function.parameter(arguments_.size() - first).list) {
      if (argument.kind != Kind::list) argument = list_of(argument);
    } else {
      absent = absent || argument.absent();
    }
    arguments_.push_back(argument);
  }
  const auto given = std::span<const Value>(arguments_).subspan(first);
  value = {};
  if (right && absent) {
    value = function.result == builtins::Type::boolean ? Value::of(false) : Value{};
  } else if (right && !function.apply(given, arena_, value)) {
    right = fail(hl7::condition::kDataType, fmt::format("a value that {}() can take", function.name));
  }
  arguments_.resize(first);
  return right;
}

bool Interpreter::code(const Expr& e, Value& value) {
  if (!evaluate(e.a, value)) return false;
  if (value.absent()) return true;
  const auto codes = bound_.list(e.list);
  const bool known = e.b != kNone ? rows_of(e.b).find(value.text).has_value()
                                  : std::ranges::binary_search(codes, value.text, {}, [&](Id id) { return bound_.text(id); });
  return known || fail(hl7::condition::kTableValue, fmt::format("a code of table {}", bound_.text(e.c)));
}

const tables::Table& Interpreter::rows_of(Id table) {
  if (bound_.plan().tables[table].reload != plan::TableReload::never && std::ranges::find(used_, table) == used_.end())
    used_.push_back(table);
  return tables_.pin().tables[table]->rows;
}

void Interpreter::leave_tables(std::vector<TableUse>& used) {
  for (const Id table : used_) {
    const TableVersion& version = *tables_.pin().tables[table];
    used.push_back({table, version.number(), version.since});
  }
  used_.clear();
  tables_.unpin();
}

bool Interpreter::look_up(const Expr& e, Value& value) {
  const std::string_view table = bound_.text(bound_.plan().tables[e.a].name);
  const std::size_t first = arguments_.size();
  bool right = true;
  const auto take = [&](Id id) {
    Value key;
    right = right && evaluate(id, key);
    if (right && key.kind != Kind::text)
      right = fail(hl7::condition::kRequiredFieldMissing, fmt::format("a key for table {}", table));
    arguments_.push_back(key);
  };
  take(e.b);
  for (const Id id : bound_.list(e.list)) take(id);
  table_keys_.clear();
  for (std::size_t i = first; i < arguments_.size(); ++i) table_keys_.push_back(arguments_[i].text);
  arguments_.resize(first);
  if (!right) return false;
  const tables::Table& rows = rows_of(e.a);
  const auto row = rows.find(table_keys_);
  if (!row) return fail(hl7::condition::kTableValue, fmt::format("a key of table {}", table));
  const std::string_view cell = rows.cell(*row, e.c);
  value = cell.empty() ? Value{} : Value::of(cell);
  return true;
}

}  // namespace smarthl7::eval
