// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/text.h"

#include <gtest/gtest.h>

namespace smarthl7::lsp {
namespace {

TEST(Lines, CountUtf16UnitsAndEveryLineBreak) {
  // a-umlaut (1 unit), a face beyond the basic plane (2 units).
  const std::string text = "a\xC3\xA4\xF0\x9F\x98\x80z\r\nsecond\rthird\n";
  const Lines lines(text);
  EXPECT_EQ(lines.count(), 4U);
  EXPECT_EQ(lines.offset({0, 2}, Encoding::utf16), 3U);
  EXPECT_EQ(lines.offset({0, 4}, Encoding::utf16), 7U);
  EXPECT_EQ(lines.offset({0, 3}, Encoding::utf16), 3U) << "within a surrogate pair: its begin";
  EXPECT_EQ(lines.offset({0, 99}, Encoding::utf16), 8U) << "past the end: before the line break";
  EXPECT_EQ(lines.offset({0, 3}, Encoding::utf8), 3U);
  EXPECT_EQ(lines.position(7, Encoding::utf16), (Position{0, 4}));
  EXPECT_EQ(lines.position(7, Encoding::utf8), (Position{0, 7}));
  EXPECT_EQ(lines.position(5, Encoding::utf16), (Position{0, 2}));
  EXPECT_EQ(lines.offset({1, 0}, Encoding::utf16), 10U);
  EXPECT_EQ(lines.offset({2, 1}, Encoding::utf16), 18U);
  EXPECT_EQ(lines.offset({9, 0}, Encoding::utf16), text.size());
}

TEST(Lines, PositionsAndOffsetsAreInverse) {
  const std::string text = "x\xE2\x82\xAC\n\n\xF0\x9F\x98\x80y\r\n";
  const Lines lines(text);
  for (const Encoding encoding : {Encoding::utf8, Encoding::utf16}) {
    for (const std::uint32_t at : {0U, 1U, 4U, 5U, 6U, 10U, 11U, 13U})
      EXPECT_EQ(lines.offset(lines.position(at, encoding), encoding), at);
  }
}

TEST(Edits, ReplaceRanges) {
  std::string text = "one\ntwo \xF0\x9F\x98\x80 three\n";
  apply_edit(text, {{1, 4}, {1, 6}}, "2", Encoding::utf16);
  EXPECT_EQ(text, "one\ntwo 2 three\n");
  apply_edit(text, {{0, 3}, {1, 0}}, " ", Encoding::utf16);
  EXPECT_EQ(text, "one two 2 three\n");
  apply_edit(text, {{5, 0}, {9, 9}}, "end", Encoding::utf16);
  EXPECT_EQ(text, "one two 2 three\nend");
  apply_edit(text, {{0, 3}, {0, 1}}, "!", Encoding::utf16);
  EXPECT_EQ(text, "one! two 2 three\nend");
}

}  // namespace
}  // namespace smarthl7::lsp
