// SPDX-License-Identifier: Apache-2.0
#include "stdlib/tables/table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace smarthl7::tables {
namespace {

Table made(std::uint32_t keys, const std::vector<std::vector<std::string_view>>& rows) {
  TableBuilder builder(rows.empty() ? 1 : static_cast<std::uint32_t>(rows.front().size()), keys, 0);
  for (const auto& row : rows) EXPECT_TRUE(builder.add(row));
  auto table = builder.finish();
  EXPECT_TRUE(table);
  return std::move(*table);
}

TEST(Table, FindsRowsByKey) {
  const Table table = made(1, {{"b", "two", ""}, {"a", "one", "x"}, {"", "nothing", "y"}});
  ASSERT_TRUE(table.find("a"));
  EXPECT_EQ(table.cell(*table.find("a"), 1), "one");
  EXPECT_EQ(table.cell(*table.find("b"), 2), "");
  EXPECT_EQ(table.cell(*table.find(""), 1), "nothing");
  EXPECT_FALSE(table.find("c"));
  EXPECT_FALSE(table.has_holes(1));
  EXPECT_TRUE(table.has_holes(2));
}

TEST(Table, SeveralKeysAreNotJoined) {
  const Table table = made(2, {{"ab", "c", "1"}, {"a", "bc", "2"}, {"c", "ab", "3"}});
  const std::vector<std::string_view> second{"a", "bc"};
  ASSERT_TRUE(table.find(second));
  EXPECT_EQ(table.cell(*table.find(second), 2), "2");
  const std::vector<std::string_view> other{"abc", ""};
  EXPECT_FALSE(table.find(other));
  EXPECT_FALSE(table.find("ab"));  // one key where there are two
}

TEST(Table, AKeyThatStandsTwiceIsNamedByItsRows) {
  TableBuilder builder(2, 1, 0);
  for (const std::string_view key : {"a", "b", "c", "b", "d"}) {
    const std::vector<std::string_view> row{key, "v"};
    ASSERT_TRUE(builder.add(row));
  }
  const auto table = builder.finish();
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().first, 1U);
  EXPECT_EQ(table.error().second, 3U);
  EXPECT_EQ(builder.table().cell(table.error().row, 0), "b");
}

TEST(Table, LongCellsAndNoRows) {
  const std::string long_cell(100'000, 'x');
  const Table table = made(1, {{"k", long_cell, "after"}});
  EXPECT_EQ(table.cell(*table.find("k"), 1).size(), long_cell.size());
  EXPECT_EQ(table.cell(*table.find("k"), 2), "after");
  EXPECT_FALSE(made(1, {}).find("k"));
  EXPECT_FALSE(Table().find("k"));
}

TEST(Table, SortsByTheBytesOfTheKeys) {
  const Table table = made(1, {{"b", "2"}, {"\xC3\xA9", "4"}, {"a", "1"}, {"c", "3"}});
  std::string order;
  for (const Table::Row row : table.sorted()) order += table.cell(row, 1);
  EXPECT_EQ(order, "1234");
}

TEST(Table, EachOfManyRowsIsFoundAndTakesFewBytes) {
  constexpr std::size_t kRows = 200'000;
  TableBuilder builder(3, 1, kRows * 30);
  std::string key;
  std::string value;
  for (std::size_t i = 0; i < kRows; ++i) {
    key = fmt::format("MRN{:08}", i * 7);
    value = fmt::format("E{:09}", i);
    const std::vector<std::string_view> row{key, value, "ward 3"};
    ASSERT_TRUE(builder.add(row));
  }
  const auto table = builder.finish();
  ASSERT_TRUE(table);
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto row = table->find(fmt::format("MRN{:08}", i * 7));
    ASSERT_TRUE(row);
    ASSERT_EQ(table->cell(*row, 1), fmt::format("E{:09}", i));
    ASSERT_FALSE(table->find(fmt::format("MRN{:08}", i * 7 + 1)));
  }
  const double each = static_cast<double>(table->bytes()) / kRows;
  RecordProperty("bytes_a_row", std::to_string(each));
  EXPECT_LT(each, 11 + 10 + 6 + 3 + 7.0);  // its cells, their lengths, and less than seven bytes of index
}

}  // namespace
}  // namespace smarthl7::tables
