// SPDX-License-Identifier: Apache-2.0
#include "compiler/plan/testing/plan_builder.h"

#include <algorithm>

#include "stdlib/base/assert.h"

namespace smarthl7::plan::testing {
namespace {

template <class T>
Id append(std::vector<T>& items, T item) {
  items.push_back(std::move(item));
  return static_cast<Id>(items.size() - 1);
}

struct Index {
  bool given = false;
  Pick pick = Pick::nth;
  std::uint16_t n = 1;
};

std::uint16_t digits(std::string_view& rest) {
  std::uint16_t value = 0;
  while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    value = static_cast<std::uint16_t>(value * 10 + (rest[0] - '0'));
    rest.remove_prefix(1);
  }
  return value;
}

Index index(std::string_view& rest) {
  Index result;
  if (rest.empty() || rest[0] != '[') return result;
  const std::size_t end = rest.find(']');
  SMARTHL7_ASSERT(end != std::string_view::npos, "an index ends in ]");
  std::string_view inside = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  result.given = true;
  if (inside == "*") {
    result.pick = Pick::every;
  } else if (inside == "last") {
    result.pick = Pick::last;
  } else if (inside == ".") {
    result.pick = Pick::current;
  } else if (inside == "?") {
    result.pick = Pick::chosen;
  } else {
    result.n = inside.empty() ? std::uint16_t{0} : digits(inside);
  }
  return result;
}

}  // namespace

PlanBuilder::PlanBuilder() {
  plan.strings.emplace_back();
  plan.inputs.push_back({text("test.route"), {}});
}

Id PlanBuilder::text(std::string_view value) {
  const auto found = std::ranges::find(plan.strings, value);
  if (found != plan.strings.end()) return static_cast<Id>(found - plan.strings.begin());
  return append(plan.strings, std::string(value));
}

Range PlanBuilder::list(const std::vector<Id>& ids) {
  const Range range{static_cast<Id>(plan.lists.size()), static_cast<Id>(ids.size())};
  plan.lists.insert(plan.lists.end(), ids.begin(), ids.end());
  return range;
}

Id PlanBuilder::path(std::string_view written, At at) {
  Path path;
  path.text = text(written);
  path.segment.frame = at.frame;
  path.segment.group = at.group;
  path.segment.node = at.node;
  path.segment.name = text(written.substr(0, 3));
  path.choice = at.choice;
  std::string_view rest = written.substr(3);
  if (const Index segment = index(rest); segment.given) {
    path.segment.pick = segment.pick;
    path.segment.n = segment.n;
  }
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
    path.field = digits(rest);
    const Index repetition = index(rest);
    path.repetition = repetition.pick;
    path.repetition_n = repetition.n;
  }
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    path.component = digits(rest);
  }
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    path.subcomponent = digits(rest);
  }
  SMARTHL7_ASSERT(rest.empty(), "a path is SEG[n]-F[r].C.S");
  return append(plan.paths, path);
}

Id PlanBuilder::expr(ExprOp op, ValueType type, Id a, Id b, Id c) {
  Expr expr;
  expr.op = op;
  expr.type = type;
  expr.a = a;
  expr.b = b;
  expr.c = c;
  return append(plan.exprs, expr);
}

Id PlanBuilder::list_expr(ExprOp op, ValueType type, Id a, const std::vector<Id>& items) {
  const Id id = expr(op, type, a);
  plan.exprs[id].list = list(items);
  return id;
}

Id PlanBuilder::call(std::string_view function, ValueType type, const std::vector<Id>& arguments) {
  const Id name = text(function);
  auto found = std::ranges::find(plan.builtins, name);
  const Id id = static_cast<Id>(found - plan.builtins.begin());
  if (found == plan.builtins.end()) plan.builtins.push_back(name);
  return list_expr(ExprOp::call, type, id, arguments);
}

Id PlanBuilder::reason(const std::vector<Id>& parts) {
  const Id id = list_expr(ExprOp::concat, ValueType::text, kNone, parts);
  plan.exprs[id].print_absent = true;
  return id;
}

Id PlanBuilder::scope_segment(std::string_view name, Id where, std::uint16_t frame, std::uint16_t node) {
  Scope scope;
  scope.kind = ScopeKind::segment;
  scope.name = text(name);
  scope.where = where;
  scope.frame = frame;
  scope.node = node;
  return append(plan.scopes, scope);
}

Id PlanBuilder::scope_group(std::string_view name, std::uint16_t node, std::uint16_t frame, Id where) {
  Scope scope;
  scope.kind = ScopeKind::group;
  scope.name = text(name);
  scope.where = where;
  scope.frame = frame;
  scope.node = node;
  return append(plan.scopes, scope);
}

Id PlanBuilder::scope_repetition(std::string_view field, Id where, At at) {
  Scope scope;
  scope.kind = ScopeKind::repetition;
  scope.frame = at.frame;
  scope.path = path(field, at);
  scope.where = where;
  return append(plan.scopes, scope);
}

Id PlanBuilder::statement(Statement statement) { return append(plan.statements, statement); }

Id PlanBuilder::assign(std::string_view target, Id value, Else on_failure, At at) {
  Statement s;
  s.op = StatementOp::assign;
  s.target = path(target, at);
  s.value = value;
  s.on_failure = on_failure;
  return statement(s);
}

Id PlanBuilder::each(Id scope, const std::vector<Id>& body) {
  Statement s;
  s.op = StatementOp::each;
  s.scope = scope;
  s.body = list(body);
  return statement(s);
}

Id PlanBuilder::mapping(std::string_view name, const std::vector<Id>& body, Id message) {
  return append(plan.mappings, Mapping{text(name), message, list(body)});
}

Id PlanBuilder::message(std::string_view name, std::string_view version, std::string_view structure) {
  Message message;
  message.name = text(name);
  message.version = text(version);
  message.from_version = message.version;
  message.structure = text(structure);
  return append(plan.messages, message);
}

Id PlanBuilder::table(std::string_view name, const std::vector<std::string>& columns,
                      const std::vector<std::vector<std::string>>& rows) {
  Table table;
  table.name = text(name);
  std::vector<Id> names;
  for (const std::string& column : columns) names.push_back(text(column));
  table.columns = list(names);
  for (const auto& row : rows) {
    for (const std::string& cell : row) table.cells.push_back(text(cell));
  }
  return append(plan.tables, table);
}

Id PlanBuilder::setting(std::string_view name, std::string_view type, const char* value) {
  return append(plan.settings, Setting{text(name), text(type), value == nullptr ? kNone : text(value)});
}

Id PlanBuilder::source(std::string_view name) {
  Source source;
  source.name = text(name);
  source.connector = text("mllp");
  return append(plan.sources, source);
}

Id PlanBuilder::destination(std::string_view name, Order order) {
  Destination destination;
  destination.name = text(name);
  destination.connector = text("mllp");
  destination.order = order;
  return append(plan.destinations, destination);
}

Id PlanBuilder::step(Step step) { return append(plan.steps, step); }

Id PlanBuilder::step_of(StepOp op, Id a) {
  Step s;
  s.op = op;
  s.a = a;
  return step(s);
}

Id PlanBuilder::validate(Id message, Else on_failure) {
  const Id id = step_of(StepOp::validate, message);
  plan.steps[id].on_failure = on_failure;
  return id;
}

Id PlanBuilder::deliver(Id destination, const std::vector<Id>& keys) {
  const Id id = step_of(StepOp::deliver, destination);
  plan.steps[id].list = list(keys);
  return id;
}

Id PlanBuilder::branch(const std::vector<Id>& body) {
  const Id id = step_of(StepOp::branch, kNone);
  plan.steps[id].body = list(body);
  return id;
}

Id PlanBuilder::when(Id condition, const std::vector<Id>& body, const std::vector<Id>& otherwise) {
  const Id id = step_of(StepOp::when, condition);
  plan.steps[id].body = list(body);
  plan.steps[id].otherwise = list(otherwise);
  return id;
}

Id PlanBuilder::dedup(const std::vector<Id>& keys, std::uint64_t seconds) {
  const Id id = step_of(StepOp::dedup, kNone);
  plan.steps[id].list = list(keys);
  plan.steps[id].window_seconds = seconds;
  return id;
}

Id PlanBuilder::route(Id value, const std::vector<Id>& arms) {
  const Id id = step_of(StepOp::route, value);
  plan.steps[id].list = list(arms);
  return id;
}

Id PlanBuilder::route_type(const std::vector<Id>& arms) {
  const Id id = route(kNone, arms);
  plan.steps[id].by_type = true;
  return id;
}

Id PlanBuilder::fanout(const std::vector<Id>& arms) {
  const Id id = step_of(StepOp::fanout, kNone);
  plan.steps[id].list = list(arms);
  return id;
}

Id PlanBuilder::arm(const std::vector<Id>& values, const std::vector<Id>& body) {
  Arm arm;
  arm.values = list(values);
  arm.body = list(body);
  return append(plan.arms, arm);
}

Id PlanBuilder::arm_when(Id condition, const std::vector<Id>& body) {
  Arm arm;
  arm.condition = condition;
  arm.body = list(body);
  return append(plan.arms, arm);
}

Id PlanBuilder::arm_otherwise(const std::vector<Id>& body) {
  Arm arm;
  arm.otherwise = true;
  arm.body = list(body);
  return append(plan.arms, arm);
}

Id PlanBuilder::flow(std::string_view name, Id source, const std::vector<Id>& body, Id message) {
  Flow flow;
  flow.name = text(name);
  flow.sources = list({source});
  flow.message = message;
  flow.body = list(body);
  return append(plan.flows, flow);
}

}  // namespace smarthl7::plan::testing
