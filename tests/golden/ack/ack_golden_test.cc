// SPDX-License-Identifier: Apache-2.0
// What the hub answers, against what the standard says: each NAME.golden holds messages with a verdict and the answers that are
// due, and the acknowledgement table cell by cell. MSH-7 (and MFA-3) read TIME, MSH-10 reads ID. Every answer must also pass
// our own validator for its version. SMARTHL7_UPDATE_GOLDEN=1 writes what is as what must be.
//
//   ==== case NAME               the message, a segment a line
//   ==== verdict NAME [elsewhere]  then a finding a line: severity code segment sequence field repetition component sub text
//   ==== here / then here / elsewhere   the answers; none of them: silence
//   ==== cells message|answer NAME [elsewhere]   rows MSH-15, columns MSH-16
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "runtime/flow/acknowledger.h"
#include "runtime/sim/world.h"
#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/validate.h"

namespace smarthl7 {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kVerdicts = {"accept", "error", "unfit", "reject", "not_now"};
constexpr std::array<std::string_view, 5> kAsked = {"empty", "AL", "NE", "ER", "SU"};

/// The dictionary's 2.1 takes the degree of precision of a time stamp for required, which 2.1 does not.
bool is_precision_of_2_1(std::string_view version, const hl7::Finding& f) {
  return version == "2.1" && f.code == hl7::condition::kRequiredFieldMissing && f.segment_name == "MSH" &&
         f.location.field == 7 && f.location.component == 2;
}

struct Section {
  std::string kind;
  std::string rest;
  std::string body;
};

std::vector<Section> sections_of(const std::string& text) {
  std::vector<Section> sections;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("==== ")) {
      Section& section = sections.emplace_back();
      const auto blank = line.find(' ', 5);
      section.kind = line.substr(5, blank - 5);
      section.rest = blank == std::string::npos ? "" : line.substr(blank + 1);
    } else if (!sections.empty()) {
      sections.back().body += line + "\n";
    }
  }
  return sections;
}

std::string joined(const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections)
    text += "==== " + section.kind + (section.rest.empty() ? "" : " " + section.rest) + "\n" + section.body;
  return text;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

hl7::Verdict verdict_of(const std::string& words) {
  const auto found = std::ranges::find(kVerdicts, words.substr(0, words.find(' ')));
  EXPECT_NE(found, kVerdicts.end()) << words;
  return static_cast<hl7::Verdict>(found - kVerdicts.begin());
}

bool says_elsewhere(const std::string& words) { return words.ends_with("elsewhere"); }

std::vector<hl7::Finding> findings_of(const std::string& body, const hl7::Message& message) {
  std::vector<hl7::Finding> findings;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string severity;
    hl7::Finding& finding = findings.emplace_back();
    words >> severity >> finding.code >> finding.segment_name >> finding.sequence >> finding.location.field >>
        finding.location.repetition >> finding.location.component >> finding.location.subcomponent;
    finding.severity = severity == "error" ? hl7::Severity::error : hl7::Severity::warning;
    finding.location.segment = message.find(finding.segment_name, finding.sequence).value_or(hl7::kNoSegment);
    std::getline(words >> std::ws, finding.text);
  }
  return findings;
}

/// The answer a segment a line, with TIME and ID for what the clock and the dice gave.
std::string shown(std::string_view answer) {
  const auto message = hl7::Message::parse(answer);
  EXPECT_TRUE(message) << answer;
  if (!message) return std::string(answer);
  std::string text;
  for (std::uint32_t i = 0; i < message->segment_count(); ++i) {
    const hl7::SegmentView segment = message->segment(i);
    std::string raw(segment.raw());
    const auto mask = [&](std::size_t field, std::string_view as) {
      const std::string_view value = segment.field(field).raw();
      if (value.empty()) return;
      raw.replace(raw.find(message->delimiters().field + std::string(value)) + 1, value.size(), as);
    };
    if (i == 0) mask(7, "TIME"), mask(10, "ID");
    if (segment.name() == "MFA") mask(3, "TIME");
    text += raw + "\n";
  }
  return text;
}

/// Our own validator has nothing against it.
void expect_valid(std::string_view answer) {
  const auto message = hl7::Message::parse(answer);
  ASSERT_TRUE(message);
  const hl7::VersionMatch match = hl7::find_version(message->version());
  ASSERT_TRUE(match.exact) << message->version();
  const hl7::Version* version = &match.version;
  const hl7::Structure structure = hl7::structure_of(*message, *version);
  const hl7::Validator validator(*version, structure);
  hl7::Placement placement;
  validator.placer().place(*message, placement);
  std::vector<hl7::Finding> findings;
  validator.check(*message, placement, findings);
  for (const hl7::Finding& f : findings) {
    if (is_precision_of_2_1(version->name(), f)) continue;
    EXPECT_NE(f.severity, hl7::Severity::error)
        << f.code << " " << f.segment_name << "-" << f.location.field << "." << f.location.component << ": " << f.text << "\n"
        << shown(answer);
  }
}

class AckGolden : public ::testing::TestWithParam<fs::path> {
 protected:
  flow::Answers answers_to(const hl7::Message& message, const std::string& words, const std::vector<hl7::Finding>& findings) {
    flow::Acknowledger::Case what;
    what.verdict = verdict_of(words);
    what.findings = findings;
    what.elsewhere = says_elsewhere(words);
    return acknowledger_.acknowledge(message, what);
  }

  std::vector<Section> run_case(const Section& given, const Section& verdict) {
    std::string bytes = given.body;
    std::replace(bytes.begin(), bytes.end(), '\n', '\r');
    const auto message = hl7::Message::parse(bytes);
    EXPECT_TRUE(message) << given.rest;
    if (!message) return {};
    const flow::Answers answers = answers_to(*message, verdict.rest, findings_of(verdict.body, *message));
    const auto [first, second] = flow::split_answers(answers.here.view());
    std::vector<Section> due;
    const auto add = [&](const char* kind, const char* rest, std::string_view answer) {
      if (answer.empty()) return;
      due.push_back({kind, rest, shown(answer)});
      expect_valid(answer);
    };
    add("here", "", first);
    add("then", "here", second);
    add("elsewhere", "", answers.elsewhere.view());
    return due;
  }

  std::string cell(const std::string& words, std::string_view commit, std::string_view application) {
    const bool answer = words.starts_with("answer");
    const auto asked = [](std::string_view word) { return word == "empty" ? std::string() : std::string(word); };
    const std::string bytes = fmt::format("MSH|^~\\&|LAB|NORTH|HUB|REGION|20260101120000||{}|M1|P|2.5.1|||{}|{}\r{}",
                                          answer ? "ACK^R01^ACK" : "ORU^R01^ORU_R01", asked(commit), asked(application),
                                          answer ? "MSA|AA|X1\r" : "PID|||P1\r");
    const auto message = hl7::Message::parse(bytes);
    EXPECT_TRUE(message);
    const flow::Answers answers = answers_to(*message, words.substr(words.find(' ') + 1), {});
    std::string text;
    const auto add = [&](std::string_view one, const char* before) {
      if (one.empty()) return;
      const auto ack = hl7::parse_ack(one);
      EXPECT_EQ(ack->control_id, "M1");
      text += before + std::string(hl7::name_of(*ack->code));
      expect_valid(one);
    };
    const auto [first, second] = flow::split_answers(answers.here.view());
    add(first, "");
    add(second, "+");
    add(answers.elsewhere.view(), ">");
    return text.empty() ? "-" : text;
  }

  std::string table(const std::string& words) {
    std::string text = fmt::format("{:5}", "");
    for (const std::string_view application : kAsked) text += fmt::format("  {:5}", application);
    const auto trimmed = [](std::string line) {
      line.erase(line.find_last_not_of(' ') + 1);
      return line + "\n";
    };
    text = trimmed(text);
    for (const std::string_view commit : kAsked) {
      std::string line = fmt::format("{:5}", commit);
      for (const std::string_view application : kAsked) line += fmt::format("  {:5}", cell(words, commit, application));
      text += trimmed(line);
    }
    return text;
  }

  sim::World world_{1};
  sim::SimClock clock_{world_};
  sim::SimRandom random_{sim::Rng(1)};
  flow::Acknowledger acknowledger_{clock_, random_};
};

TEST_P(AckGolden, IsAnsweredAsTheStandardSays) {
  const std::string text = read(GetParam());
  const std::string page = read(fs::path(SMARTHL7_SOURCE_DIR) / "docs/hl7/acknowledgements.md");
  std::vector<Section> is;
  const std::vector<Section> given = sections_of(text);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Section& section = given[i];
    if (section.kind == "about") is.push_back(section);
    if (section.kind == "cells") {
      is.push_back({section.kind, section.rest, table(section.rest)});
      const bool shown =
          section.rest == "answer accept" || (section.rest.starts_with("message") && !says_elsewhere(section.rest));
      const bool stands = page.find(is.back().body) != std::string::npos;
      EXPECT_TRUE(stands || !shown) << "docs/hl7/acknowledgements.md shows another table";
    }
    if (section.kind != "case") continue;
    ASSERT_LT(i + 1, given.size());
    ASSERT_EQ(given[i + 1].kind, "verdict") << section.rest;
    is.push_back(section);
    is.push_back(given[i + 1]);
    for (Section& due : run_case(section, given[i + 1])) is.push_back(std::move(due));
  }
  if (std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(GetParam()) << joined(is);
    return;
  }
  EXPECT_EQ(joined(is), text);
}

std::vector<fs::path> files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(SMARTHL7_SOURCE_DIR) / "tests/golden/ack"))
    if (entry.path().extension() == ".golden") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

INSTANTIATE_TEST_SUITE_P(Files, AckGolden, ::testing::ValuesIn(files()),
                         [](const auto& test) { return test.param.stem().string(); });

}  // namespace
}  // namespace smarthl7
