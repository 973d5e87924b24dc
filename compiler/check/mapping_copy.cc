// SPDX-License-Identifier: Apache-2.0
// Copies of whole segments and groups into what a mapping makes, and what one version has a place for of another.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/check/mapping_statements.h"
#include "compiler/check/path_text.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;

namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Every value of the first simple type is one of the second: its text stands there as it is.
bool text_fits(const PartInfo& from, const PartInfo& to) {
  const std::string_view a = from.type_name;
  const std::string_view b = to.type_name;
  if (a == b) return a != "ID" || from.table == to.table || to.table == 0;
  if (is_one_of(b, {"ST", "TX", "FT"}))
    return is_one_of(a, {"ST", "TX", "FT", "ID", "IS", "NM", "SI", "DT", "TM", "DTM", "TS"});
  if (b == "IS") return a == "ID";
  if (b == "NM") return a == "SI";
  if (b == "DTM" || b == "TS") return is_one_of(a, {"DT", "DTM", "TS"});
  return false;
}

std::string shown(const PartInfo& part) { return part.type_name.empty() ? "unknown" : std::string(part.type_name); }

}  // namespace

std::string no_place_for(const PartInfo& from, const PartInfo& to) {
  if (from.withdrawn) return {};
  if (to.withdrawn) return fmt::format("{} is withdrawn there", to.name);
  if (from.varies() && to.varies()) return {};
  const bool parts_from = from.type && from.type.is_composite();
  const bool parts_to = to.type && to.type.is_composite();
  if (!parts_from && !parts_to) {
    if (text_fits(from, to)) return {};
    return fmt::format("a {} is not always a {}", shown(from), shown(to));
  }
  if (!parts_from) {
    const std::string why = no_place_for(from, part_info(to.type.component(std::size_t{1})));
    return why.empty() ? why : fmt::format("a {} does not fit the first part of {}", shown(from), shown(to));
  }
  if (!parts_to) return fmt::format("{} has {} parts, and {} has none", shown(from), from.type.component_count(), shown(to));
  for (std::size_t i = 1; i <= from.type.component_count(); ++i) {
    const hl7::Component part = from.type.component(i);
    if (!part || part.withdrawn()) continue;
    const hl7::Component other = to.type.component(i);
    if (!other)
      return fmt::format("there {} has {} parts, and {} has {}", shown(to), to.type.component_count(), shown(from),
                         from.type.component_count());
    const std::string why = no_place_for(part_info(part), part_info(other));
    if (!why.empty()) return fmt::format("part {}: {}", i, why);
  }
  return {};
}

/// Is this a copy of whole segments or groups into what is made? Then it was checked here.
bool Statements::copies_segments(const syntax::AssignItem& item) {
  const syntax::PathExpr& target = *item.target;
  if (target.root != syntax::PathRoot::absolute || !target.parts.empty() || target.nodes.empty()) return false;
  Checker& to = this->target(target);
  const auto found = to.candidates(target);
  const bool group = !found.empty() && found.front() != 0 && to.model.node(found.front()).is_group();
  if (group && !is_made(to)) {
    checker_.report(Code::E0447, target.span, fmt::format("the group `{}` cannot be assigned here", checker_.text(target)),
                    "a mapping that edits a copy has all groups already",
                    "assign to its segments, `insert` or `delete` groups");
    return true;
  }
  if (!is_made(to) || (!group && item.value->kind == syntax::ExprKind::null_value)) return false;
  if (item.value->kind != syntax::ExprKind::path) {
    if (!group) return false;
    checker_.report(Code::E0409, target.span, fmt::format("`{}` is a whole group, and this is a value", checker_.text(target)),
                    {}, "assign to the fields of its segments");
    return true;
  }
  if (group) {
    copy_group(item, found.front());
  } else {
    copy_segments(item);
  }
  return true;
}

bool Statements::segment_fits(const syntax::AssignItem& item, std::string_view segment) {
  if (checker_.model.version() == out_.model.version() && out_.model.local_segment(segment) == nullptr &&
      checker_.model.local_segment(segment) == nullptr)
    return true;
  const std::uint16_t count = checker_.model.field_count(segment).value_or(0);
  for (std::uint32_t i = 1; i <= count; ++i) {
    const auto from = checker_.model.field(segment, i);
    if (!from || from->withdrawn) continue;
    const auto to = out_.model.field(segment, i);
    std::string why = to ? no_place_for(*from, *to) : fmt::format("{} {} ends before it", out_.model.version().name(), segment);
    if (why.empty() && from->repeats() && !to->repeats()) why = "it may repeat, and there it may not";
    if (why.empty()) continue;
    checker_.report(Code::E0446, item.target->span,
                    fmt::format("{} of {} has no place for all of {} of {}", segment, out_.model.version().name(), segment,
                                checker_.model.version().name()),
                    fmt::format("{}-{}: {}", segment, i, why), "assign its fields one by one");
    return false;
  }
  return true;
}

void Statements::copy_segments(const syntax::AssignItem& item) {
  const syntax::PathExpr& target = *item.target;
  const auto& source = item.value->as<syntax::PathExpr>();
  const auto info = out_.path(target, Want::target);
  const auto read = checker_.path(source, Want::one);
  if (!info || !read) return;
  checker_.context.facts.made.insert(target.id);
  if (!writable(target, *info, false)) return;
  const Type from = read->resolved.type;
  if (from.kind != TypeKind::segment || read->resolved.segment != info->resolved.segment) {
    checker_.report(Code::E0403, target.span,
                    fmt::format("`{}` cannot be copied to `{}`", checker_.text(source), checker_.text(target)),
                    "a segment is copied to a segment of the same name");
    return;
  }
  const bool all = info->resolved.path.segment.pick == Pick::every;
  const ModelIndex place = info->places.empty() ? kNoModelNode : info->places.front();
  if (from.list && !all) {
    checker_.report(Code::E0410, source.span, fmt::format("`{}` means several segments", checker_.text(source)), {},
                    fmt::format("write `{}[*]` before the `=` as well, or `[1]` here", info->resolved.segment));
    return;
  }
  if (all && place != kNoModelNode && out_.model.single_below(place, out_.model.group_of(place))) {
    checker_.report(Code::E0448, target.span, fmt::format("`{}` would put all of them where one stands", checker_.text(target)),
                    segment_label(out_.model, place), "make each: `each ... { insert GROUP { ... } }`");
    return;
  }
  if (!all && !can_be_made(target, *info)) return;
  if (!once_for_each_made(target, *info) || !segment_fits(item, info->resolved.segment)) return;
  Write& write = keep_write(*info, target.span, false, true);
  write.whole = true;
  std::vector<Problem> problems;
  const bool present = checker_.segment_present(read->resolved);
  if (!present && !all && place != kNoModelNode && out_.model.node(place).min > 0)
    problems.push_back(
        {source.span,
         fmt::format("there may be no {} to copy, and {} is required", read->resolved.text, info->resolved.segment), true});
  const bool kept = item.otherwise != nullptr && item.otherwise->kind == syntax::ElseKind::keep;
  write.sure = write.sure && (present || (!problems.empty() && !kept));
  finish_assign(item, *info, problems);
}

/// Groups of one shape, one after another as they stand: the runs of their segments are copied.
void Statements::copy_group(const syntax::AssignItem& item, ModelIndex) {
  const syntax::PathExpr& target = *item.target;
  const auto& source = item.value->as<syntax::PathExpr>();
  const auto all_of = [](const syntax::PathExpr& path) { return path.nodes.back().index.kind == IndexKind::all; };
  const bool all = all_of(target);
  const auto to = spot_of(out_, target, out_.candidates(target));
  if (!to || checker_.model.open() || source.nodes.empty() || !source.parts.empty()) {
    if (to)
      checker_.report(Code::E0447, source.span, fmt::format("`{}` is no group that can be copied", checker_.text(source)));
    return;
  }
  const auto candidates = checker_.candidates(source);
  if (candidates.empty()) {
    checker_.unknown_word(source);
    return;
  }
  const auto from = spot_of(checker_, source, candidates);
  if (!from) return;
  const MessageModel& in = checker_.model;
  const MessageModel& out = out_.model;
  // The same nodes below both, in the same order.
  const auto below = [](const MessageModel& model, ModelIndex group) {
    std::vector<ModelIndex> nodes;
    for (std::size_t i = 0; i < model.nodes().size(); ++i) {
      if (model.is_below(static_cast<ModelIndex>(i), group)) nodes.push_back(static_cast<ModelIndex>(i));
    }
    return nodes;
  };
  const auto left = below(in, from->place);
  const auto right = below(out, to->place);
  const auto alike = [&](ModelIndex a, ModelIndex b) {
    const ModelNode& x = in.node(a);
    const ModelNode& y = out.node(b);
    return x.kind == y.kind && (!x.is_segment() || x.name == y.name) && x.min >= y.min &&
           (y.max == hl7::kUnbounded || (x.max != hl7::kUnbounded && x.max <= y.max));
  };
  if (!in.node(from->place).is_group() || in.node(from->place).name != out.node(to->place).name ||
      left.size() != right.size() || !std::equal(left.begin(), left.end(), right.begin(), alike)) {
    checker_.report(Code::E0447, target.span,
                    fmt::format("`{}` cannot be copied to `{}`", checker_.text(source), checker_.text(target)),
                    fmt::format("the segments of {} and of {} do not stand alike in it", in.title(), out.title()),
                    "go through it with `each` and `insert` its segments");
    return;
  }
  for (const ModelIndex node : right) {
    if (out.node(node).is_segment() && !segment_fits(item, out.node(node).name)) return;
  }
  const bool many_from = !in.single_below(from->place, from->base);
  const bool many_to = !out.single_below(to->place, to->base);
  const IndexKind index = source.nodes.back().index.kind;
  const bool first = index == IndexKind::number && source.nodes.back().index.number == 1;
  if (all_of(source) != all || (many_from && !all && !first) || (all && !many_to) ||
      (!all && many_to && target.nodes.back().index.kind != IndexKind::number)) {
    checker_.report(Code::E0410, source.span, fmt::format("`{}` may occur more than once", source.nodes.back().text),
                    "several are copied to as many",
                    fmt::format("write `{0}[*] = {0}[*]`, or `[1]` on both sides", source.nodes.back().text));
    return;
  }
  Facts& facts = checker_.context.facts;
  PathInfo info;
  info.resolved.path.segment = to->ref;
  info.resolved.path.segment.pick = all ? Pick::every : Pick::nth;
  info.resolved.segment = info.resolved.text = std::string(out.node(to->place).name);
  info.places = {to->place};
  if (!once_for_each_made(target, info)) return;
  facts.paths[target.id] = info.resolved;
  for (const ModelIndex node : right) {
    if (out.node(node).is_segment()) facts.group_copies[item.id].emplace_back(out.node(node).name);
  }
  facts.made.insert(target.id);
  ResolvedScope scope;
  scope.scope.kind = plan::ScopeKind::group;
  scope.scope.frame = from->ref.frame;
  if (from->ref.group != plan::kNoNode) {  // a scope is looked for in a block around
    scope.scope.frame = 0;
    for (std::size_t i = 0; i < checker_.frames.size(); ++i) {
      const Frame& frame = checker_.frames[i];
      if (frame.kind == plan::ScopeKind::group && frame.places.front() == from->base)
        scope.scope.frame = static_cast<std::uint16_t>(i + 1);
    }
    if (scope.scope.frame == 0 && from->base != 0) {
      checker_.report(Code::E0447, source.span, fmt::format("`{}` is looked for in a group around", checker_.text(source)), {},
                      fmt::format("go through that: `each {} {{ ... }}`", in.node(from->base).name));
      return;
    }
  }
  scope.scope.node = in.node(from->place).plan_node;
  scope.name = std::string(in.node(from->place).name);
  facts.scopes[source.id] = std::move(scope);
  Write& write = keep_write(info, target.span, false, true);
  write.whole = true;
  const bool there = checker_.proofs.holds("valid") && in.certain_below(from->place, from->base);
  std::vector<Problem> problems;
  if (!there && !all && out.node(to->place).min > 0)
    problems.push_back({source.span, fmt::format("there may be no {} to copy", checker_.text(source)), true});
  write.sure = write.sure && (there || !problems.empty());
  finish_assign(item, info, problems);
}

}  // namespace smarthl7::check
