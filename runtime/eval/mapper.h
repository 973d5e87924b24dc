// SPDX-License-Identifier: Apache-2.0
// Runs a mapping: reads see the message that comes in, writes go to an editor, so the order of statements has no meaning and
// what nothing assigns keeps its bytes. Buffers are used again; one thread. A statement that fails does what its `else` says;
// what ends the mapping is handed to the caller. Internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "runtime/eval/interpreter.h"
#include "stdlib/hl7/editor.h"

namespace smarthl7::eval {

/// The statement that ended a mapping: its `else` (kind none: it has none, which is a bug of the plan) and what was wrong.
struct MappingFailure {
  plan::Else otherwise;
  std::string reason;  // of the `else`, read where the statement stands; empty if it gives none
  hl7::Finding finding;
};

class Mapper {
 public:
  Mapper(const Bound& bound, Interpreter& interpreter) : bound_(bound), interpreter_(interpreter), editor_(nothing_) {}

  /// The interpreter stands on the message. False, and failure(), if a statement ended it.
  [[nodiscard]] bool run(plan::Id mapping);
  [[nodiscard]] const MappingFailure& failure() const { return failure_; }
  /// After run(): whether the result differs, and the result.
  [[nodiscard]] bool changed() const { return changed_; }
  [[nodiscard]] std::string& output() { return output_; }

 private:
  struct Part {  // of a segment being inserted
    hl7::Location place;
    bool raw = false;
    std::string value;
  };

  [[nodiscard]] bool statements(plan::Range body);
  [[nodiscard]] bool statement(plan::Id id);
  [[nodiscard]] bool attempt(plan::Id id, const plan::Statement& statement);
  [[nodiscard]] bool assign(plan::Id id, const plan::Statement& statement);
  [[nodiscard]] bool copy(const plan::Statement& statement);
  [[nodiscard]] bool copy_segment(const plan::Statement& statement);
  [[nodiscard]] bool remove(const plan::Statement& statement);
  [[nodiscard]] bool remove_segments(plan::Id scope);
  [[nodiscard]] bool insert(const plan::Statement& statement);
  [[nodiscard]] bool put_value(plan::Id target, const builtins::Value& value);
  [[nodiscard]] bool put_raw(plan::Id target, std::string_view raw);
  /// Calls f(place) for each place to write to; fails if there is none or it is one that cannot be written.
  template <class F>
  [[nodiscard]] bool write(plan::Id target, F&& f);
  [[nodiscard]] bool delete_segment(std::uint32_t segment);
  [[nodiscard]] bool new_segment(std::string_view name, std::string& content);
  [[nodiscard]] std::uint32_t segment_before(const plan::SegmentRef& ref);
  [[nodiscard]] bool inserting(plan::Id target) const;
  [[nodiscard]] bool overlaps();
  void end_with(const plan::Statement& statement);

  const Bound& bound_;
  Interpreter& interpreter_;
  hl7::Message nothing_;
  hl7::Editor editor_;
  std::vector<hl7::Location> written_;
  std::vector<Part> parts_;
  std::string output_;
  bool changed_ = false;
  MappingFailure failure_;
};

}  // namespace smarthl7::eval
