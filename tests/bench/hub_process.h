// SPDX-License-Identifier: Apache-2.0
// A hub that runs beside a benchmark: what it says of itself, and what processor time it took. Threads: one. Failure: ends the
// program.
#pragma once

#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "tests/support/process.h"

namespace smarthl7::bench {

inline boost::json::value status(const std::string& program, const std::string& data) {
  const auto done = smarthl7::testing::run_command({program, "status", "--data", data, "--json"});
  boost::system::error_code error;
  auto value = boost::json::parse(done.output, error);
  return error ? boost::json::value(nullptr) : value;
}

template <class Condition>
void await(Condition holds, const char* what) {
  for (int i = 0; i < 60'000; ++i) {
    if (holds()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::fprintf(stderr, "bench: %s did not happen\n", what);
  std::exit(1);
}

/// Processor time of a process so far, all threads, in microseconds: what a busy machine does not change.
inline double processor_time(const smarthl7::testing::Process& process) {
  std::ifstream in("/proc/" + std::to_string(process.id()) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::istringstream words(text.substr(text.rfind(')') + 2));
  std::string word;
  double user = 0;
  double system = 0;
  for (int i = 3; i < 14; ++i) words >> word;
  words >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace smarthl7::bench
