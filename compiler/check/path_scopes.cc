// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "compiler/check/checker.h"
#include "compiler/check/path_text.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;
using syntax::PathRoot;

std::optional<Frame> Checker::open_scope(const syntax::PathExpr& path, ResolvedScope& scope) {
  const syntax::PathNode& word = path.nodes.back();
  if (path.nodes.size() > 1 || !model.field_count(word.text)) {
    if (word.text.size() > 3 || path.nodes.size() > 1) {
      report(Code::E0311, path.span,
             fmt::format("`{}` names a group, but the message's structure is not known here", text(path)), {},
             "`validate` a `message` before this, so that its groups are known");
    } else {
      unknown_word(path);
    }
    return std::nullopt;
  }
  Frame frame;
  frame.name = std::string(word.text);
  scope.name = frame.name;
  scope.scope.kind = plan::ScopeKind::segment;
  return frame;
}

std::optional<Frame> Checker::node_scope(const syntax::PathExpr& path, ResolvedScope& scope) {
  const syntax::PathNode& word = path.nodes.back();
  std::vector<ModelIndex> found = candidates(path);
  if (found.empty()) {
    unknown_word(path);
    return std::nullopt;
  }
  if (found.front() == 0) {
    report(Code::E0311, path.span, fmt::format("`{}` is the whole message, not a part of it", word.text));
    return std::nullopt;
  }
  const bool group = model.node(found.front()).is_group();
  std::erase_if(found, [&](ModelIndex at) { return model.node(at).is_group() != group; });
  for (std::size_t i = frames.size(); i-- > 0;) {
    const Frame& around = frames[i];
    if (around.kind == plan::ScopeKind::repetition || around.places.empty()) continue;
    std::vector<ModelIndex> inside;
    if (around.kind == plan::ScopeKind::group) {
      std::copy_if(found.begin(), found.end(), std::back_inserter(inside),
                   [&](ModelIndex at) { return model.is_below(at, around.places.front()); });
    }
    if (inside.empty()) {
      const ModelIndex holder = model.group_of(around.places.front());
      report(Code::E0310, path.span, fmt::format("`{}` is not inside `{}`", text(path), around.name), {},
             holder != kNoModelNode && holder != 0 ? fmt::format("`each {}` holds both", model.node(holder).name)
                                                   : "put it beside the other `each`");
      return std::nullopt;
    }
    found = std::move(inside);
    scope.scope.frame = static_cast<std::uint16_t>(i + 1);
    break;
  }
  if (found.size() > 1 && (group || path.nodes.size() > 1)) {
    std::vector<std::string> places;
    for (const ModelIndex place : found) places.push_back(fmt::format("`{}`", qualified(model, place)));
    report(Code::E0307, path.span, fmt::format("`{}` could mean {} places", text(path), found.size()), {},
           fmt::format("say which one: {}", joined(places, " or ")));
    return std::nullopt;
  }
  if (found.size() == 1) scope.scope.node = model.node(found.front()).plan_node;
  scope.scope.kind = group ? plan::ScopeKind::group : plan::ScopeKind::segment;
  scope.name = std::string(word.text);
  Frame frame;
  frame.kind = scope.scope.kind;
  frame.name = scope.name;
  frame.places = std::move(found);
  return frame;
}

std::optional<Frame> Checker::field_scope(const syntax::PathExpr& path, ResolvedScope& scope) {
  if (path.parts.size() > 1 || path.root == PathRoot::repetition) {
    report(Code::E0311, path.span,
           fmt::format("`each` goes through groups, segments or repetitions, and `{}` is a part of one", text(path)));
    return std::nullopt;
  }
  if (path.parts.front().index.kind != IndexKind::none) {
    report(Code::E0308, path.parts.front().index.span, "`each` goes through all repetitions and takes no index", {},
           "remove the index", {diag::replace(path.parts.front().index.span, "", "remove the index")});
    return std::nullopt;
  }
  auto info = this->path(path, Want::scope);
  if (!info) return std::nullopt;
  if (info->resolved.path.segment.pick == Pick::every) {
    report(Code::E0310, path.span, fmt::format("`{}` stands in several segments", text(path)), {},
           fmt::format("go through the segments first: `each {} {{ each {} {{ ... }} }}`", info->resolved.segment, text(path)));
    return std::nullopt;
  }
  scope.scope.kind = plan::ScopeKind::repetition;
  scope.scope.frame = info->resolved.path.segment.frame;
  scope.name = info->resolved.segment;
  scope.field = info->resolved;
  Frame frame;
  frame.kind = plan::ScopeKind::repetition;
  frame.places = info->places;
  frame.name = info->resolved.segment;
  frame.segment = info->resolved.path.segment;
  frame.field = info->part;
  frame.text = info->resolved.text;
  return frame;
}

std::optional<Frame> Checker::scope(const syntax::PathExpr& path) {
  if (path.poisoned || model.type().kind == MessageType::Kind::error) return std::nullopt;
  ResolvedScope scope;
  std::optional<Frame> frame;
  if (!path.parts.empty()) {
    frame = field_scope(path, scope);
  } else if (path.nodes.empty()) {
    return std::nullopt;
  } else {
    for (const syntax::PathNode& word : path.nodes) {
      if (word.index.kind == IndexKind::none) continue;
      report(Code::E0308, word.index.span, "`each` goes through all of them and takes no index", {}, "remove the index",
             {diag::replace(word.index.span, "", "remove the index")});
      return std::nullopt;
    }
    frame = model.open() ? open_scope(path, scope) : node_scope(path, scope);
  }
  if (frame) context.facts.scopes[path.id] = std::move(scope);
  return frame;
}

}  // namespace smarthl7::check
