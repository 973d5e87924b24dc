// SPDX-License-Identifier: Apache-2.0
#include "compiler/format/expression.h"

#include <fmt/format.h>

namespace smarthl7::format {

using namespace syntax;  // NOLINT: the tree is what this file is about

std::string Writer::index(const Index& i) const {
  switch (i.kind) {
    case IndexKind::none: return {};
    case IndexKind::number: return fmt::format("[{}]", i.number);
    case IndexKind::all: return "[*]";
    case IndexKind::last: return "[last]";
    case IndexKind::selection: return fmt::format("[{}]", expr(*i.selection));
  }
  return {};
}

std::string Writer::path(const PathExpr& p) const {
  std::string out;
  for (const PathNode& node : p.nodes) {
    if (!out.empty()) out += '.';
    out.append(node.text).append(index(node.index));
  }
  for (const PathPart& part : p.parts) {
    out += file_.source->bytes()[part.span.begin];
    out += part.number != 0 ? std::to_string(part.number) : std::string(part.name);
    out += index(part.index);
  }
  return out;
}

std::string Writer::expr(const Expr& e) const {
  std::string text = bare(e);
  return e.parenthesised ? "(" + text + ")" : text;
}

std::string Writer::bare(const Expr& e) const {
  switch (e.kind) {
    case ExprKind::string: return source(e.span);
    case ExprKind::path: return path(e.as<PathExpr>());
    case ExprKind::number: return std::string(e.as<NumberExpr>().text);
    case ExprKind::version: return std::string(e.as<VersionExpr>().text);
    case ExprKind::name: return std::string(e.as<NameExpr>().text);
    case ExprKind::unit: return fmt::format("{}{}", e.as<UnitExpr>().number, e.as<UnitExpr>().unit);
    case ExprKind::count: return fmt::format("{} {}", e.as<CountExpr>().number, e.as<CountExpr>().word);
    case ExprKind::boolean: return e.as<BoolExpr>().value ? "true" : "false";
    case ExprKind::null_value: return "null";
    case ExprKind::event: {
      const auto& event = e.as<EventExpr>();
      return fmt::format("{}^{}{}{}", event.code, event.trigger, event.structure.empty() ? "" : "^", event.structure);
    }
    case ExprKind::raw: return "raw " + path(*e.as<RawExpr>().path);
    case ExprKind::call: return fmt::format("{}({})", e.as<CallExpr>().function->text, commas(e.as<CallExpr>().arguments));
    case ExprKind::lookup: {
      const auto& lookup = e.as<LookupExpr>();
      const std::string column = lookup.column == nullptr ? "" : fmt::format(".{}", lookup.column->text);
      return fmt::format("{}[{}]{}", lookup.table->text, commas(lookup.keys), column);
    }
    case ExprKind::negation: return "not " + expr(*e.as<NotExpr>().operand);
    case ExprKind::binary: {
      const auto& binary = e.as<BinaryExpr>();
      const bool logic = binary.op == BinaryOp::logic_and || binary.op == BinaryOp::logic_or;
      return fmt::format("{}{}{} {}", expr(*binary.left), logic ? kSoftBlank : ' ', spelling(binary.op), expr(*binary.right));
    }
    case ExprKind::in_set: {
      const auto& in = e.as<InExpr>();
      const std::string set = in.table != nullptr  ? std::string(in.table->text)
                              : in.list != nullptr ? expr(*in.list)
                                                   : commas(in.values);
      return fmt::format("{} in {}", expr(*in.operand), in.bracketed ? "(" + set + ")" : set);
    }
    case ExprKind::matches:
      return fmt::format("{} matches {}", expr(*e.as<MatchesExpr>().operand), expr(*e.as<MatchesExpr>().pattern));
    case ExprKind::test: {
      const auto& test = e.as<TestExpr>();
      const char* word = test.test == TestKind::present ? "present" : test.test == TestKind::absent ? "absent" : "null";
      return fmt::format("{} {}", expr(*test.operand), word);
    }
    case ExprKind::each: {
      const auto& each = e.as<EachExpr>();
      const std::string where = each.where == nullptr ? "" : fmt::format("{}where {}", kSoftBlank, expr(*each.where));
      return fmt::format("each {}{} :{}{}", path(*each.scope), where, kSoftBlank, expr(*each.body));
    }
    case ExprKind::error: return source(e.span);
  }
  return {};
}

std::string Writer::otherwise(const ElseClause& e) const {
  const auto reason = [&](std::string_view word) {
    std::string out(word);
    if (e.ack_code != nullptr) out += fmt::format(" {}", e.ack_code->text);
    if (e.reason != nullptr) out += ' ' + expr(*e.reason);
    return "else " + out;
  };
  switch (e.kind) {
    case ElseKind::reject: return reason("reject");
    case ElseKind::dead: return reason("dead");
    case ElseKind::drop: return reason("drop");
    case ElseKind::proceed: return "else continue";
    case ElseKind::keep: return "else keep";
    case ElseKind::deliver: return "else -> " + commas(e.destinations);
    case ElseKind::value: return "else " + expr(*e.value);
  }
  return {};
}

std::string Writer::type(const TypeRef& t) const {
  std::string out(t.name->text);
  if (!t.argument.empty()) out += fmt::format("({})", t.argument);
  if (t.element != nullptr) out += (t.name->text == "list" ? " of " : " ") + type(*t.element);
  return out;
}

std::string Writer::message_type(const MessageType& t) const {
  std::string out(t.format->text);
  if (t.version != nullptr) out += fmt::format(" {}", t.version->text);
  if (t.from_version != nullptr) out += fmt::format(" from {}", t.from_version->text);
  if (t.structure != nullptr) out += fmt::format(" {}", t.structure->text);
  return out;
}

std::string Writer::option(const Option& o) const {
  std::string out(o.name->text);
  if (o.connective != Connective::none) out += fmt::format(" {}", spelling(o.connective));
  if (o.nested != nullptr) return out + ' ' + option(*o.nested);
  return out + ' ' + commas(o.values);
}

}  // namespace smarthl7::format
