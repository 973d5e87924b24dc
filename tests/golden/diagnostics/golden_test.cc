// SPDX-License-Identifier: Apache-2.0
// Route files with what the compiler says of them. A golden file holds sections that begin with a line `=== NAME`: first the
// files of the project (`=== lab.route`, `=== facilities.csv`), then `=== expect` with the human rendering of every diagnostic,
// and, where fixes are offered, `=== fixed` with the first route file after the first fix of each.
// SMARTHL7_UPDATE_GOLDEN=1 rewrites the last two. `=== now` with a day in it is the day of the check, for certificates.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"

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
    if (line.starts_with("=== "))
      sections.emplace_back(line.substr(4), "");
    else if (!sections.empty())
      sections.back().second += line + "\n";
  }
  return sections;
}

std::string text_of(const Sections& sections) {
  std::string text;
  for (const auto& [name, body] : sections) text += "=== " + name + "\n" + body;
  return text;
}

bool is_input(const std::string& name) { return name != "expect" && name != "fixed"; }

/// `=== now` holds a day: certificates are looked into, as the command `check` does it.
std::optional<WallTime> time_of(const Sections& sections) {
  for (const auto& [name, body] : sections) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    if (name != "now" || std::sscanf(body.c_str(), "%d-%u-%u", &year, &month, &day) != 3) continue;
    return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
  }
  return std::nullopt;
}

driver::Compilation compile(const Sections& sections) {
  std::vector<driver::Text> texts;
  std::map<std::string, std::string> others;
  for (const auto& [name, body] : sections) {
    if (!is_input(name)) continue;
    if (name.ends_with(".route"))
      texts.emplace_back(name, body);
    else
      others.emplace(name, body);
  }
  check::Files files;
  files.read = [others](const std::string& path) -> Result<std::string> {
    const auto at = others.find(path);
    if (at == others.end()) return fail(ErrorCode::not_found, "there is no such file");
    return at->second;
  };
  files.exists = [others](const std::string& path) { return others.contains(path) || path.ends_with(".pem"); };
  driver::Options options;
  options.now = time_of(sections);
  return driver::compile_texts(std::move(texts), files, options);
}

std::string rendered(const driver::Compilation& compilation) {
  std::string text;
  for (const diag::Diagnostic& diagnostic : compilation.diagnostics) {
    if (!text.empty()) text += "\n";
    text += diag::render_human(diagnostic, *compilation.sources);
  }
  return text.empty() ? "no findings\n" : text;
}

/// The first route file with the first fix of each diagnostic; empty without fixes.
std::string fixed(const Sections& sections, const driver::Compilation& compilation) {
  const std::vector<diag::Fix> fixes = diag::first_fixes(compilation.diagnostics);
  if (fixes.empty()) return {};
  for (source::FileId id = 0; id < compilation.sources->size(); ++id) {
    const source::SourceFile& file = compilation.sources->get(id);
    if (file.path() == sections.front().first) return diag::apply_fixes(file, fixes);
  }
  return {};
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(SMARTHL7_SOURCE_DIR) / "tests/golden/diagnostics")) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, says_what_the_file_expects) {
  const std::string text = read_all(GetParam());
  Sections sections = sections_of(text);
  ASSERT_FALSE(sections.empty());
  ASSERT_TRUE(sections.front().first.ends_with(".route")) << "the first section is a route file";
  const driver::Compilation compilation = compile(sections);
  const std::string repaired = fixed(sections, compilation);
  Sections now;
  std::copy_if(sections.begin(), sections.end(), std::back_inserter(now),
               [](const auto& section) { return is_input(section.first); });
  now.emplace_back("expect", rendered(compilation));
  if (!repaired.empty()) now.emplace_back("fixed", repaired);
  if (std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(GetParam(), std::ios::binary) << text_of(now);
    return;
  }
  EXPECT_EQ(text_of(now), text) << "run with SMARTHL7_UPDATE_GOLDEN=1 to accept";
}

TEST_P(Golden, fixes_remove_their_code) {
  Sections sections = sections_of(read_all(GetParam()));
  ASSERT_FALSE(sections.empty());
  const driver::Compilation compilation = compile(sections);
  std::set<diag::Code> fixable;
  for (const diag::Diagnostic& diagnostic : compilation.diagnostics) {
    if (!diagnostic.fixes.empty()) fixable.insert(diagnostic.code);
  }
  for (const diag::Diagnostic& diagnostic : compilation.diagnostics) {
    if (diagnostic.fixes.empty()) fixable.erase(diagnostic.code);
  }
  if (fixable.empty()) return;
  sections.front().second = fixed(sections, compilation);
  for (const diag::Diagnostic& diagnostic : compile(sections).diagnostics) {
    EXPECT_FALSE(fixable.contains(diagnostic.code)) << diag::name_of(diagnostic.code) << " is still there after its fix:\n"
                                                    << sections.front().second;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(golden_files()), [](const auto& of) {
  std::string name = of.param.stem().string();
  std::replace_if(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

TEST(GoldenFiles, show_every_code) {
  std::set<std::string> shown;
  for (const fs::path& path : golden_files()) {
    for (const auto& [name, body] : sections_of(read_all(path))) {
      if (name != "expect") continue;
      for (const diag::CodeInfo& code : diag::all_codes()) {
        if (body.find("[" + std::string(code.name) + "]") != std::string::npos) shown.insert(std::string(code.name));
      }
    }
  }
  for (const diag::CodeInfo& code : diag::all_codes()) {
    EXPECT_TRUE(shown.contains(std::string(code.name))) << code.name << " (" << code.title << ") has no golden file";
  }
}

}  // namespace
}  // namespace smarthl7
