// SPDX-License-Identifier: Apache-2.0
// Expressions: literals, paths, calls, operators; and walking over them.
// Part of the tree of a route file; ast.h says who owns the nodes, how long they live and how to read them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/syntax/ast_node.h"

namespace smarthl7::syntax {

enum class ExprKind : std::uint8_t {
  string,
  number,
  unit,
  count,
  boolean,
  null_value,
  event,
  version,
  name,
  path,
  raw,
  call,
  lookup,
  negation,
  binary,
  in_set,
  matches,
  test,
  each,
  error,
};

struct Expr : Family<Expr> {
  ExprKind kind = ExprKind::error;
  bool parenthesised = false;  // stood in ( ); for the formatter, without meaning
};

struct ErrorExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::error;
};

/// A piece of a string: decoded text, or an interpolated expression if `value` is set.
struct StringPart {
  std::string_view text;
  const Expr* value = nullptr;
  Span span;
};
enum class StringForm : std::uint8_t { plain, block, raw };
struct StringExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::string;
  StringForm form = StringForm::plain;
  std::span<const StringPart> parts;  // no two texts in a row; none for ""

  /// No interpolation: text() is the whole value.
  [[nodiscard]] bool is_literal() const { return parts.empty() || (parts.size() == 1 && parts[0].value == nullptr); }
  [[nodiscard]] std::string_view text() const { return parts.empty() ? std::string_view{} : parts[0].text; }
};

/// `12`, `0.5`: digits as written.
struct NumberExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::number;
  std::string_view text;
};

/// `30s`, `7d`, `64MiB`.
struct UnitExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::unit;
  std::string_view number;
  std::string_view unit;
};

/// `20 attempts`: a number and a word, in options.
struct CountExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::count;
  std::string_view number;
  std::string_view word;
};

struct BoolExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::boolean;
  bool value = false;
};

/// The value `null` (HL7 `""`), as in `PID-8 = null`.
struct NullExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::null_value;
};

/// `ORU^R01`, `ORU^R01^ORU_R01`.
struct EventExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::event;
  std::string_view code;
  std::string_view trigger;
  std::string_view structure;  // may be empty
};

/// `2.5.1`: three numbers. (`2.3` is a NumberExpr in an option.)
struct VersionExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::version;
  std::string_view text;
};

/// A lower-case word, dotted or not: a setting, destination, option word, builtin constant.
struct NameExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::name;
  std::string_view text;
};

enum class IndexKind : std::uint8_t { none, number, all, last, selection };
/// `[2]`, `[*]`, `[last]`, `[.5 == "MR"]`.
struct Index {
  IndexKind kind = IndexKind::none;
  std::uint32_t number = 0;         // kind number: from 1
  const Expr* selection = nullptr;  // kind selection: its relative paths start at the candidate
  Span span;                        // with its brackets
};
/// An upper-case word of a path: group, segment or structure, resolved later.
struct PathNode {
  std::string_view text;
  Index index;
  Span span;  // with its index
};
/// A field, component or subcomponent: by number (from 1), or by name if `number` is 0.
struct PathPart {
  std::uint32_t number = 0;
  std::string_view name;
  Index index;
  Span span;  // with the `-` or `.` before it and its index
};
/// What the parts count from: the last node; the current segment (`-1`); the current repetition (`.4.1`).
enum class PathRoot : std::uint8_t { absolute, segment, repetition };
enum class PathLevel : std::uint8_t { field, component, subcomponent };
struct PathExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::path;
  PathRoot root = PathRoot::absolute;
  std::span<const PathNode> nodes;  // empty unless absolute
  std::span<const PathPart> parts;  // fields first; from the component if root is repetition

  [[nodiscard]] bool is_bare_word() const { return nodes.size() == 1 && parts.empty(); }
  /// What part i is, counted from the root (in a selection, `.5` counts from the candidate like a repetition).
  [[nodiscard]] PathLevel level(std::size_t i) const {
    return static_cast<PathLevel>(i + (root == PathRoot::repetition ? 1U : 0U));
  }
};

/// `raw PATH`: the bytes as they stand.
struct RawExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::raw;
  const PathExpr* path = nullptr;
};

struct CallExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::call;
  const Name* function = nullptr;
  List<Expr> arguments;
};

/// `facilities[.4.1]`, `facilities[.4.1].city`.
struct LookupExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::lookup;
  const Name* table = nullptr;
  List<Expr> keys;
  const Name* column = nullptr;  // may be null
};

/// `not X`.
struct NotExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::negation;
  const Expr* operand = nullptr;
};

enum class BinaryOp : std::uint8_t {
  logic_or,
  logic_and,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  add,
  subtract,
  multiply,
  divide,
};
[[nodiscard]] std::string_view spelling(BinaryOp op);
/// `a or b` is logic or a default; the checker tells by the types.
struct BinaryExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::binary;
  BinaryOp op = BinaryOp::equal;
  Span op_span;
  const Expr* left = nullptr;
  const Expr* right = nullptr;
};

/// `PATH in "A", "B"` (literals in `values`), `PATH in facilities` (`table` set) or `"MR" in PID-3[*].5` (`list` set).
struct InExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::in_set;
  const Expr* operand = nullptr;
  List<Expr> values;
  const Name* table = nullptr;
  const Expr* list = nullptr;
  bool bracketed = false;  // the literals stood in ( )
};

/// `PATH matches r"..."`.
struct MatchesExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::matches;
  const Expr* operand = nullptr;
  const StringExpr* pattern = nullptr;
};

enum class TestKind : std::uint8_t { present, absent, null };
/// `PATH present`, `PATH absent`, `PATH null`.
struct TestExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::test;
  TestKind test = TestKind::present;
  const Expr* operand = nullptr;
};

/// `each OBX where COND : COND`, the condition of a rule.
struct EachExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::each;
  const PathExpr* scope = nullptr;
  const Expr* where = nullptr;  // may be null
  const Expr* body = nullptr;
};

/// Calls f(const Expr&) for each direct operand, argument, key, index selection and interpolated part.
template <class F>
void for_each_child(const Expr& expr, F&& f);

/// expr and all below it, parents first.
template <class F>
void walk(const Expr& expr, F&& f) {
  f(expr);
  for_each_child(expr, [&f](const Expr& child) { walk(child, f); });
}

template <class F>
void for_each_child(const Expr& expr, F&& f) {
  const auto maybe = [&f](const Expr* child) {
    if (child != nullptr) f(*child);
  };
  switch (expr.kind) {
    case ExprKind::string:
      for (const StringPart& part : expr.as<StringExpr>().parts) maybe(part.value);
      break;
    case ExprKind::path:
      for (const PathNode& node : expr.as<PathExpr>().nodes) maybe(node.index.selection);
      for (const PathPart& part : expr.as<PathExpr>().parts) maybe(part.index.selection);
      break;
    case ExprKind::raw: maybe(expr.as<RawExpr>().path); break;
    case ExprKind::call:
      for (const Expr* argument : expr.as<CallExpr>().arguments) maybe(argument);
      break;
    case ExprKind::lookup:
      for (const Expr* key : expr.as<LookupExpr>().keys) maybe(key);
      break;
    case ExprKind::negation: maybe(expr.as<NotExpr>().operand); break;
    case ExprKind::binary:
      maybe(expr.as<BinaryExpr>().left);
      maybe(expr.as<BinaryExpr>().right);
      break;
    case ExprKind::in_set:
      maybe(expr.as<InExpr>().operand);
      for (const Expr* value : expr.as<InExpr>().values) maybe(value);
      maybe(expr.as<InExpr>().list);
      break;
    case ExprKind::matches:
      maybe(expr.as<MatchesExpr>().operand);
      maybe(expr.as<MatchesExpr>().pattern);
      break;
    case ExprKind::test: maybe(expr.as<TestExpr>().operand); break;
    case ExprKind::each:
      maybe(expr.as<EachExpr>().scope);
      maybe(expr.as<EachExpr>().where);
      maybe(expr.as<EachExpr>().body);
      break;
    case ExprKind::number:
    case ExprKind::unit:
    case ExprKind::count:
    case ExprKind::boolean:
    case ExprKind::null_value:
    case ExprKind::event:
    case ExprKind::version:
    case ExprKind::name:
    case ExprKind::error: break;
  }
}

}  // namespace smarthl7::syntax
