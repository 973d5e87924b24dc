// SPDX-License-Identifier: Apache-2.0
// `smarthl7 parse` as users call it: golden files of tests/golden/parse. The first line is the command, with paths from the
// source folder, the second the exit code; the rest is what is printed. SMARTHL7_UPDATE_GOLDEN=1 rewrites them.
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

TEST(ParseCommand, PrintsWhatTheGoldenFilesSay) { EXPECT_GE(hold_to_golden_files(kRoot + "/tests/golden/parse"), 16U); }

TEST(ParseCommand, WhatItWritesItReads) {
  const ScratchFolder folder("parse");
  const std::vector<std::vector<std::string>> wraps = {{}, {"json:/a/b"}, {"xml:a/b"}, {"xml:a", "--base64"}};
  for (const char* fixture : {"oru_two_orders_cr.hl7", "adt_odd_delimiters.hl7", "ack_minimal.hl7"}) {
    const std::string source = kRoot + "/stdlib/hl7/testdata/" + fixture;
    for (const char* form : {"er7", "xml", "json"}) {
      for (const std::vector<std::string>& wrap : wraps) {
        std::vector<std::string> write = {kProgram, "parse", source, "--as", form};
        std::vector<std::string> back = {kProgram, "parse", folder.path() + "/x", "--as", "er7"};
        if (!wrap.empty()) {
          write.insert(write.end(), {"--wrap", wrap[0]});
          back.insert(back.end(), {"--envelope", wrap[0]});
          write.insert(write.end(), wrap.begin() + 1, wrap.end());
          back.insert(back.end(), wrap.begin() + 1, wrap.end());
        }
        const Finished made = run_command(write);
        ASSERT_EQ(made.code, 0) << made.output;
        std::ofstream(folder.path() + "/x", std::ios::binary) << made.output;
        const Finished again = run_command(back);
        EXPECT_EQ(again.code, 0);
        EXPECT_EQ(again.output, read(source)) << fixture << " " << form;
      }
    }
  }
}

TEST(ParseCommand, WritesAFileForEachMessage) {
  const ScratchFolder folder("parse_out");
  const std::string out = folder.path() + "/messages";
  const Finished run =
      run_command({kProgram, "parse", kRoot + "/tests/golden/parse/input/batch.hl7", "--as", "xml", "--out", out});
  EXPECT_EQ(run.code, 0) << run.output;
  EXPECT_TRUE(fs::exists(out + "/000001.xml"));
  EXPECT_TRUE(fs::exists(out + "/000002.xml"));
  EXPECT_EQ(run_command({kProgram, "parse", out + "/000002.xml"}).code, 0);
}

}  // namespace
}  // namespace smarthl7::testing
