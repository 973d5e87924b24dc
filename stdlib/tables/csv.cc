// SPDX-License-Identifier: Apache-2.0
#include "stdlib/tables/csv.h"

#include <algorithm>
#include <utility>

namespace smarthl7::tables {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMostRow = std::size_t{1} << 20;  // bytes: an open quote must not take the whole file into memory

/// Bytes of the sequence that begins at `at`; 0: none does.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  // Longer than needed, a surrogate, or beyond the last character (RFC 3629).
  const unsigned char second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
      (first == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

/// Where text is no UTF-8; npos: nowhere.
std::size_t misfit(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_at(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace

bool CsvReader::fail(std::uint32_t line, std::string text) {
  error_ = {line, std::move(text)};
  return false;
}

void CsvReader::begin_row() {
  row_line_ = line_;
  text_.clear();
  ends_.clear();
  state_ = State::cell_begin;
}

bool CsvReader::end_row() {
  ends_.push_back(text_.size());
  cells_.clear();
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    const std::string_view cell = std::string_view(text_).substr(begin, end - begin);
    if (const std::size_t at = misfit(cell); at != std::string_view::npos) {
      const auto breaks = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(begin + at), '\n');
      return fail(row_line_ + static_cast<std::uint32_t>(breaks), "a byte that is not UTF-8");
    }
    cells_.push_back(cell);
    begin = end;
  }
  state_ = State::row_begin;
  return on_row_(row_line_, cells_);
}

bool CsvReader::end_of_line() {
  const bool good = state_ == State::row_begin || end_row();
  ++line_;
  return good;
}

/// What is not the ordinary part of a cell.
bool CsvReader::special(char c) {
  switch (state_) {
    case State::row_begin: begin_row(); return step(c);
    case State::cell_begin:
      if (c == '"') {
        state_ = State::quoted;
        quote_line_ = line_;
        return true;
      }
      state_ = State::plain;
      return special(c);
    case State::plain:
      if (c == ',') {
        ends_.push_back(text_.size());
        state_ = State::cell_begin;
        return true;
      }
      if (c == '"') return fail(line_, "a quote inside a cell that does not begin with one");
      if (c == '\0') return fail(line_, "a NUL byte");
      text_ += c;
      return text_.size() <= kMostRow || fail(row_line_, "a row of more than a MiB");
    case State::quoted:
      if (c == '"') {
        state_ = State::quote_seen;
        return true;
      }
      if (c == '\n') ++line_;
      if (c == '\0') return fail(line_, "a NUL byte");
      text_ += c;
      return text_.size() <= kMostRow || fail(quote_line_, "a quoted cell that does not end within a MiB");
    case State::quote_seen:
      if (c == '"') {
        text_ += c;
        state_ = State::quoted;
        return true;
      }
      if (c != ',') return fail(line_, "after a closing quote comes a comma or the end of the line");
      ends_.push_back(text_.size());
      state_ = State::cell_begin;
      return true;
  }
  return false;
}

bool CsvReader::step(char c) {
  if (state_ == State::quoted) return special(c);
  if (pending_return_) {
    pending_return_ = false;
    if (c == '\n') return end_of_line();
    if (!special('\r')) return false;  // it was part of a cell
  }
  if (c == '\r') {
    pending_return_ = true;
    return true;
  }
  if (c == '\n') return end_of_line();
  return special(c);
}

bool CsvReader::take(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (state_ == State::plain && !pending_return_) {  // nearly always: up to what means something
      const std::size_t end = std::min(bytes.find_first_of(std::string_view(",\n\"\r\0", 5), at), bytes.size());
      text_.append(bytes, at, end - at);
      at = end;
      if (at == bytes.size()) break;
    }
    if (!step(bytes[at])) return false;
  }
  return text_.size() <= kMostRow || fail(row_line_, "a row of more than a MiB");
}

bool CsvReader::feed(std::string_view bytes) {
  if (begun_) return take(bytes);
  start_ += bytes;
  if (start_.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(start_)) return true;
  begun_ = true;
  std::string_view rest = start_;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  const bool good = take(rest);
  start_.clear();
  start_.shrink_to_fit();
  return good;
}

bool CsvReader::finish() {
  if (!begun_ && !start_.empty()) {
    begun_ = true;
    if (!take(std::exchange(start_, {}))) return false;
  }
  if (state_ == State::quoted) return fail(quote_line_, "a quoted cell without its closing quote");
  if (pending_return_) {
    pending_return_ = false;
    if (!special('\r')) return false;
  }
  return state_ == State::row_begin || end_row();
}

std::expected<std::vector<CsvRow>, CsvError> parse_csv(std::string_view bytes) {
  std::vector<CsvRow> rows;
  CsvReader reader([&](std::uint32_t line, std::span<const std::string_view> cells) {
    rows.push_back({line, {cells.begin(), cells.end()}});
    return true;
  });
  if (!reader.feed(bytes) || !reader.finish()) return std::unexpected(reader.error());
  return rows;
}

}  // namespace smarthl7::tables
