// SPDX-License-Identifier: Apache-2.0
// A table in memory: the cells of all rows in one buffer, each behind its length, and an index of 5.3 bytes a row in which a
// key is found with about two probes, however many rows there are. 10^6 rows of 30 bytes take some 40 MB.
// Ownership: texts are views into the table. Threads: immutable once made, so any. Failure: a Builder says which rows have one
// key, and when 4 GiB are full.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smarthl7::tables {

class Table {
 public:
  using Row = std::uint32_t;  // where its cells begin

  Table() = default;

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::uint32_t columns() const { return columns_; }
  [[nodiscard]] std::uint32_t keys() const { return keys_; }
  [[nodiscard]] std::size_t bytes() const { return cells_.capacity() + (slots_.capacity() * sizeof(Row)) + tags_.capacity(); }

  [[nodiscard]] std::optional<Row> find(std::string_view key) const { return find(std::span(&key, 1)); }
  /// Keys in the order of the key columns, as many as there are.
  [[nodiscard]] std::optional<Row> find(std::span<const std::string_view> keys) const;
  [[nodiscard]] std::string_view cell(Row row, std::uint32_t column) const;
  /// Some row has nothing there.
  [[nodiscard]] bool has_holes(std::uint32_t column) const { return column < holes_.size() && holes_[column]; }
  /// All rows, by the bytes of their keys.
  [[nodiscard]] std::vector<Row> sorted() const;

 private:
  friend class TableBuilder;

  [[nodiscard]] std::string_view take_cell(std::size_t& at) const;
  [[nodiscard]] bool has_keys(Row row, std::span<const std::string_view> keys) const;
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const {
    return static_cast<std::size_t>(((hash >> 32) * slots_.size()) >> 32);
  }

  std::uint32_t columns_ = 0;
  std::uint32_t keys_ = 0;
  std::size_t rows_ = 0;
  std::string cells_;
  std::vector<Row> slots_;          // kNoRow: free
  std::vector<std::uint8_t> tags_;  // of each slot: bits of the hash, so that few other rows are looked at
  std::vector<bool> holes_;         // by column
};

class TableBuilder {
 public:
  /// `room` is a guess at the bytes of all cells: memory that is not written to costs nothing.
  TableBuilder(std::uint32_t columns, std::uint32_t keys, std::size_t room);

  /// As many cells as columns, the keys first. False: there is no room for more.
  [[nodiscard]] bool add(std::span<const std::string_view> cells);
  /// Numbers of two rows (from 0) with one key: the second one and the one before it.
  struct Twice {
    std::size_t first = 0;
    std::size_t second = 0;
    Table::Row row = 0;
  };
  /// Once. The table may be looked at through table() after a failure too.
  [[nodiscard]] std::expected<Table, Twice> finish();
  [[nodiscard]] const Table& table() const { return table_; }

 private:
  Table table_;
};

}  // namespace smarthl7::tables
