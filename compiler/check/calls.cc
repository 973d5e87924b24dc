// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/checker.h"
#include "compiler/diag/suggest.h"
#include "stdlib/builtins/all.h"

namespace smarthl7::check {

namespace {

using diag::Code;
using syntax::ExprKind;

bool is_conversion(const builtins::Function& function) {
  return function.name == "date" || function.name == "time" || function.name == "timestamp";
}

/// What a parameter takes, in a sentence.
std::string due(const builtins::Parameter& parameter) {
  std::string text;
  switch (parameter.type) {
    case builtins::Type::any: text = "a value"; break;
    case builtins::Type::moment: text = "a date, time or timestamp"; break;
    case builtins::Type::text_or_moment: text = "text, a date, a time or a timestamp"; break;
    default: text = phrase({.kind = kind_of(parameter.type)});
  }
  return parameter.list ? fmt::format("a list of {}", builtins::name_of(parameter.type)) : text;
}

}  // namespace

const builtins::Function* Checker::function_of(const syntax::CallExpr& call) {
  if (call.function == nullptr || call.function->text.empty()) return nullptr;
  const builtins::Function* function = builtins::find_function(call.function->text);
  if (function == nullptr) {
    std::vector<std::string_view> names = {"code"};
    for (const builtins::Function* known : builtins::all_functions()) names.push_back(known->name);
    const auto near = diag::suggest(call.function->text, names);
    std::vector<diag::Fix> fixes;
    if (near) fixes.push_back(diag::replace(call.function->span, std::string(*near), fmt::format("write `{}`", *near)));
    report(Code::E0405, call.function->span, fmt::format("there is no function `{}`", call.function->text), {},
           near ? fmt::format("did you mean `{}`?", *near) : std::string(), std::move(fixes));
    return nullptr;
  }
  if (function->takes(call.arguments.size())) return function;
  report(Code::E0406, call.span,
         fmt::format("`{}` does not take {} argument{}", function->name, call.arguments.size(),
                     call.arguments.size() == 1 ? "" : "s"),
         builtins::signature(*function));
  return nullptr;
}

/// A list stands as it is: in a message, too, `[*]` inside of a list's argument is the list, not each of its values.
Value Checker::list_argument(const syntax::Expr& argument) {
  const bool was_every = std::exchange(every, false);
  const bool was_value = std::exchange(every_value, false);
  Value value = argument.kind == ExprKind::path || argument.kind == ExprKind::call ? expr(argument) : single(argument);
  every = was_every;
  every_value = was_value;
  if (value.broken()) return value;
  if (value.type.kind == TypeKind::segment) {
    report(Code::E0409, argument.span, fmt::format("`{}` is whole segments, and values are due", text(argument)), {},
           "write one of their fields");
    return broken_value();
  }
  if (value.type.kind == TypeKind::composite) {
    if (const auto at = parts.find(argument.id); at != parts.end()) {
      const bool list = value.type.list;
      value.type = leaf_type(at->second);
      value.type.list = list;
    }
  }
  return value;
}

bool Checker::fits_parameter(const builtins::Function& function, std::size_t i, const syntax::Expr& argument,
                             const Value& given) {
  const builtins::Parameter& parameter = function.parameter(i);
  if (!builtins::accepts(parameter.type, builtin_type(given.type.kind))) {
    const std::string source = text(argument);
    const TypeKind wanted = kind_of(parameter.type);
    const bool is_text = builtin_type(given.type.kind) == builtins::Type::text;
    const bool from_text = is_text && (wanted == TypeKind::number || wanted == TypeKind::date || wanted == TypeKind::time ||
                                       wanted == TypeKind::timestamp);
    const bool to_text = wanted == TypeKind::text && given.type.kind != TypeKind::segment;
    std::string help;
    if (parameter.type == builtins::Type::moment && is_text)
      help = fmt::format("write `date({0})` or `timestamp({0})`", source);
    else if (!parameter.list && (from_text || to_text))
      help = fmt::format("write `{}({})`", describe({.kind = wanted}), source);
    report(Code::E0401, argument.span,
           fmt::format("`{}` is {}, and `{}` takes {}", source, phrase(given.type), function.name, due(parameter)),
           builtins::signature(function), std::move(help));
    return false;
  }
  if (!parameter.constant && parameter.valid == nullptr) return true;
  if (!is_literal(argument)) {
    report(Code::E0423, argument.span, fmt::format("`{}` must be written out", text(argument)), builtins::signature(function),
           fmt::format("`{}` of `{}` is checked before any message comes, so it is a literal", parameter.name, function.name));
    return false;
  }
  const auto* string = argument.try_as<syntax::StringExpr>();
  if (string == nullptr || parameter.valid == nullptr || parameter.valid(string->text())) return true;
  report(Code::E0422, argument.span, fmt::format("`{}` does not know {}", function.name, text(argument)),
         builtins::signature(function), fmt::format("`{}` is {}", parameter.name, parameter.expects));
  return false;
}

/// The type of the result, as far as it follows from the specification and the arguments.
Type Checker::result_type(const builtins::Function& function, const syntax::CallExpr& call, const std::vector<Value>& given) {
  Type type;
  type.list = function.result_list;
  if (function.result != builtins::Type::same) {
    type.kind = kind_of(function.result);
  } else {
    type.kind = kind_of(builtin_type(given.front().type.kind));
    // An item of a list is what it was; a function of one value makes another.
    if (function.parameters.front().list) {
      type = given.front().type;
      type.list = function.result_list;
    }
  }
  if (!is_moment(type)) return type;
  if (type.offset == builtins::Offset::unknown) type.offset = function.offset;
  if (type.kind == TypeKind::date) type.offset = builtins::Offset::never;
  if (function.states) type.precision = function.states;
  if (function.precision_from > 0 && function.precision_from <= call.arguments.size()) {
    const Type& from = given[function.precision_from - 1].type;
    if (is_moment(from))
      type.precision = from.precision;
    else if (const auto* name = call.arguments[function.precision_from - 1]->try_as<syntax::StringExpr>())
      type.precision = builtins::precision_named(name->text());
  }
  return type;
}

Value Checker::call(const syntax::CallExpr& call) {
  if (call.function != nullptr && call.function->text == "code") return to_code(call);
  const builtins::Function* const function = function_of(call);
  if (function == nullptr) return broken_value();
  Value value = value_of(TypeKind::text, true);
  std::vector<Value> given;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const syntax::Expr& argument = *call.arguments[i];
    given.push_back(function->parameter(i).list ? list_argument(argument) : single(argument));
    if (given.back().broken() || !fits_parameter(*function, i, argument, given.back())) return broken_value();
    value.constant = value.constant && given.back().constant;
    // Of one value that is not there, a list is empty.
    if (given.back().absent && !value.absent && !function->parameter(i).list) value.absent = given.back().absent;
    add_failures(value, given.back());
  }
  value.type = result_type(*function, call, given);
  value.whole_digits = function->digits != 0 ? function->digits : kAllDigits;
  value.scale = function->digits != 0 ? 0 : kAllDigits;
  if (function->result == builtins::Type::boolean) value.absent.reset();
  if (!function->can_be_absent.empty() && !value.absent) {
    value.absent = Problem{call.span, fmt::format("`{}` gives nothing if {}", text(call), function->can_be_absent), true};
  }
  if (folded(*function, call, value)) return value;
  if (is_conversion(*function)) {
    conversion(*function, call, given, value);
  } else if (!function->can_fail.empty() && !proven(*function, call) && !reads_number(*function, call, given)) {
    value.fails.push_back({call.span, fmt::format("`{}` fails if {}", text(call), function->can_fail), false});
  }
  return value;
}

/// A call whose arguments are all literals is made now; one that fails is wrong as it stands.
bool Checker::folded(const builtins::Function& function, const syntax::CallExpr& call, Value& value) {
  builtins::Arena arena;
  const auto known = [&](const syntax::Expr* argument) { return constant_value(*argument, arena).has_value(); };
  if (call.arguments.empty() || !std::all_of(call.arguments.begin(), call.arguments.end(), known)) return false;
  const auto result = constant_value(call, arena);
  if (!result) {
    if (function.can_fail.empty()) return false;
    report(Code::E0422, call.span, fmt::format("`{}` always fails", text(call)), builtins::signature(function),
           std::string(function.can_fail));
    value = broken_value();
    return true;
  }
  value.absent.reset();
  if (result->absent()) value.absent = Problem{call.span, fmt::format("`{}` gives nothing", text(call)), true};
  known_bounds(*result, value);
  return true;
}

bool Checker::proven(const builtins::Function& function, const syntax::CallExpr& call) const {
  if (function.proven_by.empty()) return false;
  const auto arguments = canonical(call.arguments);
  return arguments && proofs.holds(fmt::format("{}({})", function.proven_by, *arguments));
}

/// `validate` has seen that the field holds a number. What OBX-5 holds is said by OBX-2, message by message.
bool Checker::is_validated(const syntax::Expr& argument, const Value& given) const {
  if (model.open() || !proofs.holds("valid") || every || argument.kind != ExprKind::path) return false;
  const auto path = context.facts.paths.find(argument.id);
  if (path == context.facts.paths.end()) return false;
  const std::string_view sent = path->second.type.datatype;
  return (sent == given.type.datatype || (sent == "TS" && given.type.datatype == "DTM")) &&
         !(path->second.segment == "OBX" && path->second.path.field == 5);
}

bool Checker::reads_number(const builtins::Function& function, const syntax::CallExpr& call,
                           const std::vector<Value>& given) const {
  if (function.name != "number") return false;
  const std::string_view type = given.front().type.datatype;
  return (type == "NM" || type == "SI") && is_validated(*call.arguments.front(), given.front());
}

}  // namespace smarthl7::check
