// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/expressions.h"

#include <fmt/format.h>

#include <utility>

#include "compiler/check/checker.h"
#include "compiler/check/values.h"
#include "stdlib/hl7/charset.h"

namespace smarthl7::check {

namespace {

using diag::Code;
using syntax::ExprKind;

bool is_printable(TypeKind kind) {
  return kind != TypeKind::segment && kind != TypeKind::composite && kind != TypeKind::null && kind != TypeKind::error;
}

}  // namespace

Value value_of(TypeKind kind, bool constant) {
  Value value;
  value.type.kind = kind;
  value.constant = constant;
  return value;
}

void add_failures(Value& to, const Value& from) {
  to.fails.insert(to.fails.end(), from.fails.begin(), from.fails.end());
  if (from.beyond_ascii && !to.beyond_ascii) to.beyond_ascii = from.beyond_ascii;
}

Value broken_value() { return {}; }

Checker::Checker(Context& the_context, const MessageState& state)
    : context(the_context), model(state.type), proofs(state.proofs) {}

bool Checker::report(Code code, Span span, std::string message, std::string label, std::string help,
                     std::vector<diag::Fix> fixes) {
  if (silent) return false;
  diag::Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.span = span;
  diagnostic.message = std::move(message);
  diagnostic.label = std::move(label);
  diagnostic.help = std::move(help);
  diagnostic.fixes = std::move(fixes);
  return context.sink.report(std::move(diagnostic));
}

Value Checker::evaluate(const syntax::Expr& expr) {
  switch (expr.kind) {
    case ExprKind::string: return string(expr.as<syntax::StringExpr>());
    case ExprKind::number: {
      Value value = value_of(TypeKind::number, true);
      const auto number = Decimal::parse(expr.as<syntax::NumberExpr>().text);
      if (!number) {
        report(Code::E0422, expr.span, fmt::format("`{}` has more than 38 digits", text(expr)), {},
               "numbers have at most 38 digits");
        return broken_value();
      }
      digits_of(*number, value);
      return value;
    }
    case ExprKind::unit: return unit(expr.as<syntax::UnitExpr>());
    case ExprKind::boolean: return value_of(TypeKind::boolean, true);
    case ExprKind::null_value: return value_of(TypeKind::null, true);
    case ExprKind::name: return name(expr.as<syntax::NameExpr>());
    case ExprKind::path: return path_value(expr.as<syntax::PathExpr>());
    case ExprKind::raw: {
      const bool was_every = std::exchange(every, false);
      Value value = path_value(*expr.as<syntax::RawExpr>().path);
      every = was_every;
      if (value.broken()) return value;
      value.type.kind = TypeKind::text;
      value.type.table = 0;
      return value;
    }
    case ExprKind::call: return call(expr.as<syntax::CallExpr>());
    case ExprKind::lookup: return lookup(expr.as<syntax::LookupExpr>());
    case ExprKind::negation: {
      Value value = truth(*expr.as<syntax::NotExpr>().operand);
      value.type.kind = TypeKind::boolean;
      return value;
    }
    case ExprKind::binary: return binary(expr.as<syntax::BinaryExpr>());
    case ExprKind::in_set: return in_set(expr.as<syntax::InExpr>());
    case ExprKind::matches: return matches(expr.as<syntax::MatchesExpr>());
    case ExprKind::test: return test(expr.as<syntax::TestExpr>());
    case ExprKind::each: return each(expr.as<syntax::EachExpr>());
    case ExprKind::count:
    case ExprKind::event:
    case ExprKind::version:
      report(Code::E0401, expr.span, fmt::format("`{}` is no value of an expression", text(expr)));
      return broken_value();
    case ExprKind::error: return broken_value();
  }
  return broken_value();
}

Value Checker::expr(const syntax::Expr& expr) {
  if (expr.poisoned) return broken_value();
  Value value = evaluate(expr);
  value.type.optional = value.absent.has_value();
  if (!value.broken()) context.facts.types[expr.id] = value.type;
  return value;
}

Value Checker::single(const syntax::Expr& expr) {
  Value value = this->expr(expr);
  if (value.broken()) return value;
  if (value.type.list) {
    report(Code::E0410, expr.span, fmt::format("`{}` gives a list, and one value is due", text(expr)), {},
           "choose one by `[1]`, `[last]` or `[.5 == \"MR\"]`, or go through them with `each`");
    return broken_value();
  }
  if (value.type.kind == TypeKind::segment) {
    report(Code::E0409, expr.span, fmt::format("`{}` is a whole segment, and a value is due", text(expr)), {},
           "write one of its fields");
    return broken_value();
  }
  if (value.type.kind == TypeKind::null) {
    report(Code::E0401, expr.span, "`null` cannot stand here", {}, "it is assigned (`PID-8 = null`) and tested (`PID-8 null`)");
    return broken_value();
  }
  if (value.type.kind == TypeKind::composite) {
    if (const auto at = parts.find(expr.id); at != parts.end()) {
      const bool optional = value.type.optional;
      value.type = leaf_type(at->second);
      value.type.optional = optional;
    }
  }
  return value;
}

Value Checker::string(const syntax::StringExpr& string) {
  Value value = value_of(TypeKind::text, true);
  for (const syntax::StringPart& part : string.parts) {
    if (part.value == nullptr) {
      if (!hl7::is_ascii(part.text) && !value.beyond_ascii) {
        value.beyond_ascii =
            Problem{string.span, fmt::format("`{}` has characters that not every character set holds", text(string)), false};
      }
      continue;
    }
    const Value inner = every ? single(*part.value) : list_argument(*part.value);
    if (inner.broken()) continue;
    value.constant = value.constant && inner.constant;
    if (!is_printable(inner.type.kind)) {
      report(Code::E0401, part.value->span,
             fmt::format("`{}` is {} and cannot be put into a text", text(*part.value), phrase(inner.type)));
    }
    if (inner.absent && !in_reason && !value.absent) value.absent = inner.absent;
    add_failures(value, inner);
  }
  return value;
}

Value Checker::unit(const syntax::UnitExpr& unit) {
  if (const auto micros = duration_micros(unit)) {
    Value value = value_of(TypeKind::duration, true);
    digits_of(Decimal(static_cast<std::int64_t>(*micros)), value);
    return value;
  }
  if (size_bytes(unit)) return value_of(TypeKind::size, true);
  report(Code::E0401, unit.span, fmt::format("`{}` is neither a duration nor a size", text(unit)), {},
         "write `30s`, `5m`, `24h`, `7d` or `64MiB`");
  return broken_value();
}

Value Checker::name(const syntax::NameExpr& name) {
  const resolve::Entry* entry =
      silent ? context.project.find(name.text)
             : resolve::lookup(context.project, name.text, name.span, {resolve::DeclKind::setting}, context.sink);
  if (entry == nullptr || entry->poisoned) return broken_value();
  context.facts.use(entry->name);
  const auto setting = context.settings.find(name.text);
  if (setting == context.settings.end()) return broken_value();
  Value value = value_of(setting->second.type.kind, true);
  value.type = setting->second.type;
  if (setting->second.value && !hl7::is_ascii(*setting->second.value)) {
    value.beyond_ascii = Problem{
        name.span, fmt::format("the value of `{}` has characters that not every character set holds", name.text), false};
  }
  return value;
}

Value Checker::path_value(const syntax::PathExpr& path) {
  const auto info = this->path(path, every ? Want::every : Want::one);
  if (!info) return broken_value();
  Value value;
  value.type = info->resolved.type;
  if (every && (value.type.list || every_value) && info->resolved.path.field != 0) {
    plural.push_back(&path);
    value.type.list = value.type.optional = false;
    context.facts.types[path.id] = value.type;
  } else if (value.type.optional && !value.type.list) {
    value.absent = Problem{path.span, fmt::format("`{}` may be absent", text(path)), true};
  }
  if (info->resolved.choice != nullptr) {
    value.fails.push_back({path.span, fmt::format("`{}` may find none, or several", text(path)), false});
  }
  return value;
}

Value Checker::truth(const syntax::Expr& expr) {
  Value value = this->expr(expr);
  if (value.broken() || (value.type.kind == TypeKind::boolean && !value.type.list)) return value;
  const bool path = expr.kind == ExprKind::path;
  report(Code::E0417, expr.span, fmt::format("`{}` is {}, and a condition is due", text(expr), phrase(value.type)), {},
         path ? fmt::format("write `{} present`, or compare it", text(expr)) : std::string(),
         path ? std::vector{diag::replace({expr.span.file, expr.span.end, expr.span.end}, " present", "test if it is there")}
              : std::vector<diag::Fix>{});
  return broken_value();
}

}  // namespace smarthl7::check
