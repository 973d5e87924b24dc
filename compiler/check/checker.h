// SPDX-License-Identifier: Apache-2.0
// The state of checking one message, mapping or expression: the message type, the scopes around, what is proven. Inside of
// expressions.h, message.h and mapping.h; paths.cc, path_*.cc, proofs.cc, types.cc, expressions.cc,
// calls.cc, codes.cc, constants.cc, lookups.cc, moments.cc, operators.cc and conditions.cc share the work on it.
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
#include "stdlib/builtins/calculate.h"
#include "stdlib/builtins/function.h"

namespace smarthl7::check {

using source::Span;

/// Why something can fail or may be absent.
struct Problem {
  Span span;
  std::string text;      // "`PID-8` may be absent"
  bool absence = false;  // it cannot do without a value that may be absent
};

inline constexpr std::uint8_t kAllDigits = Decimal::kMaxDigits;

/// What an expression gives.
struct Value {
  Type type;
  std::optional<Problem> absent;  // why it may be absent
  std::vector<Problem> fails;
  std::optional<Problem> beyond_ascii;  // text of the route file or a setting that not every character set holds
  bool constant = false;                // no path in it
  // Bounds of a number, or of a duration's microseconds: digits before and behind the point.
  std::uint8_t whole_digits = kAllDigits;
  std::uint8_t scale = kAllDigits;

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
  const MessageModel* target_model = nullptr;          // of the message that is written
  const Type* target = nullptr;                        // of the path that is assigned: what `code(x)` without a table means
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
  void assume_value(const syntax::Expr& expr);
  /// The value that reading the path gives is there.
  [[nodiscard]] bool is_present(const ResolvedPath& path) const;
  /// The segment that the path stands in is there.
  [[nodiscard]] bool segment_present(const ResolvedPath& path) const;
  /// The one literal that the path is known to equal.
  [[nodiscard]] std::optional<std::string> known_value(const ResolvedPath& path) const;
  /// The text by which proofs about a path are kept.
  [[nodiscard]] std::string key(const ResolvedPath& path) const;
  /// The same of an expression, or of arguments: nullopt for what proofs are not kept of.
  [[nodiscard]] std::optional<std::string> canonical(const syntax::Expr& expr) const;
  [[nodiscard]] std::optional<std::string> canonical(std::span<const syntax::Expr* const> arguments) const;

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
  const builtins::Function* function_of(const syntax::CallExpr& call);
  Value list_argument(const syntax::Expr& argument);
  bool fits_parameter(const builtins::Function& function, std::size_t i, const syntax::Expr& argument, const Value& given);
  [[nodiscard]] static Type result_type(const builtins::Function& function, const syntax::CallExpr& call,
                                        const std::vector<Value>& given);
  bool folded(const builtins::Function& function, const syntax::CallExpr& call, Value& value);
  [[nodiscard]] bool proven(const builtins::Function& function, const syntax::CallExpr& call) const;
  [[nodiscard]] bool is_validated(const syntax::Expr& argument, const Value& given) const;
  [[nodiscard]] bool reads_number(const builtins::Function& function, const syntax::CallExpr& call,
                                  const std::vector<Value>& given) const;
  // codes.cc
  Value to_code(const syntax::CallExpr& call);
  bool table_of(const syntax::CallExpr& call, Type& type);
  // lookups.cc
  Value lookup(const syntax::LookupExpr& lookup);
  bool lookup_column(const syntax::LookupExpr& lookup, const TableInfo& table);
  Value in_set(const syntax::InExpr& in);
  bool in_table(const syntax::InExpr& in, const Value& operand);
  bool in_values(const syntax::InExpr& in, const Value& operand, Value& value);
  // moments.cc
  void conversion(const builtins::Function& function, const syntax::CallExpr& call, const std::vector<Value>& given,
                  Value& value);
  [[nodiscard]] std::optional<hl7::Precision> validated_precision(const builtins::Function& function, const Type& type,
                                                                  bool& exact) const;
  bool moments_match(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Value& value);
  bool shift(const syntax::BinaryExpr& binary, const Value& left, Value& value);
  bool difference(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Value& value);
  // operators.cc
  Value binary(const syntax::BinaryExpr& binary);
  Value comparison(const syntax::BinaryExpr& binary);
  Value arithmetic(const syntax::BinaryExpr& binary);
  bool operands_fit(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Type& result);
  void number_bounds(const syntax::BinaryExpr& binary, const Value& left, const Value& right, Value& value);
  Value either(const syntax::BinaryExpr& binary);
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
/// A data type of HL7 that is a date, time or timestamp.
[[nodiscard]] bool is_date_type(std::string_view datatype);
/// A value that is one.
[[nodiscard]] bool is_moment(const Type& type);
[[nodiscard]] builtins::MomentKind moment_kind(TypeKind kind);
/// Of a builtin's types; error for those that are wider than one.
[[nodiscard]] TypeKind kind_of(builtins::Type type);
/// What a builtin sees; `any` for what none takes.
[[nodiscard]] builtins::Type builtin_type(TypeKind kind);
[[nodiscard]] std::optional<builtins::Operation> operation_of(syntax::BinaryOp op);
/// The value of literals, and of functions and operators on them; nullopt: not known before a message comes, or it fails.
[[nodiscard]] std::optional<builtins::Value> constant_value(const syntax::Expr& expr, builtins::Arena& arena);
/// Sets the bounds of a number that is known.
void digits_of(const Decimal& number, Value& value);
/// The bounds, precision and offset of a value that is known.
void known_bounds(const builtins::Value& known, Value& value);

}  // namespace smarthl7::check
