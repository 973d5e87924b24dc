// SPDX-License-Identifier: Apache-2.0
#include "stdlib/tables/reader.h"

#include <gtest/gtest.h>

namespace smarthl7::tables {
namespace {

TableShape shape(bool reloads) {
  TableShape shape;
  shape.columns = {"code", "name", "city"};
  shape.keys = 1;
  shape.reloads = reloads;
  if (reloads) {
    shape.optional = {"city"};
    shape.least_rows = 2;
  }
  return shape;
}

std::expected<Table, Problem> read(const TableShape& shape, std::string_view bytes, std::size_t piece = 1) {
  TableReader reader(shape, bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!reader.feed(bytes.substr(at, piece))) break;
  }
  return reader.finish();
}

std::string complaint(const TableShape& shape, std::string_view bytes) {
  const auto table = read(shape, bytes);
  return table ? "fine" : describe(table.error(), "t.csv", shape);
}

TEST(TableReader, TakesTheNamedColumnsInAnyOrderAndPieces) {
  constexpr std::string_view kFile =
      "\xEF\xBB\xBF"
      "city,ignored,name,code\r\nSpringfield,x,\"Mercy, east\",M1\r\n\r\n,y,\"St \"\"J\"\"\",S1\r\n";
  for (std::size_t piece = 1; piece <= kFile.size(); ++piece) {
    const auto table = read(shape(true), kFile, piece);
    ASSERT_TRUE(table) << piece;
    EXPECT_EQ(table->rows(), 2U);
    EXPECT_EQ(table->cell(*table->find("M1"), 1), "Mercy, east");
    EXPECT_EQ(table->cell(*table->find("S1"), 1), "St \"J\"");
    EXPECT_EQ(table->cell(*table->find("S1"), 2), "");
  }
}

TEST(TableReader, SaysWhatIsWrongAndWhere) {
  const TableShape fixed = shape(false);
  EXPECT_EQ(complaint(fixed, ""), "\"t.csv\" has no header line");
  EXPECT_EQ(complaint(fixed, "code,city\n"), "\"t.csv\" has no column `name`");
  EXPECT_EQ(complaint(fixed, "code,name,city\nA,b\n"), "line 2 of \"t.csv\" has 2 cells, its header 3");
  EXPECT_EQ(complaint(fixed, "code,name,city\n\nA,b,c\n,d,e\n"), "line 4 of \"t.csv\": the key is empty");
  EXPECT_EQ(complaint(fixed, "code,name,city\nA,b,c\nB,d,e\nA,f,g\n"), "\"t.csv\" has one key in line 2 and in line 4");
  EXPECT_EQ(complaint(fixed, "code,name,city\nA,\"x\ny\",c\nB,M\xFC,e\n"), "line 4 of \"t.csv\": a byte that is not UTF-8");
  EXPECT_EQ(complaint(fixed, "code,name,city\nA,\"x\n\xFF\",c\n"), "line 3 of \"t.csv\": a byte that is not UTF-8");
  EXPECT_EQ(complaint(fixed, "code,name,city\nA,\"b,c\n"), "line 2 of \"t.csv\": a quoted cell without its closing quote");
  EXPECT_EQ(complaint(fixed, "code,name,city\nA,,c"), "fine");
}

TEST(TableReader, WhatReloadsIsWholeAndFull) {
  const TableShape live = shape(true);
  EXPECT_EQ(complaint(live, "code,name,city\nA,b,\nB,c,d\n"), "fine");
  EXPECT_EQ(complaint(live, "code,name,city\nA,b,\nB,c,d"), "line 3 of \"t.csv\", the last one, has no line break at its end");
  EXPECT_EQ(complaint(live, "code,name,city\nA,b,\nB,c,d\r"),
            "line 3 of \"t.csv\", the last one, has no line break at its end");
  EXPECT_EQ(complaint(live, "code,name,city\nA,b,\nB,,d\n"), "line 3 of \"t.csv\": `name` is empty");
  EXPECT_EQ(complaint(live, "code,name,city\nA,b,\n"), "\"t.csv\" has 1 rows, and 2 are the least");
  EXPECT_EQ(complaint(live, ""), "\"t.csv\" has no header line");
}

TEST(TableReader, NoCellIsInACaseOfTrouble) {
  const TableShape live = shape(true);
  for (const std::string_view bytes :
       {"code,name,city\nSECRET,b,c\nSECRET,b,c\n", "code,name,city\nSECRET,,c\n", "code,name,city\nSECRET,\"x\"y,c\n",
        "code,name,city\nSECRET,b\n", "code,name,city\nSECRET,b,c"}) {
    const std::string said = complaint(live, bytes);
    EXPECT_NE(said, "fine");
    EXPECT_EQ(said.find("SECRET"), std::string::npos) << said;
  }
}

TEST(TableReader, AnOpenQuoteDoesNotTakeTheWholeFile) {
  std::string bytes = "code,name,city\nA,\"";
  bytes.append(3'000'000, 'x');
  EXPECT_EQ(complaint(shape(false), "code,name,city\nA,b,c\n"), "fine");
  const auto table = read(shape(false), bytes, 65536);
  ASSERT_FALSE(table);
  EXPECT_EQ(describe(table.error(), "t.csv", shape(false)),
            "line 2 of \"t.csv\": a quoted cell that does not end within a MiB");
}

}  // namespace
}  // namespace smarthl7::tables
