// SPDX-License-Identifier: Apache-2.0
// The steps of a flow.
// Part of the tree of a route file; ast.h says who owns the nodes, how long they live and how to read them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/syntax/ast_item.h"

namespace smarthl7::syntax {

enum class StepKind : std::uint8_t {
  from,
  validate,
  dedup,
  map,
  apply,
  convert,
  redact,
  when,
  route,
  fanout,
  branch,
  split,
  batch,
  deliver,
  respond,
  dead,
  drop,
  reject,
  error,
};
struct Step : Family<Step> {
  StepKind kind = StepKind::error;
};
struct ErrorStep : Step {
  static constexpr StepKind kKind = StepKind::error;
};
struct FromStep : Step {
  static constexpr StepKind kKind = StepKind::from;
  List<Name> sources;
};
enum class Strictness : std::uint8_t { normal, strict, tolerant };
struct ValidateStep : Step {
  static constexpr StepKind kKind = StepKind::validate;
  const Name* message = nullptr;
  Strictness strictness = Strictness::normal;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `dedup by MSH-3, MSH-10 within 7d [ignoring MSH-7] [conflict reject AE]`.
struct DedupStep : Step {
  static constexpr StepKind kKind = StepKind::dedup;
  List<PathExpr> keys;
  const Expr* within = nullptr;
  List<PathExpr> ignoring;
  bool conflict_rejects = false;
  const Name* conflict_code = nullptr;  // AE or AR; null: AE, or no conflict clause
};
struct MapStep : Step {
  static constexpr StepKind kKind = StepKind::map;
  const Name* mapping = nullptr;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `apply xslt "f.xsl" [{ options }] [as TYPE] [else ...]`.
struct ApplyStep : Step {
  static constexpr StepKind kKind = StepKind::apply;
  const Name* transform = nullptr;
  const StringExpr* file = nullptr;
  const OptionBlock* options = nullptr;   // may be null
  const MessageType* as_type = nullptr;   // may be null
  const ElseClause* otherwise = nullptr;  // may be null
};
/// `as xml [else ...]`.
struct ConvertStep : Step {
  static constexpr StepKind kKind = StepKind::convert;
  const MessageType* type = nullptr;
  const ElseClause* otherwise = nullptr;  // may be null
};
struct RedactStep : Step {
  static constexpr StepKind kKind = StepKind::redact;
  const Name* redaction = nullptr;
  const ElseClause* otherwise = nullptr;  // may be null
};
/// An arm of `when` (condition or otherwise), `route` (values or otherwise) or `fanout` (condition or otherwise).
/// `-> D` is one DeliverStep, `-> dead "why"` one DeadStep, and so on; `-> { ... }` sets `block`.
struct Arm : Node {
  bool otherwise = false;
  const Expr* condition = nullptr;  // of when and fanout
  List<Expr> values;                // of route
  List<Step> steps;
  bool block = false;
};
struct WhenStep : Step {
  static constexpr StepKind kKind = StepKind::when;
  List<Arm> arms;
};
struct RouteStep : Step {
  static constexpr StepKind kKind = StepKind::route;
  const Expr* subject = nullptr;  // the word `type` is a NameExpr
  List<Arm> arms;
};
struct FanoutStep : Step {
  static constexpr StepKind kKind = StepKind::fanout;
  List<Arm> arms;
};
struct BranchStep : Step {
  static constexpr StepKind kKind = StepKind::branch;
  List<Step> steps;
};
struct SplitStep : Step {
  static constexpr StepKind kKind = StepKind::split;
  const PathExpr* group = nullptr;
};
/// `batch up to 100 or 5m`.
struct BatchStep : Step {
  static constexpr StepKind kKind = StepKind::batch;
  const Expr* count = nullptr;
  const Expr* within = nullptr;
};
struct DeliverStep : Step {
  static constexpr StepKind kKind = StepKind::deliver;
  List<Name> destinations;
};
/// `respond from pharmacy within 30s`.
struct RespondStep : Step {
  static constexpr StepKind kKind = StepKind::respond;
  const Name* destination = nullptr;
  const Expr* within = nullptr;
};
struct DeadStep : Step {
  static constexpr StepKind kKind = StepKind::dead;
  const StringExpr* reason = nullptr;
};
struct DropStep : Step {
  static constexpr StepKind kKind = StepKind::drop;
  const StringExpr* reason = nullptr;
};
struct RejectStep : Step {
  static constexpr StepKind kKind = StepKind::reject;
  const Name* ack_code = nullptr;      // null: AE
  const StringExpr* reason = nullptr;  // may be null
};

}  // namespace smarthl7::syntax
