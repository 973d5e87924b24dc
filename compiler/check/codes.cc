// SPDX-License-Identifier: Apache-2.0
// `code(x)`: a text that is a code of a table, or a reason to fail.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/checker.h"

namespace smarthl7::check {

using diag::Code;

/// The table that the second argument names (`0105`, "0105", or a table of the project), or that of the assigned field.
bool Checker::table_of(const syntax::CallExpr& call, Type& type) {
  type = {.kind = TypeKind::code};
  if (call.arguments.size() == 1) {
    if (target != nullptr && target->kind == TypeKind::code) {
      type.table = target->table;
      type.datatype = target->datatype;
      return true;
    }
    report(Code::E0427, call.span, "no table is known here whose code this could be",
           target == nullptr ? std::string("`code` with one argument takes the table of the field that is assigned")
                             : fmt::format("the assigned field is {}", describe(*target)),
           fmt::format("name it: `code({}, 0105)`", text(*call.arguments.front())));
    return false;
  }
  const syntax::Expr& named = *call.arguments[1];
  if (const auto* local = named.try_as<syntax::NameExpr>()) {
    const auto table = context.tables.find(local->text);
    if (table != context.tables.end()) {
      const std::string_view name = table->second.declaration->name->text;
      context.facts.use(name);
      if (table->second.keys == 1) {
        type.local = name;
        return true;
      }
      report(Code::E0407, named.span, fmt::format("`{}` has {} keys, and a code is one", local->text, table->second.keys));
      return false;
    }
    report(Code::E0427, named.span, fmt::format("there is no table `{}`", local->text));
    return false;
  }
  const auto* number = named.try_as<syntax::NumberExpr>();
  const auto* string = named.try_as<syntax::StringExpr>();
  const std::string_view digits = number != nullptr                           ? number->text
                                  : string != nullptr && string->is_literal() ? string->text()
                                                                              : "";
  type.table = table_number(digits);
  if (type.table != 0 && model.table_has_codes(type.table)) {
    type.datatype = "ID";
    return true;
  }
  report(Code::E0427, named.span, fmt::format("`{}` is no table with codes", text(named)),
         fmt::format("in HL7 {}", model.version().name()),
         "write the number of an HL7 table, as `0105`, or the name of a table");
  return false;
}

Value Checker::to_code(const syntax::CallExpr& call) {
  if (call.arguments.empty() || call.arguments.size() > 2) {
    report(Code::E0406, call.span,
           fmt::format("`code` does not take {} argument{}", call.arguments.size(), call.arguments.size() == 1 ? "" : "s"),
           "code(text : text, [table]) -> code");
    return broken_value();
  }
  Value value = single(*call.arguments.front());
  if (value.broken()) return value;
  if (builtin_type(value.type.kind) != builtins::Type::text) {
    report(Code::E0401, call.arguments.front()->span,
           fmt::format("`{}` is {}, and a code is text", text(*call.arguments.front()), phrase(value.type)));
    return broken_value();
  }
  Type type;
  if (!table_of(call, type)) return broken_value();
  const bool local = !type.local.empty();
  const std::string name = local ? std::string(type.local) : table_text(type.table);
  if (!local) {
    std::vector<std::string>& codes = context.facts.codes[call.id];
    codes.clear();
    const MessageModel& written = call.arguments.size() == 1 && target_model != nullptr ? *target_model : model;
    for (const std::string_view code : written.table_codes(type.table)) codes.emplace_back(code);
    std::sort(codes.begin(), codes.end());
    if (is_literal(*call.arguments.front()))
      literal_fits({.kind = TypeKind::code, .table = type.table, .datatype = "ID"}, *call.arguments.front());
  }
  value.type = type;
  const auto key = canonical(*call.arguments.front());
  const bool held = local && key && proofs.holds(fmt::format("{} in {}", *key, type.local));
  if (!held)
    value.fails.push_back({call.span, fmt::format("`{}` fails if table {} does not have the code", text(call), name), false});
  return value;
}

}  // namespace smarthl7::check
