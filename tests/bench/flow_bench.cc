// SPDX-License-Identifier: Apache-2.0
// Route files at work on large messages: what one step of a flow costs for each OBX of a result with 20 to 20,000 of them. The
// flows go through the compiler, so that what is measured is what runs; ns_per_obx must not grow with their number.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/eval/evaluator.h"
#include "tests/bench/results.h"

namespace smarthl7 {
namespace {

constexpr std::string_view kFrame = R"(language 1

source lab = mllp {{
  listen   "127.0.0.1:2575"
  insecure because "a benchmark"
}}

message result = hl7 2.5.1 ORU_R01 {{
  one PATIENT_RESULT
{}}}

mapping change : result {{
{}}}

destination out = mllp {{
  connect  "127.0.0.1:3001"
  insecure because "a benchmark"
}}

flow results {{
  from lab
  validate result   else reject AE
{}  -> out
}}
)";

struct Flow {
  const char* name;
  const char* rules;    // of the message
  const char* changes;  // of the mapping
};
constexpr const char* kNothing = "  PID-5[1].1.1 = upper(PID-5[1].1.1)   else keep\n";
constexpr Flow kFlows[] = {
    {"validate", "", kNothing},
    {"validate, a code of each OBX", "  OBX-11 in \"P\", \"F\", \"C\", \"X\"\n", kNothing},
    {"validate, a rule for each OBX", "  rule \"numbers have units\" :\n      each OBX where OBX-2 == \"NM\" : OBX-6 present\n",
     kNothing},
    {"validate, map each OBX", "", "  each OBX where OBX-2 == \"NM\" {\n    OBX-5[1] = number(OBX-5[1])   else keep\n  }\n"},
    {"validate, map each OBX from its OBR", "",
     "  each OBX where OBX-2 == \"NM\" {\n    OBX-15.1 = OBR-4.1   else keep\n  }\n"},
    {"validate, delete half of the OBX", "", "  delete OBX where OBX-2 == \"TX\"\n"},
    {"validate, map each OBX of each order", "",
     "  each ORDER_OBSERVATION {\n    each OBX where OBX-2 == \"NM\" {\n      OBX-15.1 = OBR-4.1   else keep\n    }\n  }\n"},
    {"validate, map a choice of each order", "",
     "  each ORDER_OBSERVATION {\n    OBR-20 = OBSERVATION.OBX[1]-3.1   else keep\n  }\n"},
};

std::unique_ptr<eval::Evaluator> evaluator(const Flow& flow) {
  const bool map = flow.changes != kNothing;
  const std::string text = fmt::format(kFrame, flow.rules, flow.changes, map ? "  map change\n" : "");
  const auto compiled = driver::compile_texts({{"bench.route", text}}, driver::files_of(""));
  for (const diag::Diagnostic& diagnostic : compiled.diagnostics) {
    if (!compiled.plan) std::fputs(diag::render_human(diagnostic, *compiled.sources).c_str(), stderr);
  }
  if (!compiled.plan) std::exit(EXIT_FAILURE);
  auto bound = eval::bind(*compiled.plan, plan::plan_digest(*compiled.plan), {});
  if (!bound) std::fprintf(stderr, "%s\n", bound.error().describe().c_str()), std::exit(EXIT_FAILURE);
  return eval::make_evaluator(*std::move(bound));
}

void evaluate(benchmark::State& state, const Flow& flow, std::uint64_t observations, std::uint64_t per_order) {
  const std::vector<std::string> messages = bench::results(observations, per_order);
  const auto machine = evaluator(flow);
  hl7::Message message;
  const auto work = [&](std::size_t n) {
    return message.reset(std::string_view(messages[n])).has_value() &&
           machine->evaluate(0, message).verdict == eval::Verdict::accept;
  };
  for (std::size_t n = 0; n < messages.size(); ++n) {
    if (!work(n)) return state.SkipWithError("a message is refused");
  }
  bench::over(state, messages, observations, work);
}

}  // namespace
}  // namespace smarthl7

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const smarthl7::Flow& flow : smarthl7::kFlows) {
    for (const std::uint64_t per_order : {0U, 2U}) {
      for (const std::uint64_t count : {20U, 200U, 2000U, 20000U}) {
        const std::string orders = per_order == 0 ? "" : fmt::format(" in orders of {}", per_order);
        benchmark::RegisterBenchmark(fmt::format("{}, {} OBX{}", flow.name, count, orders).c_str(), smarthl7::evaluate, flow,
                                     count, per_order);
      }
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
