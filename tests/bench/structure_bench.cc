// SPDX-License-Identifier: Apache-2.0
// What it costs to know that a result is right: index, index + placement, index + placement + validation, over the same
// bytes, for 256 results of about 2.5 KB and for one result of 20, 200, 2,000 and 20,000 OBX (5 MB). `x_index` is how many
// times the plain index of the same run; ns_per_obx must not grow with their number. Every message is checked to be clean.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"
#include "stdlib/hl7/validate.h"
#include "tests/bench/results.h"

namespace smarthl7 {
namespace {

enum class Depth : std::uint8_t { index, place, validate };

class Work {
 public:
  explicit Work(Depth depth)
      : depth_(depth),
        validator_(hl7::find_version("2.5.1").version, hl7::find_version("2.5.1").version.structure("ORU_R01")) {}

  /// False: the message is not clean.
  bool operator()(const std::string& bytes) {
    if (!message_.reset(std::string_view(bytes))) return false;
    if (depth_ == Depth::index) return true;
    validator_.placer().place(message_, placement_);
    if (depth_ == Depth::place) return placement_.findings().empty();
    findings_.clear();
    validator_.check(message_, placement_, findings_);
    return findings_.empty();
  }

 private:
  const Depth depth_;
  const hl7::Validator validator_;
  hl7::Message message_;
  hl7::Placement placement_;
  std::vector<hl7::Finding> findings_;
};

void structure(benchmark::State& state, Depth depth, std::uint64_t observations) {
  const std::vector<std::string> messages = bench::results(observations);
  Work work(depth);
  for (const std::string& message : messages) {
    if (!work(message)) return state.SkipWithError("a generated message is not clean");
  }
  bench::over(state, messages, observations, [&](std::size_t n) { return work(messages[n]); });
}

void add(const std::string& name, std::uint64_t observations) {
  constexpr std::pair<Depth, std::string_view> kDepths[] = {
      {Depth::index, "index"}, {Depth::place, "index + place"}, {Depth::validate, "index + place + validate"}};
  for (const auto& [depth, what] : kDepths)
    benchmark::RegisterBenchmark(fmt::format("{}, {}", what, name).c_str(), structure, depth, observations);
}

}  // namespace
}  // namespace smarthl7

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  smarthl7::add("2.5 KB", 0);
  for (const std::uint64_t count : {20U, 200U, 2000U, 20000U}) smarthl7::add(fmt::format("{} OBX", count), count);
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
