// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/checker.h"
#include "compiler/check/values.h"
#include "compiler/diag/suggest.h"
#include "stdlib/builtins/all.h"
#include "stdlib/hl7/charset.h"

namespace smarthl7::check {
namespace {

using diag::Code;
using syntax::BinaryOp;
using syntax::ExprKind;

Value value_of(TypeKind kind, bool constant = false) {
  Value value;
  value.type.kind = kind;
  value.constant = constant;
  return value;
}

TypeKind kind_of(builtins::Type type) {
  switch (type) {
    case builtins::Type::text: return TypeKind::text;
    case builtins::Type::number: return TypeKind::number;
    case builtins::Type::boolean: return TypeKind::boolean;
  }
  return TypeKind::error;
}

bool is_printable(TypeKind kind) {
  return kind == TypeKind::text || kind == TypeKind::code || kind == TypeKind::varies || kind == TypeKind::number ||
         kind == TypeKind::port || kind == TypeKind::address || kind == TypeKind::url;
}

}  // namespace

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
    case ExprKind::number: return value_of(TypeKind::number, true);
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
    const Value inner = single(*part.value);
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
  if (duration_micros(unit)) return value_of(TypeKind::duration, true);
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

Value Checker::binary(const syntax::BinaryExpr& binary) {
  switch (binary.op) {
    case BinaryOp::logic_or: return either(binary);
    case BinaryOp::logic_and: {
      Value value = truth(*binary.left);
      const Proofs before = proofs;
      assume(*binary.left, true);
      add_failures(value, truth(*binary.right));
      proofs = before;
      value.type = {.kind = TypeKind::boolean};
      return value;
    }
    case BinaryOp::equal:
    case BinaryOp::not_equal:
    case BinaryOp::less:
    case BinaryOp::less_equal:
    case BinaryOp::greater:
    case BinaryOp::greater_equal: return comparison(binary);
    case BinaryOp::add:
    case BinaryOp::subtract:
    case BinaryOp::multiply:
    case BinaryOp::divide: return arithmetic(binary);
  }
  return broken_value();
}

bool Checker::kinds_agree(const syntax::BinaryExpr& binary, const Value& left, const Value& right) {
  if (same_kind(left.type, right.type)) return true;
  std::string help;
  std::vector<diag::Fix> fixes;
  const auto text_kind = Type{.kind = TypeKind::text};
  const auto number_kind = Type{.kind = TypeKind::number};
  const bool left_text = same_kind(left.type, text_kind) && same_kind(right.type, number_kind);
  const bool right_text = same_kind(right.type, text_kind) && same_kind(left.type, number_kind);
  if (left_text || right_text) {
    const syntax::Expr& number = left_text ? *binary.right : *binary.left;
    const syntax::Expr& other = left_text ? *binary.left : *binary.right;
    if (number.kind == ExprKind::number) {
      help = fmt::format("compare with `\"{}\"`, or convert: `number({})`", text(number), text(other));
      const bool equality = binary.op == BinaryOp::equal || binary.op == BinaryOp::not_equal;
      if (equality) fixes.push_back(diag::replace(number.span, fmt::format("\"{}\"", text(number)), "compare with text"));
    } else {
      help = fmt::format("convert one side: `number({})`", text(other));
    }
  }
  report(
      Code::E0401, binary.span,
      fmt::format("`{}` is {}, but `{}` is {}", text(*binary.left), phrase(left.type), text(*binary.right), phrase(right.type)),
      "nothing is converted silently", std::move(help), std::move(fixes));
  return false;
}

Value Checker::comparison(const syntax::BinaryExpr& binary) {
  Value value = value_of(TypeKind::boolean);
  for (const auto& [side, other] : {std::pair{binary.right, binary.left}, std::pair{binary.left, binary.right}}) {
    if (side->kind != ExprKind::null_value) continue;
    report(Code::E0401, binary.span, "`null` is not compared but tested", {}, fmt::format("write `{} null`", text(*other)),
           {diag::replace(binary.span, fmt::format("{}{} null", binary.op == BinaryOp::not_equal ? "not " : "", text(*other)),
                          "test for null")});
    return value;
  }
  const Value left = single(*binary.left);
  const Value right = single(*binary.right);
  if (left.broken() || right.broken()) return value;
  add_failures(value, left);
  add_failures(value, right);
  const bool equality = binary.op == BinaryOp::equal || binary.op == BinaryOp::not_equal;
  if (!equality) {
    if (is_date_type(left.type.datatype) || is_date_type(right.type.datatype)) {
      report(Code::E0418, binary.span, "dates cannot be ordered yet",
             fmt::format("`{}` is a date or time", text(is_date_type(left.type.datatype) ? *binary.left : *binary.right)),
             "this version compares them with `==` and `!=` as text");
      return value;
    }
    if (same_kind(left.type, right.type) && same_kind(left.type, {.kind = TypeKind::text})) {
      report(Code::E0401, binary.span,
             fmt::format("`{}` compares numbers, and both sides are text", syntax::spelling(binary.op)), {},
             fmt::format("convert them: `number({})`", text(*binary.left)));
      return value;
    }
  }
  if (!kinds_agree(binary, left, right)) return value;
  if (is_literal(*binary.right)) literal_fits(left.type, *binary.right);
  if (is_literal(*binary.left)) literal_fits(right.type, *binary.left);
  if (equality && left.absent && right.absent) {
    report(Code::E0413, binary.span,
           fmt::format("both `{}` and `{}` may be absent, and two absent values are no match", text(*binary.left),
                       text(*binary.right)),
           "one of them must be proven present", fmt::format("write `{} present and {}`", text(*binary.left), text(binary)),
           binary.left->kind == ExprKind::path
               ? std::vector{diag::replace({binary.span.file, binary.span.begin, binary.span.begin},
                                           fmt::format("{} present and ", text(*binary.left)), "prove it first")}
               : std::vector<diag::Fix>{});
  }
  if (!equality) {
    for (const Value* side : {&left, &right}) {
      if (side->absent)
        value.fails.push_back({side->absent->span,
                               fmt::format("{}, and `{}` needs a value", side->absent->text, syntax::spelling(binary.op)),
                               true});
    }
  }
  return value;
}

Value Checker::arithmetic(const syntax::BinaryExpr& binary) {
  Value value = value_of(TypeKind::number);
  const Value left = single(*binary.left);
  const Value right = single(*binary.right);
  if (left.broken() || right.broken()) return broken_value();
  value.constant = left.constant && right.constant;
  if (is_date_type(left.type.datatype) || is_date_type(right.type.datatype)) {
    report(Code::E0418, binary.span, "arithmetic with dates is not there yet", {}, "this version computes with numbers only");
    return broken_value();
  }
  for (const auto& [side, operand] : {std::pair{&left, binary.left}, std::pair{&right, binary.right}}) {
    if (!same_kind(side->type, {.kind = TypeKind::number})) {
      const bool is_text = same_kind(side->type, {.kind = TypeKind::text});
      report(Code::E0401, operand->span,
             fmt::format("`{}` is {}, and `{}` computes with numbers", text(*operand), phrase(side->type),
                         syntax::spelling(binary.op)),
             {},
             !is_text                     ? std::string()
             : binary.op == BinaryOp::add ? fmt::format("texts are joined in a string: `\"{{{}}} ...\"`", text(*operand))
                                          : fmt::format("write `number({})`", text(*operand)));
      return broken_value();
    }
    add_failures(value, *side);
    if (side->absent)
      value.fails.push_back({side->absent->span,
                             fmt::format("{}, and `{}` needs a value", side->absent->text, syntax::spelling(binary.op)), true});
  }
  if (binary.op == BinaryOp::divide) {
    const auto* divisor = binary.right->try_as<syntax::NumberExpr>();
    const bool sure = divisor != nullptr && divisor->text.find_first_of("123456789") != std::string_view::npos;
    if (!sure) value.fails.push_back({binary.span, fmt::format("`{}` may be zero", text(*binary.right)), false});
  }
  return value;
}

Value Checker::either(const syntax::BinaryExpr& binary) {
  Value left = expr(*binary.left);
  if (left.type.kind == TypeKind::boolean) {
    const Proofs before = proofs;
    assume(*binary.left, false);
    add_failures(left, truth(*binary.right));
    proofs = before;
    return left;
  }
  if (!left.broken()) left = single(*binary.left);
  const Value right = single(*binary.right);
  if (left.broken() || right.broken()) return broken_value();
  if (!kinds_agree(binary, left, right)) return broken_value();
  if (is_literal(*binary.right)) literal_fits(left.type, *binary.right);
  if (!left.absent && !every) {
    report(Code::W0403, binary.right->span, fmt::format("this default is never used: `{}` is always there", text(*binary.left)),
           {}, "remove it",
           {diag::replace({binary.span.file, binary.left->span.end, binary.span.end}, "", "remove the default")});
  }
  Value value = left;
  value.absent = right.absent;
  value.constant = left.constant && right.constant;
  if (left.type.kind != right.type.kind && !is_literal(*binary.right)) value.type = {.kind = TypeKind::text};
  add_failures(value, right);
  return value;
}

Value Checker::in_set(const syntax::InExpr& in) {
  Value value = value_of(TypeKind::boolean);
  const Value operand = single(*in.operand);
  if (in.table != nullptr) {
    const TableInfo* table = context.table(*in.table);
    if (table != nullptr) context.facts.use(in.table->text);
    if (!operand.broken() && !same_kind(operand.type, {.kind = TypeKind::text})) {
      report(Code::E0401, in.operand->span,
             fmt::format("`{}` is {}, and the keys of a table are text", text(*in.operand), phrase(operand.type)));
    }
  }
  for (const syntax::Expr* literal : in.values) {
    const Value given = single(*literal);
    if (given.broken() || operand.broken()) continue;
    if (!is_literal(*literal)) {
      report(Code::E0401, literal->span, fmt::format("`{}` is no literal, and `in` takes literals or a table", text(*literal)));
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

Value Checker::matches(const syntax::MatchesExpr& matches) {
  Value value = value_of(TypeKind::boolean);
  const Value operand = single(*matches.operand);
  if (!operand.broken() && !same_kind(operand.type, {.kind = TypeKind::text})) {
    report(Code::E0401, matches.operand->span,
           fmt::format("`{}` is {}, and `matches` takes text", text(*matches.operand), phrase(operand.type)));
  }
  add_failures(value, operand);
  if (matches.pattern == nullptr) return value;
  if (!matches.pattern->is_literal()) {
    report(Code::E0408, matches.pattern->span, "a pattern is a literal, without `{...}`", {},
           "write it as `r\"...\"`, where braces stand for themselves");
  } else if (const auto error = pattern_error(matches.pattern->text())) {
    report(Code::E0408, matches.pattern->span, "the pattern is no regular expression", *error,
           "patterns are those of RE2, and match the whole value");
  }
  return value;
}

Value Checker::test(const syntax::TestExpr& test) {
  Value value = value_of(TypeKind::boolean);
  const auto* path = test.operand->try_as<syntax::PathExpr>();
  if (path != nullptr) {
    this->path(*path, Want::any);
    return value;
  }
  if (test.operand->kind != ExprKind::error && !test.operand->poisoned) {
    report(Code::E0409, test.operand->span,
           fmt::format("`{}` is no path, so it cannot be tested for presence", text(*test.operand)));
  }
  return value;
}

Value Checker::each(const syntax::EachExpr& each) {
  Value value = value_of(TypeKind::boolean);
  if (each.scope == nullptr || each.body == nullptr) return value;
  auto frame = scope(*each.scope);
  if (!frame) return value;
  const Proofs before = proofs;
  enter(std::move(*frame));
  if (each.where != nullptr) {
    every ? message_condition(*each.where) : condition(*each.where);
    assume(*each.where, true);
  }
  every ? message_condition(*each.body) : condition(*each.body);
  proofs = before;
  frames.pop_back();
  return value;
}

bool Checker::no_failures(const Value& value, std::string_view place) {
  if (value.fails.empty()) return true;
  const Problem& problem = value.fails.front();
  if (problem.absence) {
    report(Code::E0412, problem.span, problem.text, fmt::format("{} has no `else`", place),
           "prove it with `present` before, or give a default: `(PATH or \"...\")`");
  } else {
    report(Code::E0411, problem.span, problem.text, fmt::format("{} has no `else`, so nothing in it may fail", place));
  }
  return false;
}

void Checker::condition(const syntax::Expr& condition) { no_failures(truth(condition), "a condition"); }

void Checker::message_condition(const syntax::Expr& condition) {
  const auto* binary = condition.try_as<syntax::BinaryExpr>();
  if (binary != nullptr && binary->op == BinaryOp::logic_and) {
    message_condition(*binary->left);
    const Proofs before = proofs;
    assume(*binary->left, true);
    message_condition(*binary->right);
    proofs = before;
    context.facts.types[condition.id] = {.kind = TypeKind::boolean};
    return;
  }
  split_every(condition);
}

void Checker::split_every(const syntax::Expr& condition) {
  const auto outer = std::exchange(plural, {});
  if (condition.kind == ExprKind::each) {
    const bool was = std::exchange(every_value, false);
    this->condition(condition);
    every_value = was;
  } else {
    this->condition(condition);
  }
  for (const syntax::PathExpr* path : plural) {
    const ResolvedPath& resolved = context.facts.paths[path->id];
    const auto [at, first] = context.facts.every.try_emplace(condition.id, resolved);
    if (!first && at->second.text != resolved.text) {
      report(Code::E0419, condition.span,
             fmt::format("this speaks of every {} and of every {} at once", at->second.text, resolved.text), {},
             every_value ? "a condition speaks of one field; write a `rule \"...\" : each ... : ...`"
                         : fmt::format("say which belong together: `each {} : ...`", resolved.segment));
      break;
    }
    context.facts.standing.insert(path->id);
  }
  plural = outer;
}

void Checker::reason(const syntax::StringExpr* text) {
  if (text == nullptr) return;
  in_reason = true;
  const bool was_every = std::exchange(every, false);
  no_failures(expr(*text), "a reason");
  every = was_every;
  in_reason = false;
}

void Checker::otherwise(const syntax::ElseClause& clause) {
  reason(clause.reason);
  if (clause.ack_code == nullptr || clause.ack_code->text.empty()) return;
  if (clause.ack_code->text != "AE" && clause.ack_code->text != "AR") {
    report(Code::E0515, clause.ack_code->span, fmt::format("`{}` is no answer of a reject", clause.ack_code->text), {},
           "AE says that the message is wrong, AR that it is refused");
  }
}

}  // namespace smarthl7::check
