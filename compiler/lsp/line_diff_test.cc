// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/line_diff.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace smarthl7::lsp {
namespace {

std::string applied(std::string_view before, std::string_view after) {
  const auto old_lines = split_lines(before);
  const auto new_lines = split_lines(after);
  std::string result;
  std::uint32_t at = 0;
  for (const Hunk& hunk : differences(old_lines, new_lines)) {
    EXPECT_LE(at, hunk.old_begin);
    for (; at < hunk.old_begin; ++at) result += old_lines[at];
    for (std::uint32_t i = hunk.new_begin; i < hunk.new_end; ++i) result += new_lines[i];
    at = hunk.old_end;
  }
  for (; at < old_lines.size(); ++at) result += old_lines[at];
  return result;
}

TEST(LineDiff, NamesOnlyWhatDiffers) {
  const auto diff = [](std::string_view a, std::string_view b) { return differences(split_lines(a), split_lines(b)); };
  EXPECT_TRUE(diff("a\nb\n", "a\nb\n").empty());
  EXPECT_TRUE(diff("", "").empty());
  EXPECT_EQ(diff("a\nb\nc\n", "a\nx\nc\n"), (std::vector<Hunk>{{1, 2, 1, 2}}));
  EXPECT_EQ(diff("a\nc\n", "a\nb\nc\n"), (std::vector<Hunk>{{1, 1, 1, 2}}));
  EXPECT_EQ(diff("a\nb\nc\nd\n", "b\nc\nx\n"), (std::vector<Hunk>{{0, 1, 0, 0}, {3, 4, 2, 3}}));
  EXPECT_EQ(diff("", "a\n"), (std::vector<Hunk>{{0, 0, 0, 1}}));
  EXPECT_EQ(diff("a", "a\n"), (std::vector<Hunk>{{0, 1, 0, 1}}));
}

TEST(LineDiff, TurnsOneTextIntoTheOther) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string before;
    std::string after;
    const auto length = random() % 12;
    for (unsigned i = 0; i < length; ++i) {
      const std::string line(1, static_cast<char>('a' + random() % 4));
      if (random() % 4 != 0) before += line + "\n";
      if (random() % 4 != 0) after += (random() % 5 == 0 ? "z" : line) + "\n";
    }
    ASSERT_EQ(applied(before, after), after) << before << "---\n" << after;
  }
}

TEST(LineDiff, OfTextsWithoutCommonLinesIsOneHunk) {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(applied(before, after), after);
  EXPECT_EQ(differences(split_lines(before), split_lines(after)).size(), 1U);
}

}  // namespace
}  // namespace smarthl7::lsp
