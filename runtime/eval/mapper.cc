// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/mapper.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/escape.h"

namespace smarthl7::eval {

using builtins::Value;
using plan::ElseKind;
using plan::Id;
using plan::kNone;
using plan::Statement;
using plan::StatementOp;

namespace {

constexpr std::string_view kNullText = "\"\"";

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

bool Mapper::run(Id id) {
  const plan::Mapping& mapping = bound_.plan().mappings[id];
  const Id made = mapping.result != kNone ? mapping.result : mapping.message;
  editor_.reset(interpreter_.message());
  making_.reset(interpreter_.message(), made == kNone ? nullptr : &bound_.shape(made));
  made_.assign(1, MadeFrame{});
  written_.clear();
  appended_.clear();
  changed_ = false;
  if (!statements(mapping.body)) return false;
  if (overlaps() || !finish(bound_.made_header(id))) {
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
  bound_.record(&Recorder::statements, id);
  switch (s.op) {
    case StatementOp::each: return interpreter_.for_each_in_scope(s.scope, [&] { return statements(s.body); });
    case StatementOp::when: {
      const bool holds = interpreter_.holds(s.condition);
      bound_.record(holds ? &Recorder::statement_whens : &Recorder::statement_otherwises, id);
      return statements(holds ? s.body : s.otherwise);
    }
    case StatementOp::assign:
    case StatementOp::assign_null:
    case StatementOp::copy:
    case StatementOp::copy_segment:
    case StatementOp::remove:
    case StatementOp::remove_segments:
    case StatementOp::insert:
    case StatementOp::insert_group:
    case StatementOp::insert_repetition:
    case StatementOp::copy_segments:
    case StatementOp::copy_group: break;
  }
  failure_.otherwise.kind = ElseKind::none;
  failure_.finding.text.clear();
  if (attempt(id, s)) return true;
  if (!failure_.finding.text.empty()) return false;  // a statement inside of an insert has ended it
  bound_.record(&Recorder::statement_elses, id);
  switch (s.on_failure.kind) {
    case ElseKind::keep:
    case ElseKind::proceed: return true;
    case ElseKind::value: {
      Value value;
      if (interpreter_.evaluate(s.on_failure.value, value) && put_value(s, value)) return true;
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
  if (s.made && !can_be_made(s)) return interpreter_.fail(hl7::condition::kInternalError, "a place that can be made");
  switch (s.op) {
    case StatementOp::assign: return assign(id, s);
    case StatementOp::assign_null: return put_raw(s, kNullText);
    case StatementOp::copy: return copy(id, s);
    case StatementOp::copy_segment: return copy_segment(s);
    case StatementOp::remove: return remove(s);
    case StatementOp::remove_segments: return remove_segments(s.scope);
    case StatementOp::insert:
    case StatementOp::insert_group:
    case StatementOp::insert_repetition: return insert(s);
    case StatementOp::copy_segments: return copy_segments(s);
    case StatementOp::copy_group: return copy_group(s);
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
  return put_value(s, value);
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
    if (place.field == 0 || (place.field <= 2 && hl7::is_header(interpreter_.message().segment_key(place.segment)))) {
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

bool Mapper::no_delimiter() { return interpreter_.fail(hl7::condition::kDataType, "a message with all delimiters in MSH-2"); }

bool Mapper::put_value(const Statement& s, const Value& value) {
  std::string_view text;
  if (!interpreter_.fits(text_of(value, interpreter_.arena()), text)) return false;
  if (s.made) {
    encoded_.clear();
    if (!hl7::encode(text, interpreter_.message().delimiters(), encoded_)) return no_delimiter();
    return put_made(s.target, encoded_);
  }
  return write(s.target, [&](const hl7::Location& place) {
    if (text.empty()) {
      editor_.clear(place);
      return true;
    }
    return editor_.set_text(place, text) || no_delimiter();
  });
}

bool Mapper::put_raw(const Statement& s, std::string_view raw) {
  if (s.made) return put_made(s.target, raw);
  return write(s.target, [&](const hl7::Location& place) {
    if (raw.empty()) {
      editor_.clear(place);
      return true;
    }
    return editor_.set_raw(place, raw) || no_delimiter();
  });
}

bool Mapper::copy(Id id, const Statement& s) {
  const plan::Path& source = bound_.plan().paths[s.value];
  if (source.repetition == plan::Pick::chosen) {
    hl7::Location from;
    return interpreter_.place_of(s.value, from) && put_raw(s, interpreter_.message().raw(from));
  }
  std::string_view raw;
  interpreter_.for_each_place(s.value, [&](const hl7::Location& place) {
    raw = interpreter_.message().raw(place);
    return raw.empty();
  });
  if (raw.empty() && s.on_failure.kind != ElseKind::none && bound_.target_required(id))
    return interpreter_.fail(hl7::condition::kRequiredFieldMissing, "a value, since it is required");
  return put_raw(s, raw);
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

}  // namespace smarthl7::eval
