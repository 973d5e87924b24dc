// SPDX-License-Identifier: Apache-2.0
// The part of the mapper that makes: `insert`, copies of segments and groups, and the header of a new message.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/eval/mapper.h"

namespace smarthl7::eval {

using plan::kNone;
using plan::Pick;
using plan::Statement;
using plan::StatementOp;

namespace {
constexpr std::uint16_t kMessageType = 9;
constexpr std::uint16_t kVersion = 12;
}  // namespace

bool Mapper::insert(const Statement& s) {
  MadeFrame frame;
  const bool found = s.op == StatementOp::insert_repetition ? insert_repetition(s, frame) : insert_item(s, frame);
  if (!found) return false;
  made_.push_back(frame);
  const bool done = statements(s.body);
  made_.pop_back();
  return done;
}

/// A new segment or group instance.
bool Mapper::insert_item(const Statement& s, MadeFrame& frame) {
  const plan::SegmentRef& ref = bound_.plan().paths[s.target].segment;
  const std::string_view name = s.op == StatementOp::insert ? bound_.text(ref.name) : std::string_view{};
  const Shape* shape = making_.shape();
  const hl7::NodeIndex node = shape != nullptr ? shape->node_of(ref) : hl7::kNoNode;
  if (s.made) {
    frame.item = making_.add_below(making_.group_below(base_of(ref), shape->group_of(node)), node, name);
    return true;
  }
  Anchor at;
  if (!anchor(s, ref, node, at)) return false;
  frame.item = making_.add_at(at.after, at.in_front, node, name);
  return true;
}

/// After what precedes it in the structure, within the group instance that it belongs to; with `after` before those of its
/// kind.
bool Mapper::anchor(const Statement& s, const plan::SegmentRef& ref, hl7::NodeIndex node, Anchor& at) {
  const Shape* shape = making_.shape();
  hl7::Location follows;
  if (s.value != kNone) {
    if (!interpreter_.place_of(s.value, follows)) return false;
    at.after = follows.segment;
  }
  const hl7::Placement* placed = interpreter_.placed();
  if (placed == nullptr || shape == nullptr || node == hl7::kNoNode) return true;
  const hl7::NodeIndex group = shape->group_of(node);
  hl7::InstanceId instance = s.value != kNone ? placed->enclosing(follows.segment, group) : interpreter_.instance_of(ref);
  if (group == 0) {
    instance = hl7::kWholeMessage;
  } else if (instance != hl7::kNoInstance && placed->instance(instance).node != group) {
    instance = placed->next_instance(group, instance);
  }
  if (instance == hl7::kNoInstance) {
    return interpreter_.fail(hl7::condition::kRequiredFieldMissing,
                             fmt::format("the group of {} is in the message", bound_.text(bound_.plan().paths[s.target].text)));
  }
  const bool strict = s.value != kNone;
  const hl7::Placement::Instance& range = placed->instance(instance);
  bool any = strict;
  for (std::uint32_t segment = range.first_segment; segment < range.end_segment; ++segment) {
    const hl7::NodeIndex here = placed->node_of(segment);
    if (here == node && !shape->repeats(node))
      return interpreter_.fail(hl7::condition::kDataType,
                               fmt::format("no {} yet", bound_.text(bound_.plan().paths[s.target].text)));
    // One that the structure does not know stays with the one before it.
    const bool precedes = here == hl7::kNoNode ? any && at.after + 1 == segment
                          : strict             ? shape->order(here) < shape->order(node)
                                               : shape->order(here) <= shape->last_order(node);
    if (!precedes || (strict && segment < follows.segment)) continue;
    at.after = segment;
    any = true;
  }
  if (!shape->repeats(node) && s.op == StatementOp::insert_group && placed->next_instance(node, instance) != hl7::kNoInstance) {
    return interpreter_.fail(hl7::condition::kDataType,
                             fmt::format("no {} yet", bound_.text(bound_.plan().paths[s.target].text)));
  }
  if (!any) {
    at.in_front = range.first_segment > 0;
    at.after = range.first_segment > 0 ? range.first_segment - 1 : 0;
  }
  return true;
}

/// A new repetition behind those of a field, of a segment that came in or one that is made.
bool Mapper::insert_repetition(const Statement& s, MadeFrame& frame) {
  const plan::Path& path = bound_.plan().paths[s.target];
  if (s.made) {
    frame.item = segment_of(path.segment);
    frame.place.field = path.field;
    frame.place.repetition = making_.next_repetition(frame.item, path.field);
    return true;
  }
  bool found = false;
  interpreter_.for_each_segment_of(s.target, [&](std::uint32_t segment) {
    frame.place.segment = segment;
    found = true;
    return false;
  });
  if (!found)
    return interpreter_.fail(hl7::condition::kRequiredFieldMissing,
                             fmt::format("{} is in the message", bound_.text(path.segment.name)));
  frame.of_input = true;
  frame.place.field = path.field;
  auto known = std::ranges::find_if(
      appended_, [&](const Appended& one) { return one.segment == frame.place.segment && one.field == path.field; });
  if (known == appended_.end()) {
    const auto field = interpreter_.message().segment(frame.place.segment).field(path.field);
    const std::size_t count = field.raw().empty() ? 0 : field.repetition_count();
    appended_.push_back({frame.place.segment, path.field, static_cast<std::uint16_t>(std::min<std::size_t>(count, 0xFFF0))});
    known = appended_.end() - 1;
  }
  frame.place.repetition = ++known->last;
  return true;
}

/// A place of what is made, of a frame and structure that are there.
bool Mapper::can_be_made(const Statement& s) const {
  const plan::SegmentRef& ref = bound_.plan().paths[s.target].segment;
  if (ref.frame >= made_.size()) return false;
  if (ref.pick == Pick::current) return ref.frame > 0;
  const Shape* shape = making_.shape();
  return shape != nullptr && shape->node_of(ref) != hl7::kNoNode;
}

bool Mapper::is_header(const plan::Path& path) const { return bound_.text(path.segment.name) == "MSH"; }

Making::Item Mapper::base_of(const plan::SegmentRef& ref) const {
  const Making::Item item = made_[ref.frame].item;
  return ref.group == plan::kNoNode ? item : making_.around(item, ref.group);
}

Making::Item Mapper::segment_of(const plan::SegmentRef& ref) {
  if (ref.pick == Pick::current) return made_[ref.frame].item;
  return making_.segment_below(base_of(ref), making_.shape()->node_of(ref), bound_.text(ref.name));
}

/// Bytes as they shall stand at a place of what is made. Nothing makes nothing: no segment comes of an absent value.
bool Mapper::put_made(plan::Id target, std::string_view raw) {
  const plan::Path& path = bound_.plan().paths[target];
  hl7::Location place{0, path.field, path.repetition_n, path.component, path.subcomponent};
  const MadeFrame* repetition = nullptr;
  if (path.repetition == Pick::current) {
    const auto at = std::find_if(made_.rbegin(), made_.rend(), [](const MadeFrame& one) { return one.place.repetition > 0; });
    if (at == made_.rend()) return interpreter_.fail(hl7::condition::kInternalError, "a repetition that is made");
    repetition = &*at;
    place.repetition = repetition->place.repetition;
    place.segment = repetition->place.segment;
    if (repetition->of_input) return put_in_place(place, raw);
    place.segment = 0;
  }
  if (path.segment.pick != Pick::current && is_header(path)) return put_in_place(place, raw);
  const hl7::Delimiters& delimiters = interpreter_.message().delimiters();
  if ((place.repetition > 1 && delimiters.repetition == 0) || (place.component > 1 && delimiters.component == 0) ||
      (place.subcomponent > 1 && delimiters.subcomponent == 0)) {
    return no_delimiter();
  }
  if (raw.empty()) return true;
  if (place.subcomponent > 0 && place.component == 0) place.component = 1;
  if (place.component > 0 && place.repetition == 0) place.repetition = 1;
  making_.set(repetition != nullptr ? repetition->item : segment_of(path.segment), place, raw);
  return true;
}

bool Mapper::put_in_place(const hl7::Location& place, std::string_view raw) {
  hl7::Location whole = place;
  if (whole.component > 0 && whole.repetition == 0) whole.repetition = 1;
  written_.push_back(whole);
  if (raw.empty()) {
    editor_.clear(place);
    return true;
  }
  return editor_.set_raw(place, raw) || no_delimiter();
}

bool Mapper::copy_segments(const Statement& s) {
  const plan::SegmentRef& ref = bound_.plan().paths[s.target].segment;
  const hl7::NodeIndex node = making_.shape()->node_of(ref);
  bool any = false;
  interpreter_.for_each_segment_of(s.value, [&](std::uint32_t segment) {
    making_.add_run(making_.group_below(base_of(ref), making_.shape()->group_of(node)), node, segment, segment + 1);
    any = true;
    return true;
  });
  if (any || s.on_failure.kind == plan::ElseKind::none) return true;
  return interpreter_.fail(hl7::condition::kRequiredFieldMissing,
                           fmt::format("{} is in the message", bound_.text(bound_.plan().paths[s.value].text)));
}

bool Mapper::copy_group(const Statement& s) {
  const plan::SegmentRef& ref = bound_.plan().paths[s.target].segment;
  bool any = false;
  static_cast<void>(interpreter_.for_each_in_scope(s.scope, [&] {
    const Frame& from = interpreter_.top();
    making_.add_run(making_.group_below(base_of(ref), making_.shape()->group_of(ref.node)), ref.node, from.first, from.end);
    any = true;
    return ref.pick == Pick::every;
  }));
  if (any || s.on_failure.kind == plan::ElseKind::none) return true;
  return interpreter_.fail(hl7::condition::kRequiredFieldMissing,
                           fmt::format("{} is in the message", bound_.text(bound_.plan().paths[s.target].text)));
}

bool Mapper::is_written(std::uint16_t header_field, std::uint16_t component) const {
  return std::ranges::any_of(written_, [&](const hl7::Location& place) {
    return place.segment == 0 && place.field == header_field &&
           (component == 0 || place.component == 0 || place.component == component);
  });
}

/// False if two places of what is made are one.
bool Mapper::finish(const MadeHeader& header) {
  if (header.made) {
    finish_header(header);
    for (std::uint32_t segment = 1; segment < interpreter_.message().segment_count(); ++segment)
      editor_.delete_segment(segment);
  }
  return making_.write(editor_);
}

void Mapper::finish_header(const MadeHeader& header) {
  const hl7::Message& message = interpreter_.message();
  const auto set = [&](std::uint16_t field, std::uint16_t component, std::string_view value) {
    if (is_written(field, component)) return;
    const hl7::Location place{0, field, static_cast<std::uint16_t>(component == 0 ? 0 : 1), component, 0};
    if (value.empty()) {
      editor_.clear(place);
    } else if (!editor_.set_raw(place, value)) {
      static_cast<void>(editor_.set_raw({0, field, 0, 0, 0}, value));  // no component separator: the first part alone
    }
  };
  set(kMessageType, 1, header.code);
  if (message.delimiters().component != 0) {
    if (!header.trigger.empty()) set(kMessageType, 2, header.trigger);
    set(kMessageType, 3, header.structure);
  }
  set(kVersion, header.version_has_parts ? 1 : 0, header.version);
  for (const std::uint16_t field : header.dropped) {
    if (!is_written(field, 0)) editor_.clear({0, field, 0, 0, 0});
  }
  for (const std::uint16_t field : header.first_only) {
    if (is_written(field, 0)) continue;
    const std::string_view raw = message.raw({0, field, 0, 0, 0});
    const std::string_view first = message.raw({0, field, 1, 1, 0});
    if (raw != first) static_cast<void>(editor_.set_raw({0, field, 0, 0, 0}, first));
  }
}

}  // namespace smarthl7::eval
