// SPDX-License-Identifier: Apache-2.0
// `insert SEGMENT`, `insert GROUP`, `insert FIELD`: what is added, where it stands, and what may be in the way.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "compiler/check/mapping_statements.h"
#include "compiler/check/path_text.h"

namespace smarthl7::check {

using diag::Code;
using plan::Pick;
using syntax::IndexKind;
using syntax::PathRoot;

void Statements::insert(const syntax::InsertItem& item) {
  if (item.segment == nullptr || item.segment->poisoned || item.poisoned) return;
  const syntax::PathExpr& what = *item.segment;
  if (!what.parts.empty()) return insert_repetition(item);
  if (what.nodes.empty()) return;
  for (const syntax::PathNode& node : what.nodes) {
    if (node.index.kind == IndexKind::none) continue;
    checker_.report(Code::E0441, node.index.span, "what is inserted is a new one and takes no index", {}, "remove the index",
                    {diag::replace(node.index.span, "", "remove the index")});
    return;
  }
  if (what.nodes.back().text == "MSH") {
    checker_.report(Code::E0441, what.span, "MSH cannot be inserted", "every message has one, at its beginning");
    return;
  }
  out_.model.open() ? insert_open(item) : insert_segment(item);
}

/// In what is made by an `insert` around, or in the copy.
Checker& Statements::inserting(const syntax::PathExpr& what) {
  if (fresh_) return out_;
  const auto found = out_.candidates(what);
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const Frame& made = out_.frames[i];
    if (checker_.frames.size() > blocks_[i].inputs) continue;  // an `each` stands between
    if (made.kind != plan::ScopeKind::group) continue;
    if (std::any_of(found.begin(), found.end(), [&](ModelIndex at) { return out_.model.is_below(at, made.places.front()); }))
      return out_;
  }
  // An `each` inside of an `insert` only says how often.
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const Frame& made = out_.frames[i];
    if (made.kind == plan::ScopeKind::group &&
        std::any_of(found.begin(), found.end(), [&](ModelIndex at) { return out_.model.is_below(at, made.places.front()); }))
      return out_;
  }
  return checker_;
}

/// The place that is meant: in the nearest group around that has it.
std::optional<Statements::Spot> Statements::spot_of(Checker& in, const syntax::PathExpr& what,
                                                    const std::vector<ModelIndex>& allowed) {
  std::vector<ModelIndex> found = allowed;
  const MessageModel& model = in.model;
  Spot spot;
  for (std::size_t i = in.frames.size(); i-- > 0;) {
    const Frame& frame = in.frames[i];
    if (frame.kind == plan::ScopeKind::repetition || frame.places.empty()) continue;
    std::set<ModelIndex> bases;
    for (const ModelIndex place : frame.places) {
      ModelIndex base = frame.kind == plan::ScopeKind::group ? place : model.group_of(place);
      while (base != 0 && base != kNoModelNode &&
             std::none_of(found.begin(), found.end(), [&](ModelIndex at) { return model.is_below(at, base); }))
        base = model.group_of(base);
      bases.insert(base == kNoModelNode ? ModelIndex{0} : base);
    }
    if (bases.size() > 1) {
      std::vector<std::string> places;
      for (const ModelIndex place : frame.places) places.push_back(fmt::format("`each {}`", qualified(model, place)));
      in.report(Code::E0307, what.span,
                fmt::format("`{}` means different places for the places of `{}`", in.text(what), frame.name), {},
                fmt::format("choose one place: {}", joined(places, " or ")));
      return std::nullopt;
    }
    spot.base = *bases.begin();
    std::erase_if(found, [&](ModelIndex at) { return spot.base != 0 && !model.is_below(at, spot.base); });
    if (spot.base != 0) {
      spot.ref.frame = static_cast<std::uint16_t>(i + 1);
      if (!(frame.kind == plan::ScopeKind::group && frame.places.front() == spot.base))
        spot.ref.group = model.node(spot.base).plan_node;
    }
    break;
  }
  if (found.size() > 1) {
    std::vector<std::string> places;
    for (const ModelIndex place : found) places.push_back(fmt::format("`{}`", qualified(model, place)));
    in.report(Code::E0307, what.span, fmt::format("`{}` could mean {} places", in.text(what), found.size()), {},
              fmt::format("say which one: {}", joined(places, " or ")));
    return std::nullopt;
  }
  spot.place = found.front();
  spot.ref.node = model.node(spot.place).plan_node;
  return spot;
}

/// `after SEG`: the place that follows it in its group.
std::optional<Statements::Spot> Statements::spot_after(const syntax::InsertItem& item, std::vector<Problem>& problems) {
  const auto after = checker_.path(*item.after, Want::one);
  if (!after) return std::nullopt;
  if (after->resolved.path.field != 0 || after->resolved.type.list) {
    checker_.report(Code::E0441, item.after->span, fmt::format("`{}` is not one segment", checker_.text(*item.after)), {},
                    "name the segment that the new one follows");
    return std::nullopt;
  }
  std::vector<ModelIndex> found;
  for (const ModelIndex place : checker_.candidates(*item.segment)) {
    const bool follows = std::any_of(after->places.begin(), after->places.end(), [&](ModelIndex at) {
      const ModelNode& node = checker_.model.node(place);
      const bool local = node.local != nullptr;  // stands behind all others in the list
      return checker_.model.group_of(at) == checker_.model.group_of(place) && (local || place >= at);
    });
    if (follows) found.push_back(place);
  }
  if (found.empty()) {
    checker_.report(Code::E0441, item.segment->span,
                    fmt::format("no `{}` follows `{}`", checker_.text(*item.segment), checker_.text(*item.after)),
                    fmt::format("{} has none in the same group behind it", checker_.model.title()),
                    "without `after` it goes to its place in the structure");
    return std::nullopt;
  }
  Spot spot;
  spot.place = found.front();
  spot.base = checker_.model.group_of(spot.place);
  spot.ref = after->resolved.path.segment;
  spot.ref.pick = Pick::nth;
  spot.ref.n = 1;
  spot.ref.node = checker_.model.node(spot.place).plan_node;
  if (!checker_.segment_present(after->resolved))
    problems.push_back({item.after->span, fmt::format("there may be no {} to follow", after->resolved.text), false});
  return spot;
}

/// Can there be another one, and is there a group to put it into?
bool Statements::room_for(const syntax::InsertItem& item, Checker& in, const Spot& spot, std::vector<Problem>& problems) {
  const MessageModel& model = in.model;
  const std::string name(model.node(spot.place).name);
  const ModelIndex holder = model.group_of(spot.place);
  const bool made = is_made(in);
  if (holder != spot.base && !model.single_below(holder, spot.base)) {
    const std::string group(model.node(holder).name);
    checker_.report(
        Code::E0441, item.segment->span, fmt::format("`{}` stands in {}, of which there can be several", name, group),
        segment_label(model, spot.place),
        made ? fmt::format("make the group: `insert {} {{ ... }}`", group)
             : fmt::format("go through them: `each {0} {{ insert {1} {{ ... }} }}`, or make one: `insert {0} {{ ... }}`", group,
                           name));
    return false;
  }
  const bool valid = in.proofs.holds("valid");
  if (!made && item.after == nullptr && holder != spot.base && !(valid && model.certain_below(holder, spot.base)))
    problems.push_back({item.segment->span, fmt::format("there may be no {} to put it into", model.node(holder).name), false});
  if (!model.single_below(spot.place, holder)) return true;
  if (!made && valid && model.certain_below(spot.place, holder)) {
    checker_.report(Code::E0442, item.segment->span, fmt::format("there is always one {}, and never another", name),
                    segment_label(model, spot.place), "assign to its fields");
    return false;
  }
  std::size_t around = 0;
  if (made) {
    const std::size_t level = level_of(spot.ref);
    around = level == 0 ? 0 : blocks_[level - 1].inputs;
  }
  for (std::size_t i = around; i < checker_.frames.size(); ++i) {
    if (!may_run_often(checker_, i, made ? ModelIndex{0} : spot.base)) continue;
    const Frame& frame = checker_.frames[i];
    checker_.report(Code::E0442, item.segment->span,
                    fmt::format("one {} would be made for each {}, and there is room for one", name,
                                frame.kind == plan::ScopeKind::repetition ? frame.text : frame.name),
                    segment_label(model, spot.place), "insert it outside of the `each`");
    return false;
  }
  if (!made)
    problems.push_back({item.segment->span, fmt::format("there may be a {} already, and there is room for one", name), false});
  return true;
}

/// A value has no place there.
void Statements::insert_else(const syntax::InsertItem& item, const std::vector<Problem>& problems) {
  if (item.otherwise == nullptr) {
    needs_else(item.span, problems);
  } else {
    const std::uint32_t end = item.otherwise->span.begin;
    std::uint32_t before = end;
    const std::string_view text = checker_.context.sources.get(item.span).bytes();
    while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\n')) --before;
    check_else(*item.otherwise, before, problems, nullptr, nullptr);
  }
  if (!problems.empty()) checker_.context.facts.failures[item.id] = problems.front().text;
}

void Statements::insert_segment(const syntax::InsertItem& item) {
  const syntax::PathExpr& what = *item.segment;
  std::vector<Problem> problems;
  Checker& in = item.after != nullptr ? checker_ : inserting(what);
  const bool made = is_made(in);
  if (item.after != nullptr && (fresh_ || is_made(inserting(what)))) {
    checker_.report(Code::E0441, item.after->span, "`after` says where in the message that comes in",
                    "what is made stands in the order of the structure", "remove the `after`",
                    {diag::replace({item.after->span.file, what.span.end, item.after->span.end}, "", "remove the `after`")});
    return;
  }
  std::vector<ModelIndex> found = in.candidates(what);
  if (found.empty()) {
    in.unknown_word(what);
    return;
  }
  if (found.front() == 0) {
    checker_.report(Code::E0441, what.span, fmt::format("`{}` is the whole message, not a part of it", what.nodes.back().text));
    return;
  }
  const auto spot = item.after != nullptr ? spot_after(item, problems) : spot_of(in, what, found);
  if (!spot || !room_for(item, in, *spot, problems)) return;
  const ModelNode& node = in.model.node(spot->place);
  PathInfo info;
  info.resolved.path.segment = spot->ref;
  info.resolved.segment = info.resolved.text = std::string(node.name);
  info.places = {spot->place};
  Facts& facts = checker_.context.facts;
  facts.paths[what.id] = info.resolved;
  if (!made && in.model.single_below(spot->place, in.model.group_of(spot->place))) {
    Write write{info.resolved, info.places, what.span, false, known_, arms_};  // another one meets it
    write.made = write.whole = true;
    static_cast<void>(admit(std::move(write)));
  }
  if (made) {
    facts.made.insert(what.id);
    const bool single = in.model.single_below(spot->place, in.model.group_of(spot->place));
    if (single) {
      Write& kept = keep_write(info, what.span, false, true);
      kept.whole = true;
    } else {  // one more: it meets no other, but it is there
      std::vector<Write> others = std::exchange(writes_, {});
      keep_write(info, what.span, false, true).whole = true;
      others.push_back(std::move(writes_.back()));
      writes_ = std::move(others);
    }
  }
  insert_else(item, problems);
  Frame frame;
  frame.kind = node.is_group() ? plan::ScopeKind::group : plan::ScopeKind::segment;
  frame.places = {spot->place};
  frame.name = std::string(node.name);
  const bool group = node.is_group();
  if (group) facts.groups.insert(what.id);
  body(item, std::move(frame));
  if (group) {
    complete_group(item.id, spot->place, what.span);
  } else {
    complete_segment(item.id, spot->place, what.span);
  }
}

/// Without a structure: a segment after another.
void Statements::insert_open(const syntax::InsertItem& item) {
  const syntax::PathExpr& what = *item.segment;
  if (what.nodes.size() > 1 || !out_.model.field_count(what.nodes.back().text)) {
    checker_.report(Code::E0441, what.span, fmt::format("`{}` cannot be inserted here", checker_.text(what)),
                    "the message's structure is not known", "write the mapping for a `message`");
    return;
  }
  if (item.after == nullptr) {
    checker_.report(Code::E0441, what.span, fmt::format("where does the {} go?", what.nodes.back().text),
                    "the message's structure is not known",
                    fmt::format("say it: `insert {} after SEGMENT {{ ... }}`, or write the mapping for a `message`",
                                what.nodes.back().text));
    return;
  }
  const auto after = checker_.path(*item.after, Want::one);
  if (!after) return;
  std::vector<Problem> problems;
  if (after->resolved.path.field != 0 || after->resolved.type.list) {
    checker_.report(Code::E0441, item.after->span, fmt::format("`{}` is not one segment", checker_.text(*item.after)), {},
                    "name the segment that the new one follows");
    return;
  }
  if (!checker_.segment_present(after->resolved))
    problems.push_back({item.after->span, fmt::format("there may be no {} to follow", after->resolved.text), false});
  ResolvedPath resolved;
  resolved.segment = resolved.text = std::string(what.nodes.back().text);
  checker_.context.facts.paths[what.id] = resolved;
  insert_else(item, problems);
  Frame frame;
  frame.kind = plan::ScopeKind::segment;
  frame.name = resolved.segment;
  body(item, std::move(frame));
}

/// `insert PID-3 { .1 = ... }`: one more repetition.
void Statements::insert_repetition(const syntax::InsertItem& item) {
  const syntax::PathExpr& what = *item.segment;
  if (what.parts.size() > 1 || what.root == PathRoot::repetition) {
    checker_.report(Code::E0441, what.span, fmt::format("`{}` is a part of a repetition", checker_.text(what)), {},
                    "what can be inserted is a group, a segment, or a repetition of a field");
    return;
  }
  if (what.parts.front().index.kind != IndexKind::none) {
    const Span index = what.parts.front().index.span;
    checker_.report(Code::E0441, index, "what is inserted is a new one and takes no index",
                    "it stands behind those that are there", "remove the index",
                    {diag::replace(index, "", "remove the index")});
    return;
  }
  if (item.after != nullptr) {
    checker_.report(Code::E0441, item.after->span, "`after` names a segment that a new segment follows",
                    "a new repetition stands behind those that are there", "remove the `after`",
                    {diag::replace({item.after->span.file, what.span.end, item.after->span.end}, "", "remove the `after`")});
    return;
  }
  Checker& in = target(what);
  const bool made = is_made(in);
  if (made && what.root == PathRoot::segment && blocks_.empty()) {
    checker_.report(Code::E0440, what.span, fmt::format("`{}` counts from what an `insert` makes", checker_.text(what)), {},
                    "write the whole path");
    return;
  }
  const auto info = in.path(what, Want::scope);
  if (!info || !writable(what, *info, false)) return;
  if (info->resolved.type.list) {
    checker_.report(Code::E0410, what.span, fmt::format("`{}` stands in several segments", checker_.text(what)), {},
                    made ? "write the one with `[1]`" : "go through them with `each`");
    return;
  }
  if (made && !can_be_made(what, *info)) return;
  if (!in.model.open() && !info->field.repeats()) {
    checker_.report(Code::E0442, what.span, fmt::format("`{}` does not repeat", checker_.text(what)),
                    part_label(in.model, info->resolved.segment, info->field), "assign to it");
    return;
  }
  if (made) checker_.context.facts.made.insert(what.id);
  Write& write = keep_write(*info, what.span, false, made, true);
  write.sure = write.sure && !item.items.empty();
  std::vector<Problem> problems;
  if (!made && !checker_.segment_present(info->resolved))
    problems.push_back({what.span, fmt::format("there may be no {} to write to", info->resolved.segment), false});
  insert_else(item, problems);
  Frame frame;
  frame.kind = plan::ScopeKind::repetition;
  frame.places = info->places;
  frame.name = info->resolved.segment;
  frame.segment = info->resolved.path.segment;
  frame.field = info->part;
  frame.text = info->resolved.text;
  body(item, std::move(frame));
}

void Statements::body(const syntax::InsertItem& item, Frame frame) {
  out_.frames.push_back(std::move(frame));
  blocks_.push_back({item.id, checker_.frames.size(), arms_.size()});
  items(item.items);
  blocks_.pop_back();
  out_.frames.pop_back();
}

}  // namespace smarthl7::check
