// SPDX-License-Identifier: Apache-2.0
// Texts as editors see them: lines from 0, characters in UTF-16 units (or bytes, if the client asked for UTF-8), edits by
// ranges. LSP 3.17, "Text Documents": a line ends at LF, CRLF or CR; a position past the end of its line means the line's end.
// Value types; any thread; nothing fails: what lies outside is moved to the nearest place inside.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::lsp {

enum class Encoding : std::uint8_t { utf8, utf16 };

struct Position {
  std::uint32_t line = 0;
  std::uint32_t character = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

struct Range {
  Position start;
  Position end;

  friend auto operator<=>(const Range&, const Range&) = default;
};

/// Where the lines of a text begin. Borrows the text.
class Lines {
 public:
  explicit Lines(std::string_view text);

  [[nodiscard]] std::uint32_t offset(Position position, Encoding encoding) const;
  /// An offset within a character means its begin.
  [[nodiscard]] Position position(std::uint32_t offset, Encoding encoding) const;
  [[nodiscard]] Range range(std::uint32_t begin, std::uint32_t end, Encoding encoding) const;
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(starts_.size()); }
  [[nodiscard]] std::uint32_t start(std::uint32_t line) const { return starts_[line]; }
  /// The line (from 0) that holds the offset.
  [[nodiscard]] std::uint32_t line_of(std::uint32_t offset) const;
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  /// The end of a line without its break.
  [[nodiscard]] std::uint32_t content_end(std::uint32_t line) const;

  std::string_view text_;
  std::vector<std::uint32_t> starts_;
};

/// Replaces a range; a range whose end lies before its start is empty.
void apply_edit(std::string& text, Range range, std::string_view replacement, Encoding encoding);

}  // namespace smarthl7::lsp
