// SPDX-License-Identifier: Apache-2.0
// The statements of one mapping, checked in their scopes and branches. Internal to mapping*.cc.
// Lives for one check; refers to its Context, which outlives it. One thread; reports to the context's sink.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "compiler/check/checker.h"
#include "compiler/check/mapping_writes.h"

namespace smarthl7::check {

class Statements {
 public:
  Statements(Context& context, const MessageState& state) : checker_(context, state) {}

  void items(syntax::List<syntax::MappingItem> items);

 private:
  // mapping_statements.cc
  void item(const syntax::MappingItem& item);
  void each(const syntax::EachItem& item);
  void where(const syntax::Expr& condition);
  /// Literals that the condition compares with.
  void learn(const syntax::Expr& condition);
  void learn(const syntax::Expr& path, const std::vector<const syntax::Expr*>& literals);
  void when(const syntax::WhenItem& item);
  void keep_write(const PathInfo& info, Span span, bool removal);
  void needs_else(Span span, const std::vector<Problem>& problems);
  void check_else(const syntax::ElseClause& clause, std::uint32_t before, const std::vector<Problem>& problems,
                  const syntax::PathExpr* target, const PathInfo* info);
  // mapping_assign.cc
  /// The frame goes through several things, and the target is the same for all of them.
  [[nodiscard]] bool is_outside(const Frame& frame, std::size_t number, const plan::Path& target) const;
  [[nodiscard]] ModelIndex place_of_node(std::uint16_t node) const;
  /// The group in which the target's segment is counted; 0 for the message.
  [[nodiscard]] ModelIndex holder_of(const plan::SegmentRef& segment) const;
  bool once_for_each(const syntax::PathExpr& target, const PathInfo& info);
  bool writable(const syntax::PathExpr& target, const PathInfo& info, bool removal);
  /// "PID-5[1].1.1": down to where text can stand.
  std::string first_part(const syntax::PathExpr& path, PartInfo part);
  void text_to_composite(const syntax::PathExpr& target, const PathInfo& info);
  /// A value that is not copied as it stands: its kind and its code.
  bool fits(const syntax::PathExpr& target, const PathInfo& info, const syntax::Expr& expr, const Value& value);
  /// `A = B`, both paths: a copy if the data types are the same, else B is read as text.
  bool fits_path(const syntax::PathExpr& target, const PathInfo& info, const syntax::PathExpr& source, Value value);
  std::vector<Problem> target_problems(const syntax::PathExpr& target, const PathInfo& info, const Value& value);
  void assign(const syntax::AssignItem& item);
  // mapping_delete.cc
  void remove(const syntax::DeleteItem& item);
  void remove_each(const syntax::PathExpr& path, const syntax::Expr* condition);
  /// A group goes with all its segments.
  void remove_group(ModelIndex group, Span span);
  void remove_one(const syntax::PathExpr& path, const syntax::Expr* condition, std::vector<Problem>& problems);

  Checker checker_;
  Known known_;
  std::vector<std::pair<syntax::NodeId, std::size_t>> arms_;
  std::vector<Write> writes_;
};

}  // namespace smarthl7::check
