// SPDX-License-Identifier: Apache-2.0
// What the benchmarks of messages share: the results that they work on, and time measured so that a busy machine does not
// count.
#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "stdlib/hl7/message.h"
#include "tests/support/oru_generator.h"

namespace smarthl7::bench {

/// 256 different results of about 2.5 KB.
inline std::vector<std::string> small_results() {
  std::vector<std::string> made;
  for (std::uint64_t n = 0; n < 256; ++n) made.push_back(testing::make_oru({}, n));
  return made;
}

/// One result of about 250 bytes for each OBX: numbers, and in every second one a text of some lines. `per_order`: a new OBR
/// after so many of them; 0: one for all.
inline std::vector<std::string> result_with(std::uint64_t count, std::uint64_t per_order = 0) {
  testing::OruOptions options;
  options.observations = 0;
  std::string made = testing::make_oru(options, 1);
  std::string text;
  while (text.size() < 330) text += "no growth after 48 hours\\.br\\";
  for (std::uint64_t n = 0; n < count; ++n) {
    const std::uint64_t set_id = n % 9999 + 1;  // SI has four digits
    if (per_order != 0 && n != 0 && n % per_order == 0)
      made += fmt::format("OBR|{}||F{}^LAB|24317-0^Complete blood count^LN\r", n / per_order % 9999 + 1, n);
    if (n % 2 == 0) {
      made += fmt::format("OBX|{}|NM|2345-7^Glucose^LN||{}|mg/dL|70-105|N|||F|||20260302000000|REGLAB^Regional Laboratory^L\r",
                          set_id, 70 + n % 30);
    } else {
      made += fmt::format("OBX|{}|TX|630-4^Bacteria identified^LN||{}||||||F\r", set_id, text);
    }
  }
  return {std::move(made)};
}

/// Of no OBX: the small ones.
inline std::vector<std::string> results(std::uint64_t observations, std::uint64_t per_order = 0) {
  return observations == 0 ? small_results() : result_with(observations, per_order);
}

/// Processor time of this thread in nanoseconds.
inline double thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Nanoseconds of the plain index for one of these messages: the best of five short runs, right before what is held against it.
inline double plain_index(const std::vector<std::string>& messages) {
  hl7::Message message;
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    std::uint64_t done = 0;
    const double started = thread_time();
    double elapsed = 0;
    while (elapsed < 40e6) {
      for (std::size_t read = 0; read < 1'000'000; ++done) {  // asking for the time takes about as long as a small message
        const std::string& bytes = messages[done % messages.size()];
        const auto taken = message.reset(std::string_view(bytes));
        benchmark::DoNotOptimize(taken.has_value());
        read += bytes.size();
      }
      elapsed = thread_time() - started;
    }
    const double each = elapsed / static_cast<double>(done);
    if (run == 0 || each < best) best = each;
  }
  return best;
}

/// Calls work(n) for message after message and shows: messages/s, size, how many times the plain index, time per OBX.
template <class Work>
void over(benchmark::State& state, const std::vector<std::string>& messages, std::uint64_t observations, Work work) {
  const double plain = plain_index(messages);
  std::size_t next = 0;
  std::size_t bytes = 0;
  const double started = thread_time();
  for (auto _ : state) {
    bytes += messages[next].size();
    benchmark::DoNotOptimize(work(next));
    next = next + 1 == messages.size() ? 0 : next + 1;
  }
  const double each = (thread_time() - started) / static_cast<double>(state.iterations());
  state.counters["messages/s"] = 1e9 / each;
  state.counters["KB"] = static_cast<double>(bytes) / static_cast<double>(state.iterations()) / 1000;
  state.counters["x_index"] = each / plain;
  if (observations != 0) state.counters["ns_per_obx"] = each / static_cast<double>(observations);
}

}  // namespace smarthl7::bench
