// SPDX-License-Identifier: Apache-2.0
// A message in its encodings: from pipes into a tree, from the tree into pipes, XML and JSON, and from XML and JSON back into
// it, beside the plain index of the same run, for results of about 2.5 KB and for one of 20,000 OBX (5 MB).
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "stdlib/hl7/json.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/tree.h"
#include "stdlib/hl7/xml.h"
#include "tests/bench/results.h"

namespace smarthl7 {
namespace {

enum class Step : std::uint8_t { make, pipes, write_xml, read_xml, write_json, read_json };

/// The same message in every encoding.
struct Encoded {
  hl7::Tree tree;
  std::string xml;
  std::string json;
};

bool encode(hl7::TreeMaker& maker, const std::string& bytes, Encoded& out) {
  hl7::Message message;
  if (!message.reset(std::string_view(bytes))) return false;
  maker.make(message, out.tree);
  hl7::Tree back;
  std::string pipes;
  hl7::to_pipes(out.tree, pipes);
  return pipes == bytes && hl7::write_xml(out.tree, out.xml) && hl7::write_json(out.tree, out.json) &&
         hl7::read_xml(out.xml, back) && back == out.tree && hl7::read_json(out.json, back) && back == out.tree;
}

void encoding(benchmark::State& state, Step step, std::uint64_t observations) {
  const std::vector<std::string> messages = bench::results(observations);
  hl7::TreeMaker maker;
  std::vector<Encoded> encoded(messages.size());
  for (std::size_t n = 0; n < messages.size(); ++n) {
    if (!encode(maker, messages[n], encoded[n])) return state.SkipWithError("a message does not come back from an encoding");
  }
  hl7::Message message;
  hl7::Tree tree;
  std::string out;
  bench::over(state, messages, observations, [&](std::size_t n) -> bool {
    const Encoded& from = encoded[n];
    out.clear();
    switch (step) {
      case Step::make:
        if (!message.reset(std::string_view(messages[n]))) return false;
        maker.make(message, tree);
        return true;
      case Step::pipes: hl7::to_pipes(from.tree, out); return true;
      case Step::write_xml: return hl7::write_xml(from.tree, out).has_value();
      case Step::read_xml: return hl7::read_xml(from.xml, tree).has_value();
      case Step::write_json: return hl7::write_json(from.tree, out).has_value();
      case Step::read_json: return hl7::read_json(from.json, tree).has_value();
    }
    return false;
  });
}

}  // namespace
}  // namespace smarthl7

int main(int argc, char** argv) {
  using smarthl7::Step;
  benchmark::Initialize(&argc, argv);
  constexpr std::pair<Step, const char*> kSteps[] = {
      {Step::make, "index + tree"},    {Step::pipes, "tree to pipes"},     {Step::write_xml, "tree to XML"},
      {Step::read_xml, "XML to tree"}, {Step::write_json, "tree to JSON"}, {Step::read_json, "JSON to tree"},
  };
  for (const std::uint64_t count : {0U, 20000U}) {
    const std::string name = count == 0 ? "2.5 KB" : fmt::format("{} OBX", count);
    for (const auto& [step, what] : kSteps)
      benchmark::RegisterBenchmark(fmt::format("{}, {}", what, name).c_str(), smarthl7::encoding, step, count);
  }
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
