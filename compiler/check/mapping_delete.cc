// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/mapping_statements.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;

void Statements::remove(const syntax::DeleteItem& item) {
  if (fresh_) {
    checker_.report(Code::E0449, item.span, "nothing can be deleted here", "a mapping to another message starts empty",
                    "what is not assigned, inserted or copied is not in it");
    return;
  }
  std::vector<Problem> problems;
  for (const syntax::PathExpr* path : item.paths) {
    const bool bare = path->parts.empty();
    const IndexKind index = bare && !path->nodes.empty() ? path->nodes.back().index.kind : IndexKind::none;
    const bool through = (bare && (index == IndexKind::none || index == IndexKind::all)) ||
                         (item.where != nullptr && path->parts.size() == 1 &&
                          path->parts.front().index.kind == IndexKind::none && path->root != syntax::PathRoot::repetition);
    through ? remove_each(*path, item.where) : remove_one(*path, item.where, problems);
  }
  const std::uint32_t before = item.where != nullptr ? item.where->span.end
                               : item.paths.empty()  ? item.span.begin
                                                     : item.paths.back()->span.end;
  if (item.otherwise != nullptr)
    check_else(*item.otherwise, before, problems, nullptr, nullptr);
  else
    needs_else(item.span, problems);
  if (!problems.empty()) checker_.context.facts.failures[item.id] = problems.front().text;
}

void Statements::remove_each(const syntax::PathExpr& path, const syntax::Expr* condition) {
  auto frame = checker_.scope(path);
  if (!frame) return;
  PathInfo info;
  const ResolvedScope& scope = checker_.context.facts.scopes[path.id];
  info.resolved = scope.field;
  info.resolved.segment = frame->kind == plan::ScopeKind::repetition ? scope.field.segment : frame->name;
  if (info.resolved.text.empty()) info.resolved.text = checker_.text(path);
  info.places = frame->places;
  if (!writable(path, info, true)) return;
  const bool group = frame->kind == plan::ScopeKind::group;
  const ModelIndex group_place = group ? frame->places.front() : kNoModelNode;
  const Known known_before = known_;
  const Proofs before = checker_.proofs;
  checker_.enter(std::move(*frame));
  if (condition != nullptr) where(*condition);
  if (group) {
    remove_group(group_place, path.span);
  } else {
    if (info.resolved.path.field != 0) info.resolved.path.repetition = Pick::current;
    keep_write(info, path.span, true);
  }
  known_ = known_before;
  checker_.proofs = before;
  checker_.frames.pop_back();
}

void Statements::remove_group(ModelIndex group, Span span) {
  for (std::size_t i = 0; i < checker_.model.nodes().size(); ++i) {
    const auto place = static_cast<ModelIndex>(i);
    if (!checker_.model.node(place).is_segment() || !checker_.model.is_below(place, group)) continue;
    PathInfo info;
    info.resolved.segment = info.resolved.text = std::string(checker_.model.node(place).name);
    info.resolved.path.segment.pick = Pick::every;
    info.places = {place};
    keep_write(info, span, true);
  }
}

void Statements::remove_one(const syntax::PathExpr& path, const syntax::Expr* condition, std::vector<Problem>& problems) {
  const Known known_before = known_;
  const Proofs before = checker_.proofs;
  if (condition != nullptr) where(*condition);
  if (const auto info = checker_.path(path, Want::whole); info && writable(path, *info, true)) {
    if (info->resolved.type.list) {
      checker_.report(Code::E0410, path.span, fmt::format("`{}` means several places", checker_.text(path)), {},
                      "go through them with `each`");
    }
    keep_write(*info, path.span, true);
    if (info->resolved.choice != nullptr)
      problems.push_back({path.span, fmt::format("`{}` may find none, or several", checker_.text(path)), false});
  }
  known_ = known_before;
  checker_.proofs = before;
}

}  // namespace smarthl7::check
