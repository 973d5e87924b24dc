// SPDX-License-Identifier: Apache-2.0
// What the documentation shows must be so: every ```route block of README and docs passes check, every command that a ```sh
// block calls exists with its options, every command has a --help with an example, and the examples compile.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
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

std::vector<fs::path> pages() {
  std::vector<fs::path> out{kRoot + "/README.md"};
  for (const char* folder : {"/docs", "/examples"})
    for (const auto& entry : fs::recursive_directory_iterator(kRoot + folder))
      if (entry.path().extension() == ".md" && entry.path().string().find("/docs/errors/") == std::string::npos)
        out.push_back(entry.path());
  return out;
}

std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> out;
  std::istringstream in(page);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (!inside && line == "```" + language) {
      inside = true;
      out.emplace_back();
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      out.back() += line + "\n";
    }
  }
  return out;
}

TEST(Documentation, EveryRouteBlockPassesCheck) {
  std::size_t found = 0;
  for (const fs::path& page : pages()) {
    for (const std::string& block : blocks(read(page), "route")) {
      ++found;
      const auto compilation = driver::compile_texts({{page.filename().string() + ".route", block}}, driver::files_of(""));
      for (const auto& diagnostic : compilation.diagnostics) {
        const std::string said = diag::render_human(diagnostic, *compilation.sources);
        if (said.find("[W0701]") != std::string::npos) continue;  // a certificate, which a page does not have
        ADD_FAILURE() << page << "\n" << said;
      }
    }
  }
  EXPECT_GE(found, 1U);
}

TEST(Documentation, EveryCommandHasHelpWithAnExample) {
  const auto top = run_command({kProgram, "--help"});
  ASSERT_EQ(top.code, 0);
  std::size_t found = 0;
  for (const char* name :
       {"check",  "fmt",  "test",    "compile", "explain", "run",   "status", "messages", "trace",  "body", "ambiguous",
        "replay", "hold", "release", "send",    "listen",  "probe", "parse",  "validate", "redact", "lsp"}) {
    EXPECT_THAT(top.output, ::testing::HasSubstr(name));
    const auto help = run_command({kProgram, name, "--help"});
    EXPECT_EQ(help.code, 0) << name;
    EXPECT_THAT(help.output, ::testing::HasSubstr(std::string("Example:\n  smarthl7 ") + name)) << name;
    ++found;
  }
  for (const char* act : {"list", "show", "replay", "edit", "drop"})
    EXPECT_THAT(run_command({kProgram, "dead", act, "--help"}).output,
                ::testing::HasSubstr(std::string("Example:\n  smarthl7 dead ") + act));
  EXPECT_THAT(run_command({kProgram, "ambiguous", "resolve", "--help"}).output,
              ::testing::HasSubstr("smarthl7 ambiguous resolve"));
  EXPECT_EQ(run_command({kProgram, "plan", "show", "--help"}).code, 0);
  EXPECT_EQ(run_command({kProgram, "no-such-command"}).code, 2);
  EXPECT_EQ(run_command({kProgram, "check"}).code, 2);
  EXPECT_EQ(run_command({kProgram, "check", "/no/such/folder"}).code, 3);
}

TEST(Documentation, EveryCallInAShellBlockIsOneThatExists) {
  const std::regex call("smarthl7 ([a-z]+)((?: [^#\\n|>`]*)?)");
  const std::regex option("--[a-z-]+");
  std::size_t found = 0;
  for (const fs::path& page : pages()) {
    for (const std::string& block : blocks(read(page), "sh")) {
      for (std::sregex_iterator at(block.begin(), block.end(), call), end; at != end; ++at) {
        ++found;
        std::string help = run_command({kProgram, (*at)[1], "--help"}).output;
        std::smatch second;  // `dead replay`: the options are those of the inner command
        const std::string rest = (*at)[2];
        if (std::regex_search(rest, second, std::regex("^ ([a-z]+)(?= |$)")))
          if (const auto inner = run_command({kProgram, (*at)[1], second[1], "--help"}); inner.code == 0) help += inner.output;
        EXPECT_THAT(help, ::testing::Not(::testing::HasSubstr("help: smarthl7"))) << page << ": " << at->str();
        const std::string words = (*at)[2];
        for (std::sregex_iterator o(words.begin(), words.end(), option); o != end; ++o)
          EXPECT_THAT(help, ::testing::HasSubstr(o->str())) << page << ": " << at->str();
      }
    }
  }
  EXPECT_GE(found, 8U);
}

TEST(Documentation, TheExampleCompilesAndIsInTheOneFormat) {
  EXPECT_EQ(run_command({kProgram, "check", kRoot + "/examples/regional-lab"}).code, 0);
  const auto formatted = run_command({kProgram, "fmt", "--check", kRoot + "/examples"});
  EXPECT_EQ(formatted.code, 0) << formatted.output;
  const ScratchFolder folder("compile");
  const auto one = run_command({kProgram, "compile", kRoot + "/examples/regional-lab", "-o", folder.path() + "/a.plan"});
  const auto two = run_command({kProgram, "compile", kRoot + "/examples/regional-lab", "-o", folder.path() + "/b.plan"});
  EXPECT_EQ(one.code, 0) << one.output;
  EXPECT_EQ(two.code, 0);
  EXPECT_EQ(read(folder.path() + "/a.plan"), read(folder.path() + "/b.plan"));
  const auto explained = run_command({kProgram, "explain", "E0312"});
  EXPECT_EQ(explained.code, 0);
  EXPECT_THAT(explained.output, ::testing::HasSubstr("E0312"));
}

}  // namespace
}  // namespace smarthl7::testing
