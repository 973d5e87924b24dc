// SPDX-License-Identifier: Apache-2.0
// Reads a CSV into a Table and finds what is wrong with it: what `check` says of a file is what the running hub says of the
// next one, because both read it here. Bytes come piece by piece, so a large file is never in memory as it stands.
// Owned by one caller; one thread. Failure: a Problem, the first there is. Texts name lines and columns, never what stands in
// a cell (it may be a patient's number); the key that stands twice is in Problem::key for the author's own terminal.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/tables/csv.h"
#include "stdlib/tables/table.h"

namespace smarthl7::tables {

inline constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 30;

struct TableShape {
  std::vector<std::string> columns;   // the keys, then the values
  std::uint32_t keys = 1;             // that many are the key
  std::vector<std::string> optional;  // values that may be empty, of a table that reloads
  std::uint32_t least_rows = 0;       // of a table that reloads
  bool reloads = false;               // the rules for what is read while the hub runs
};

struct Problem {
  enum class Kind : std::uint8_t {
    syntax,      // text says what
    no_header,   //
    no_column,   // missing: positions in TableShape::columns
    width,       // line has `found` cells, the header `wanted`
    empty_key,   // line
    twice,       // line and other_line
    empty_cell,  // line, column
    not_ended,   // line: the last one has no line break
    few_rows,    // found, wanted
    too_large,   //
  };
  Kind kind = Kind::syntax;
  std::uint32_t line = 0;
  std::uint32_t other_line = 0;
  std::size_t found = 0;
  std::size_t wanted = 0;
  std::string text;
  std::string column;
  std::vector<std::size_t> missing;
  std::vector<std::string> header;
  std::vector<std::string> key;  // of `twice`
};

/// One sentence about the file of that name.
[[nodiscard]] std::string describe(const Problem& problem, std::string_view file, const TableShape& shape);

class TableReader {
 public:
  /// `file_bytes` is a guess at the size of the file.
  TableReader(TableShape shape, std::uint64_t file_bytes);
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  /// False: there is no use in more, finish() says why.
  [[nodiscard]] bool feed(std::string_view bytes);
  [[nodiscard]] std::expected<Table, Problem> finish();
  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }

 private:
  [[nodiscard]] bool take_row(std::uint32_t line, std::span<const std::string_view> cells);
  [[nodiscard]] bool take_header(std::span<const std::string_view> cells);
  [[nodiscard]] bool wrong(Problem problem);
  [[nodiscard]] bool may_be_empty(std::size_t column) const { return may_be_empty_[column]; }

  TableShape shape_;
  CsvReader csv_;
  TableBuilder builder_;
  std::uint64_t bytes_ = 0;
  bool headed_ = false;
  std::vector<std::string> header_;
  std::vector<std::size_t> positions_;  // of the columns, in the file
  std::vector<bool> may_be_empty_;      // by column
  std::vector<std::string_view> row_;
  std::vector<std::uint32_t> lines_;  // of rows
  std::optional<Problem> problem_;
};

}  // namespace smarthl7::tables
