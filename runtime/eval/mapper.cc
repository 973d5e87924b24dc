// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/mapper.h"

#include <fmt/format.h>

#include <algorithm>

namespace smarthl7::eval {

using builtins::Value;
using plan::ElseKind;
using plan::Id;
using plan::kNone;
using plan::Statement;
using plan::StatementOp;

namespace {

constexpr std::string_view kNullText = "\"\"";

bool is_header(hl7::NameKey key) {
  return key == hl7::name_key("MSH") || key == hl7::name_key("FHS") || key == hl7::name_key("BHS");
}

/// A part below one that is not given means the first of that, as the editor takes it.
hl7::Location in_full(hl7::Location place) {
  if (place.subcomponent > 0 && place.component == 0) place.component = 1;
  if (place.component > 0 && place.repetition == 0) place.repetition = 1;
  return place;
}

bool covers(const hl7::Location& a, const hl7::Location& b) {
  if (a.segment != b.segment) return false;
  if (a.field == 0) return true;
  if (a.field != b.field) return false;
  if (a.repetition == 0) return true;
  if (a.repetition != b.repetition) return false;
  if (a.component == 0) return true;
  if (a.component != b.component) return false;
  return a.subcomponent == 0 || a.subcomponent == b.subcomponent;
}

}  // namespace

bool Mapper::run(Id mapping) {
  editor_.reset(interpreter_.message());
  written_.clear();
  parts_.clear();
  changed_ = false;
  if (!statements(bound_.plan().mappings[mapping].body)) return false;
  if (overlaps()) {
    // Two paths that the compiler could not know to be one, PID-3[1] and PID-3[last], say.
    failure_ = {};
    failure_.finding.code = hl7::condition::kInternalError;
    failure_.finding.text = "places that only one statement assigns";
    return false;
  }
  if (editor_.empty()) return true;
  output_.clear();
  editor_.write(output_);
  changed_ = output_ != interpreter_.message().bytes();
  return true;
}

bool Mapper::overlaps() {
  std::sort(written_.begin(), written_.end());
  return std::adjacent_find(written_.begin(), written_.end(), covers) != written_.end();
}

bool Mapper::statements(plan::Range body) {
  for (const Id id : bound_.list(body)) {
    if (!statement(id)) return false;
  }
  return true;
}

/// False: the mapping has ended and failure_ says why.
bool Mapper::statement(Id id) {
  const Statement& s = bound_.plan().statements[id];
  switch (s.op) {
    case StatementOp::each: return interpreter_.for_each_in_scope(s.scope, [&] { return statements(s.body); });
    case StatementOp::when: return statements(interpreter_.holds(s.condition) ? s.body : s.otherwise);
    case StatementOp::assign:
    case StatementOp::assign_null:
    case StatementOp::copy:
    case StatementOp::copy_segment:
    case StatementOp::remove:
    case StatementOp::remove_segments:
    case StatementOp::insert: break;
  }
  failure_.otherwise.kind = ElseKind::none;
  failure_.finding.text.clear();
  if (attempt(id, s)) return true;
  if (!failure_.finding.text.empty()) return false;  // a statement inside of an insert has ended it
  switch (s.on_failure.kind) {
    case ElseKind::keep:
    case ElseKind::proceed: return true;
    case ElseKind::value: {
      Value value;
      if (interpreter_.evaluate(s.on_failure.value, value) && put_value(s.target, value)) return true;
      break;
    }
    case ElseKind::none:
    case ElseKind::reject_error:
    case ElseKind::reject:
    case ElseKind::dead:
    case ElseKind::drop:
    case ElseKind::deliver: break;
  }
  end_with(s);
  return false;
}

void Mapper::end_with(const Statement& s) {
  failure_.otherwise = s.on_failure;
  failure_.finding = {};
  hl7::Location place;
  bool found = false;
  if (s.target != kNone) {
    interpreter_.for_each_place(s.target, [&](const hl7::Location& at) {
      place = at;
      found = true;
      return false;
    });
  }
  const Failure why = interpreter_.failure();
  failure_.reason = interpreter_.reason(s.on_failure.reason);
  const std::uint16_t code = s.on_failure.kind == ElseKind::none ? hl7::condition::kInternalError : why.code;
  const std::string path =
      s.target == kNone ? std::string() : std::string(bound_.text(bound_.plan().paths[s.target].text)) + ": ";
  if (found) {
    failure_.finding = hl7::finding_at(interpreter_.message(), place, hl7::Severity::error, code, path + why.text);
  } else {
    failure_.finding.code = code;
    failure_.finding.text = path + why.text;
    if (s.target != kNone) failure_.finding.segment_name = bound_.text(bound_.plan().paths[s.target].segment.name);
  }
}

bool Mapper::attempt(Id id, const Statement& s) {
  switch (s.op) {
    case StatementOp::assign: return assign(id, s);
    case StatementOp::assign_null: return put_raw(s.target, kNullText);
    case StatementOp::copy: return copy(s);
    case StatementOp::copy_segment: return copy_segment(s);
    case StatementOp::remove: return remove(s);
    case StatementOp::remove_segments: return remove_segments(s.scope);
    case StatementOp::insert: return insert(s);
    case StatementOp::each:
    case StatementOp::when: break;
  }
  return true;
}

bool Mapper::assign(Id id, const Statement& s) {
  Value value;
  if (!interpreter_.evaluate(s.value, value)) return false;
  if (value.absent() && s.on_failure.kind != ElseKind::none && bound_.target_required(id)) {
    return interpreter_.fail(hl7::condition::kRequiredFieldMissing, "a value, since it is required");
  }
  return put_value(s.target, value);
}

bool Mapper::inserting(Id target) const {
  const Frame* frame = interpreter_.frame(bound_.plan().paths[target].segment.frame);
  return frame != nullptr && frame->kind == Frame::Kind::inserted;
}

template <class F>
bool Mapper::write(Id target, F&& f) {
  const plan::Path& path = bound_.plan().paths[target];
  hl7::Location only;
  if (path.repetition == plan::Pick::chosen) {
    if (!interpreter_.place_of(target, only)) return false;
    written_.push_back(in_full(only));
    return f(only);
  }
  bool any = path.segment.pick == plan::Pick::every || path.repetition == plan::Pick::every;  // of none there may be none
  bool right = true;
  interpreter_.for_each_place(target, [&](const hl7::Location& place) {
    any = true;
    if (place.field == 0 || (place.field <= 2 && is_header(interpreter_.message().segment_key(place.segment)))) {
      right = interpreter_.fail(hl7::condition::kInternalError, "a place that can be assigned");
      return false;
    }
    written_.push_back(in_full(place));
    right = f(place);
    return right;
  });
  if (!any)
    return interpreter_.fail(hl7::condition::kRequiredFieldMissing,
                             fmt::format("{} is in the message", bound_.text(path.segment.name)));
  return right;
}

bool Mapper::put_value(Id target, const Value& value) {
  std::string_view text;
  if (!interpreter_.fits(text_of(value, interpreter_.arena()), text)) return false;
  if (inserting(target)) {
    const plan::Path& path = bound_.plan().paths[target];
    parts_.push_back({{1, path.field, path.repetition_n, path.component, path.subcomponent}, false, std::string(text)});
    return true;
  }
  return write(target, [&](const hl7::Location& place) {
    if (text.empty()) {
      editor_.clear(place);
      return true;
    }
    return editor_.set_text(place, text) ||
           interpreter_.fail(hl7::condition::kDataType, "a message with all delimiters in MSH-2");
  });
}

bool Mapper::put_raw(Id target, std::string_view raw) {
  if (inserting(target)) {
    const plan::Path& path = bound_.plan().paths[target];
    parts_.push_back({{1, path.field, path.repetition_n, path.component, path.subcomponent}, true, std::string(raw)});
    return true;
  }
  return write(target, [&](const hl7::Location& place) {
    if (raw.empty()) {
      editor_.clear(place);
      return true;
    }
    return editor_.set_raw(place, raw) ||
           interpreter_.fail(hl7::condition::kDataType, "a message with all delimiters in MSH-2");
  });
}

bool Mapper::copy(const Statement& s) {
  const plan::Path& source = bound_.plan().paths[s.value];
  if (source.repetition == plan::Pick::chosen) {
    hl7::Location from;
    return interpreter_.place_of(s.value, from) && put_raw(s.target, interpreter_.message().raw(from));
  }
  std::string_view raw;
  interpreter_.for_each_place(s.value, [&](const hl7::Location& place) {
    raw = interpreter_.message().raw(place);
    return raw.empty();
  });
  return put_raw(s.target, raw);
}

bool Mapper::delete_segment(std::uint32_t segment) {
  if (segment == 0) return interpreter_.fail(hl7::condition::kInternalError, "a segment that can be deleted");
  editor_.delete_segment(segment);
  return true;
}

bool Mapper::copy_segment(const Statement& s) {
  hl7::Location from;
  hl7::Location to;
  if (!interpreter_.place_of(s.value, from) || !interpreter_.place_of(s.target, to)) return false;
  if (from.segment == to.segment) return true;
  if (!delete_segment(to.segment)) return false;
  editor_.insert_segment_after(to.segment, interpreter_.message().segment(from.segment).raw());
  return true;
}

bool Mapper::remove(const Statement& s) {
  const plan::Path& path = bound_.plan().paths[s.target];
  if (path.field == 0) {
    bool right = true;
    interpreter_.for_each_place(s.target, [&](const hl7::Location& place) {
      right = delete_segment(place.segment);
      return right;
    });
    return right;
  }
  // What is not there is deleted already.
  if (path.repetition != plan::Pick::chosen) {
    bool any = false;
    interpreter_.for_each_place(s.target, [&](const hl7::Location&) {
      any = true;
      return false;
    });
    if (!any) return true;
  }
  return write(s.target, [&](const hl7::Location& place) {
    const bool whole_repetition = place.repetition > 0 && place.component == 0;
    if (interpreter_.message().raw(place).empty()) return true;
    if (whole_repetition && interpreter_.message().segment(place.segment).field(place.field).repetition_count() > 1) {
      editor_.remove_repetition(place);
    } else {
      editor_.clear(place);
    }
    return true;
  });
}

bool Mapper::remove_segments(Id scope) {
  return interpreter_.for_each_in_scope(scope, [&] {
    const Frame frame = interpreter_.top();
    for (std::uint32_t segment = frame.first; segment < frame.end; ++segment) {
      if (!delete_segment(segment)) return false;
    }
    return true;
  });
}

/// The segment after which a new one belongs, by its node in the structure, inside the frame.
std::uint32_t Mapper::segment_before(const plan::SegmentRef& ref) {
  const Frame* frame = interpreter_.frame(ref.frame);
  if (frame == nullptr || frame->end == frame->first) return 0;
  const hl7::Placement* placed = interpreter_.placed();
  if (placed == nullptr || ref.node == plan::kNoNode) return frame->end - 1;
  std::uint32_t before = frame->first;
  for (std::uint32_t segment = frame->first; segment < frame->end; ++segment) {
    if (placed->node_of(segment) != hl7::kNoNode && placed->node_of(segment) <= ref.node) before = segment;
  }
  return before;
}

bool Mapper::insert(const Statement& s) {
  const plan::Path& target = bound_.plan().paths[s.target];
  std::uint32_t after = 0;
  if (s.value != kNone) {
    hl7::Location place;
    if (!interpreter_.place_of(s.value, place)) return false;
    after = place.segment;
  } else {
    after = segment_before(target.segment);
  }
  Frame frame = interpreter_.top();
  frame.kind = Frame::Kind::inserted;
  frame.segment = hl7::kNoSegment;
  interpreter_.push(frame);
  const std::vector<Part> outer = std::move(parts_);
  parts_.clear();
  const bool done = statements(s.body);
  interpreter_.pop();
  std::string content;
  const bool made = done && new_segment(bound_.text(target.segment.name), content);
  parts_ = outer;
  if (made) editor_.insert_segment_after(after, content);
  return made;
}

/// Edits an empty segment behind the message's own header, so that its delimiters are in force.
bool Mapper::new_segment(std::string_view name, std::string& content) {
  std::string bytes(interpreter_.message().segment(0).raw());
  bytes.append("\r").append(name);
  const std::size_t begin = bytes.size() - name.size();
  hl7::Message blank;
  if (!blank.reset(std::string_view(bytes)) || blank.segment_count() != 2) {
    return interpreter_.fail(hl7::condition::kInternalError, "a segment that can be made");
  }
  std::vector<hl7::Location> places;
  for (Part& part : parts_) {
    part.place = in_full(part.place);
    places.push_back(part.place);
  }
  std::sort(places.begin(), places.end());
  if (std::adjacent_find(places.begin(), places.end(), covers) != places.end()) {
    return interpreter_.fail(hl7::condition::kInternalError, "places that only one statement assigns");
  }
  hl7::Editor editor(blank);
  for (const Part& part : parts_) {
    const bool set = part.raw ? editor.set_raw(part.place, part.value) : editor.set_text(part.place, part.value);
    if (!set) return interpreter_.fail(hl7::condition::kDataType, "a message with all delimiters in MSH-2");
  }
  std::string edited;
  editor.write(edited);
  content = edited.substr(begin);
  return true;
}

}  // namespace smarthl7::eval
