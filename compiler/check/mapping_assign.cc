// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/mapping_statements.h"

namespace smarthl7::check {

namespace {

using diag::Code;
using plan::Pick;
using syntax::ExprKind;
using syntax::IndexKind;

bool is_number_type(std::string_view datatype) { return datatype == "NM" || datatype == "SI"; }

}  // namespace

bool Statements::is_outside(const Frame& frame, std::size_t number, const plan::Path& target) const {
  const plan::SegmentRef& segment = target.segment;
  const MessageModel& model = checker_.model;
  switch (frame.kind) {
    case plan::ScopeKind::repetition: return target.repetition != Pick::current && frame.field.repeats();
    case plan::ScopeKind::segment:
      if (segment.frame == number && segment.pick == Pick::current) return false;
      return model.open() || std::any_of(frame.places.begin(), frame.places.end(),
                                         [&](ModelIndex place) { return !model.single_below(place, holder_of(segment)); });
    case plan::ScopeKind::group: {
      if (segment.frame >= number && segment.group == plan::kNoNode) return false;
      const ModelIndex holder = holder_of(segment);
      const ModelIndex group = frame.places.front();
      return holder != group && !model.is_below(holder, group) && !model.single_below(group, holder);
    }
  }
  return false;
}

ModelIndex Statements::place_of_node(std::uint16_t node) const {
  for (std::size_t i = 0; i < checker_.model.nodes().size(); ++i) {
    if (checker_.model.node(static_cast<ModelIndex>(i)).plan_node == node) return static_cast<ModelIndex>(i);
  }
  return 0;
}

ModelIndex Statements::holder_of(const plan::SegmentRef& segment) const {
  if (segment.group != plan::kNoNode) return place_of_node(segment.group);
  if (segment.frame == 0) return 0;
  const Frame& frame = checker_.frames[segment.frame - 1U];
  return frame.kind == plan::ScopeKind::group ? frame.places.front() : ModelIndex{0};
}

bool Statements::once_for_each(const syntax::PathExpr& target, const PathInfo& info) {
  for (std::size_t i = checker_.frames.size(); i-- > 0;) {
    const Frame& frame = checker_.frames[i];
    if (!is_outside(frame, i + 1, info.resolved.path)) continue;
    const std::string scope = frame.kind == plan::ScopeKind::repetition ? frame.text : frame.name;
    checker_.report(Code::E0415, target.span,
                    fmt::format("`{}` would be assigned once for each {}", checker_.text(target), scope),
                    fmt::format("it is not a part of the {} at hand", scope),
                    "assign outside of the `each`, and say there which value is read: by an index or by a choice");
    return false;
  }
  return true;
}

bool Statements::writable(const syntax::PathExpr& target, const PathInfo& info, bool removal) {
  const plan::Path& path = info.resolved.path;
  if (info.resolved.segment == "MSH" && (path.field == 1 || path.field == 2 || (path.field == 0 && removal))) {
    checker_.report(
        Code::E0420, target.span, fmt::format("`{}` cannot be {}", checker_.text(target), removal ? "deleted" : "assigned"),
        path.field == 0 ? "every message begins with MSH" : "MSH-1 and MSH-2 say how the message itself is written");
    return false;
  }
  return true;
}

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
                  fmt::format("{} {} is {}", checker_.model.version().name(), info.resolved.text, info.part.type_name),
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
  const Type due{.kind = number ? TypeKind::number : TypeKind::text};
  if (!Checker::same_kind(value.type, due)) {
    const std::string source = checker_.text(expr);
    std::vector<diag::Fix> fixes;
    std::string help;
    if (number && Checker::same_kind(value.type, {.kind = TypeKind::text})) {
      help = expr.kind == ExprKind::string ? "write the number without quotes"
                                           : fmt::format("write `number({}) else ...`", source);
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
  if (is_literal(expr)) return checker_.literal_fits(wanted, expr);
  const bool same_table = value.type.kind == TypeKind::code && value.type.table == wanted.table;
  if (!checker_.is_closed(wanted) || same_table) return true;
  checker_.report(Code::E0401, expr.span,
                  fmt::format("`{}` is not known to be a code of table {}", checker_.text(expr), table_text(wanted.table)),
                  fmt::format("{} takes codes of the closed table {} only", info.resolved.text, table_text(wanted.table)),
                  "assign literals of the table under `when`, or copy a field of the same table");
  return false;
}

bool Statements::fits_path(const syntax::PathExpr& target, const PathInfo& info, const syntax::PathExpr& source, Value value) {
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
  if (to.datatype == from.datatype) {
    if (to.kind == TypeKind::code && checker_.is_closed(to) && from.table != to.table) return fits(target, info, source, value);
    return true;
  }
  if (to.kind == TypeKind::composite && from.kind == TypeKind::composite) {
    checker_.report(
        Code::E0403, target.span,
        fmt::format("`{}` is {}, but `{}` is {}", checker_.text(target), to.datatype, checker_.text(source), from.datatype),
        "copying keeps the components where they are, so the data types must be the same", "assign its parts one by one");
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
  if (!checker_.segment_present(info.resolved)) {
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

void Statements::assign(const syntax::AssignItem& item) {
  if (item.target == nullptr || item.value == nullptr) return;
  const syntax::PathExpr& target = *item.target;
  const auto* source = item.value->try_as<syntax::PathExpr>();
  const bool to_null = item.value->kind == ExprKind::null_value;
  const bool all = target.parts.size() == 1 && target.parts.front().index.kind == IndexKind::all;
  const auto info = checker_.path(target, to_null || all ? Want::whole : Want::target);
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
  } else {
    value = source != nullptr ? checker_.expr(*source) : checker_.single(*item.value);
    if (value.broken()) return;
    if (source != nullptr && value.type.list) {
      checker_.single(*source);
      return;
    }
  }
  if (!good || info->resolved.type.list) {
    if (good) {
      checker_.report(Code::E0410, target.span, fmt::format("`{}` means several places", checker_.text(target)), {},
                      "go through them with `each`");
    }
    return;
  }
  if (!writable(target, *info, false) || !once_for_each(target, *info)) return;
  if (source != nullptr)
    good = fits_path(target, *info, *source, value);
  else if (!to_null)
    good = fits(target, *info, *item.value, value);
  keep_write(*info, target.span, false);
  if (!good) return;
  const std::vector<Problem> problems = target_problems(target, *info, value);
  if (item.otherwise != nullptr)
    check_else(*item.otherwise, item.value->span.end, problems, &target, &*info);
  else
    needs_else(item.span, problems);
  if (!problems.empty()) checker_.context.facts.failures[item.id] = problems.front().text;
}

}  // namespace smarthl7::check
