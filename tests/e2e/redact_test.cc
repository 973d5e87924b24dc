// SPDX-License-Identifier: Apache-2.0
// `smarthl7 redact` as users call it: golden files of tests/golden/redact, in the form of those of `parse`; and what --verify
// finds when something is left on purpose.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/e2e/command_golden.h"
#include "tests/support/process.h"

namespace smarthl7::testing {
namespace {

namespace fs = std::filesystem;
const std::string kRoot = SMARTHL7_SOURCE_DIR;
const std::string kProgram = SMARTHL7_PROGRAM;

TEST(RedactCommand, PrintsWhatTheGoldenFilesSay) { EXPECT_GE(hold_to_golden_files(kRoot + "/tests/golden/redact"), 7U); }

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
