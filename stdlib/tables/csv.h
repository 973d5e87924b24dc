// SPDX-License-Identifier: Apache-2.0
// Comma-separated values after RFC 4180: quoted cells with doubled quotes and line breaks in them, lines ended by LF or CRLF,
// a byte order mark at the start, empty lines between rows. UTF-8 only. Read piece by piece, a row in memory at a time.
// Owned by one caller; one thread. Fails with line and reason, never with a cell's text.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::tables {

struct CsvError {
  std::uint32_t line = 1;
  std::string text;
};

class CsvReader {
 public:
  /// Called with the line where a row begins and its cells, which live until it returns; false ends the reading.
  using OnRow = std::function<bool(std::uint32_t line, std::span<const std::string_view> cells)>;
  explicit CsvReader(OnRow on_row) : on_row_(std::move(on_row)) {}

  /// False: error() says why, or the row's taker wanted no more.
  [[nodiscard]] bool feed(std::string_view bytes);
  [[nodiscard]] bool finish();
  [[nodiscard]] const CsvError& error() const { return error_; }
  /// The last byte was that of a line's end.
  [[nodiscard]] bool ended() const { return state_ == State::row_begin && !pending_return_; }
  [[nodiscard]] std::uint32_t line() const { return line_; }

 private:
  enum class State : std::uint8_t { row_begin, cell_begin, plain, quoted, quote_seen };

  [[nodiscard]] bool take(std::string_view bytes);
  [[nodiscard]] bool step(char c);
  [[nodiscard]] bool special(char c);
  [[nodiscard]] bool end_of_line();
  [[nodiscard]] bool end_row();
  void begin_row();
  [[nodiscard]] bool fail(std::uint32_t line, std::string text);

  OnRow on_row_;
  State state_ = State::row_begin;
  bool pending_return_ = false;  // a CR that may belong to a line's end
  bool begun_ = false;           // past the byte order mark
  std::string start_;            // the first bytes, as long as they may be one
  std::uint32_t line_ = 1;
  std::uint32_t row_line_ = 1;
  std::uint32_t quote_line_ = 1;
  std::string text_;  // of the row at hand, cell after cell
  std::vector<std::size_t> ends_;
  std::vector<std::string_view> cells_;
  CsvError error_;
};

struct CsvRow {
  std::uint32_t line = 1;  // where it begins
  std::vector<std::string> cells;
};

/// All rows, the header first.
[[nodiscard]] std::expected<std::vector<CsvRow>, CsvError> parse_csv(std::string_view bytes);

}  // namespace smarthl7::tables
