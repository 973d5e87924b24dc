// SPDX-License-Identifier: Apache-2.0
// The text of route files: bytes with a path, a line table, and the spans that everything else points with.
// A SourceSet owns its files at stable addresses and outlives every AST, span and diagnostic made from them.
// Immutable once added; any thread may read. Reading from disk fails with a Result; wrong UTF-8 does not:
// the parser reports it as a diagnostic at first_invalid().
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7::source {

using FileId = std::uint32_t;

/// Largest route file that is read; offsets fit 32 bits with room to spare.
inline constexpr std::size_t kMaxFileBytes = std::size_t{16} << 20;

/// A range of bytes of one file: [begin, end).
struct Span {
  FileId file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  [[nodiscard]] std::uint32_t length() const { return end - begin; }
  [[nodiscard]] bool contains(std::uint32_t offset) const { return begin <= offset && offset < end; }
  friend auto operator<=>(const Span&, const Span&) = default;
};

/// From the begin of the one to the end of the other; both in one file.
[[nodiscard]] inline Span join(Span first, Span last) { return {first.file, first.begin, last.end}; }

/// Line and column from 1; the column counts code points.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  friend auto operator<=>(const Position&, const Position&) = default;
};

class SourceFile {
 public:
  SourceFile(FileId id, std::string path, std::string bytes);
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  [[nodiscard]] FileId id() const { return id_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] std::string_view text(Span span) const;

  /// Offset of the first byte that is not UTF-8, if there is one.
  [[nodiscard]] std::optional<std::uint32_t> first_invalid() const { return first_invalid_; }

  [[nodiscard]] std::uint32_t line_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }
  /// Line (from 1) that holds the offset; an offset past the end belongs to the last line.
  [[nodiscard]] std::uint32_t line_of(std::uint32_t offset) const;
  /// Offset of the first byte of a line (from 1).
  [[nodiscard]] std::uint32_t line_start(std::uint32_t line) const;
  /// A line (from 1) without its line break.
  [[nodiscard]] std::string_view line_text(std::uint32_t line) const;
  [[nodiscard]] Position position(std::uint32_t offset) const;
  /// The offset of a position; past the end of its line means the line's end. For editors.
  [[nodiscard]] std::uint32_t offset(Position position) const;

 private:
  FileId id_;
  std::string path_;
  std::string bytes_;
  std::vector<std::uint32_t> line_starts_;
  std::optional<std::uint32_t> first_invalid_;
};

class SourceSet {
 public:
  /// Takes the bytes; the reference stays valid as long as the set.
  const SourceFile& add(std::string path, std::string bytes);
  /// Puts a file at its own id, instead of what was there; for callers that keep files from one set to the next.
  const SourceFile& place(std::shared_ptr<const SourceFile> file);
  /// Reads the file at `path`.
  Result<const SourceFile*> load(const std::string& path);

  [[nodiscard]] const SourceFile& get(FileId id) const;
  [[nodiscard]] const SourceFile& get(Span span) const { return get(span.file); }
  [[nodiscard]] std::string_view text(Span span) const { return get(span).text(span); }
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  std::vector<std::shared_ptr<const SourceFile>> files_;  // null: an id that place() has skipped
};

/// One code point of UTF-8 text and how many bytes it takes; an invalid byte is U+FFFD and takes one.
struct CodePoint {
  char32_t value = 0;
  std::uint32_t length = 1;
  bool valid = true;
};
[[nodiscard]] CodePoint decode_utf8(std::string_view text, std::size_t at);

}  // namespace smarthl7::source
