// SPDX-License-Identifier: Apache-2.0
// Golden files of a command: the command line, `exit N`, then what it printed, with CR shown as \r. For tests only.
// SMARTHL7_UPDATE_GOLDEN=1 rewrites them. SMARTHL7_PROGRAM is the executable, the source folder the current one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace smarthl7::testing {

inline std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// CR is shown as \r, for the golden files are text.
inline std::string shown(const std::string& output) {
  std::string out;
  for (const char c : output) out += c == '\r' ? std::string("\\r\n") : std::string(1, c);
  return out;
}

/// Runs the command of each golden file in the folder; gives how many there are.
inline std::size_t hold_to_golden_files(const std::string& folder) {
  const bool update = std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr;
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    ++found;
    const std::string golden = read(entry.path());
    const std::string command = golden.substr(0, golden.find('\n'));
    std::istringstream words(command);
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word == "smarthl7" ? SMARTHL7_PROGRAM : word);
    const Finished run = run_command(arguments);
    const std::string made = command + "\nexit " + std::to_string(run.code) + "\n" + shown(run.output);
    if (update) {
      std::ofstream(entry.path(), std::ios::binary) << made;
    } else {
      EXPECT_EQ(made, golden) << entry.path();
    }
  }
  return found;
}

}  // namespace smarthl7::testing
