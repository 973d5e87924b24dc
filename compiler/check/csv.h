// SPDX-License-Identifier: Apache-2.0
// Comma-separated values after RFC 4180: quoted cells with doubled quotes and line breaks in them, lines ended by LF or CRLF,
// a byte order mark at the start, empty lines between rows. UTF-8 only. Pure; any thread; fails with line and reason.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::check {

struct CsvRow {
  std::uint32_t line = 1;  // where it begins
  std::vector<std::string> cells;
};
struct CsvError {
  std::uint32_t line = 1;
  std::string text;
};

/// All rows, the header first.
[[nodiscard]] std::expected<std::vector<CsvRow>, CsvError> parse_csv(std::string_view bytes);

}  // namespace smarthl7::check
