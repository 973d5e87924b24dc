// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "compiler/check/checker.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::PathRoot;

bool Checker::relative_root(const syntax::PathExpr& path, PathInfo& info) {
  if (path.root == PathRoot::repetition) {
    if (frames.empty() || frames.back().kind != plan::ScopeKind::repetition) {
      report(Code::E0309, path.span, fmt::format("`{}` counts from a repetition, and there is none here", text(path)), {},
             "write the whole path, or put it into `each PID-3 { ... }`");
      return false;
    }
    const Frame& frame = frames.back();
    info.resolved.path.segment = frame.segment;
    info.resolved.path.field = frame.field.number;
    info.resolved.path.repetition = Pick::current;
    info.resolved.segment = frame.name;
    info.resolved.text = frame.text;
    info.places = frame.places;
    info.field = info.part = frame.field;
    return true;
  }
  for (std::size_t i = frames.size(); i-- > 0;) {
    if (frames[i].kind != plan::ScopeKind::segment) continue;
    info.resolved.path.segment.frame = static_cast<std::uint16_t>(i + 1);
    info.resolved.path.segment.pick = Pick::current;
    info.resolved.segment = info.resolved.text = frames[i].name;
    info.places = frames[i].places;
    return true;
  }
  report(Code::E0309, path.span, fmt::format("`{}` counts from a segment, and there is none here", text(path)), {},
         "write the segment before it, or put it into `each SEGMENT { ... }`");
  return false;
}

std::optional<PathInfo> Checker::path(const syntax::PathExpr& path, Want want) {
  if (path.poisoned || model.type().kind == MessageType::Kind::error) return std::nullopt;
  if (model.type().is_document()) {
    report(Code::E0451, path.span,
           fmt::format("`{}` is a place in a message, and what is here is {}", text(path), describe(model.type())), {},
           "read it before the `as`");
    return std::nullopt;
  }
  PathInfo info;
  info.resolved.path.repetition_n = 1;
  if (path.root != PathRoot::absolute ? !relative_root(path, info)
                                      : (path.nodes.empty() || !absolute_segment(path, want, info))) {
    return std::nullopt;
  }
  std::size_t next = 0;
  if (path.root != PathRoot::repetition && !path.parts.empty()) {
    if (!field_part(path, want, info)) return std::nullopt;
    next = 1;
  }
  for (; next < path.parts.size(); ++next) {
    if (!component_part(path, next, info)) return std::nullopt;
  }
  if (info.part.varies()) narrow(info);
  Type& type = info.resolved.type;
  if (info.resolved.path.field == 0) {
    type.kind = TypeKind::segment;
    type.datatype = context.text(path.span);
  } else {
    type = part_type(info.part);
  }
  type.list = info.resolved.path.segment.pick == Pick::every || info.resolved.path.repetition == Pick::every;
  type.optional = !is_present(info.resolved);
  context.facts.paths[path.id] = info.resolved;
  context.facts.types[path.id] = type;
  parts[path.id] = info.part;
  return info;
}

}  // namespace smarthl7::check
