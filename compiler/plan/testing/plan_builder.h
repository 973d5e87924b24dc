// SPDX-License-Identifier: Apache-2.0
// Makes plans by hand for tests of what reads and executes them, without the compiler. A path is written as in a route file;
// `[*]`, `[last]`, `[.]` (current), `[?]` (chosen) and `[]` (all repetitions as one field) pick. One thread; asserts on
// nonsense.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/plan/plan.h"

namespace smarthl7::plan::testing {

struct At {  // where a path's segment is looked for
  std::uint16_t frame = 0;
  std::uint16_t group = kNoNode;
  std::uint16_t node = kNoNode;
  Id choice = kNone;
};

class PlanBuilder {
 public:
  PlanBuilder();

  Plan plan;

  Id text(std::string_view value);
  Range list(const std::vector<Id>& ids);

  Id path(std::string_view written, At at = {});
  Id expr(ExprOp op, ValueType type, Id a = kNone, Id b = kNone, Id c = kNone);
  Id list_expr(ExprOp op, ValueType type, Id a, const std::vector<Id>& items);

  Id literal(std::string_view value) { return expr(ExprOp::text, ValueType::text, text(value)); }
  Id number(std::string_view value) { return expr(ExprOp::number, ValueType::number, text(value)); }
  Id read(std::string_view written, At at = {}) { return expr(ExprOp::read, ValueType::text, path(written, at)); }
  Id present(std::string_view written, At at = {}) { return expr(ExprOp::present, ValueType::boolean, path(written, at)); }
  Id equal(Id a, Id b) { return expr(ExprOp::equal, ValueType::boolean, a, b); }
  Id is(std::string_view written, std::string_view value, At at = {}) { return equal(read(written, at), literal(value)); }
  Id both(Id a, Id b) { return expr(ExprOp::logical_and, ValueType::boolean, a, b); }
  Id call(std::string_view function, ValueType type, const std::vector<Id>& arguments);
  Id lookup(Id table, Id key, Id column = 1) { return expr(ExprOp::lookup, ValueType::text, table, key, column); }
  /// Literals and reads in turn; absent ones print `-`.
  Id reason(const std::vector<Id>& parts);

  Id scope_segment(std::string_view name, Id where = kNone, std::uint16_t frame = 0, std::uint16_t node = kNoNode);
  Id scope_group(std::string_view name, std::uint16_t node, std::uint16_t frame = 0, Id where = kNone);
  Id scope_repetition(std::string_view field, Id where = kNone, At at = {});

  Id assign(std::string_view target, Id value, Else on_failure = {}, At at = {});
  Id statement(Statement statement);
  Id each(Id scope, const std::vector<Id>& body);
  Id mapping(std::string_view name, const std::vector<Id>& body, Id message = kNone);

  Id message(std::string_view name, std::string_view version, std::string_view structure);
  Id table(std::string_view name, const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows);
  Id setting(std::string_view name, std::string_view type, const char* value);
  Id source(std::string_view name);
  Id destination(std::string_view name, Order order = Order::fifo);

  Id step(Step step);
  Id validate(Id message, Else on_failure);
  Id map(Id mapping) { return step_of(StepOp::map, mapping); }
  Id deliver(Id destination, const std::vector<Id>& keys = {});
  Id dead(Id reason) { return step_of(StepOp::dead, reason); }
  Id drop(Id reason) { return step_of(StepOp::drop, reason); }
  Id branch(const std::vector<Id>& body);
  Id when(Id condition, const std::vector<Id>& body, const std::vector<Id>& otherwise = {});
  Id dedup(const std::vector<Id>& keys, std::uint64_t seconds);
  Id route(Id value, const std::vector<Id>& arms);
  Id route_type(const std::vector<Id>& arms);
  Id fanout(const std::vector<Id>& arms);
  Id arm(const std::vector<Id>& values, const std::vector<Id>& body);
  Id arm_when(Id condition, const std::vector<Id>& body);
  Id arm_otherwise(const std::vector<Id>& body);
  Id flow(std::string_view name, Id source, const std::vector<Id>& body, Id message = kNone);

  static Else keep() { return {ElseKind::keep, kNone, kNone, kNone}; }
  static Else reject(Id reason = kNone) { return {ElseKind::reject_error, reason, kNone, kNone}; }
  static Else dead_letter(Id reason) { return {ElseKind::dead, reason, kNone, kNone}; }

 private:
  Id step_of(StepOp op, Id a);
};

}  // namespace smarthl7::plan::testing
