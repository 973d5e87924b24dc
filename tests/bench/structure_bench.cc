// SPDX-License-Identifier: Apache-2.0
// What it costs to know that a result is right: index, index + placement, index + placement + validation, over the same
// bytes, for 256 results of about 2.5 KB and for one result of 20, 200, 2,000 and 20,000 OBX (5 MB). `x_index` is how many
// times the plain index of the same run; ns_per_obx must not grow with their number. Every message is checked to be clean.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <time.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"
#include "stdlib/hl7/validate.h"
#include "tests/support/oru_generator.h"

namespace smarthl7 {
namespace {

enum class Depth : std::uint8_t { index, place, validate };

std::vector<std::string> small() {
  std::vector<std::string> made;
  for (std::uint64_t n = 0; n < 256; ++n) made.push_back(testing::make_oru({}, n));
  return made;
}

/// One result of about 250 bytes for each OBX: numbers, and in every second one a text of some lines.
std::vector<std::string> with_observations(std::uint64_t count) {
  testing::OruOptions options;
  options.observations = 0;
  std::string made = testing::make_oru(options, 1);
  std::string text;
  while (text.size() < 330) text += "no growth after 48 hours\\.br\\";
  for (std::uint64_t n = 0; n < count; ++n) {
    const std::uint64_t set_id = n % 9999 + 1;  // SI has four digits
    if (n % 2 == 0) {
      made += fmt::format("OBX|{}|NM|2345-7^Glucose^LN||{}|mg/dL|70-105|N|||F|||20260302000000|REGLAB^Regional Laboratory^L\r",
                          set_id, 70 + n % 30);
    } else {
      made += fmt::format("OBX|{}|TX|630-4^Bacteria identified^LN||{}||||||F\r", set_id, text);
    }
  }
  return {std::move(made)};
}

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

/// Processor time of this thread in nanoseconds, so that a busy machine does not count.
double thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Nanoseconds of the plain index for one of these messages, measured right before what is held against it.
double plain_index(const std::vector<std::string>& messages) {
  Work work(Depth::index);
  std::uint64_t done = 0;
  const double started = thread_time();
  double elapsed = 0;
  while (elapsed < 200e6) {
    for (const std::string& message : messages) benchmark::DoNotOptimize(work(message));
    done += messages.size();
    elapsed = thread_time() - started;
  }
  return elapsed / static_cast<double>(done);
}

void structure(benchmark::State& state, Depth depth, std::uint64_t observations) {
  const std::vector<std::string> messages = observations == 0 ? small() : with_observations(observations);
  Work work(depth);
  for (const std::string& message : messages) {
    if (!work(message)) return state.SkipWithError("a generated message is not clean");
  }
  const double plain = plain_index(messages);
  std::size_t next = 0;
  std::size_t bytes = 0;
  const double started = thread_time();
  for (auto _ : state) {
    const std::string& message = messages[next];
    next = next + 1 == messages.size() ? 0 : next + 1;
    bytes += message.size();
    benchmark::DoNotOptimize(work(message));
  }
  const double each = (thread_time() - started) / static_cast<double>(state.iterations());
  state.counters["messages/s"] = 1e9 / each;
  state.counters["KB"] = static_cast<double>(bytes) / static_cast<double>(state.iterations()) / 1000;
  state.counters["x_index"] = each / plain;
  if (observations != 0) state.counters["ns_per_obx"] = each / static_cast<double>(observations);
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
