// SPDX-License-Identifier: Apache-2.0
// Runs a mapping: reads see the message that comes in, writes go to an editor, so the order of statements has no meaning and
// what nothing assigns keeps its bytes. A mapping to another message starts with the header alone: all other segments that came
// in are taken out, and what it makes stands in their place. Buffers are used again; one thread. A statement that fails does
// what its `else` says; what ends the mapping is handed to the caller. Internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "runtime/eval/interpreter.h"
#include "runtime/eval/making.h"
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
  struct Appended {  // repetitions added to a field that came in
    std::uint32_t segment = 0;
    std::uint16_t field = 0;
    std::uint16_t last = 0;
  };
  struct Anchor {  // where an item is inserted
    std::uint32_t after = 0;
    bool in_front = false;
  };

  [[nodiscard]] bool statements(plan::Range body);
  [[nodiscard]] bool statement(plan::Id id);
  [[nodiscard]] bool attempt(plan::Id id, const plan::Statement& statement);
  [[nodiscard]] bool assign(plan::Id id, const plan::Statement& statement);
  [[nodiscard]] bool copy(plan::Id id, const plan::Statement& statement);
  [[nodiscard]] bool copy_segment(const plan::Statement& statement);
  [[nodiscard]] bool remove(const plan::Statement& statement);
  [[nodiscard]] bool remove_segments(plan::Id scope);
  // mapper_insert.cc: what is made
  [[nodiscard]] bool insert(const plan::Statement& statement);
  [[nodiscard]] bool insert_item(const plan::Statement& statement, MadeFrame& frame);
  [[nodiscard]] bool insert_repetition(const plan::Statement& statement, MadeFrame& frame);
  [[nodiscard]] bool anchor(const plan::Statement& statement, const plan::SegmentRef& ref, hl7::NodeIndex node, Anchor& at);
  [[nodiscard]] bool copy_segments(const plan::Statement& statement);
  [[nodiscard]] bool copy_group(const plan::Statement& statement);
  [[nodiscard]] bool can_be_made(const plan::Statement& statement) const;
  [[nodiscard]] bool is_header(const plan::Path& path) const;
  [[nodiscard]] Making::Item base_of(const plan::SegmentRef& ref) const;
  [[nodiscard]] Making::Item segment_of(const plan::SegmentRef& ref);
  [[nodiscard]] bool put_made(plan::Id target, std::string_view raw);
  [[nodiscard]] bool put_in_place(const hl7::Location& place, std::string_view raw);
  [[nodiscard]] bool finish(const MadeHeader& header);
  void finish_header(const MadeHeader& header);
  [[nodiscard]] bool is_written(std::uint16_t header_field, std::uint16_t component) const;
  [[nodiscard]] bool no_delimiter();

  [[nodiscard]] bool put_value(const plan::Statement& statement, const builtins::Value& value);
  [[nodiscard]] bool put_raw(const plan::Statement& statement, std::string_view raw);
  /// Calls f(place) for each place to write to; fails if there is none or it is one that cannot be written.
  template <class F>
  [[nodiscard]] bool write(plan::Id target, F&& f);
  [[nodiscard]] bool delete_segment(std::uint32_t segment);
  [[nodiscard]] bool overlaps();
  void end_with(const plan::Statement& statement);

  const Bound& bound_;
  Interpreter& interpreter_;
  hl7::Message nothing_;
  hl7::Editor editor_;
  std::vector<hl7::Location> written_;
  Making making_;
  std::vector<MadeFrame> made_;  // 0: the new message; then the `insert` blocks around
  std::vector<Appended> appended_;
  std::string encoded_;
  std::string output_;
  bool changed_ = false;
  MappingFailure failure_;
};

}  // namespace smarthl7::eval
