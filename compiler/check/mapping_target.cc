// SPDX-License-Identifier: Apache-2.0
// What is written to: in the copy of the message that comes in, or in what the mapping makes.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/mapping_statements.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;
using syntax::PathRoot;

/// The nearest block around says: an `each` stands for what comes in, an `insert` for what is made.
Checker& Statements::target(const syntax::PathExpr& path) {
  if (fresh_) return out_;
  std::size_t input = checker_.frames.size();
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const Frame& made = out_.frames[i];
    // The `each` blocks inside of this `insert` come first.
    for (; input > blocks_[i].inputs; --input) {
      const Frame& frame = checker_.frames[input - 1];
      if (path.root == PathRoot::segment && frame.kind == plan::ScopeKind::segment) return checker_;
      if (path.root == PathRoot::repetition && frame.kind == plan::ScopeKind::repetition) return checker_;
      if (path.root == PathRoot::absolute && !path.nodes.empty() && frame.kind == plan::ScopeKind::segment &&
          frame.name == path.nodes.back().text)
        return checker_;
    }
    if (path.root == PathRoot::segment && made.kind == plan::ScopeKind::segment) return out_;
    if (path.root == PathRoot::repetition && made.kind == plan::ScopeKind::repetition) return out_;
    if (path.root != PathRoot::absolute || path.nodes.empty()) continue;
    if (made.kind == plan::ScopeKind::segment && made.name == path.nodes.back().text) return out_;
    if (made.kind != plan::ScopeKind::group) continue;
    const auto found = out_.candidates(path);
    if (std::any_of(found.begin(), found.end(), [&](ModelIndex at) { return out_.model.is_below(at, made.places.front()); }))
      return out_;
  }
  return checker_;
}

std::size_t Statements::level_of(const plan::SegmentRef& segment) const {
  if (segment.group == plan::kNoNode) return segment.frame;
  for (std::size_t level = segment.frame; level > 0; --level) {
    const Frame& frame = out_.frames[level - 1];
    if (frame.kind == plan::ScopeKind::group && out_.model.node(frame.places.front()).plan_node == segment.group) return level;
  }
  return 0;
}

/// The frame goes through several things of one instance of `base`.
bool Statements::may_run_often(const Checker& checker, std::size_t index, ModelIndex base) {
  const Frame& frame = checker.frames[index];
  if (frame.kind == plan::ScopeKind::repetition) return frame.field.repeats();
  if (checker.model.open()) return true;
  return std::any_of(frame.places.begin(), frame.places.end(), [&](ModelIndex place) {
    if (base != 0 && (place == base || checker.model.is_below(base, place))) return false;
    return !checker.model.single_below(place, base != 0 && checker.model.is_below(place, base) ? base : ModelIndex{0});
  });
}

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

bool Statements::once_for_each_made(const syntax::PathExpr& target, const PathInfo& info) {
  std::size_t level = level_of(info.resolved.path.segment);
  if (info.resolved.path.repetition == Pick::current) level = blocks_.size();
  const std::size_t around = level == 0 ? 0 : blocks_[level - 1].inputs;
  for (std::size_t i = checker_.frames.size(); i-- > around;) {
    if (!may_run_often(checker_, i, 0)) continue;
    const Frame& frame = checker_.frames[i];
    const std::string scope = frame.kind == plan::ScopeKind::repetition ? frame.text : frame.name;
    checker_.report(
        Code::E0415, target.span, fmt::format("`{}` would be assigned once for each {}", checker_.text(target), scope),
        "it is a place of what the mapping makes, and there is one",
        "make one for each: put it into `insert GROUP { ... }`, `insert SEGMENT { ... }` or `insert FIELD { ... }`");
    return false;
  }
  return true;
}

bool Statements::writable(const syntax::PathExpr& target, const PathInfo& info, bool removal) {
  const plan::Path& path = info.resolved.path;
  if (info.resolved.segment != "MSH") return true;
  if (path.field == 1 || path.field == 2 || (path.field == 0 && (removal || fresh_))) {
    checker_.report(Code::E0420, target.span,
                    fmt::format("`{}` cannot be {}", checker_.text(target), removal ? "deleted" : "assigned"),
                    path.field != 0 ? "MSH-1 and MSH-2 say how the message itself is written"
                    : removal       ? "every message begins with MSH"
                                    : "MSH is carried over; its fields can be assigned");
    return false;
  }
  return !fresh_ || writable_header(target, info);
}

/// MSH-9 and MSH-12 of a new message are those of its type.
bool Statements::writable_header(const syntax::PathExpr& target, const PathInfo& info) {
  const plan::Path& path = info.resolved.path;
  if (path.field == 12 || (path.field == 9 && path.component != 2)) {
    checker_.report(Code::E0420, target.span, fmt::format("`{}` cannot be assigned", checker_.text(target)),
                    fmt::format("it says `{}`, the type of what the mapping makes", out_.model.title()),
                    path.field == 9 ? "the event alone, `MSH-9.2`, can be assigned where the type has several" : std::string());
    return false;
  }
  return true;
}

/// A place of what is made has no index but `[1]`, and all groups above it are clear.
bool Statements::can_be_made(const syntax::PathExpr& target, const PathInfo& info) {
  const plan::Path& path = info.resolved.path;
  std::string why;
  if (path.segment.pick == Pick::last || (path.segment.pick == Pick::nth && path.segment.n > 1)) {
    why = fmt::format("put it into `insert {} {{ ... }}`, which makes another one", info.resolved.segment);
  } else if (path.repetition == Pick::last || path.repetition == Pick::chosen) {
    why = "say which repetition by its number, or `insert` one";
  } else {
    return true;
  }
  checker_.report(Code::E0448, target.span, fmt::format("`{}` is none of what is made", checker_.text(target)),
                  "there is nothing yet to count or to choose from", std::move(why));
  return false;
}

}  // namespace smarthl7::check
