// SPDX-License-Identifier: Apache-2.0
// Messages and what validation must find in them, written down from the standard with its section. Each NAME.golden holds
// cases; a segment a line, `@ADT^A01` stands for a header with that MSH-9 and the case's version:
//
//   ==== title
//   version 2.5.1
//   section 2.5.3.4
//   strict | tolerant | closes 0001 | adds 0105 Q | older 2.3      (any of them)
//   ---- message
//   ---- findings
//   error field-required 101 PID-5                                 (severity, rule, code of table 0357, path)
//
// Every finding is compared, so a case without any is a message that keeps the rule. Both looks must find the same.
// SMARTHL7_UPDATE_GOLDEN=1 writes what is as what must be.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/validate.h"

namespace smarthl7::hl7 {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string title;
  std::vector<std::string> options;
  std::string version;
  std::string bytes;
  std::vector<std::string> findings;
  std::vector<std::string> head;  // all lines before the findings, as they stand
};

std::vector<Case> read_cases(const fs::path& path) {
  std::ifstream in(path);
  std::vector<Case> cases;
  enum { none, head, message, findings } part = none;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("==== ")) {
      cases.push_back({line.substr(5), {}, {}, {}, {}, {line}});
      part = head;
      continue;
    }
    if (cases.empty()) continue;
    Case& one = cases.back();
    if (part != findings) one.head.push_back(line);
    if (line == "---- message") {
      part = message;
    } else if (line == "---- findings") {
      part = findings;
    } else if (line.empty()) {
      continue;
    } else if (part == head && line.starts_with("version ")) {
      one.version = line.substr(8);
    } else if (part == head) {
      one.options.push_back(line);
    } else if (part == message) {
      one.bytes += line.starts_with("@")
                       ? fmt::format("MSH|^~\\&|A|B|C|D|20260301120000||{}|1|P|{}", line.substr(1), one.version)
                       : line;
      one.bytes += '\r';
    } else {
      one.findings.push_back(line);
    }
  }
  return cases;
}

struct Asked {
  Strictness strictness = Strictness::usual;
  SiteRules rules;
};

Asked asked_of(const Case& one) {
  Asked asked;
  for (const std::string& option : one.options) {
    std::istringstream words(option);
    std::string word;
    std::string table;
    std::string code;
    words >> word >> table >> code;
    if (word == "strict") {
      asked.strictness = Strictness::strict;
    } else if (word == "tolerant") {
      asked.strictness = Strictness::tolerant;
    } else if (word == "closes") {
      asked.rules.closed.push_back(static_cast<std::uint16_t>(std::stoi(table)));
    } else if (word == "adds") {
      asked.rules.codes.emplace_back(static_cast<std::uint16_t>(std::stoi(table)), code);
    } else if (word == "older") {
      asked.rules.oldest_version = table;
    } else {
      EXPECT_EQ(word, "section") << one.title;
    }
  }
  return asked;
}

std::vector<std::string> found(const Case& one) {
  const VersionMatch match = find_version(one.version);
  EXPECT_TRUE(match.exact) << one.title;
  const auto message = Message::parse(one.bytes);
  if (!message) return {"no message"};
  const Structure structure = structure_of(*message, match.version);
  if (!structure) return {"no structure"};
  const Asked asked = asked_of(one);
  const Validator validator(match.version, structure, asked.rules);
  Placement placement;
  validator.placer().place(*message, placement);
  std::vector<Finding> quick;
  std::vector<Finding> close;
  const Tally tally = validator.check(*message, placement, quick, {.strictness = asked.strictness});
  validator.check(*message, placement, close, {.strictness = asked.strictness, .look = Look::close});
  EXPECT_EQ(quick, close) << one.title;
  EXPECT_EQ(tally.errors + tally.others, quick.size()) << one.title;
  std::vector<std::string> lines;
  for (const Finding& finding : quick) {
    EXPECT_FALSE(finding.text.empty()) << one.title;
    lines.push_back(fmt::format("{} {} {} {}", name_of(finding.severity), id_of(finding.rule), finding.code, finding.path));
  }
  return lines;
}

std::vector<fs::path> files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(SMARTHL7_SOURCE_DIR) / "tests/golden/validation")) {
    if (entry.path().extension() == ".golden") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void rewrite(const fs::path& path, const std::vector<Case>& cases) {
  std::ifstream in(path);
  std::string comment;
  std::getline(in, comment);
  std::string text = comment + "\n";
  for (const Case& one : cases) {
    text += "\n";
    for (const std::string& line : one.head) text += line + "\n";
    for (const std::string& line : found(one)) text += line + "\n";
  }
  std::ofstream(path) << text;
}

class ValidationGolden : public ::testing::TestWithParam<fs::path> {};

TEST_P(ValidationGolden, findsWhatTheStandardSays) {
  const std::vector<Case> cases = read_cases(GetParam());
  ASSERT_FALSE(cases.empty());
  if (std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr) return rewrite(GetParam(), cases);
  for (const Case& one : cases) {
    EXPECT_EQ(found(one), one.findings) << one.title << " (" << one.version << ")\n" << one.bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ValidationGolden, ::testing::ValuesIn(files()),
                         [](const auto& one) { return one.param.stem().string(); });

TEST(ValidationGoldens, AreManyAndOfSeveralVersions) {
  std::size_t count = 0;
  std::set<std::string> versions;
  std::set<std::string> rules;
  for (const fs::path& path : files()) {
    for (const Case& one : read_cases(path)) {
      ++count;
      versions.insert(one.version);
      for (const std::string& line : one.findings) {
        std::istringstream words(line);
        std::string severity;
        std::string rule;
        words >> severity >> rule;
        EXPECT_TRUE(find_rule(rule)) << line;
        rules.insert(rule);
      }
    }
  }
  EXPECT_GE(count, 150U);
  EXPECT_GE(versions.size(), 4U);
  // Every rule of the standard that a message alone can break; the rest need a route file or facts of another kind.
  for (std::size_t at = 1; at < kRuleCount; ++at) {
    const std::string id(id_of(static_cast<Rule>(at)));
    const std::set<std::string> elsewhere = {"message-type",   "group-repeats", "length-least",    "site-required",
                                             "site-condition", "site-rule",     "site-cardinality"};
    EXPECT_TRUE(elsewhere.contains(id) || rules.contains(id)) << id;
  }
}

}  // namespace
}  // namespace smarthl7::hl7
