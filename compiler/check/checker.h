// SPDX-License-Identifier: Apache-2.0
// The state of checking one message, mapping or expression: the message type, the scopes around, what is proven. Inside of
// expressions.h, message.h and mapping.h; paths.cc, path_*.cc, proofs.cc, types.cc, expressions.cc,
// calls.cc, operators.cc and conditions.cc share the work on it.
// Lives on the stack of one check; refers to its Context, which outlives it. One thread; reports to the context's sink.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/check/context.h"
#include "compiler/check/model.h"

namespace smarthl7::check {

using source::Span;

/// Why something can fail or may be absent.
struct Problem {
  Span span;
  std::string text;      // "`PID-8` may be absent"
  bool absence = false;  // it cannot do without a value that may be absent
};

/// What an expression gives.
struct Value {
  Type type;
  std::optional<Problem> absent;  // why it may be absent
  std::vector<Problem> fails;
  std::optional<Problem> beyond_ascii;  // text of the route file or a setting that not every character set holds
  bool constant = false;                // no path in it

  [[nodiscard]] bool broken() const { return type.kind == TypeKind::error; }
};

/// What a path is used for, which decides what a missing index means.
enum class Want : std::uint8_t {
  one,     // one value: a missing index is an error where there can be several
  any,     // `present` and `require`: any occurrence
  every,   // in a message: every occurrence
  whole,   // null and delete: all repetitions of the field
  target,  // written to
  scope,   // the field of an `each`: one segment, any repetition
};

/// A scope around. Frame 0, the message, is not in the list; the first one is frame 1.
struct Frame {
  plan::ScopeKind kind = plan::ScopeKind::segment;
  std::vector<ModelIndex> places;  // group: one node; segment: its places; empty in an open message
  std::string name;                // segment or group; repetition: its segment
  plan::SegmentRef segment;        // repetition: where its field stands
  PartInfo field;                  // repetition
  std::string text;                // repetition: "PID-3"
  bool candidate = false;          // of a choice `[...]`
};

/// A path with what the checker wants to know of it.
struct PathInfo {
  ResolvedPath resolved;
  std::vector<ModelIndex> places;  // of its segment
  PartInfo part;                   // field, component or subcomponent; of a whole segment: empty
  PartInfo field;
};

class Checker {
 public:
  Checker(Context& context, const MessageState& state);

  Context& context;
  MessageModel model;
  Proofs proofs;
  std::vector<Frame> frames;
  bool every = false;  // paths without index mean every occurrence
  bool every_value =
      false;               // `every`, and a path with one place too: a condition of a message applies to values that are there
  bool in_reason = false;  // absent parts print `-`
  bool silent = false;     // asked again: nothing is reported
  std::vector<const syntax::PathExpr*> plural;         // paths that mean every occurrence, while `every`
  std::unordered_map<syntax::NodeId, PartInfo> parts;  // what the paths end at

  // ---- paths.cc, path_scopes.cc
  /// Resolves, reports, and keeps the result in facts.paths.
  std::optional<PathInfo> path(const syntax::PathExpr& path, Want want);
  /// The nodes that its last word names, in the groups before it.
  [[nodiscard]] std::vector<ModelIndex> candidates(const syntax::PathExpr& path) const;
  /// No node of the message is called like its words; says which word is wrong.
  void unknown_word(const syntax::PathExpr& path);
  /// An `each`: keeps it in facts.scopes and gives the frame to push.
  std::optional<Frame> scope(const syntax::PathExpr& path);

  // ---- proofs.cc
  /// Pushes the frame; what it goes through is there.
  void enter(Frame frame);
  /// Adds what the condition proves where it is true or false.
  void assume(const syntax::Expr& condition, bool truth);
  void assume_present(const ResolvedPath& path);
  /// The value that reading the path gives is there.
  [[nodiscard]] bool is_present(const ResolvedPath& path) const;
  /// The segment that the path stands in is there.
  [[nodiscard]] bool segment_present(const ResolvedPath& path) const;
  /// The one literal that the path is known to equal.
  [[nodiscard]] std::optional<std::string> known_value(const ResolvedPath& path) const;
  /// The text by which proofs about a path are kept.
  [[nodiscard]] std::string key(const ResolvedPath& path) const;

  // ---- types.cc
  /// The type of reading a part: composites stay composite.
  [[nodiscard]] Type part_type(const PartInfo& part) const;
  /// The same where text is wanted: a composite means its first part.
  [[nodiscard]] Type leaf_type(const PartInfo& part) const;
  [[nodiscard]] bool is_closed(const Type& type) const;
  /// A literal beside a value of type `subject`. True if it may stand there.
  bool literal_fits(const Type& subject, const syntax::Expr& literal);
  /// Both sides of a comparison, of `or`, of a default.
  [[nodiscard]] static bool same_kind(const Type& one, const Type& other);

  // ---- expressions.cc, conditions.cc
  Value expr(const syntax::Expr& expr);
  /// One simple value: a list is reported, a composite means its first part.
  Value single(const syntax::Expr& expr);
  /// Must be bool; reports what can fail in it, since a condition has no `else`.
  void condition(const syntax::Expr& condition);
  /// In a message: each conjunct holds for each value of the one path in it that means every occurrence.
  void message_condition(const syntax::Expr& condition);
  void reason(const syntax::StringExpr* text);
  void otherwise(const syntax::ElseClause& clause);
  /// Reports what can fail at a place without `else`.
  bool no_failures(const Value& value, std::string_view place);

  bool report(diag::Code code, Span span, std::string message, std::string label = {}, std::string help = {},
              std::vector<diag::Fix> fixes = {});
  [[nodiscard]] std::string text(const syntax::Node& node) const { return std::string(context.text(node.span)); }

 private:
  // paths.cc
  bool relative_root(const syntax::PathExpr& path, PathInfo& info);
  // path_segments.cc
  bool absolute_segment(const syntax::PathExpr& path, Want want, PathInfo& info);
  bool place_segment(const syntax::PathExpr& path, Want want, PathInfo& info);
  bool open_segment(const syntax::PathExpr& path, Want want, PathInfo& info);
  bool pick_segment(const syntax::PathExpr& path, Want want, ModelIndex base, PathInfo& info);
  // path_fields.cc
  bool field_part(const syntax::PathExpr& path, Want want, PathInfo& info);
  bool pick_repetition(const syntax::PathExpr& path, const syntax::PathPart& part, Want want, PathInfo& info);
  bool component_part(const syntax::PathExpr& path, std::size_t index, PathInfo& info);
  void narrow(PathInfo& info) const;
  void field_unknown(const syntax::PathExpr& path, const syntax::PathPart& part, const PathInfo& info);
  // path_scopes.cc
  std::optional<Frame> open_scope(const syntax::PathExpr& path, ResolvedScope& scope);
  std::optional<Frame> node_scope(const syntax::PathExpr& path, ResolvedScope& scope);
  std::optional<Frame> field_scope(const syntax::PathExpr& path, ResolvedScope& scope);
  // proofs.cc
  [[nodiscard]] std::string segment_key(const ResolvedPath& path) const;
  [[nodiscard]] ModelIndex base_of(const plan::SegmentRef& segment) const;
  [[nodiscard]] std::vector<ModelIndex> places_of(const ResolvedPath& path) const;
  [[nodiscard]] ResolvedPath leaf(const ResolvedPath& path) const;
  [[nodiscard]] const ResolvedPath* path_of(const syntax::Expr& expr) const;
  // expressions.cc
  Value string(const syntax::StringExpr& string);
  Value name(const syntax::NameExpr& name);
  Value path_value(const syntax::PathExpr& path);
  Value truth(const syntax::Expr& expr);
  Value evaluate(const syntax::Expr& expr);
  Value unit(const syntax::UnitExpr& unit);
  // calls.cc
  Value call(const syntax::CallExpr& call);
  Value lookup(const syntax::LookupExpr& lookup);
  // operators.cc
  Value binary(const syntax::BinaryExpr& binary);
  Value comparison(const syntax::BinaryExpr& binary);
  Value arithmetic(const syntax::BinaryExpr& binary);
  Value either(const syntax::BinaryExpr& binary);
  Value in_set(const syntax::InExpr& in);
  Value matches(const syntax::MatchesExpr& matches);
  bool kinds_agree(const syntax::BinaryExpr& binary, const Value& left, const Value& right);
  // conditions.cc
  Value test(const syntax::TestExpr& test);
  Value each(const syntax::EachExpr& each);
  void split_every(const syntax::Expr& condition);
};

/// Why a text is no regular expression of RE2; nullopt: it is one.
[[nodiscard]] std::optional<std::string> pattern_error(std::string_view pattern);
/// Takes over why `from` can fail.
void add_failures(Value& to, const Value& from);
[[nodiscard]] Value broken_value();
[[nodiscard]] Value value_of(TypeKind kind, bool constant = false);
/// "text", "a number", "CX": what a value is, in a sentence.
[[nodiscard]] std::string phrase(const Type& type);
/// Is it a literal of text, number, unit or bool?
[[nodiscard]] bool is_literal(const syntax::Expr& expr);
/// A date, time or timestamp of HL7.
[[nodiscard]] bool is_date_type(std::string_view datatype);

}  // namespace smarthl7::check
