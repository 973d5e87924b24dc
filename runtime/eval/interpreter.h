// SPDX-License-Identifier: Apache-2.0
// Paths, scopes and expressions over one message. Frames are the `each` blocks around: frame 0 is the whole message, each scope
// pushes one. Reading never changes anything; texts are UTF-8 whatever the message's set is, and those of results live in the
// message, the plan or the arena. Failure: an expression that cannot be computed (a key that a table does not have, a text that
// is no number, a value that is not there) returns false and leaves the reason in failure(). One thread. Internal to this
// folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/eval/bound_plan.h"
#include "runtime/eval/stage.h"

namespace smarthl7::eval {

/// Why something could not be computed, as ERR has it: a condition of table 0357 and what was expected (no values).
struct Failure {
  std::uint16_t code = hl7::condition::kDataType;
  std::string text;
};

struct Frame {
  enum class Kind : std::uint8_t { message, group, segment, repetition };
  Kind kind = Kind::message;
  std::uint32_t first = 0;  // the segments of a message or group
  std::uint32_t end = 0;
  hl7::InstanceId instance = hl7::kWholeMessage;
  std::uint32_t segment = hl7::kNoSegment;
  std::uint16_t field = 0;
  std::uint16_t repetition = 0;
};

class Interpreter {
 public:
  explicit Interpreter(const Bound& bound) : bound_(bound), tables_(bound.live_tables()) {}

  /// A new received message: results of the last one are gone.
  void reset() {
    arena_.reset();
    tables_.unpin();
    used_.clear();
  }
  /// The message needs no table any more: which of those that reload it read.
  void leave_tables(std::vector<TableUse>& used);
  /// Turns to a message, seen as `profile` (kNone: no structure is known).
  void look_at(Stage& stage, plan::Id profile);

  [[nodiscard]] bool evaluate(plan::Id expr, builtins::Value& value);
  /// A condition; what cannot be computed is false.
  [[nodiscard]] bool holds(plan::Id expr);
  /// The text of a reason, in UTF-8 in any case; empty for kNone.
  [[nodiscard]] std::string reason(plan::Id expr);
  [[nodiscard]] const Failure& failure() const { return failure_; }
  [[nodiscard]] builtins::Arena& arena() { return arena_; }
  [[nodiscard]] const hl7::Message& message() const { return *message_; }
  [[nodiscard]] const Stage& stage() const { return *stage_; }

  /// Calls f(Location) for each place that the path means, in document order, until f returns false. Segments must be there;
  /// a field or part need not. Returns false if f did.
  template <class F>
  bool for_each_place(plan::Id path, F&& f);
  /// Calls f(segment) for each segment that the path speaks of, until f returns false. Returns false if f did.
  template <class F>
  bool for_each_segment_of(plan::Id path, F&& f);
  /// Whether any of the path's places in that segment holds a value.
  [[nodiscard]] bool present_in(plan::Id path, std::uint32_t segment);
  /// The one place of a path; false, with a failure, if there is none to write to or read from.
  [[nodiscard]] bool place_of(plan::Id path, hl7::Location& place);
  /// Text of a place, decoded, in UTF-8; absent if nothing or null stands there.
  [[nodiscard]] builtins::Value read(const hl7::Location& place);
  /// Bytes of message() as UTF-8: as they are, or in the arena.
  [[nodiscard]] std::string_view in_utf8(std::string_view bytes);
  /// `written` is the text as it is put into message(), until the next call; false, with a failure, if the message's set does
  /// not have one of its characters.
  [[nodiscard]] bool fits(std::string_view text, std::string_view& written);

  /// Calls f() with a frame on each occurrence of the scope for which its `where` holds, until f returns false.
  template <class F>
  bool for_each_in_scope(plan::Id scope, F&& f);
  [[nodiscard]] const Frame& top() const { return frames_.back(); }
  /// Null if there is no frame of that number.
  [[nodiscard]] const Frame* frame(std::uint16_t number) const { return number < frames_.size() ? &frames_[number] : nullptr; }
  /// The group instance in which a segment is looked for; kNoInstance if it is not there.
  [[nodiscard]] hl7::InstanceId instance_of(const plan::SegmentRef& ref);
  /// A condition in which `value` means this one.
  [[nodiscard]] bool holds_for(plan::Id condition, const builtins::Value& value);
  /// Null if no structure is known.
  [[nodiscard]] const hl7::Placement* placed() { return placement(); }

  [[nodiscard]] bool fail(std::uint16_t code, std::string text);

 private:
  struct Segments {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
  };
  [[nodiscard]] const hl7::Placement* placement();
  [[nodiscard]] Segments range_of(const plan::SegmentRef& ref);
  [[nodiscard]] bool stands_at(std::uint32_t segment, hl7::NameKey key, std::uint16_t node);
  [[nodiscard]] std::uint32_t find_segment(const plan::SegmentRef& ref, hl7::NameKey key, Segments range);
  [[nodiscard]] const Frame* repetition_frame(const plan::SegmentRef& ref) const;
  [[nodiscard]] std::uint16_t repetitions(std::uint32_t segment, std::uint16_t field) const;
  template <class F>
  bool for_each_repetition(const plan::Path& path, std::uint32_t segment, F&& f);
  [[nodiscard]] bool chosen(const plan::Path& path, std::uint32_t segment, std::uint16_t repetition);
  template <class F>
  bool step_into(const Frame& frame, plan::Id where, F&& f);

  [[nodiscard]] bool read_path(plan::Id path, bool raw, builtins::Value& value);
  [[nodiscard]] builtins::Value read_raw(const hl7::Location& place);
  [[nodiscard]] bool test(const plan::Expr& expr);
  [[nodiscard]] bool compare(const plan::Expr& expr, bool& result);
  [[nodiscard]] bool calculate(const plan::Expr& expr, builtins::Value& value);
  [[nodiscard]] bool concat(const plan::Expr& expr, builtins::Value& value);
  [[nodiscard]] bool call(const plan::Expr& expr, builtins::Value& value);
  [[nodiscard]] bool look_up(const plan::Expr& expr, builtins::Value& value);
  [[nodiscard]] bool code(const plan::Expr& expr, builtins::Value& value);
  [[nodiscard]] builtins::Value read_list(plan::Id path);
  [[nodiscard]] builtins::Value list_of(const builtins::Value& value);
  [[nodiscard]] bool truth(const plan::Expr& expr, builtins::Value& value);
  [[nodiscard]] bool in_list(const plan::Expr& expr);
  [[nodiscard]] bool over_values(const plan::Expr& expr, bool wanted);

  /// The rows of a table, the same ones until reset() or leave_tables().
  [[nodiscard]] const tables::Table& rows_of(plan::Id table);

  const Bound& bound_;
  LiveTables::Reader tables_;
  std::vector<plan::Id> used_;                // tables that reload and were read
  std::vector<std::string_view> table_keys_;  // of a look-up with several
  Stage* stage_ = nullptr;
  plan::Id profile_ = plan::kNone;
  const hl7::Message* message_ = nullptr;
  const hl7::Placement* placement_ = nullptr;
  std::vector<Frame> frames_;
  std::vector<builtins::Value> values_;     // that every_value stands on
  std::vector<builtins::Value> arguments_;  // of calls being made
  builtins::Arena arena_;
  std::string scratch_;
  std::string converted_;  // from the message's set
  std::string written_;    // to it
  Failure failure_;
};

// ---- templates --------------------------------------------------------------------------------------------------------------

template <class F>
bool Interpreter::for_each_repetition(const plan::Path& path, std::uint32_t segment, F&& f) {
  hl7::Location place{segment, path.field, 0, path.component, path.subcomponent};
  if (path.field == 0) return f(place);
  switch (path.repetition) {
    case plan::Pick::nth: place.repetition = path.repetition_n; return f(place);
    case plan::Pick::current:
      if (const Frame* frame = repetition_frame(path.segment)) place.repetition = frame->repetition;
      return f(place);
    case plan::Pick::last: place.repetition = std::max<std::uint16_t>(1, repetitions(segment, path.field)); return f(place);
    case plan::Pick::every:
    case plan::Pick::chosen: {
      const std::uint16_t count = repetitions(segment, path.field);
      for (std::uint16_t i = 1; i <= count; ++i) {
        if (path.repetition == plan::Pick::chosen && !chosen(path, segment, i)) continue;
        place.repetition = i;
        if (!f(place)) return false;
      }
      return true;
    }
  }
  return true;
}

template <class F>
bool Interpreter::for_each_segment_of(plan::Id id, F&& f) {
  const plan::Path& path = bound_.plan().paths[id];
  if (path.segment.pick == plan::Pick::current) {
    const std::uint32_t segment = find_segment(path.segment, 0, {});
    return segment == hl7::kNoSegment || f(segment);
  }
  const hl7::NameKey key = bound_.path_key(id);
  const Segments range = range_of(path.segment);
  if (path.segment.pick == plan::Pick::every) {
    for (std::uint32_t segment = range.first; segment < range.end; ++segment) {
      if (stands_at(segment, key, path.segment.node) && !f(segment)) return false;
    }
    return true;
  }
  const std::uint32_t segment = find_segment(path.segment, key, range);
  return segment == hl7::kNoSegment || f(segment);
}

template <class F>
bool Interpreter::for_each_place(plan::Id id, F&& f) {
  return for_each_segment_of(id,
                             [&](std::uint32_t segment) { return for_each_repetition(bound_.plan().paths[id], segment, f); });
}

template <class F>
bool Interpreter::step_into(const Frame& frame, plan::Id where, F&& f) {
  frames_.push_back(frame);
  const bool go_on = where != plan::kNone && !holds(where) ? true : f();
  frames_.pop_back();
  return go_on;
}

template <class F>
bool Interpreter::for_each_in_scope(plan::Id id, F&& f) {
  const plan::Scope& scope = bound_.plan().scopes[id];
  plan::SegmentRef ref;
  ref.frame = scope.frame;
  Frame frame;
  switch (scope.kind) {
    case plan::ScopeKind::group: {
      const hl7::Placement* placed = placement();
      if (placed == nullptr || scope.frame >= frames_.size()) return true;
      const hl7::InstanceId within = frames_[scope.frame].instance;
      for (auto at = placed->next_instance(scope.node, within); at != hl7::kNoInstance;
           at = placed->next_instance(scope.node, within, at + 1)) {
        frame.kind = Frame::Kind::group;
        frame.instance = at;
        frame.first = placed->instance(at).first_segment;
        frame.end = placed->instance(at).end_segment;
        if (!step_into(frame, scope.where, f)) return false;
      }
      return true;
    }
    case plan::ScopeKind::segment: {
      const Segments range = range_of(ref);
      const hl7::Placement* placed = placement();
      for (std::uint32_t segment = range.first; segment < range.end; ++segment) {
        if (!stands_at(segment, bound_.scope_key(id), scope.node)) continue;
        frame.kind = Frame::Kind::segment;
        frame.segment = segment;
        frame.first = segment;
        frame.end = segment + 1;
        frame.instance = placed != nullptr ? placed->instance_of(segment) : hl7::kWholeMessage;
        if (!step_into(frame, scope.where, f)) return false;
      }
      return true;
    }
    case plan::ScopeKind::repetition: {
      const plan::Path& path = bound_.plan().paths[scope.path];
      const Segments range = range_of(path.segment);
      const hl7::NameKey key = bound_.path_key(scope.path);
      const bool every = path.segment.pick == plan::Pick::every;
      const std::uint32_t only = every ? 0 : find_segment(path.segment, key, range);
      if (!every && only == hl7::kNoSegment) return true;
      const hl7::Placement* placed = placement();
      for (std::uint32_t segment = every ? range.first : only; segment < (every ? range.end : only + 1); ++segment) {
        if (every && !stands_at(segment, key, path.segment.node)) continue;
        const std::uint16_t count = repetitions(segment, path.field);
        for (std::uint16_t i = 1; i <= count; ++i) {
          frame = {Frame::Kind::repetition,
                   segment,
                   segment + 1,
                   placed != nullptr ? placed->instance_of(segment) : hl7::kWholeMessage,
                   segment,
                   path.field,
                   i};
          if (!step_into(frame, scope.where, f)) return false;
        }
      }
      return true;
    }
  }
  return true;
}

}  // namespace smarthl7::eval
