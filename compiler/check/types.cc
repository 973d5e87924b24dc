// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "compiler/check/checker.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {

using diag::Code;
using syntax::ExprKind;

namespace {

/// Codes of one or two letters are all near to each other, so only longer ones are suggested.
std::optional<std::string_view> nearest_code(std::string_view wrong, const std::vector<std::string_view>& codes) {
  if (wrong.size() <= 2) return std::nullopt;
  return diag::suggest(wrong, codes);
}

/// All codes of a short table; of a long one those that begin alike.
std::string known_codes(std::string_view wrong, std::vector<std::string_view> codes) {
  if (codes.size() <= 20) return fmt::format("its codes are {}", fmt::join(codes, ", "));
  std::erase_if(codes, [&](std::string_view code) { return code.empty() || code.front() != wrong.front(); });
  if (codes.empty() || codes.size() > 20) return {};
  return fmt::format("its codes with {} are {}", wrong.substr(0, 1), fmt::join(codes, ", "));
}

}  // namespace

bool is_date_type(std::string_view datatype) {
  return datatype == "DT" || datatype == "TM" || datatype == "DTM" || datatype == "TS";
}

std::string phrase(const Type& type) {
  switch (type.kind) {
    case TypeKind::text:
    case TypeKind::code:
    case TypeKind::varies: return "text";
    case TypeKind::number:
    case TypeKind::port: return "a number";
    case TypeKind::boolean: return "true or false";
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::size:
    case TypeKind::segment: return "a " + describe({.kind = type.kind});
    case TypeKind::url: return "a url";
    case TypeKind::address: return "an address";
    case TypeKind::composite: return std::string(type.datatype);
    case TypeKind::null: return "null";
    case TypeKind::error: break;
  }
  return "unknown";
}

bool is_literal(const syntax::Expr& expr) {
  if (const auto* text = expr.try_as<syntax::StringExpr>()) return text->is_literal();
  return expr.kind == ExprKind::number || expr.kind == ExprKind::unit || expr.kind == ExprKind::boolean;
}

Type Checker::part_type(const PartInfo& part) const {
  Type type;
  type.kind = TypeKind::text;
  type.datatype = part.type_name;
  if (part.varies()) {
    type.kind = TypeKind::varies;
  } else if (part.type && part.type.is_composite()) {
    type.kind = TypeKind::composite;
  } else if (part.table != 0 && (part.type_name == "ID" || part.type_name == "IS") && model.table_has_codes(part.table)) {
    type.kind = TypeKind::code;
    type.table = part.table;
  }
  return type;
}

Type Checker::leaf_type(const PartInfo& part) const {
  PartInfo leaf = part;
  for (int depth = 0; depth < 3 && leaf.type && leaf.type.is_composite(); ++depth)
    leaf = component_info(leaf.type, leaf.type.component(std::size_t{1}));
  Type type = part_type(leaf);
  if (type.kind == TypeKind::varies) type.kind = TypeKind::text;
  return type;
}

bool Checker::is_closed(const Type& type) const {
  if (type.kind != TypeKind::code || type.table == 0) return false;
  return (type.datatype == "ID" && model.table_closed(type.table)) || model.table_closed_by_site(type.table);
}

bool Checker::same_kind(const Type& one, const Type& other) {
  const auto plain = [](TypeKind kind) {
    switch (kind) {
      case TypeKind::code:
      case TypeKind::varies:
      case TypeKind::url:
      case TypeKind::address: return TypeKind::text;
      case TypeKind::port: return TypeKind::number;
      case TypeKind::error:
      case TypeKind::text:
      case TypeKind::number:
      case TypeKind::boolean:
      case TypeKind::date:
      case TypeKind::time:
      case TypeKind::timestamp:
      case TypeKind::duration:
      case TypeKind::size:
      case TypeKind::composite:
      case TypeKind::segment:
      case TypeKind::null: break;
    }
    return kind;
  };
  return one.kind == TypeKind::error || other.kind == TypeKind::error || plain(one.kind) == plain(other.kind);
}

bool Checker::literal_fits(const Type& subject, const syntax::Expr& literal) {
  const auto* string = literal.try_as<syntax::StringExpr>();
  if (subject.kind != TypeKind::code || string == nullptr || !string->is_literal() || string->text().empty()) return true;
  if (!subject.local.empty()) {
    const auto table = context.tables.find(subject.local);
    if (table != context.tables.end() && !table->second.broken && !table->second.contains(string->text()))
      report(Code::W0401, literal.span, fmt::format("`{}` is no key of the table `{}`", text(literal), subject.local));
    return true;
  }
  if (model.table_contains(subject.table, string->text())) return true;
  const std::vector<std::string_view> codes = model.table_codes(subject.table);
  const bool closed = is_closed(subject);
  const std::optional<std::string_view> near = nearest_code(string->text(), codes);
  std::vector<diag::Fix> fixes;
  if (near && closed)
    fixes.push_back(diag::replace(literal.span, fmt::format("\"{}\"", *near), fmt::format("write `\"{}\"`", *near)));
  const hl7::Table table = model.version().table(subject.table);
  std::string help = near ? fmt::format("did you mean `\"{}\"`?", *near) : std::string();
  if (!near) help = known_codes(string->text(), codes);
  report(closed ? Code::E0404 : Code::W0401, literal.span,
         fmt::format("`{}` is no code of table {}", text(literal), table_text(subject.table)),
         fmt::format("HL7 {} table {} \"{}\"", model.version().name(), table_text(subject.table), table.name()),
         std::move(help), std::move(fixes));
  return !closed;
}

}  // namespace smarthl7::check
