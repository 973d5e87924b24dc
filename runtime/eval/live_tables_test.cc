// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/live_tables.h"

#include <gtest/gtest.h>

#include <thread>

namespace smarthl7::eval {
namespace {

std::shared_ptr<const TableVersion> version(const std::string& text) {
  tables::TableBuilder builder(3, 1, 0);
  const std::vector<std::string_view> row{"key", text, text};
  EXPECT_TRUE(builder.add(row));
  auto made = std::make_shared<TableVersion>();
  made->rows = *builder.finish();
  return made;
}

TableSet set_of(const std::string& text) {
  TableSet set;
  set.tables.push_back(version(text));
  set.tables.push_back(version("fixed"));
  return set;
}

std::string_view cell(const TableSet& set, std::uint32_t column) {
  const tables::Table& rows = set.tables[0]->rows;
  return rows.cell(*rows.find("key"), column);
}

TEST(LiveTables, WhatIsPinnedStays) {
  LiveTables tables(set_of("1"));
  LiveTables::Reader reader(tables);
  const TableSet& seen = reader.pin();
  EXPECT_EQ(cell(seen, 1), "1");
  std::weak_ptr<const TableVersion> old = tables.version(0);
  tables.replace(0, version("2"));
  EXPECT_FALSE(tables.settle());
  EXPECT_EQ(&reader.pin(), &seen);  // the same for the whole message
  EXPECT_EQ(cell(reader.pin(), 2), "1");
  EXPECT_FALSE(old.expired());
  reader.unpin();
  EXPECT_TRUE(tables.settle());
  EXPECT_TRUE(old.expired());  // freed when its last reader ended
  EXPECT_EQ(cell(reader.pin(), 1), "2");
  EXPECT_EQ(reader.pin().tables[1]->rows.rows(), 1U);  // the other table is the same
}

TEST(LiveTables, ReadersSeeOneVersionWhileItIsReplaced) {
  LiveTables tables(set_of("0"));
  std::atomic<bool> ended = false;
  std::atomic<std::uint64_t> looked = 0;
  std::atomic<std::uint64_t> mixed = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      LiveTables::Reader reader(tables);
      while (!ended) {
        const std::string first(cell(reader.pin(), 1));
        if (cell(reader.pin(), 2) != first) ++mixed;
        reader.unpin();
        ++looked;
      }
    });
  }
  std::vector<std::weak_ptr<const TableVersion>> versions;
  for (int i = 1; i <= 300 || looked < 3000; ++i) {
    auto fresh = version(std::to_string(i));
    versions.push_back(fresh);
    tables.replace(0, std::move(fresh));
    while (!tables.settle()) std::this_thread::yield();
  }
  ended = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(mixed, 0U);
  versions.pop_back();
  for (const auto& old : versions) EXPECT_TRUE(old.expired());
}

}  // namespace
}  // namespace smarthl7::eval
