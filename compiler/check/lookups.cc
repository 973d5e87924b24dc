// SPDX-License-Identifier: Apache-2.0
// Look-ups in tables of the project, and `in`.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/checker.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {

using diag::Code;
using syntax::ExprKind;

bool Checker::lookup_column(const syntax::LookupExpr& lookup, const TableInfo& table) {
  const std::string_view column = lookup.column != nullptr ? lookup.column->text : std::string_view{};
  if (table.broken || table.column(column)) return true;
  const auto keys = static_cast<std::ptrdiff_t>(std::min(table.keys, table.columns.size()));
  const std::vector<std::string_view> names(table.columns.begin() + keys, table.columns.end());
  const auto near = diag::suggest(column, names);
  std::vector<diag::Fix> fixes;
  if (near && lookup.column != nullptr)
    fixes.push_back(diag::replace(lookup.column->span, std::string(*near), fmt::format("write `{}`", *near)));
  report(Code::E0407, lookup.column != nullptr ? lookup.column->span : lookup.span,
         column.empty() ? fmt::format("`{}` has no value column to look up", lookup.table->text)
                        : fmt::format("`{}` has no value column `{}`", lookup.table->text, column),
         names.empty() ? std::string() : fmt::format("its value columns are {}", fmt::join(names, ", ")),
         near ? fmt::format("did you mean `{}`?", *near) : std::string(), std::move(fixes));
  return false;
}

Value Checker::lookup(const syntax::LookupExpr& lookup) {
  Value value = value_of(TypeKind::text);
  bool held = lookup.keys.size() == 1;  // the key is known to be one of the table
  for (const syntax::Expr* key : lookup.keys) {
    const Value given = single(*key);
    if (given.broken()) return broken_value();
    if (!same_kind(given.type, {.kind = TypeKind::text})) {
      report(
          Code::E0401, key->span, fmt::format("`{}` is {}, and the keys of a table are text", text(*key), phrase(given.type)),
          {},
          builtin_type(given.type.kind) != builtins::Type::any ? fmt::format("write `text({})`", text(*key)) : std::string());
      return broken_value();
    }
    add_failures(value, given);
    if (given.absent) value.fails.push_back({given.absent->span, given.absent->text + ", and a look-up needs its key", true});
    const auto name = canonical(*key);
    held = held && lookup.table != nullptr &&
           ((!given.type.local.empty() && given.type.local == lookup.table->text) ||
            (name && proofs.holds(fmt::format("{} in {}", *name, lookup.table->text))));
  }
  const TableInfo* table = lookup.table != nullptr ? context.table(*lookup.table) : nullptr;
  if (table == nullptr) return broken_value();
  context.facts.use(lookup.table->text);
  if (!table->broken && lookup.keys.size() != table->keys) {
    const auto keys =
        std::vector<std::string>(table->columns.begin(), table->columns.begin() + static_cast<std::ptrdiff_t>(table->keys));
    report(Code::E0407, lookup.span,
           fmt::format("`{}` is looked up by {}, not by {}", lookup.table->text,
                       table->keys == 1 ? "one key" : fmt::format("{} keys", table->keys), lookup.keys.size()),
           {}, fmt::format("write `{}[{}]`, a value for each", lookup.table->text, fmt::join(keys, ", ")));
    return broken_value();
  }
  if (!lookup_column(lookup, *table)) return broken_value();
  const std::string_view column = lookup.column != nullptr ? lookup.column->text : std::string_view{};
  if (!held) value.fails.push_back({lookup.span, fmt::format("`{}` may not hold the key", lookup.table->text), false});
  const std::size_t at = table->column(column).value_or(0);
  if (table->may_be_empty(at))
    value.absent = Problem{lookup.span,
                           fmt::format("`{}` {} rows that are empty there", lookup.table->text,
                                       table->reload == plan::TableReload::never ? "has" : "may have"),
                           true};
  return value;
}

bool Checker::in_table(const syntax::InExpr& in, const Value& operand) {
  const TableInfo* table = context.table(*in.table);
  if (table != nullptr) context.facts.use(in.table->text);
  if (operand.broken() || table == nullptr) return false;
  if (!same_kind(operand.type, {.kind = TypeKind::text})) {
    report(Code::E0401, in.operand->span,
           fmt::format("`{}` is {}, and the keys of a table are text", text(*in.operand), phrase(operand.type)));
    return false;
  }
  if (table->keys > 1 && !table->broken) {
    report(Code::E0407, in.span, fmt::format("`{}` has {} keys, and `in` asks for one", in.table->text, table->keys));
    return false;
  }
  return true;
}

/// `"MR" in PID-3[*].5`: one of the values that are there.
bool Checker::in_values(const syntax::InExpr& in, const Value& operand, Value& value) {
  const Value list = list_argument(*in.list);
  if (list.broken()) return false;
  add_failures(value, list);
  if (!list.type.list) {
    report(Code::E0410, in.list->span, fmt::format("`{}` is one value, and `in` takes several", text(*in.list)), {},
           fmt::format("write `{} == {}`", text(*in.operand), text(*in.list)));
    return false;
  }
  if (operand.broken()) return false;
  if (!same_kind(operand.type, list.type)) {
    report(Code::E0401, in.operand->span,
           fmt::format("`{}` is {}, but `{}` holds {}", text(*in.operand), phrase(operand.type), text(*in.list),
                       phrase(list.type)));
    return false;
  }
  if (is_literal(*in.operand)) literal_fits(list.type, *in.operand);
  return true;
}

Value Checker::in_set(const syntax::InExpr& in) {
  Value value = value_of(TypeKind::boolean);
  const Value operand = single(*in.operand);
  if (in.table != nullptr) in_table(in, operand);
  if (in.list != nullptr) in_values(in, operand, value);
  for (const syntax::Expr* literal : in.values) {
    const Value given = single(*literal);
    if (given.broken() || operand.broken()) continue;
    if (!is_literal(*literal)) {
      report(Code::E0401, literal->span,
             fmt::format("`{}` is no literal, and `in` takes literals, a table or a list", text(*literal)));
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

}  // namespace smarthl7::check
