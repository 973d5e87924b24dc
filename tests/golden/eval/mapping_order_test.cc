// SPDX-License-Identifier: Apache-2.0
// A mapping is a set of equations: whatever the order of its lines, in all its blocks, the result is the same to the byte.
// Lines are drawn from a pool that covers every statement, for a copy that is edited and for a new message; each set is
// compiled in several orders and run over generated messages.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/eval/evaluator.h"
#include "tests/support/oru_generator.h"
#include "tests/support/seeded.h"

namespace smarthl7 {
namespace {

struct Line {
  std::string text;         // of a block its head, "each OBX"
  std::vector<Line> lines;  // of a block
};
using Lines = std::vector<Line>;

const Lines& edits() {
  static const Lines lines = {
      {"PID-8 = \"U\"", {}},
      {"PID-5[1].1.1 = upper(PID-5[1].1.1) else keep", {}},
      {"PID-5[1].2 = PID-5[1].1.1 else keep", {}},
      {"each PID-3 where .5 == \"MR\"", {{".4.1 = \"HUB\"", {}}, {".1 = \"A{.1}\"", {}}}},
      {"delete PID-19", {}},
      {"PID-11[*] = null", {}},
      {"delete NTE where NTE-2 == \"O\"", {}},
      {"insert PID-3", {{".1 = MSH-10", {}}, {".5 = \"VN\"", {}}}},
      {"each ORDER_OBSERVATION",
       {{"OBR-18 = OBR-4.1", {}},
        {"OBR-19 = \"n\"", {}},
        {"insert OBSERVATION",
         {{"OBX-1 = 99", {}},
          {"OBX-3.1 = \"X\"", {}},
          {"OBX-11 = \"F\"", {}},
          {"insert NTE", {{"-1 = 1", {}}, {"-3[1] = MSH-10", {}}}}}},
        {"each OBSERVATION", {{"insert NTE after OBX", {{"-3[1] = OBX-3.1", {}}, {"-1 = 0", {}}}}, {"OBX-14 = null", {}}}}}},
      {"each OBX where OBX-2 == \"NM\"", {{"OBX-6.2 = OBX-3.1", {}}, {"OBX-8[1] = \"N\"", {}}}},
      {"when MSH-10 matches r\".*[02468]\"", {{"PID-24 = \"Y\"", {}}, {"MSH-6.1 = \"EVEN\"", {}}}},
  };
  return lines;
}

const Lines& makes() {
  static const Lines lines = {
      {"MSH-9.2 = \"T02\"", {}},
      {"EVN-2.1 = \"20261123\"", {}},
      {"PID = PID", {}},
      {"PV1-2 = \"O\"", {}},
      {"PV1-3.1 = PID-5[1].1.1", {}},
      {"TXA-1 = 1", {}},
      {"TXA-2 = \"CN\"", {}},
      {"TXA-17 = \"AU\"", {}},
      {"TXA-12.1 = MSH-10", {}},
      {"MSH-5.1 = \"DOCS\"", {}},
      {"each ORDER_OBSERVATION",
       {{"insert COMMON_ORDER", {{"OBR = OBR", {}}, {"ORC-1 = \"NW\"", {}}}},
        {"each OBSERVATION", {{"insert OBSERVATION", {{"OBX = OBX", {}}, {"NTE[*] = NTE[*]", {}}}}}}}},
  };
  return lines;
}

void shuffle(Lines& lines, testing::Seeded& random) {
  for (std::size_t i = lines.size(); i > 1; --i) std::swap(lines[i - 1], lines[random.below(i)]);
  for (Line& line : lines) shuffle(line.lines, random);
}

std::string written(const Lines& lines, int depth) {
  std::string text;
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  for (const Line& line : lines) {
    text += indent + line.text;
    if (!line.lines.empty()) text += " {\n" + written(line.lines, depth + 1) + indent + "}";
    if (line.text.find("after") != std::string::npos || line.text.starts_with("insert PID")) text += " else keep";
    text += "\n";
  }
  return text;
}

std::string route(const Lines& lines, bool fresh) {
  return "language 1\n"
         "source lab = mllp { listen \"127.0.0.1:2575\"  insecure because \"a test\" }\n"
         "destination out = mllp { connect \"127.0.0.1:3001\"  insecure because \"a test\" }\n"
         "message result = hl7 2.5.1 ORU_R01 {\n  one PATIENT_RESULT\n  one PATIENT_RESULT.PATIENT\n}\n"
         "message document = hl7 2.5.1 MDM_T02 {\n}\n"
         "mapping m : result" +
         std::string(fresh ? " -> document" : "") + " {\n" + written(lines, 1) +
         "}\n"
         "flow f {\n  from lab\n  validate result else reject AE\n  map m\n  -> out\n}\n";
}

/// What the mapping makes of some messages.
std::vector<std::string> results(const std::string& text, std::uint64_t seed) {
  check::Files files;
  files.read = [](const std::string&) -> Result<std::string> { return fail(ErrorCode::not_found, "there is no such file"); };
  files.exists = [](const std::string&) { return false; };
  const driver::Compilation compilation = driver::compile_texts({{"test.route", text}}, files);
  std::string findings;
  for (const diag::Diagnostic& one : compilation.diagnostics) findings += diag::render_human(one, *compilation.sources);
  EXPECT_TRUE(compilation.plan) << findings << text;
  if (!compilation.plan) return {};
  const std::string file = plan::write_plan(*compilation.plan);
  const auto bound = eval::bind(*compilation.plan, plan::plan_digest(file).value(), {});
  EXPECT_TRUE(bound);
  const auto evaluator = eval::make_evaluator(*bound);
  std::vector<std::string> made;
  testing::OruOptions options;
  options.seed = seed;
  options.observations = 4;
  for (std::uint64_t n = 0; n < 3; ++n) {
    const std::string bytes = testing::make_oru(options, n);
    const auto message = hl7::Message::parse(std::string_view(bytes));
    const eval::Effects& effects = evaluator->evaluate(0, *message);
    EXPECT_EQ(effects.verdict, eval::Verdict::accept) << effects.reason << text;
    if (effects.flows.empty() || effects.flows[0].deliveries.empty()) return {};
    const auto& body = effects.flows[0].deliveries[0].body;
    made.emplace_back(body ? body->view() : std::string_view(bytes));
  }
  return made;
}

void orders_do_not_matter(bool fresh, std::uint64_t seeds) {
  std::set<std::string> different;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    testing::Seeded random(seed);
    Lines lines = fresh ? makes() : edits();
    shuffle(lines, random);
    if (!fresh) lines.resize(1 + random.below(lines.size()));
    const auto expected = results(route(lines, fresh), seed);
    ASSERT_FALSE(expected.empty()) << "seed " << seed;
    different.insert(expected.front());
    for (int order = 0; order < 3; ++order) {
      shuffle(lines, random);
      ASSERT_EQ(results(route(lines, fresh), seed), expected) << "seed " << seed << "\n" << route(lines, fresh);
    }
  }
  EXPECT_GT(different.size(), seeds / 2);  // the lines do something
}

TEST(MappingOrder, linesOfACopyHaveNone) { orders_do_not_matter(false, 40); }
TEST(MappingOrder, linesOfANewMessageHaveNone) { orders_do_not_matter(true, 15); }

}  // namespace
}  // namespace smarthl7
