// SPDX-License-Identifier: Apache-2.0
// The message index beside other ways over the same bytes: six memchr passes, a byte table, memcpy. And what follows the
// index on every message's way: placement, validation, an edit, an acknowledgement. 256 different results of about 2.5 KB.
#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"
#include "stdlib/hl7/validate.h"
#include "tests/support/oru_generator.h"

namespace smarthl7 {
namespace {

const std::vector<std::string>& messages() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> made;
    for (std::uint64_t n = 0; n < 256; ++n) made.push_back(testing::make_oru({}, n));
    return made;
  }();
  return all;
}

/// Calls work(bytes) for one message after the other and counts bytes and messages.
template <class Work>
void over_messages(benchmark::State& state, Work work) {
  const auto& all = messages();
  std::size_t next = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string& message = all[next];
    next = next + 1 == all.size() ? 0 : next + 1;
    bytes += message.size();
    work(message);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["ns_per_message"] = benchmark::Counter(static_cast<double>(state.iterations()) * 1e-9,
                                                        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void copy(benchmark::State& state) {
  std::array<char, 8192> target{};
  over_messages(state, [&](const std::string& bytes) {
    std::memcpy(target.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(target.data());
    benchmark::ClobberMemory();
  });
}
BENCHMARK(copy)->Name("memcpy");

void six_memchr(benchmark::State& state) {
  over_messages(state, [&](const std::string& bytes) {
    std::size_t found = 0;
    for (const char delimiter : {'|', '^', '~', '\\', '&', '\r'}) {
      const char* at = bytes.data();
      const char* const end = at + bytes.size();
      while ((at = static_cast<const char*>(std::memchr(at, delimiter, static_cast<std::size_t>(end - at)))) != nullptr) {
        ++found;
        ++at;
      }
    }
    benchmark::DoNotOptimize(found);
  });
}
BENCHMARK(six_memchr)->Name("six memchr passes");

void byte_table(benchmark::State& state) {
  std::array<std::uint8_t, 256> classes{};
  for (const char delimiter : {'|', '\r', '\n'}) classes[static_cast<unsigned char>(delimiter)] = 1;
  std::vector<std::uint32_t> places;
  over_messages(state, [&](const std::string& bytes) {
    places.clear();
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      if (classes[static_cast<unsigned char>(bytes[at])] != 0) places.push_back(static_cast<std::uint32_t>(at));
    }
    benchmark::DoNotOptimize(places.data());
  });
}
BENCHMARK(byte_table)->Name("byte table");

void index(benchmark::State& state, hl7::ScanKind kind) {
  hl7::Message message;
  over_messages(state, [&](const std::string& bytes) {
    const auto taken = message.reset(std::string_view(bytes), kind);
    benchmark::DoNotOptimize(taken.has_value());
  });
}
BENCHMARK_CAPTURE(index, best, hl7::best_scan())->Name("index");
BENCHMARK_CAPTURE(index, portable, hl7::ScanKind::portable)->Name("index, portable");

hl7::Structure structure() { return hl7::find_version("2.5.1").version.structure("ORU_R01"); }

void index_and_place(benchmark::State& state) {
  const hl7::Placer placer(structure());
  hl7::Message message;
  hl7::Placement placement;
  over_messages(state, [&](const std::string& bytes) {
    const auto taken = message.reset(std::string_view(bytes));
    if (taken) placer.place(message, placement);
    benchmark::DoNotOptimize(placement.instance_count());
  });
}
BENCHMARK(index_and_place)->Name("index + place");

void index_place_validate(benchmark::State& state) {
  const hl7::Validator validator(hl7::find_version("2.5.1").version, structure());
  hl7::Message message;
  hl7::Placement placement;
  std::vector<hl7::Finding> findings;
  over_messages(state, [&](const std::string& bytes) {
    const auto taken = message.reset(std::string_view(bytes));
    findings.clear();
    if (taken) validator.placer().place(message, placement);
    if (taken) validator.check(message, placement, findings);
    benchmark::DoNotOptimize(findings.size());
  });
}
BENCHMARK(index_place_validate)->Name("index + place + validate");

void index_edit_write(benchmark::State& state) {
  hl7::Message message;
  hl7::Editor editor(message);
  std::string out;
  over_messages(state, [&](const std::string& bytes) {
    if (!message.reset(std::string_view(bytes))) return;
    editor.reset(message);
    out.clear();
    const bool set = editor.set_text({1, 5, 1, 1, 1}, "CHANGED") && editor.set_text({1, 3, 1, 4, 1}, "NAMESPACE");
    editor.write(out);
    benchmark::DoNotOptimize(set);
    benchmark::DoNotOptimize(out.data());
  });
}
BENCHMARK(index_edit_write)->Name("index + two edits + write");

void acknowledge(benchmark::State& state) {
  hl7::Message message;
  std::string out;
  over_messages(state, [&](const std::string& bytes) {
    if (!message.reset(std::string_view(bytes))) return;
    out.clear();
    hl7::build_ack(message, {.code = hl7::AckCode::aa, .timestamp = "20260301120000+0000", .control_id = "A1"}, out);
    benchmark::DoNotOptimize(out.data());
  });
}
BENCHMARK(acknowledge)->Name("index + acknowledgement");

}  // namespace
}  // namespace smarthl7

BENCHMARK_MAIN();
