// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/mapping_statements.h"
#include "stdlib/hl7/primitive.h"

namespace smarthl7::check {

namespace {

using diag::Code;
using plan::Pick;
using syntax::ExprKind;
using syntax::IndexKind;

bool is_number_type(std::string_view datatype) { return datatype == "NM" || datatype == "SI"; }

}  // namespace

std::string Statements::first_part(const syntax::PathExpr& path, PartInfo part) {
  std::string text = checker_.text(path);
  while (part.type && part.type.is_composite()) {
    text += ".1";
    part = part_info(part.type.component(std::size_t{1}));
  }
  return text;
}

void Statements::text_to_composite(const syntax::PathExpr& target, const PathInfo& info) {
  const std::string part = first_part(target, info.part);
  const Span end{target.span.file, target.span.end, target.span.end};
  checker_.report(Code::E0402, target.span,
                  fmt::format("`{}` has components, so text cannot be assigned to it", checker_.text(target)),
                  fmt::format("{} {} is {}", out_.model.version().name(), info.resolved.text, info.part.type_name),
                  fmt::format("write its part: `{}`", part),
                  {diag::replace(end, part.substr(checker_.text(target).size()), fmt::format("write `{}`", part))});
}

bool Statements::fits(const syntax::PathExpr& target, const PathInfo& info, const syntax::Expr& expr, const Value& value) {
  const Type wanted = info.resolved.type;
  if (wanted.kind == TypeKind::composite) {
    text_to_composite(target, info);
    return false;
  }
  if (wanted.kind == TypeKind::segment) {
    checker_.report(Code::E0409, target.span,
                    fmt::format("`{}` is a whole segment, and this is a value", checker_.text(target)), {},
                    "assign to one of its fields");
    return false;
  }
  const bool number = is_number_type(wanted.datatype);
  if (is_date_type(wanted.datatype)) return fits_date(target, info, expr, value);
  const Type due{.kind = number ? TypeKind::number : TypeKind::text};
  if (!Checker::same_kind(value.type, due)) {
    const std::string source = checker_.text(expr);
    std::vector<diag::Fix> fixes;
    std::string help;
    if (number && Checker::same_kind(value.type, {.kind = TypeKind::text})) {
      help = expr.kind == ExprKind::string ? "write the number without quotes"
                                           : fmt::format("write `number({}) else ...`", source);
    } else if (is_moment(value.type) || value.type.kind == TypeKind::duration || value.type.kind == TypeKind::size ||
               value.type.kind == TypeKind::boolean) {
      if (!number) fixes.push_back(diag::replace(expr.span, fmt::format("text({})", source)));
      if (!number) help = fmt::format("write `text({})`", source);
    } else if (value.type.kind == TypeKind::number) {
      help = expr.kind == ExprKind::number ? "write it in quotes" : fmt::format("write `text({})`", source);
      fixes.push_back(expr.kind == ExprKind::number ? diag::replace(expr.span, fmt::format("\"{}\"", source))
                                                    : diag::replace(expr.span, fmt::format("text({})", source)));
    }
    checker_.report(
        Code::E0401, expr.span,
        fmt::format("`{}` is {}, and `{}` takes {}", source, phrase(value.type), checker_.text(target), phrase(due)),
        fmt::format("{} is {}", info.resolved.text, wanted.datatype), std::move(help), std::move(fixes));
    return false;
  }
  if (wanted.kind != TypeKind::code) return true;
  if (is_literal(expr)) return out_.literal_fits(wanted, expr);
  const bool same_table =
      value.type.kind == TypeKind::code && value.type.table == wanted.table && checker_.is_closed(value.type);
  if (!out_.is_closed(wanted) || same_table) return true;
  checker_.report(Code::E0401, expr.span,
                  fmt::format("`{}` is not known to be a code of table {}", checker_.text(expr), table_text(wanted.table)),
                  fmt::format("{} takes codes of the closed table {} only", info.resolved.text, table_text(wanted.table)),
                  fmt::format("write `code({}) else ...`, or assign literals of the table under `when`", checker_.text(expr)));
  return false;
}

/// A date, time or timestamp for a field that holds one; text only if it is a literal of its form.
bool Statements::fits_date(const syntax::PathExpr& target, const PathInfo& info, const syntax::Expr& expr, const Value& value) {
  const Type& wanted = info.resolved.type;
  const hl7::Primitive primitive = hl7::primitive_of(wanted.datatype, out_.model.version().name());
  const bool clock = primitive == hl7::Primitive::tm || primitive == hl7::Primitive::tm_minute;
  const bool date_only = primitive == hl7::Primitive::dt || primitive == hl7::Primitive::dt_day;
  const TypeKind due = clock ? TypeKind::time : date_only ? TypeKind::date : TypeKind::timestamp;
  if (value.type.kind == due || (value.type.kind == TypeKind::date && due == TypeKind::timestamp)) return true;
  const std::string source = checker_.text(expr);
  const auto* literal = expr.try_as<syntax::StringExpr>();
  if (literal != nullptr && literal->is_literal()) {
    if (literal->text().empty() || hl7::is_well_formed(primitive, literal->text())) return true;
    checker_.report(diag::Code::E0426, expr.span, fmt::format("`{}` is not of the form of `{}`", source, checker_.text(target)),
                    fmt::format("{} is {}: {}", info.resolved.text, wanted.datatype, hl7::expectation(primitive)));
    return false;
  }
  const std::string_view function = clock ? "time" : date_only ? "date" : "timestamp";
  const bool convertible =
      Checker::same_kind(value.type, {.kind = TypeKind::text}) || (is_moment(value.type) && due != TypeKind::timestamp);
  checker_.report(Code::E0401, expr.span,
                  fmt::format("`{}` is {}, and `{}` takes a {}", source, phrase(value.type), checker_.text(target), function),
                  fmt::format("{} is {}", info.resolved.text, wanted.datatype),
                  convertible ? fmt::format("write `{}({}) else ...`", function, source) : std::string());
  return false;
}

bool Statements::fits_path(const syntax::AssignItem& item, const PathInfo& info, const syntax::PathExpr& source, Value value) {
  const syntax::PathExpr& target = *item.target;
  const Type from = checker_.context.facts.types[source.id];
  const Type to = info.resolved.type;
  if (to.kind == TypeKind::segment || from.kind == TypeKind::segment) {
    const auto& read = checker_.context.facts.paths[source.id];
    if (to.kind == from.kind && read.segment == info.resolved.segment) return true;
    checker_.report(Code::E0403, target.span,
                    fmt::format("`{}` cannot be copied to `{}`", checker_.text(source), checker_.text(target)),
                    "a segment is copied to a segment of the same name");
    return false;
  }
  const bool one_version = checker_.model.version() == out_.model.version();
  const bool composite = to.kind == TypeKind::composite && from.kind == TypeKind::composite;
  if (to.datatype == from.datatype && (one_version || !composite)) {
    if (to.kind == TypeKind::code && out_.is_closed(to) && from.table != to.table) return fits(target, info, source, value);
    checker_.context.facts.copies.insert(item.id);
    return true;
  }
  if (composite) {
    const std::string reason = one_version ? std::string() : no_place_for(checker_.parts[source.id], info.part);
    if (!one_version && reason.empty()) {
      checker_.context.facts.copies.insert(item.id);
      return true;
    }
    checker_.report(
        one_version ? Code::E0403 : Code::E0446, target.span,
        fmt::format("`{}` is {}, but `{}` is {}", checker_.text(target), to.datatype, checker_.text(source), from.datatype),
        one_version ? "copying keeps the components where they are, so the data types must be the same" : reason,
        "assign its parts one by one");
    return false;
  }
  if (from.kind == TypeKind::composite) {
    if (const auto at = checker_.parts.find(source.id); at != checker_.parts.end()) value.type = checker_.leaf_type(at->second);
  }
  return fits(target, info, source, value);
}

std::vector<Problem> Statements::target_problems(const syntax::PathExpr& target, const PathInfo& info, const Value& value) {
  std::vector<Problem> problems = value.fails;
  if (value.beyond_ascii) problems.push_back(*value.beyond_ascii);
  if (!checker_.context.facts.made.contains(target.id) && !checker_.segment_present(info.resolved)) {
    problems.push_back({target.span,
                        fmt::format("there may be no {} to write to",
                                    info.resolved.path.segment.pick == Pick::nth && info.resolved.path.segment.n > 1
                                        ? fmt::format("{}[{}]", info.resolved.segment, info.resolved.path.segment.n)
                                        : info.resolved.segment),
                        false});
  }
  if (info.resolved.choice != nullptr)
    problems.push_back({target.span, fmt::format("`{}` may find none, or several", checker_.text(target)), false});
  const bool whole = info.resolved.path.component == 0 && info.resolved.path.field != 0;
  if (value.absent && whole && info.field.min > 0) {
    problems.push_back(
        {value.absent->span,
         fmt::format("{}, and {}-{} is required", value.absent->text, info.resolved.segment, info.resolved.path.field), true});
  }
  return problems;
}

/// `PID-3[1] = PID-3[1]`: what comes in stays as it is anyway.
void Statements::no_effect(const syntax::AssignItem& item) {
  const auto& paths = checker_.context.facts.paths;
  const auto to = paths.find(item.target->id);
  const auto from = paths.find(item.value->id);
  if (to == paths.end() || from == paths.end() || checker_.context.facts.made.contains(item.target->id)) return;
  if (to->second.path != from->second.path || to->second.segment != from->second.segment || to->second.choice != nullptr)
    return;
  checker_.report(Code::W0420, item.span, fmt::format("`{}` is assigned to itself", checker_.text(*item.target)),
                  "what a mapping does not assign stays as it is", "remove the line",
                  {diag::replace(item.span, "", "remove the line")});
}

void Statements::assign(const syntax::AssignItem& item) {
  if (item.target == nullptr || item.value == nullptr) return;
  if (copies_segments(item)) return;
  const syntax::PathExpr& target = *item.target;
  const auto* source = item.value->try_as<syntax::PathExpr>();
  const bool to_null = item.value->kind == ExprKind::null_value;
  const bool all = target.parts.size() == 1 && target.parts.front().index.kind == IndexKind::all;
  Checker& to = this->target(target);
  const bool made = is_made(to);
  if (made && target.root != syntax::PathRoot::absolute && blocks_.empty()) {
    checker_.report(Code::E0440, target.span, fmt::format("`{}` counts from what an `insert` makes", checker_.text(target)),
                    "what is written to is the new message; an `each` goes through the one that comes in",
                    "put it into `insert SEGMENT { ... }` or `insert FIELD { ... }`, or write the whole path");
    return;
  }
  const auto info = to.path(target, to_null || all ? Want::whole : Want::target);
  if (made && info) checker_.context.facts.made.insert(target.id);
  Value value;
  bool good = info.has_value();
  if (to_null) {
    checker_.context.facts.types[item.value->id] = {.kind = TypeKind::null};
    if (info && info->resolved.path.field == 0) {
      checker_.report(Code::E0420, target.span, fmt::format("the segment `{}` cannot be null", checker_.text(target)), {},
                      "`delete` removes a segment");
      return;
    }
  } else if (source != nullptr && all) {
    const auto read = checker_.path(*source, Want::whole);
    if (!read) return;
    value.type = read->resolved.type;
    ResolvedPath any = read->resolved;
    any.path.repetition = Pick::every;
    const bool required = checker_.proofs.holds("valid") && read->field.min > 0 && checker_.segment_present(any);
    if (!required && !checker_.proofs.holds(checker_.key(any) + " present"))
      value.absent = Problem{source->span, fmt::format("`{}` may be absent", checker_.text(*source)), true};
  } else {
    checker_.target = info ? &info->resolved.type : nullptr;
    checker_.target_model = &out_.model;
    value = source != nullptr ? checker_.expr(*source) : checker_.single(*item.value);
    checker_.target = nullptr;
    if (value.broken()) return;
    if (source != nullptr && value.type.list) {
      checker_.single(*source);
      return;
    }
  }
  if (!good || info->resolved.type.list) {
    if (good) {
      checker_.report(Code::E0410, target.span, fmt::format("`{}` means several places", checker_.text(target)), {},
                      made ? "write the one with `[1]`, or `insert` each" : "go through them with `each`");
    }
    return;
  }
  if (!writable(target, *info, false)) return;
  if (made ? !can_be_made(target, *info) || !once_for_each_made(target, *info) : !once_for_each(target, *info)) return;
  if (source != nullptr)
    good = fits_path(item, *info, *source, value);
  else if (!to_null)
    good = fits(target, *info, *item.value, value);
  Write& write = keep_write(*info, target.span, false, made);
  if (!good) return;
  if (source != nullptr) no_effect(item);
  const std::vector<Problem> problems = target_problems(target, *info, value);
  const bool kept = item.otherwise != nullptr && item.otherwise->kind == syntax::ElseKind::keep && !problems.empty();
  const bool told = std::any_of(problems.begin(), problems.end(), [](const Problem& problem) { return problem.absence; });
  write.sure = write.sure && !kept && (!value.absent || told);
  finish_assign(item, *info, problems);
}

void Statements::finish_assign(const syntax::AssignItem& item, const PathInfo& info, const std::vector<Problem>& problems) {
  if (item.otherwise != nullptr)
    check_else(*item.otherwise, item.value->span.end, problems, item.target, &info);
  else
    needs_else(item.span, problems);
  if (!problems.empty()) checker_.context.facts.failures[item.id] = problems.front().text;
}

}  // namespace smarthl7::check
