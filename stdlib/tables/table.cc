// SPDX-License-Identifier: Apache-2.0
#include "stdlib/tables/table.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace smarthl7::tables {
namespace {

constexpr Table::Row kNoRow = std::numeric_limits<Table::Row>::max();

std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
  const std::uint64_t own = std::hash<std::string_view>{}(text);
  return (hash ^ own) * 0x9E3779B97F4A7C15ULL;
}

std::uint64_t hash_of(std::span<const std::string_view> keys) {
  std::uint64_t hash = 0;
  for (const std::string_view key : keys) hash = mixed(hash, key);
  return hash;
}

void put_length(std::string& out, std::size_t length) {
  for (; length >= 0x80; length >>= 7) out += static_cast<char>(0x80U | (length & 0x7FU));
  out += static_cast<char>(length);
}

}  // namespace

std::string_view Table::take_cell(std::size_t& at) const {
  std::size_t length = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(cells_[at++]);
    length |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) break;
  }
  const std::string_view cell = std::string_view(cells_).substr(at, length);
  at += length;
  return cell;
}

std::string_view Table::cell(Row row, std::uint32_t column) const {
  std::size_t at = row;
  for (; column > 0; --column) static_cast<void>(take_cell(at));
  return take_cell(at);
}

bool Table::has_keys(Row row, std::span<const std::string_view> keys) const {
  std::size_t at = row;
  return std::ranges::all_of(keys, [&](std::string_view key) { return take_cell(at) == key; });
}

std::optional<Table::Row> Table::find(std::span<const std::string_view> keys) const {
  if (rows_ == 0 || keys.size() != keys_) return std::nullopt;
  const std::uint64_t hash = hash_of(keys);
  const auto tag = static_cast<std::uint8_t>(hash);
  for (std::size_t slot = slot_of(hash); slots_[slot] != kNoRow; slot = slot + 1 == slots_.size() ? 0 : slot + 1) {
    if (tags_[slot] == tag && has_keys(slots_[slot], keys)) return slots_[slot];
  }
  return std::nullopt;
}

std::vector<Table::Row> Table::sorted() const {
  std::vector<Row> rows;
  rows.reserve(rows_);
  for (std::size_t at = 0; at < cells_.size();) {
    rows.push_back(static_cast<Row>(at));
    for (std::uint32_t column = 0; column < columns_; ++column) static_cast<void>(take_cell(at));
  }
  std::ranges::sort(rows, [&](Row one, Row other) {
    std::size_t a = one;
    std::size_t b = other;
    for (std::uint32_t key = 0; key < keys_; ++key) {
      const auto order = take_cell(a) <=> take_cell(b);
      if (order != 0) return order < 0;
    }
    return false;
  });
  return rows;
}

TableBuilder::TableBuilder(std::uint32_t columns, std::uint32_t keys, std::size_t room) {
  table_.columns_ = columns;
  table_.keys_ = keys;
  table_.holes_.resize(columns, false);
  table_.cells_.reserve(std::min<std::size_t>(room, kNoRow));
}

bool TableBuilder::add(std::span<const std::string_view> cells) {
  std::size_t more = 0;
  for (const std::string_view cell : cells) more += cell.size() + 5;
  if (table_.cells_.size() + more >= kNoRow) return false;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    put_length(table_.cells_, cells[column].size());
    table_.cells_ += cells[column];
    if (cells[column].empty()) table_.holes_[column] = true;
  }
  ++table_.rows_;
  return true;
}

std::expected<Table, TableBuilder::Twice> TableBuilder::finish() {
  Table& table = table_;
  if (table.cells_.capacity() - table.cells_.size() > table.cells_.size() / 8) table.cells_.shrink_to_fit();
  const std::size_t slots = table.rows_ + table.rows_ / 3 + 1;  // a quarter is free
  table.slots_.assign(slots, kNoRow);
  table.tags_.assign(slots, 0);
  std::vector<std::string_view> keys(table.keys_);
  std::size_t number = 0;
  for (std::size_t at = 0; at < table.cells_.size(); ++number) {
    const auto row = static_cast<Table::Row>(at);
    for (std::uint32_t column = 0; column < table.columns_; ++column) {
      const std::string_view cell = table.take_cell(at);
      if (column < table.keys_) keys[column] = cell;
    }
    const std::uint64_t hash = hash_of(keys);
    const auto tag = static_cast<std::uint8_t>(hash);
    std::size_t slot = table.slot_of(hash);
    for (; table.slots_[slot] != kNoRow; slot = slot + 1 == slots ? 0 : slot + 1) {
      const Table::Row before = table.slots_[slot];
      if (table.tags_[slot] != tag || !table.has_keys(before, keys)) continue;
      std::size_t first = 0;
      for (std::size_t i = 0; i < before; ++first) {
        for (std::uint32_t column = 0; column < table.columns_; ++column) static_cast<void>(table.take_cell(i));
      }
      return std::unexpected(Twice{first, number, row});
    }
    table.slots_[slot] = row;
    table.tags_[slot] = tag;
  }
  return std::move(table_);
}

}  // namespace smarthl7::tables
