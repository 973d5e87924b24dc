// SPDX-License-Identifier: Apache-2.0
// The part of the interpreter that finds places in a message.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/eval/interpreter.h"
#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::eval {

using plan::Id;
using plan::kNone;
using plan::kNoNode;
using plan::Pick;

void Interpreter::look_at(Stage& stage, Id profile) {
  stage_ = &stage;
  profile_ = profile;
  message_ = &stage.message();
  placement_ = nullptr;
  frames_.clear();
  Frame whole;
  whole.end = message_->segment_count();
  frames_.push_back(whole);
}

const hl7::Placement* Interpreter::placement() {
  if (placement_ == nullptr && profile_ != kNone) placement_ = &stage_->placement(profile_);
  return placement_;
}

hl7::InstanceId Interpreter::instance_of(const plan::SegmentRef& ref) {
  const hl7::Placement* placed = placement();
  if (placed == nullptr || ref.frame >= frames_.size()) return hl7::kNoInstance;
  const Frame& frame = frames_[ref.frame];
  if (ref.group == kNoNode) return frame.instance;
  if (ref.group == 0) return hl7::kWholeMessage;
  switch (frame.kind) {
    case Frame::Kind::message: return hl7::kNoInstance;
    case Frame::Kind::group: return placed->enclosing_instance(frame.instance, ref.group);
    case Frame::Kind::segment:
    case Frame::Kind::repetition: return placed->enclosing(frame.segment, ref.group);
  }
  return hl7::kNoInstance;
}

Interpreter::Segments Interpreter::range_of(const plan::SegmentRef& ref) {
  if (ref.frame >= frames_.size()) return {};
  const Frame& frame = frames_[ref.frame];
  if (ref.group == kNoNode) return {frame.first, frame.end};
  const hl7::InstanceId group = instance_of(ref);
  if (group == hl7::kNoInstance) return {};
  return {placement_->instance(group).first_segment, placement_->instance(group).end_segment};
}

bool Interpreter::stands_at(std::uint32_t segment, hl7::NameKey key, std::uint16_t node) {
  if (message_->segment_key(segment) != key) return false;
  if (node == kNoNode) return true;
  const hl7::Placement* placed = placement();
  return placed != nullptr && placed->node_of(segment) == node;
}

std::uint32_t Interpreter::find_segment(const plan::SegmentRef& ref, hl7::NameKey key, Segments range) {
  switch (ref.pick) {
    case Pick::current: return ref.frame < frames_.size() ? frames_[ref.frame].segment : hl7::kNoSegment;
    case Pick::last:
      for (std::uint32_t segment = range.end; segment > range.first; --segment) {
        if (stands_at(segment - 1, key, ref.node)) return segment - 1;
      }
      return hl7::kNoSegment;
    case Pick::nth:
    case Pick::every:
    case Pick::chosen: break;
  }
  std::uint32_t left = ref.n;
  for (std::uint32_t segment = range.first; segment < range.end; ++segment) {
    if (stands_at(segment, key, ref.node) && --left == 0) return segment;
  }
  return hl7::kNoSegment;
}

const Frame* Interpreter::repetition_frame(const plan::SegmentRef& ref) const {
  if (ref.frame < frames_.size() && frames_[ref.frame].kind == Frame::Kind::repetition) return &frames_[ref.frame];
  for (std::size_t at = frames_.size(); at-- > 0;) {
    if (frames_[at].kind == Frame::Kind::repetition) return &frames_[at];
  }
  return nullptr;
}

std::uint16_t Interpreter::repetitions(std::uint32_t segment, std::uint16_t field) const {
  const std::size_t count = message_->segment(segment).field(field).repetition_count();
  return static_cast<std::uint16_t>(std::min<std::size_t>(count, 0xFFFE));
}

bool Interpreter::chosen(const plan::Path& path, std::uint32_t segment, std::uint16_t repetition) {
  Frame frame;
  frame.kind = Frame::Kind::repetition;
  frame.first = segment;
  frame.end = segment + 1;
  frame.segment = segment;
  frame.field = path.field;
  frame.repetition = repetition;
  if (const hl7::Placement* placed = placement()) frame.instance = placed->instance_of(segment);
  frames_.push_back(frame);
  const bool result = holds(path.choice);
  frames_.pop_back();
  return result;
}

bool Interpreter::present_in(Id id, std::uint32_t segment) {
  return !for_each_repetition(bound_.plan().paths[id], segment,
                              [&](const hl7::Location& place) { return message_->state(place) != hl7::State::present; });
}

bool Interpreter::place_of(Id id, hl7::Location& place) {
  const plan::Path& path = bound_.plan().paths[id];
  int found = 0;
  for_each_place(id, [&](const hl7::Location& at) {
    if (found == 0) place = at;
    ++found;
    return path.repetition == Pick::chosen && found < 2;
  });
  if (found == 1) return true;
  if (found == 0)
    return fail(hl7::condition::kRequiredFieldMissing, fmt::format("{} is in the message", bound_.text(path.text)));
  return fail(hl7::condition::kDataType, fmt::format("one {} only", bound_.text(path.text)));
}

builtins::Value Interpreter::read(const hl7::Location& place) {
  const hl7::Delimiters& delimiters = message_->delimiters();
  std::string_view text;
  bool escaped = false;
  if (place.segment == 0 && place.field <= 2) {
    text = message_->text(place);  // the delimiters themselves
  } else {
    // The first subcomponent of what stands there; one look at each byte, this is what most messages cost.
    const bool first = place.segment < message_->segment_count() && place.field != 0 && place.repetition <= 1 &&
                       place.component == 0 && place.subcomponent == 0;
    text = first ? message_->segment(place.segment).raw_field(place.field) : message_->raw(place);
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
      const char c = text[end];
      if (c == 0) continue;
      if (c == delimiters.component || c == delimiters.subcomponent || c == delimiters.repetition) break;
      escaped = escaped || c == delimiters.escape;
    }
    text = text.substr(0, end);
  }
  if (text.empty() || text == "\"\"") return {};
  if (!escaped) return builtins::Value::of(stage_->converts() ? in_utf8(text) : text);
  const std::string_view decoded = hl7::decode(text, delimiters, scratch_);
  const std::string_view converted = in_utf8(decoded);
  if (converted.data() != decoded.data()) return builtins::Value::of(converted);
  return builtins::Value::of(decoded.data() == text.data() ? text : arena_.copy(decoded));
}

std::string_view Interpreter::in_utf8(std::string_view bytes) {
  if (!stage_->converts_escaped()) return bytes;
  const std::string_view converted = hl7::to_utf8(stage_->encoding(), bytes, converted_);
  return converted.data() == bytes.data() ? bytes : arena_.copy(converted);
}

/// Bytes as sent. Those that are no ASCII stand, in a set other than UTF-8, as bytes that were kept: they equal no text, and
/// come out as they are where they are written. A message that is looked at through a copy gives what stands there in UTF-8.
builtins::Value Interpreter::read_raw(const hl7::Location& place) {
  const std::string_view raw = message_->raw(place);
  if (!stage_->converts()) return builtins::Value::of(raw);
  const std::string_view kept = hl7::to_utf8({.base = hl7::Charset::ascii}, raw, converted_);
  return builtins::Value::of(kept.data() == raw.data() ? raw : arena_.copy(kept));
}

bool Interpreter::fits(std::string_view text, std::string_view& written) {
  written = text;
  const hl7::TextEncoding& encoding = stage_->encoding();
  if (encoding.base == hl7::Charset::utf8 && encoding.switching == hl7::Switching::none) return true;
  const auto bytes = hl7::from_utf8(encoding, text, written_);
  if (!bytes) {
    return fail(hl7::condition::kDataType,
                fmt::format("text that {}, the message's character set, can hold", describe(encoding)));
  }
  if (!stage_->is_copy()) written = *bytes;
  return true;
}

}  // namespace smarthl7::eval
