// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/csv.h"

#include "compiler/source/source.h"

namespace smarthl7::check {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::expected<std::vector<CsvRow>, CsvError> rows() {
    std::vector<CsvRow> rows;
    while (at_ < bytes_.size()) {
      if (end_of_line()) continue;
      rows.push_back({line_, {}});
      if (!row(rows.back())) return std::unexpected(error_);
    }
    return rows;
  }

 private:
  bool end_of_line() {
    if (bytes_.substr(at_).starts_with("\r\n"))
      at_ += 2;
    else if (bytes_[at_] == '\n')
      ++at_;
    else
      return false;
    ++line_;
    return true;
  }

  bool row(CsvRow& row) {
    for (;;) {
      std::string cell;
      if (at_ < bytes_.size() && bytes_[at_] == '"' ? !quoted(cell) : !plain(cell)) return false;
      row.cells.push_back(std::move(cell));
      if (at_ >= bytes_.size() || end_of_line()) return true;
      if (bytes_[at_] != ',') return fail(line_, "after a closing quote comes a comma or the end of the line");
      ++at_;
    }
  }

  bool plain(std::string& cell) {
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == ',' || c == '\n' || bytes_.substr(at_).starts_with("\r\n")) break;
      if (c == '"') return fail(line_, "a quote inside a cell that does not begin with one");
      if (c == '\0') return fail(line_, "a NUL byte");
      cell += c;
      ++at_;
    }
    return true;
  }

  bool quoted(std::string& cell) {
    const std::uint32_t begin = line_;
    ++at_;
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == '"') {
        ++at_;
        if (at_ >= bytes_.size() || bytes_[at_] != '"') return true;
      }
      if (c == '\n') ++line_;
      if (c == '\0') return fail(line_, "a NUL byte");
      cell += c;
      ++at_;
    }
    return fail(begin, "a quoted cell without its closing quote");
  }

  bool fail(std::uint32_t line, std::string text) {
    error_ = {line, std::move(text)};
    return false;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  CsvError error_;
};

}  // namespace

std::expected<std::vector<CsvRow>, CsvError> parse_csv(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  std::uint32_t line = 1;
  for (std::size_t at = 0; at < bytes.size();) {
    const source::CodePoint point = source::decode_utf8(bytes, at);
    if (!point.valid) return std::unexpected(CsvError{line, "a byte that is not UTF-8"});
    if (point.value == U'\n') ++line;
    at += point.length;
  }
  return Reader(bytes).rows();
}

}  // namespace smarthl7::check
