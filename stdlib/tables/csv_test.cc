// SPDX-License-Identifier: Apache-2.0
#include "stdlib/tables/csv.h"

#include <gtest/gtest.h>

namespace smarthl7::tables {
namespace {

using Cells = std::vector<std::string>;

TEST(Csv, reads_lines_of_either_ending_and_skips_empty_ones) {
  const auto rows = parse_csv(
      "\xEF\xBB\xBF"
      "code,name\r\n\r\nA,one\nB,two");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[0].cells, (Cells{"code", "name"}));
  EXPECT_EQ((*rows)[1].cells, (Cells{"A", "one"}));
  EXPECT_EQ((*rows)[1].line, 3U);
  EXPECT_EQ((*rows)[2].cells, (Cells{"B", "two"}));
}

TEST(Csv, quoted_cells_hold_commas_quotes_and_line_breaks) {
  const auto rows = parse_csv("\"a,b\",\"say \"\"so\"\"\",\"x\r\ny\"\nlast,,\n");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].cells, (Cells{"a,b", "say \"so\"", "x\r\ny"}));
  EXPECT_EQ((*rows)[1].cells, (Cells{"last", "", ""}));
  EXPECT_EQ((*rows)[1].line, 3U);
}

TEST(Csv, says_the_line_of_what_is_wrong) {
  const auto open = parse_csv("a\n\"b\nc\n");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().line, 2U);
  const auto after = parse_csv("a\nb\n\"c\"d\n");
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().line, 3U);
  const auto quote = parse_csv("a\"b\n");
  ASSERT_FALSE(quote);
  EXPECT_EQ(quote.error().line, 1U);
  const auto latin = parse_csv("a\nM\xFCller\n");
  ASSERT_FALSE(latin);
  EXPECT_EQ(latin.error().line, 2U);
}

TEST(Csv, an_empty_file_has_no_rows) {
  const auto rows = parse_csv("");
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->empty());
}

}  // namespace
}  // namespace smarthl7::tables
