// SPDX-License-Identifier: Apache-2.0
// The statements of one mapping, checked in their scopes and branches. Reads, conditions and `each` are of the message that
// comes in; what is written to is found by target(): in the copy, or in what an `insert` or the mapping to another message
// makes. Internal to mapping*.cc. Lives for one check; refers to its Context, which outlives it. One thread; reports to the
// context's sink.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/check/checker.h"
#include "compiler/check/mapping_writes.h"

namespace smarthl7::check {

class Statements {
 public:
  /// Edits a copy of `input`.
  Statements(Context& context, const MessageState& input) : checker_(context, input), out_(context, {input.type, {}}) {}
  /// Makes a `result` of it.
  Statements(Context& context, const MessageState& input, const MessageType& result)
      : checker_(context, input), out_(context, {result, {}}), fresh_(true) {}

  void items(syntax::List<syntax::MappingItem> items);
  /// What the result requires is made (mapping_complete.cc). False if it may be missing.
  bool complete(const syntax::MappingDecl& mapping);
  /// A required part of something that is made may be missing.
  [[nodiscard]] bool incomplete() const { return incomplete_; }

 private:
  /// An `insert` around; out_.frames holds its frame at the same index.
  struct Block {
    syntax::NodeId id = 0;
    std::size_t inputs = 0;  // frames of the input around it
    std::size_t arms = 0;
  };
  /// Where something is inserted.
  struct Spot {
    ModelIndex place = kNoModelNode;
    ModelIndex base = 0;  // the group around, or the message
    plan::SegmentRef ref;
  };
  enum class Coverage : std::uint8_t { none, maybe, sure };

  // mapping_statements.cc
  void item(const syntax::MappingItem& item);
  void each(const syntax::EachItem& item);
  void where(const syntax::Expr& condition);
  /// Literals that the condition compares with.
  void learn(const syntax::Expr& condition);
  void learn(const syntax::Expr& path, const std::vector<const syntax::Expr*>& literals);
  void when(const syntax::WhenItem& item);
  Write& keep_write(const PathInfo& info, Span span, bool removal, bool made = false, bool appended = false);
  /// Keeps it, and reports if another one can meet it.
  Write& admit(Write write);
  void needs_else(Span span, const std::vector<Problem>& problems);
  void check_else(const syntax::ElseClause& clause, std::uint32_t before, const std::vector<Problem>& problems,
                  const syntax::PathExpr* target, const PathInfo* info);
  // mapping_target.cc
  /// In which message a path that is written to stands.
  Checker& target(const syntax::PathExpr& path);
  [[nodiscard]] bool is_made(const Checker& checker) const { return &checker == &out_; }
  /// The number of the `insert` that a made place belongs to; 0: the new message.
  [[nodiscard]] std::size_t level_of(const plan::SegmentRef& segment) const;
  [[nodiscard]] static bool may_run_often(const Checker& checker, std::size_t frame, ModelIndex base);
  /// The place is not a part of one of the blocks around that repeat.
  bool once_for_each(const syntax::PathExpr& target, const PathInfo& info);
  bool once_for_each_made(const syntax::PathExpr& target, const PathInfo& info);
  /// The frame goes through several things, and the target is the same for all of them.
  [[nodiscard]] bool is_outside(const Frame& frame, std::size_t number, const plan::Path& target) const;
  [[nodiscard]] ModelIndex place_of_node(std::uint16_t node) const;
  /// The group in which the target's segment is counted; 0 for the message.
  [[nodiscard]] ModelIndex holder_of(const plan::SegmentRef& segment) const;
  bool writable(const syntax::PathExpr& target, const PathInfo& info, bool removal);
  bool writable_header(const syntax::PathExpr& target, const PathInfo& info);
  bool can_be_made(const syntax::PathExpr& target, const PathInfo& info);
  // mapping_assign.cc
  /// "PID-5[1].1.1": down to where text can stand.
  std::string first_part(const syntax::PathExpr& path, PartInfo part);
  void text_to_composite(const syntax::PathExpr& target, const PathInfo& info);
  /// A value that is not copied as it stands: its kind and its code.
  bool fits(const syntax::PathExpr& target, const PathInfo& info, const syntax::Expr& expr, const Value& value);
  bool fits_date(const syntax::PathExpr& target, const PathInfo& info, const syntax::Expr& expr, const Value& value);
  /// `A = B`, both paths: a copy if the data types are the same, else B is read as text.
  bool fits_path(const syntax::AssignItem& item, const PathInfo& info, const syntax::PathExpr& source, Value value);
  std::vector<Problem> target_problems(const syntax::PathExpr& target, const PathInfo& info, const Value& value);
  void assign(const syntax::AssignItem& item);
  void finish_assign(const syntax::AssignItem& item, const PathInfo& info, const std::vector<Problem>& problems);
  void no_effect(const syntax::AssignItem& item);
  // mapping_copy.cc
  bool copies_segments(const syntax::AssignItem& item);
  void copy_segments(const syntax::AssignItem& item);
  void copy_group(const syntax::AssignItem& item, ModelIndex place);
  bool segment_fits(const syntax::AssignItem& item, std::string_view segment);
  // mapping_insert.cc
  void insert(const syntax::InsertItem& item);
  void insert_segment(const syntax::InsertItem& item);
  void insert_repetition(const syntax::InsertItem& item);
  void insert_open(const syntax::InsertItem& item);
  bool can_insert(const syntax::InsertItem& item, Checker& in);
  Checker& inserting(const syntax::PathExpr& what);
  std::optional<Spot> spot_of(Checker& in, const syntax::PathExpr& what, const std::vector<ModelIndex>& allowed);
  std::optional<Spot> spot_after(const syntax::InsertItem& item, std::vector<Problem>& problems);
  bool room_for(const syntax::InsertItem& item, Checker& in, const Spot& spot, std::vector<Problem>& problems);
  void body(const syntax::InsertItem& item, Frame frame);
  void insert_else(const syntax::InsertItem& item, const std::vector<Problem>& problems);
  // mapping_delete.cc
  void remove(const syntax::DeleteItem& item);
  void remove_each(const syntax::PathExpr& path, const syntax::Expr* condition);
  /// A group goes with all its segments.
  void remove_group(ModelIndex group, Span span);
  void remove_one(const syntax::PathExpr& path, const syntax::Expr* condition, std::vector<Problem>& problems);
  // mapping_complete.cc
  [[nodiscard]] Coverage covered(const std::vector<const Write*>& writes, std::size_t depth) const;
  [[nodiscard]] std::vector<const Write*> writes_to(syntax::NodeId owner, ModelIndex place) const;
  void complete_group(syntax::NodeId owner, ModelIndex group, Span span);
  void complete_segment(syntax::NodeId owner, ModelIndex place, Span span);
  void complete_header(const syntax::MappingDecl& mapping);
  bool demand(Coverage coverage, diag::Code code, Span span, const std::string& what, const std::string& label);

  Checker checker_;
  Checker out_;
  bool fresh_ = false;
  bool incomplete_ = false;
  bool judging_ = false;  // a condition is read, so that one that never holds is told
  std::vector<Block> blocks_;
  Known known_;
  std::vector<std::pair<syntax::NodeId, std::size_t>> arms_;
  std::map<syntax::NodeId, std::size_t> arm_counts_;  // of a `when` that ends in `otherwise`
  std::vector<bool> certain_;                         // of each input frame: there is one at least
  std::vector<Write> writes_;
};

/// Why a field, component or segment of one version cannot be copied to one of another; empty: it can. A type has a place for
/// another one if each part of that has a place of a fitting type under its own number; a value without parts also fits the
/// first part of a composite (HL7 2.5.1 chapter 2.8, what later versions may change).
[[nodiscard]] std::string no_place_for(const PartInfo& from, const PartInfo& to);

}  // namespace smarthl7::check
