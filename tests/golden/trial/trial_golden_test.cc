// SPDX-License-Identifier: Apache-2.0
// Route files with tests, and what `smarthl7 test --coverage` prints about them (without times). A golden file holds sections
// that begin with a line `=== NAME`: the files of the project, then `=== expect`. SMARTHL7_UPDATE_GOLDEN=1 rewrites the last
// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/trial/report.h"

namespace smarthl7 {
namespace {

namespace fs = std::filesystem;

using Sections = std::vector<std::pair<std::string, std::string>>;

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Sections sections_of(const std::string& text) {
  Sections sections;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("=== ")) {
      sections.emplace_back(line.substr(4), "");
    } else if (!sections.empty()) {
      sections.back().second += line + "\n";
    }
  }
  return sections;
}

driver::Compilation compile(const Sections& sections) {
  std::vector<driver::Text> texts;
  std::map<std::string, std::string> others;
  for (const auto& [name, body] : sections) {
    if (name.ends_with(".route")) {
      texts.emplace_back(name, body);
    } else if (name != "expect") {
      others.emplace(name, body);
    }
  }
  check::Files files;
  files.read = [others](const std::string& path) -> Result<std::string> {
    const auto at = others.find(path);
    if (at == others.end()) return fail(ErrorCode::not_found, "there is no such file");
    return at->second;
  };
  files.exists = [](const std::string&) { return true; };
  driver::Options options;
  options.tests = true;
  return driver::compile_texts(std::move(texts), files, options);
}

struct Ran {
  driver::Compilation compilation;
  trial::Report report;
};

Ran run(const Sections& sections, std::uint64_t seed) {
  Ran ran{compile(sections), {}};
  for (const auto& diagnostic : ran.compilation.diagnostics)
    if (diagnostic.severity() == diag::Severity::error)
      ADD_FAILURE() << diag::render_human(diagnostic, *ran.compilation.sources);
  if (!ran.compilation.trials) return ran;
  const plan::Trials& trials = *ran.compilation.trials;
  eval::Recorder recorder(trials.plan);
  trial::Setup setup;
  setup.seed = seed;
  setup.recorder = &recorder;
  const auto runner = trial::make_runner(trials, *plan::plan_digest(plan::write_plan(*ran.compilation.plan)), setup);
  if (!runner) {
    ADD_FAILURE() << runner.error().describe();
    return ran;
  }
  for (const plan::Trial& test : trials.tests) {
    trial::TestReport& one = ran.report.tests.emplace_back();
    one.test = &test;
    one.outcome = (*runner)->run(test);
  }
  ran.report.seed = seed;
  ran.report.with_coverage = true;
  ran.report.coverage = trial::coverage_of(trials.plan, recorder);
  return ran;
}

std::string text_of(const Ran& ran) {
  return trial::human(ran.report, *ran.compilation.sources, diag::Colours::no) +
         trial::human_coverage(ran.report, *ran.compilation.sources, "");
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(SMARTHL7_SOURCE_DIR) / "tests/golden/trial")) {
    if (entry.path().extension() == ".golden") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class TrialGolden : public testing::TestWithParam<fs::path> {};

TEST_P(TrialGolden, prints_what_the_file_expects) {
  const std::string text = read_all(GetParam());
  Sections sections = sections_of(text);
  ASSERT_FALSE(sections.empty());
  const Ran ran = run(sections, 1);
  std::erase_if(sections, [](const auto& section) { return section.first == "expect"; });
  sections.emplace_back("expect", text_of(ran));
  std::string now;
  for (const auto& [name, body] : sections) now += "=== " + name + "\n" + body;
  if (std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(GetParam(), std::ios::binary) << now;
    return;
  }
  EXPECT_EQ(now, text) << "run with SMARTHL7_UPDATE_GOLDEN=1 to accept";
}

/// The verdicts are the routes', not the history's: other seeds give the same ones, and the same seed the same bytes.
TEST_P(TrialGolden, other_seeds_judge_alike) {
  const Sections sections = sections_of(read_all(GetParam()));
  const Ran first = run(sections, 1);
  EXPECT_EQ(text_of(run(sections, 1)), text_of(first));
  for (const std::uint64_t seed : {2U, 3U, 77U}) {
    const Ran other = run(sections, seed);
    ASSERT_EQ(other.report.tests.size(), first.report.tests.size());
    for (std::size_t i = 0; i < first.report.tests.size(); ++i)
      EXPECT_EQ(other.report.tests[i].outcome.passed(), first.report.tests[i].outcome.passed())
          << first.report.tests[i].test->title << ", seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, TrialGolden, testing::ValuesIn(golden_files()),
                         [](const auto& one) { return one.param.stem().string(); });

struct Block {
  std::string language;
  std::string text;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  bool inside = false;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      if (!inside) blocks.push_back({line.substr(3), ""});
      inside = !inside;
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

/// The tests on the page pass, unless the output stands below: then that is the output.
TEST(TestingPage, shows_what_is_printed) {
  const fs::path file = fs::path(SMARTHL7_SOURCE_DIR) / "docs/testing.md";
  const std::string page = read_all(file);
  const std::vector<Block> blocks = blocks_of(page);
  std::size_t failures_shown = 0;
  std::string now = page;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].language != "route") continue;
    const Ran ran = run({{"lab.route", blocks[i].text}}, 1);
    EXPECT_FALSE(ran.report.tests.empty()) << blocks[i].text;
    const std::string printed = trial::human(ran.report, *ran.compilation.sources, diag::Colours::no);
    const bool shown = i + 1 < blocks.size() && blocks[i + 1].language == "text";
    EXPECT_EQ(ran.report.failed() > 0, shown) << printed;
    if (!shown) continue;
    ++failures_shown;
    if (std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr) {
      const std::string before = "```text\n" + blocks[i + 1].text + "```";
      now.replace(now.find(before), before.size(), "```text\n" + printed + "```");
    } else {
      EXPECT_EQ(blocks[i + 1].text, printed) << "run with SMARTHL7_UPDATE_GOLDEN=1 to accept";
    }
  }
  EXPECT_EQ(failures_shown, 1U);
  if (now != page) std::ofstream(file, std::ios::binary) << now;
}

/// A test stands alone: whatever ran before it, its history is the same.
TEST(Trial, runs_alone_as_it_runs_among_others) {
  const fs::path file = fs::path(SMARTHL7_SOURCE_DIR) / "tests/golden/trial/failing.golden";
  const Ran all = run(sections_of(read_all(file)), 5);
  ASSERT_GE(all.report.tests.size(), 2U);
  const plan::Trials& trials = *all.compilation.trials;
  trial::Setup setup;
  setup.seed = 5;
  for (const trial::TestReport& one : all.report.tests) {
    const auto runner = trial::make_runner(trials, Sha256{}, setup);
    ASSERT_TRUE(runner);
    const trial::Outcome alone = (*runner)->run(*one.test);
    ASSERT_EQ(alone.failures.size(), one.outcome.failures.size()) << one.test->title;
    EXPECT_EQ(alone.simulated, one.outcome.simulated) << one.test->title;
    for (std::size_t i = 0; i < alone.failures.size(); ++i)
      EXPECT_EQ(alone.failures[i].details, one.outcome.failures[i].details) << one.test->title;
  }
}

}  // namespace
}  // namespace smarthl7
