// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/checker.h"
#include "compiler/diag/suggest.h"
#include "stdlib/builtins/all.h"

namespace smarthl7::check {

namespace {

using diag::Code;
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
    case builtins::Type::text_or_moment: return TypeKind::text;
    case builtins::Type::same: break;
  }
  return TypeKind::error;
}

}  // namespace

Value Checker::call(const syntax::CallExpr& call) {
  const builtins::Function* function = call.function == nullptr ? nullptr : builtins::find_function(call.function->text);
  if (call.function == nullptr || call.function->text.empty()) return broken_value();
  if (function == nullptr) {
    std::vector<std::string_view> names;
    for (const builtins::Function* known : builtins::all_functions()) names.push_back(known->name);
    const auto near = diag::suggest(call.function->text, names);
    std::vector<diag::Fix> fixes;
    if (near) fixes.push_back(diag::replace(call.function->span, std::string(*near), fmt::format("write `{}`", *near)));
    report(Code::E0405, call.function->span, fmt::format("there is no function `{}`", call.function->text), {},
           near ? fmt::format("did you mean `{}`?", *near) : std::string(), std::move(fixes));
    return broken_value();
  }
  Value value = value_of(kind_of(function->result), true);
  if (!function->takes(call.arguments.size())) {
    report(Code::E0406, call.span,
           fmt::format("`{}` does not take {} argument{}", function->name, call.arguments.size(),
                       call.arguments.size() == 1 ? "" : "s"),
           builtins::signature(*function));
    return value;
  }
  bool checked_number = function->name == "number" && !model.open() && proofs.holds("valid") && !every;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const syntax::Expr& argument = *call.arguments[i];
    const Value given = single(argument);
    if (given.broken()) return broken_value();
    value.constant = value.constant && given.constant;
    Type wanted;
    wanted.kind = kind_of(function->parameter(i).type);
    if (!same_kind(wanted, given.type)) {
      const std::string source = text(argument);
      const bool convertible = (wanted.kind == TypeKind::number && same_kind(given.type, {.kind = TypeKind::text})) ||
                               (wanted.kind == TypeKind::text && given.type.kind == TypeKind::number);
      report(Code::E0401, argument.span,
             fmt::format("`{}` is {}, and `{}` takes {}", source, phrase(given.type), function->name, phrase(wanted)),
             builtins::signature(*function),
             convertible ? fmt::format("write `{}({})`", describe(wanted), source) : std::string());
      return broken_value();
    }
    if (given.absent && !value.absent) value.absent = given.absent;
    add_failures(value, given);
    checked_number =
        checked_number && argument.kind == ExprKind::path && (given.type.datatype == "NM" || given.type.datatype == "SI") &&
        context.facts.paths[argument.id].type.datatype == given.type.datatype && !text(argument).starts_with("OBX-5");
  }
  if (function->result == builtins::Type::boolean) value.absent.reset();
  if (!function->can_fail.empty() && !checked_number) {
    value.fails.push_back({call.span, fmt::format("`{}` fails if {}", text(call), function->can_fail), false});
  }
  return value;
}

Value Checker::lookup(const syntax::LookupExpr& lookup) {
  Value value = value_of(TypeKind::text);
  for (const syntax::Expr* key : lookup.keys) {
    const Value given = single(*key);
    if (given.broken()) return broken_value();
    if (!same_kind(given.type, {.kind = TypeKind::text})) {
      report(Code::E0401, key->span,
             fmt::format("`{}` is {}, and the keys of a table are text", text(*key), phrase(given.type)));
      return broken_value();
    }
    add_failures(value, given);
    if (given.absent) value.fails.push_back({given.absent->span, given.absent->text + ", and a look-up needs its key", true});
  }
  const TableInfo* table = lookup.table != nullptr ? context.table(*lookup.table) : nullptr;
  if (table == nullptr) return broken_value();
  context.facts.use(lookup.table->text);
  if (lookup.keys.size() != 1) {
    report(Code::E0407, lookup.span,
           fmt::format("`{}` is looked up by one key, not by {}", lookup.table->text, lookup.keys.size()));
    return broken_value();
  }
  const std::string_view column = lookup.column != nullptr ? lookup.column->text : std::string_view{};
  if (!table->broken && !table->column(column)) {
    const std::vector<std::string_view> names(table->columns.begin() + (table->columns.empty() ? 0 : 1), table->columns.end());
    const auto near = diag::suggest(column, names);
    std::vector<diag::Fix> fixes;
    if (near && lookup.column != nullptr)
      fixes.push_back(diag::replace(lookup.column->span, std::string(*near), fmt::format("write `{}`", *near)));
    report(Code::E0407, lookup.column != nullptr ? lookup.column->span : lookup.span,
           column.empty() ? fmt::format("`{}` has no value column to look up", lookup.table->text)
                          : fmt::format("`{}` has no value column `{}`", lookup.table->text, column),
           names.empty() ? std::string() : fmt::format("its value columns are {}", fmt::join(names, ", ")),
           near ? fmt::format("did you mean `{}`?", *near) : std::string(), std::move(fixes));
    return broken_value();
  }
  value.fails.push_back({lookup.span, fmt::format("`{}` may not hold the key", lookup.table->text), false});
  const std::size_t at = table->column(column).value_or(0);
  const bool holes = std::any_of(table->rows.begin(), table->rows.end(),
                                 [at](const auto& row) { return at >= row.size() || row[at].empty(); });
  if (holes) value.absent = Problem{lookup.span, fmt::format("`{}` has rows that are empty there", lookup.table->text), true};
  return value;
}

}  // namespace smarthl7::check
