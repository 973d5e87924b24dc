// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "compiler/syntax/lower.h"

namespace smarthl7::syntax {
namespace {

Connective connective_named(std::string_view word) {
  for (const Connective c : {Connective::file, Connective::secret, Connective::oauth, Connective::when, Connective::within,
                             Connective::by, Connective::after, Connective::because}) {
    if (spelling(c) == word) return c;
  }
  return Connective::from;
}

}  // namespace

Lowering::Lowering(State& state, std::pmr::monotonic_buffer_resource& arena, NodeId first_id)
    : state_(state), arena_(arena), next_id_(first_id), errors_(state.nodes.size() + 1, 0) {
  for (std::size_t i = 0; i < state.nodes.size(); ++i) {
    const Kind kind = state.nodes[i].kind;
    errors_[i + 1] = errors_[i] + (kind == Kind::error || kind == Kind::block_open ? 1U : 0U);
  }
}

std::string_view Lowering::text(At at) const {
  return state_.file.bytes().substr(at.node().begin, at.node().end - at.node().begin);
}

std::string_view Lowering::keep(std::string_view text) {
  if (text.empty()) return {};
  char* to = static_cast<char*>(arena_.allocate(text.size(), 1));
  std::memcpy(to, text.data(), text.size());
  return {to, text.size()};
}

void Lowering::report(diag::Code code, Span where, std::string message, std::vector<diag::Edit> fix, std::string help) {
  diag::Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.span = where;
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  if (fix.size() == 1 && !fix[0].replacement.empty()) {
    if (diagnostic.help.empty()) diagnostic.help = fmt::format("write {}", fix[0].replacement);
    while (diagnostic.help.ends_with(' ')) diagnostic.help.pop_back();
  }
  if (!fix.empty()) {
    const std::string title = diagnostic.help.starts_with("write ") ? diagnostic.help : "repair it";
    diagnostic.fixes.push_back({title, std::move(fix)});
  }
  state_.report(std::move(diagnostic));
}

std::uint32_t Lowering::number(std::string_view digits, Span where) {
  constexpr std::uint32_t kMost = 100000;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value == 0 || value > kMost) {
    report(diag::Code::E0110, where, fmt::format("`{}` is out of range: counting begins at 1", digits));
    return 1;
  }
  return value;
}

std::uint32_t Lowering::number(At at, Span where) { return number(text(at), where); }

const Name* Lowering::name(At at) {
  auto* result = make<Name>(at);
  result->text = text(at);
  return result;
}

List<Name> Lowering::names(At parent) {
  std::vector<const Name*> result;
  for (const At child : parent) {
    if (child.kind() == Kind::name) result.push_back(name(child));
  }
  return list(result);
}

List<PathExpr> Lowering::paths(At parent) {
  std::vector<const PathExpr*> result;
  for (const At child : parent) {
    if (child.kind() == Kind::path) result.push_back(path(child));
  }
  return list(result);
}

const Expr* Lowering::only_expression(At parent) { return expression(parent.first()); }

const OptionBlock* Lowering::options(At at) {
  auto* result = make<OptionBlock>(at);
  std::vector<const Option*> all;
  for (const At child : at) {
    if (child.kind() == Kind::option) all.push_back(option(child));
  }
  result->options = list(all);
  return result;
}

const Option* Lowering::option(At at) {
  auto* result = make<Option>(at);
  std::vector<const Expr*> values;
  for (const At child : at) {
    switch (child.kind()) {
      case Kind::name: result->name = name(child); break;
      case Kind::connective: result->connective = connective_named(text(child)); break;
      case Kind::block:
      case Kind::block_open: result->block = options(child); break;
      case Kind::option: result->nested = option(child); break;
      default: values.push_back(expression(child));
    }
  }
  result->values = list(values);
  return result;
}

const ElseClause* Lowering::else_clause(At at) {
  auto* result = make<ElseClause>(at);
  const At action = at.first();
  switch (action.kind()) {
    case Kind::reject: result->kind = ElseKind::reject; break;
    case Kind::proceed: result->kind = ElseKind::proceed; break;
    case Kind::keep: result->kind = ElseKind::keep; break;
    case Kind::dead: result->kind = ElseKind::dead; break;
    case Kind::drop: result->kind = ElseKind::drop; break;
    case Kind::deliver:
      result->kind = ElseKind::deliver;
      result->destinations = names(action);
      return result;
    default:
      result->kind = ElseKind::value;
      result->value = only_expression(action);
      return result;
  }
  for (const At part : action) {
    if (part.kind() == Kind::name) {
      result->ack_code = name(part);
    } else {
      result->reason = string(part);
    }
  }
  return result;
}

const TypeRef* Lowering::type(At at) {
  auto* result = make<TypeRef>(at);
  for (const At part : at) {
    if (part.kind() == Kind::name) result->name = name(part);
    if (part.kind() == Kind::type_argument) result->argument = text(part);
    if (part.kind() == Kind::type) result->element = type(part);
  }
  return result;
}

const MessageType* Lowering::message_type(At at) {
  auto* result = make<MessageType>(at);
  for (const At part : at) {
    if (part.kind() == Kind::name) result->format = name(part);
    if (part.kind() == Kind::version_clause) result->version = name(part);
    if (part.kind() == Kind::from_clause) result->from_version = name(part);
    if (part.kind() == Kind::structure_clause) result->structure = name(part);
  }
  return result;
}

}  // namespace smarthl7::syntax
