// SPDX-License-Identifier: Apache-2.0
// Random expressions, checked and evaluated: what the check says of a value is what the value is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "runtime/eval/bound_plan.h"
#include "runtime/eval/interpreter.h"
#include "runtime/eval/stage.h"
#include "tests/expressions/expression_generator.h"
#include "tests/expressions/project.h"
#include "tests/support/message_generator.h"

namespace smarthl7 {
namespace {

using builtins::Kind;
using builtins::Value;
using check::TypeKind;
using testing::Project;

std::string route_of(const std::vector<std::string>& expressions) {
  std::string text =
      "table wards from csv \"wards.csv\" { key code  value name }\n"
      "table tests from csv \"tests.csv\" { key a, b  value unit }\n"
      "setting limit : number = 2.5\nsetting window : duration = 90m\n"
      "setting site : text = \"A\"\nsetting portal : url = \"https://x.example/\"\n"
      "message adt = hl7 2.5.1 ADT_A01 {\n  require PID-5\n}\n";
  for (std::size_t i = 0; i < expressions.size(); ++i)
    text += fmt::format("mapping m{:05} : adt {{\n  PID-23 = \"{{{}}}\"   else keep\n}}\n", i, expressions[i]);
  return text;
}

const syntax::AssignItem* assignment_of(const syntax::MappingDecl& mapping) {
  return mapping.items.empty() ? nullptr : mapping.items[0]->try_as<syntax::AssignItem>();
}

/// The expressions that pass the check.
std::vector<std::string> without_errors(const std::vector<std::string>& expressions) {
  const Project project(route_of(expressions));
  std::set<std::size_t> wrong;
  const auto mappings = project.mappings();
  for (const diag::Diagnostic& one : project.sink().sorted()) {
    if (diag::info(one.code).severity != diag::Severity::error) continue;
    for (std::size_t i = 0; i < mappings.size(); ++i) {
      if (one.span.begin >= mappings[i]->span.begin && one.span.begin < mappings[i]->span.end) wrong.insert(i);
    }
  }
  EXPECT_EQ(mappings.size(), expressions.size());
  std::vector<std::string> right;
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    if (!wrong.contains(i)) right.push_back(expressions[i]);
  }
  return right;
}

struct Expected {
  std::string text;
  check::Type type;
  bool fallible = false;
  plan::Id expr = plan::kNone;
};

Kind kind_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::number:
    case TypeKind::port: return Kind::number;
    case TypeKind::boolean: return Kind::boolean;
    case TypeKind::date: return Kind::date;
    case TypeKind::time: return Kind::time;
    case TypeKind::timestamp: return Kind::timestamp;
    case TypeKind::duration: return Kind::duration;
    case TypeKind::size: return Kind::size;
    default: return Kind::text;
  }
}

std::string wrong_with(const Expected& expected, const Value& value) {
  if (value.absent()) return expected.type.optional ? "" : "absent, which the check rules out";
  if (expected.type.list != (value.kind == Kind::list)) return "a list or not";
  if (expected.type.list) {
    for (const Value& item : value.list()) {
      if (item.kind != kind_of(expected.type.kind)) return "an item of another type";
    }
    return "";
  }
  if (value.kind != kind_of(expected.type.kind)) return "another type";
  if (!value.is_moment()) return "";
  if (expected.type.precision && *expected.type.precision != value.moment.precision) return "another precision";
  if (expected.type.offset == builtins::Offset::always && !value.moment.has_offset()) return "no offset";
  if (expected.type.offset == builtins::Offset::never && value.moment.has_offset()) return "an offset";
  return "";
}

struct Counts {
  std::size_t expressions = 0, fallible = 0, optional = 0, drawn = 0;
  std::uint64_t values = 0, absent = 0, failed = 0;
  std::set<std::string_view> functions;
};

/// Evaluates one batch over the messages.
void run(const std::vector<std::string>& expressions, const std::vector<std::string>& messages, Counts& counts) {
  const Project project(route_of(expressions));
  ASSERT_FALSE(project.sink().has_errors());
  plan::Plan plan = project.lowered();
  const auto mappings = project.mappings();
  ASSERT_EQ(plan.mappings.size(), mappings.size());
  std::vector<Expected> all;
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const syntax::AssignItem* item = assignment_of(*mappings[i]);
    ASSERT_NE(item, nullptr);
    const syntax::Expr& inner = *item->value->as<syntax::StringExpr>().parts[0].value;
    const auto type = project.facts().types.find(inner.id);
    ASSERT_NE(type, project.facts().types.end()) << expressions[i];
    Expected& expected = all.emplace_back();
    expected.text = expressions[i];
    expected.type = type->second;
    if (expected.type.kind == TypeKind::composite) expected.type.kind = TypeKind::text;
    expected.fallible = project.facts().failures.contains(item->id);
    const plan::Statement& statement = plan.statements[plan.lists[plan.mappings[i].body.first]];
    ASSERT_EQ(plan.text(plan.mappings[i].name), fmt::format("m{:05}", i));
    expected.expr = plan.lists[plan.exprs[statement.value].list.first];
    counts.fallible += expected.fallible ? 1 : 0;
    counts.optional += expected.type.optional ? 1 : 0;
    syntax::walk(inner, [&](const syntax::Expr& one) {
      const auto* call = one.try_as<syntax::CallExpr>();
      if (call == nullptr) return;
      if (const auto* function = builtins::find_function(call->function->text)) counts.functions.insert(function->name);
    });
  }
  counts.expressions += all.size();
  eval::Bound bound(std::move(plan), {}, {});
  const auto prepared = bound.prepare({});
  ASSERT_TRUE(prepared.has_value()) << prepared.error().describe();
  eval::Interpreter interpreter(bound);
  eval::Stage stage;
  for (const std::string& bytes : messages) {
    hl7::Message message;
    ASSERT_TRUE(message.reset(std::string_view(bytes)));
    stage.receive(bound, message, hl7::Charset::utf8);
    std::vector<hl7::Finding> findings;
    if (bound.validator(0).check(message, stage.placement(0), findings).errors > 0) continue;
    interpreter.reset();
    interpreter.look_at(stage, 0);
    for (const Expected& expected : all) {
      Value value;
      if (!interpreter.evaluate(expected.expr, value)) {
        ++counts.failed;
        EXPECT_TRUE(expected.fallible) << expected.text << "\nfails: " << interpreter.failure().text << "\nof " << bytes;
      } else {
        ++(value.absent() ? counts.absent : counts.values);
        EXPECT_EQ(wrong_with(expected, value), "") << expected.text << "\nis " << describe(expected.type) << "\nof " << bytes;
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(Expressions, areWhatTheCheckSays) {
  const char* const given = std::getenv("SMARTHL7_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const char* const wanted = std::getenv("SMARTHL7_ROUNDS");
  const std::uint64_t rounds = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 4;
  const hl7::Version version = hl7::find_version("2.5.1").version;
  const hl7::Structure structure = version.structure("ADT_A01");
  Counts counts;
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    testing::GeneratorOptions options;
    options.seed = seed;
    options.optional_fields = 60;
    testing::MessageGenerator generator(version, options);
    std::vector<std::string> messages;
    for (std::uint64_t n = 0; n < 60; ++n) messages.push_back(generator.make(structure, n));
    testing::ExpressionGenerator expressions(seed);
    std::vector<std::string> drawn;
    for (int i = 0; i < 500; ++i) drawn.push_back(expressions.any(1 + i % 4));
    counts.drawn += drawn.size();
    run(without_errors(drawn), messages, counts);
    ASSERT_FALSE(HasFailure()) << "SMARTHL7_SEED=" << seed;
  }
  fmt::print("{} expressions of {} drawn pass the check: {} may fail, {} may be absent, {} functions\n", counts.expressions,
             counts.drawn, counts.fallible, counts.optional, counts.functions.size());
  fmt::print("{} values, {} absent, {} failed\n", counts.values, counts.absent, counts.failed);
  EXPECT_GT(counts.expressions, counts.drawn / 4);
  EXPECT_GT(counts.expressions, counts.fallible + 50) << "there are such that cannot fail";
  EXPECT_GT(counts.values, 1000U);
  EXPECT_GT(counts.absent, 100U);
  EXPECT_GT(counts.failed, 100U);
}

}  // namespace
}  // namespace smarthl7
