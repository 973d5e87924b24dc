// SPDX-License-Identifier: Apache-2.0
// From flat nodes to the tree: one switch per family. Reports what the grammar lets pass on purpose: foreign
// spellings, escapes, chains of comparisons, numbers out of range. Internal; lives for one parse; one thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/syntax/ast.h"
#include "compiler/syntax/flat.h"

namespace smarthl7::syntax {

/// A flat node and the way to its children.
class At {
 public:
  class Iterator {
   public:
    Iterator(const std::vector<FlatNode>* nodes, std::uint32_t index) : nodes_(nodes), index_(index) {}
    At operator*() const { return {nodes_, index_}; }
    Iterator& operator++() {
      index_ = (*nodes_)[index_].next;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

   private:
    const std::vector<FlatNode>* nodes_;
    std::uint32_t index_;
  };

  At(const std::vector<FlatNode>* nodes, std::uint32_t index) : nodes_(nodes), index_(index) {}
  [[nodiscard]] std::uint32_t index() const { return index_; }
  [[nodiscard]] const FlatNode& node() const { return (*nodes_)[index_]; }
  [[nodiscard]] Kind kind() const { return node().kind; }
  [[nodiscard]] Iterator begin() const { return {nodes_, index_ + 1}; }
  [[nodiscard]] Iterator end() const { return {nodes_, node().next}; }
  [[nodiscard]] At first() const { return *begin(); }

 private:
  const std::vector<FlatNode>* nodes_;
  std::uint32_t index_;
};

class Lowering {
 public:
  Lowering(State& state, std::pmr::monotonic_buffer_resource& arena, NodeId first_id);
  List<Declaration> file();
  [[nodiscard]] NodeId next_id() const { return next_id_; }

 private:
  // nodes and texts
  [[nodiscard]] Span span(At at) const { return {state_.file.id(), at.node().begin, at.node().end}; }
  [[nodiscard]] std::string_view text(At at) const;
  [[nodiscard]] std::string_view keep(std::string_view text);
  [[nodiscard]] bool poisoned(At at) const { return errors_[at.node().next] != errors_[at.index()]; }
  template <class T>
  T* make(Span where) {
    T* node = std::pmr::polymorphic_allocator<>(&arena_).new_object<T>();
    node->id = next_id_++;
    node->span = where;
    if constexpr (requires { T::kKind; }) node->kind = T::kKind;
    return node;
  }
  template <class T>
  T* make(At at) {
    T* node = make<T>(span(at));
    node->poisoned = poisoned(at);
    return node;
  }
  template <class T>
  List<T> list(const std::vector<const T*>& nodes) {
    return copy(nodes);
  }
  template <class T>
  std::span<const T> copy(const std::vector<T>& values) {
    if (values.empty()) return {};
    T* to = std::pmr::polymorphic_allocator<>(&arena_).allocate_object<T>(values.size());
    std::uninitialized_copy(values.begin(), values.end(), to);
    return {to, values.size()};
  }
  void report(diag::Code code, Span where, std::string message, std::vector<diag::Edit> fix = {}, std::string help = {});
  std::uint32_t number(At at, Span where);
  std::uint32_t number(std::string_view digits, Span where);

  // lower_expression.cc
  const Expr* expression(At at);
  const Expr* chain(At at);
  const Expr* climb(const std::vector<At>& items, std::size_t& next, int least);
  const Expr* primary(At at);
  const Expr* postfix(At op, const Expr* operand);
  const StringExpr* string(At at);
  const StringExpr* pattern(At at);
  std::string_view decode(At piece, StringForm form, std::size_t indent, bool first, bool last);
  const PathExpr* path(At at);
  void path_parts(At at, PathExpr& result);
  Index index(At owner);
  void foreign_path(const PathExpr& path);
  BinaryOp binary_op(At at);
  void foreign_blanks();

  // lower_shared.cc
  const Name* name(At at);
  List<Name> names(At parent);
  const OptionBlock* options(At at);
  const Option* option(At at);
  const ElseClause* else_clause(At at);
  const TypeRef* type(At at);
  const MessageType* message_type(At at);
  const Expr* only_expression(At parent);
  List<PathExpr> paths(At parent);

  // lower_item.cc
  List<MessageItem> message_items(At block);
  const MessageItem* message_item(At at);
  const SegmentField* segment_field(At at);
  const MessageItem* segment(At at);
  List<MappingItem> mapping_items(At block);
  const MappingItem* mapping_item(At at);
  const WhenMappingArm* mapping_arm(At at);
  List<RedactionItem> redaction_items(At block);

  // lower_step.cc
  List<Step> steps(At block);
  const Step* step(At at);
  const Step* dedup(At at);
  const Step* apply(At at);
  const Arm* arm(At at);
  List<Arm> arms(At parent);
  void report_if(At when_word);

  // lower_declaration.cc
  const Declaration* declaration(At at);
  template <class T>
  T* declare(At at);
  const Declaration* declare_options(At at);
  std::span<const std::string_view> docs(std::uint32_t begin);
  List<TestItem> test_items(At block);
  const TestItem* test_item(At at);
  const TestItem* given_answers(At at);
  const AlertCondition* alert_condition(At at);

  State& state_;
  std::pmr::monotonic_buffer_resource& arena_;
  NodeId next_id_;
  std::vector<std::uint32_t> errors_;  // error nodes before each flat node
};

}  // namespace smarthl7::syntax
