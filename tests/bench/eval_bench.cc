// SPDX-License-Identifier: Apache-2.0
// What evaluating one ORU^R01 of about 2.5 KB costs: the whole, and its parts one by one. Budget for validate, dedup, map of
// a handful of fields and route, without indexing and placing the message: 5 microseconds.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "compiler/plan/testing/plan_builder.h"
#include "runtime/eval/evaluator.h"
#include "stdlib/hl7/validate.h"
#include "tests/support/oru_generator.h"

namespace {

using namespace smarthl7;
using plan::ExprOp;
using plan::Id;
using plan::kNone;
using plan::ValueType;
using plan::testing::PlanBuilder;

struct Steps {
  bool validate = false;
  bool dedup = false;
  bool map = false;
  bool route = false;
  bool redact = false;
};

std::string message() {
  testing::OruOptions options;
  return testing::make_oru(options, 7);
}

plan::RedactionItem labels(PlanBuilder& b, const std::vector<std::string_view>& words, plan::RedactMethod method) {
  std::vector<Id> ids;
  for (const std::string_view word : words) ids.push_back(b.text(word));
  plan::RedactionItem item;
  item.labels = b.list(ids);
  item.method = method;
  return item;
}

/// std.phi.safe_harbor for the profile.
Id safe_harbor(PlanBuilder& b, Id profile) {
  plan::Redaction redaction;
  redaction.name = b.text("std.phi.safe_harbor");
  redaction.allow = true;
  redaction.version = b.text("2.5.1");
  redaction.message = profile;
  redaction.items = {labels(b, {"none", "clinical"}, plan::RedactMethod::keep),
                     labels(b, {"date", "age"}, plan::RedactMethod::year), labels(b, {"zip"}, plan::RedactMethod::zip3)};
  b.plan.redactions.push_back(redaction);
  plan::Step step;
  step.op = plan::StepOp::redact;
  step.a = 0;
  return b.step(step);
}

/// The flow of the regional lab, as far as it is asked for.
std::unique_ptr<eval::Evaluator> evaluator(const Steps& steps) {
  PlanBuilder b;
  const Id lab = b.source("lab");
  const Id mercy = b.destination("mercy", plan::Order::patient);
  const Id john = b.destination("john", plan::Order::patient);
  const Id table = b.table("facilities", {"code", "namespace"}, {{"MERCY", "1.2.3"}, {"STJOHN", "1.2.4"}});
  const Id profile = b.message("lab_result", "2.5.1", "ORU_R01");
  const Id standing = b.expr(ExprOp::value, ValueType::text);
  const Id known = b.expr(ExprOp::in_table, ValueType::boolean, standing, table);
  const Id status = b.list_expr(ExprOp::in_list, ValueType::boolean, standing,
                                {b.literal("P"), b.literal("F"), b.literal("C"), b.literal("X")});
  const Id numeric_final = b.both(b.is("OBX[.]-2", "NM", {1}), b.is("OBX[.]-11", "F", {1}));
  b.plan.messages[profile].rules = {
      {plan::RuleKind::require, b.path("PID-3"), kNone, 0, kNone},
      {plan::RuleKind::require, b.path("PID-5"), kNone, 0, kNone},
      {plan::RuleKind::require, b.path("OBR[*]-4.1"), kNone, 0, kNone},
      {plan::RuleKind::condition, kNone, b.expr(ExprOp::every_value, ValueType::boolean, b.path("PID-3[*].4.1"), known), 0,
       kNone},
      {plan::RuleKind::condition, kNone, b.expr(ExprOp::every_value, ValueType::boolean, b.path("OBX[*]-11"), status), 0,
       kNone},
      {plan::RuleKind::rule, kNone,
       b.expr(ExprOp::every_scope, ValueType::boolean, b.scope_segment("OBX", numeric_final), b.present("OBX[.]-6", {1})), 0,
       kNone}};
  const Id ids = b.each(b.scope_repetition("PID-3"),
                        {b.assign("PID-3[.].4.1", b.lookup(table, b.read("PID-3[.].4.1", {1})), PlanBuilder::reject(), {1})});
  const Id name = b.assign("PID-5.1.1", b.call("upper", ValueType::text, {b.read("PID-5.1.1")}));
  const Id given = b.assign("PID-5.2", b.call("upper", ValueType::text, {b.read("PID-5.2")}));
  const Id sender = b.assign("MSH-4.1", b.literal("REGION"));
  std::vector<Id> body;
  if (steps.validate) body.push_back(b.validate(profile, PlanBuilder::reject()));
  if (steps.dedup) body.push_back(b.dedup({b.read("MSH-3"), b.read("MSH-10")}, 604800));
  if (steps.map) body.push_back(b.map(b.mapping("normalise", {ids, name, given, sender}, profile)));
  if (steps.redact) body.push_back(safe_harbor(b, profile));
  if (steps.route) {
    body.push_back(
        b.route(b.read("PV1-3.4.1"), {b.arm({b.literal("MERCY")}, {b.deliver(mercy)}),
                                      b.arm({b.literal("STJOHN")}, {b.deliver(john)}), b.arm_otherwise({b.dead(kNone)})}));
  } else {
    body.push_back(b.drop(kNone));
  }
  b.flow("results", lab, body);
  auto bound = eval::bind(b.plan, {}, {});
  if (!bound) std::fprintf(stderr, "%s\n", bound.error().describe().c_str()), std::exit(1);
  return eval::make_evaluator(*std::move(bound));
}

void measure(benchmark::State& state, const Steps& steps) {
  const std::string bytes = message();
  const auto parsed = hl7::Message::parse(std::string_view(bytes));
  const auto machine = evaluator(steps);
  const eval::Effects& effects = machine->evaluate(0, *parsed);
  if (effects.verdict != eval::Verdict::accept) {
    state.SkipWithError(
        ("rejected: " + effects.reason + " " + effects.findings.at(0).segment_name + " " + effects.findings.at(0).text)
            .c_str());
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(machine->evaluate(0, *parsed).flows.size());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes.size()));
}

void whole(benchmark::State& state) { measure(state, {true, true, true, true}); }
void without_validate(benchmark::State& state) { measure(state, {false, true, true, true}); }
void only_validate(benchmark::State& state) { measure(state, {true, false, false, false}); }
void only_dedup(benchmark::State& state) { measure(state, {false, true, false, false}); }
void only_map(benchmark::State& state) { measure(state, {false, false, true, false}); }
void only_route(benchmark::State& state) { measure(state, {false, false, false, true}); }
void only_safe_harbor(benchmark::State& state) { measure(state, {.redact = true}); }
void nothing(benchmark::State& state) { measure(state, {}); }

void index_message(benchmark::State& state) {
  const std::string bytes = message();
  hl7::Message parsed;
  for (auto _ : state) benchmark::DoNotOptimize(parsed.reset(std::string_view(bytes)).has_value());
}

void place_segments(benchmark::State& state) {
  const std::string bytes = message();
  const auto parsed = hl7::Message::parse(std::string_view(bytes));
  const hl7::Placer placer(hl7::find_version("2.5.1").version.structure("ORU_R01"));
  hl7::Placement placement;
  for (auto _ : state) {
    placer.place(*parsed, placement);
    benchmark::DoNotOptimize(placement.instance_count());
  }
}

void standard_rules(benchmark::State& state) {
  const std::string bytes = message();
  const auto parsed = hl7::Message::parse(std::string_view(bytes));
  const hl7::Version version = hl7::find_version("2.5.1").version;
  const hl7::Validator validator(version, version.structure("ORU_R01"));
  hl7::Placement placement;
  validator.placer().place(*parsed, placement);
  std::vector<hl7::Finding> findings;
  for (auto _ : state) {
    findings.clear();
    validator.check(*parsed, placement, findings);
    benchmark::DoNotOptimize(findings.size());
  }
}

BENCHMARK(whole);
BENCHMARK(without_validate);
BENCHMARK(only_validate);
BENCHMARK(only_dedup);
BENCHMARK(only_map);
BENCHMARK(only_route);
BENCHMARK(only_safe_harbor);
BENCHMARK(nothing);
BENCHMARK(index_message);
BENCHMARK(place_segments);
BENCHMARK(standard_rules);

}  // namespace

BENCHMARK_MAIN();
