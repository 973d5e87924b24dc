// SPDX-License-Identifier: Apache-2.0
// Every code has a page; its wrong example gives that code, its right one compiles without errors and without that code.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"

namespace smarthl7::driver {
namespace {

// Pages show certificates, so they are checked on one day for ever.
constexpr WallTime kToday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

struct Example {
  std::string kind;  // "route", "csv facilities.csv"
  std::string text;
};
struct PageParts {
  std::string heading;
  std::vector<Example> wrong;
  std::vector<Example> right;
};

PageParts parts_of(std::string_view page) {
  PageParts parts;
  std::vector<Example>* target = nullptr;
  Example* open = nullptr;
  std::vector<Example> shared;
  std::istringstream lines{std::string(page)};
  for (std::string line; std::getline(lines, line);) {
    if (open == nullptr && line.starts_with("# "))
      parts.heading = line.substr(2);
    else if (line == "Wrong:")
      target = &parts.wrong;
    else if (line == "Right:")
      target = &parts.right;
    else if (line.starts_with("```") && open != nullptr)
      open = nullptr;
    else if (line.starts_with("```")) {
      std::vector<Example>& list = target != nullptr ? *target : shared;
      list.push_back({line.substr(3), ""});
      open = &list.back();
    } else if (open != nullptr)
      open->text += line + "\n";
  }
  const auto files_to = [](const std::vector<Example>& from, std::vector<Example>& to) {
    for (const Example& example : from) {
      const bool there =
          std::any_of(to.begin(), to.end(), [&example](const Example& other) { return other.kind == example.kind; });
      if (example.kind != "route" && !there) to.push_back(example);
    }
  };
  files_to(shared, parts.wrong);
  files_to(shared, parts.right);
  files_to(parts.right, parts.wrong);  // a file that stands once serves both
  files_to(parts.wrong, parts.right);
  return parts;
}

Compilation compile_example(const std::vector<Example>& examples) {
  std::vector<Text> texts;
  std::map<std::string, std::string> others;
  for (const Example& example : examples) {
    if (example.kind == "route")
      texts.emplace_back("example.route", example.text);
    else if (const std::size_t blank = example.kind.find(' '); blank != std::string::npos)
      others[example.kind.substr(blank + 1)] = example.text;
  }
  check::Files files;
  files.read = [others](const std::string& path) -> Result<std::string> {
    const auto at = others.find(path);
    if (at == others.end()) return fail(ErrorCode::not_found, "there is no such file");
    return at->second;
  };
  files.exists = [others](const std::string& path) { return others.contains(path); };
  Options options;
  options.now = kToday;
  return compile_texts(std::move(texts), files, options);
}

std::string all_of(const Compilation& compilation) {
  std::string text;
  for (const diag::Diagnostic& diagnostic : compilation.diagnostics)
    text += diag::render_human(diagnostic, *compilation.sources) + "\n";
  return text;
}

bool has(const Compilation& compilation, diag::Code code) {
  for (const diag::Diagnostic& diagnostic : compilation.diagnostics) {
    if (diagnostic.code == code) return true;
  }
  return false;
}

class Pages : public testing::TestWithParam<diag::CodeInfo> {};

TEST_P(Pages, show_a_wrong_and_a_right_example) {
  const diag::CodeInfo& code = GetParam();
  const auto page = explain(code.name);
  ASSERT_TRUE(page) << "docs/errors/" << code.name << ".md (" << code.title << ") is missing";
  const PageParts parts = parts_of(*page);
  EXPECT_EQ(parts.heading, std::string(code.name) + ": " + std::string(code.title));
  ASSERT_FALSE(parts.wrong.empty()) << code.name;
  ASSERT_FALSE(parts.right.empty()) << code.name;
  const Compilation wrong = compile_example(parts.wrong);
  EXPECT_TRUE(has(wrong, code.code)) << "the wrong example does not give " << code.name << ":\n" << all_of(wrong);
  const Compilation right = compile_example(parts.right);
  EXPECT_EQ(right.errors, 0U) << all_of(right);
  EXPECT_FALSE(has(right, code.code)) << all_of(right);
  EXPECT_EQ(right.plan.has_value(), right.errors == 0);
}

INSTANTIATE_TEST_SUITE_P(All, Pages, testing::ValuesIn(diag::all_codes().begin(), diag::all_codes().end()),
                         [](const auto& of) { return std::string(of.param.name); });

TEST(Explain, knows_no_other_code) { EXPECT_FALSE(explain("E9999")); }

}  // namespace
}  // namespace smarthl7::driver
