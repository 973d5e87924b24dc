// SPDX-License-Identifier: Apache-2.0
// The examples of every function, in a route file: each is an assignment to a field of a local segment, compiled, evaluated and
// read back from the message that is delivered. So every function can be called by its name, its specification is what the
// compiler thinks of it, and the reference says what a flow does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/eval/evaluator.h"
#include "stdlib/builtins/all.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7 {
namespace {

using builtins::Function;

struct Assignment {
  const Function* function;
  std::string call;
  std::string expected;
};

/// `["A", "B"]` as the language makes a list; empty if it cannot (lists of numbers come from a message only).
std::string list_in_route(std::string_view items) {
  if (items.empty()) return R"(without_blanks(split("", ";")))";
  std::string all;
  for (std::size_t at = 0; at < items.size();) {
    if (items[at] != '"') return {};
    const std::size_t end = items.find('"', at + 1);
    if (at > 0) all += ';';
    all += items.substr(at + 1, end - at - 1);
    at = std::min(items.size(), end + 3);  // over `", `
  }
  return fmt::format(R"(split("{}", ";"))", all);
}

/// The call as a route file has it: lists made, braces escaped. Empty: it cannot be written.
std::string in_route(std::string_view call) {
  std::string text;
  bool quoted = false;
  for (std::size_t at = 0; at < call.size(); ++at) {
    const char c = call[at];
    if (c == '"') quoted = !quoted;
    if (quoted && (c == '{' || c == '}')) text += '\\';
    if (quoted || c != '[') {
      text += c;
      continue;
    }
    const std::size_t end = call.find(']', at);
    const std::string list = list_in_route(call.substr(at + 1, end - at - 1));
    if (list.empty()) return {};
    text += list;
    at = end;
  }
  return text;
}

/// What stands in the field: `"A"` is A, `["A", "B"]` is A;B, `date 2026` is 2026, `absent` nothing.
std::string in_field(const Function& function, std::string_view result) {
  if (result == "absent") return {};
  std::string text(result);
  if (function.result_list) text = text.substr(1, text.size() - 2);
  for (std::size_t at = 0; function.result_list && (at = text.find(", ", at)) != std::string::npos;) text.replace(at, 2, ";");
  std::erase(text, '"');
  for (const std::string_view kind : {"date ", "timestamp ", "time "}) {
    if (text.starts_with(kind) && result.front() != '"') text.erase(0, kind.size());
  }
  return text;
}

std::vector<Assignment> assignments_of(builtins::Group group) {
  std::vector<Assignment> all;
  for (const Function* function : builtins::all_functions()) {
    if (function->group != group) continue;
    for (const builtins::Example& example : function->examples) {
      const std::string call = in_route(example.call);
      if (example.result == "fails" || call.empty()) continue;
      const std::string value = function->result_list                      ? fmt::format("join({}, \";\")", call)
                                : function->result == builtins::Type::text ? call
                                                                           : fmt::format("text({})", call);
      all.push_back({function, value, in_field(*function, example.result)});
    }
  }
  return all;
}

std::string route_of(const std::vector<Assignment>& assignments) {
  std::string fields;
  std::string equations;
  const auto beyond_ascii = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  };
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    const bool can_fail = !assignments[i].function->can_fail.empty() || beyond_ascii(assignments[i].call);
    fields += fmt::format("    {0} f{0} : ST phi none\n", i + 1);
    equations += fmt::format("  ZFN-{} = {}{}\n", i + 1, assignments[i].call, can_fail ? "   else keep" : "");
  }
  return fmt::format(R"(language 1
source lab = mllp {{ listen "127.0.0.1:2575"  insecure because "a test" }}
destination out = mllp {{ connect "127.0.0.1:3001"  insecure because "a test" }}

message m = hl7 2.5.1 ADT_A01 {{
  segment ZFN required after PV1 {{
{}  }}
}}

mapping all : m {{
{}}}

flow f {{
  from lab
  validate m else reject AE
  map all
  -> out
}}
)",
                     fields, equations);
}

/// The fields of ZFN in the message that the flow delivers.
void run(const std::string& route, std::vector<std::string>& fields) {
  std::vector<driver::Text> texts;
  texts.emplace_back("functions.route", route);
  const driver::Compilation compilation = driver::compile_texts(std::move(texts), check::Files{});
  std::string findings;
  for (const diag::Diagnostic& diagnostic : compilation.diagnostics) {
    findings += diag::render_human(diagnostic, *compilation.sources);
  }
  ASSERT_TRUE(compilation.plan) << findings;
  const std::string file = plan::write_plan(*compilation.plan);
  const auto plan = plan::read_plan(file);
  ASSERT_TRUE(plan) << plan.error().describe();
  const auto bound = eval::bind(*plan, plan::plan_digest(file).value(), {});
  ASSERT_TRUE(bound) << bound.error().describe();
  const std::string bytes =
      "MSH|^~\\&|A|B|C|D|20261123101500||ADT^A01^ADT_A01|1|P|2.5.1||||||UNICODE "
      "UTF-8\rEVN||20261123\rPID|1||1^^^A||B^C\rPV1|1|I\rZFN|x\r";
  const auto message = hl7::Message::parse(std::string_view(bytes));
  ASSERT_TRUE(message);
  const auto evaluator = eval::make_evaluator(*bound);
  const auto& effects = evaluator->evaluate(0, *message);
  ASSERT_EQ(effects.verdict, eval::Verdict::accept) << effects.reason;
  ASSERT_EQ(effects.flows.size(), 1U);
  ASSERT_EQ(effects.flows[0].deliveries.size(), 1U);
  ASSERT_TRUE(effects.flows[0].deliveries[0].body);
  std::string_view rest = effects.flows[0].deliveries[0].body->view();
  rest.remove_prefix(rest.find("\rZFN|") + 5);
  rest = rest.substr(0, rest.find('\r'));
  const hl7::Delimiters delimiters{'|', '^', '~', '\\', '&', '\0'};
  for (std::size_t end = 0; end != std::string_view::npos; rest.remove_prefix(std::min(rest.size(), end + 1))) {
    end = rest.find('|');
    fields.push_back(hl7::decoded(rest.substr(0, end), delimiters));
    if (end == std::string_view::npos) break;
  }
}

class FunctionExamples : public ::testing::TestWithParam<builtins::Group> {};

TEST_P(FunctionExamples, standInARouteFile) {
  const std::vector<Assignment> assignments = assignments_of(GetParam());
  ASSERT_FALSE(assignments.empty());
  std::vector<std::string> fields;
  run(route_of(assignments), fields);
  if (HasFatalFailure()) return;
  std::set<std::string_view> called;
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    EXPECT_EQ(i < fields.size() ? fields[i] : "", assignments[i].expected) << assignments[i].call;
    called.insert(assignments[i].function->name);
  }
  for (const Function* function : builtins::all_functions()) {
    EXPECT_TRUE(function->group != GetParam() || called.contains(function->name)) << function->name << " is called nowhere";
  }
}

INSTANTIATE_TEST_SUITE_P(Groups, FunctionExamples,
                         ::testing::Values(builtins::Group::text, builtins::Group::numbers, builtins::Group::dates,
                                           builtins::Group::codes, builtins::Group::identifiers, builtins::Group::names,
                                           builtins::Group::lists, builtins::Group::units, builtins::Group::hashing),
                         [](const auto& each) { return std::string(name_of(each.param)); });

}  // namespace
}  // namespace smarthl7
