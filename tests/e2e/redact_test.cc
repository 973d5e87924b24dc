// SPDX-License-Identifier: Apache-2.0
// `smarthl7 redact` as users call it: golden files of tests/golden/redact, in the form of those of `parse`; and what --verify
// finds when something is left on purpose.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/process.h"

namespace smarthl7::testing {
namespace {

namespace fs = std::filesystem;
const std::string kRoot = SMARTHL7_SOURCE_DIR;
const std::string kProgram = SMARTHL7_PROGRAM;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// CR is shown as \r, for the golden files are text.
std::string shown(const std::string& output) {
  std::string out;
  for (const char c : output) out += c == '\r' ? std::string("\\r\n") : std::string(1, c);
  return out;
}

TEST(RedactCommand, PrintsWhatTheGoldenFilesSay) {
  const bool update = std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr;
  std::size_t found = 0;
  for (const auto& entry : fs::directory_iterator(kRoot + "/tests/golden/redact")) {
    if (entry.path().extension() != ".txt") continue;
    ++found;
    const std::string golden = read(entry.path());
    const std::string command = golden.substr(0, golden.find('\n'));
    std::istringstream words(command);
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word == "smarthl7" ? kProgram : word);
    const Finished run = run_command(arguments);  // the tests' folder is the source folder
    const std::string made = command + "\nexit " + std::to_string(run.code) + "\n" + shown(run.output);
    if (update) {
      std::ofstream(entry.path(), std::ios::binary) << made;
    } else {
      EXPECT_EQ(made, golden) << entry.path();
    }
  }
  EXPECT_GE(found, 7U);
}

TEST(RedactCommand, TwoRunsWithoutASecretMakeUpDifferentThings) {
  const std::vector<std::string> command = {kProgram, "redact", "tests/e2e/redact.hl7", "--with", "std.phi.test_data"};
  const Finished one = run_command(command);
  const Finished other = run_command(command);
  EXPECT_EQ(one.code, 0) << one.output;
  EXPECT_NE(one.output, other.output);
  EXPECT_EQ(one.output.find("Quixote"), std::string::npos);
}

}  // namespace
}  // namespace smarthl7::testing
