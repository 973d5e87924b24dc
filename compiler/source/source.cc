// SPDX-License-Identifier: Apache-2.0
#include "compiler/source/source.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "stdlib/base/assert.h"

namespace smarthl7::source {
namespace {

std::uint32_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

std::optional<std::uint32_t> find_invalid(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (byte_at(bytes, at) < 0x80) {
      ++at;
      continue;
    }
    const CodePoint point = decode_utf8(bytes, at);
    if (!point.valid) return static_cast<std::uint32_t>(at);
    at += point.length;
  }
  return std::nullopt;
}

}  // namespace

CodePoint decode_utf8(std::string_view text, std::size_t at) {
  constexpr CodePoint kInvalid{0xFFFD, 1, false};
  const std::uint32_t first = byte_at(text, at);
  if (first < 0x80) return {first, 1, true};
  const std::uint32_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return kInvalid;
  std::uint32_t value = first & (0x7FU >> length);
  for (std::uint32_t i = 1; i < length; ++i) {
    const std::uint32_t next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return kInvalid;
    value = (value << 6U) | (next & 0x3FU);
  }
  const bool too_short = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (too_short || surrogate || value > 0x10FFFF) return kInvalid;
  return {static_cast<char32_t>(value), length, true};
}

SourceFile::SourceFile(FileId id, std::string path, std::string bytes)
    : id_(id), path_(std::move(path)), bytes_(std::move(bytes)), first_invalid_(find_invalid(bytes_)) {
  line_starts_.push_back(0);
  for (std::size_t at = 0; at < bytes_.size(); ++at) {
    if (bytes_[at] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
}

std::string_view SourceFile::text(Span span) const {
  SMARTHL7_ASSERT(span.begin <= span.end && span.end <= bytes_.size(), "a span lies within its file");
  return std::string_view(bytes_).substr(span.begin, span.length());
}

std::uint32_t SourceFile::line_of(std::uint32_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::uint32_t>(after - line_starts_.begin());
}

std::uint32_t SourceFile::line_start(std::uint32_t line) const {
  SMARTHL7_ASSERT(line >= 1 && line <= line_starts_.size(), "a line number lies within its file");
  return line_starts_[line - 1];
}

std::string_view SourceFile::line_text(std::uint32_t line) const {
  const std::uint32_t begin = line_start(line);
  const std::size_t end = line < line_starts_.size() ? line_starts_[line] : bytes_.size();
  std::string_view text = std::string_view(bytes_).substr(begin, end - begin);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

Position SourceFile::position(std::uint32_t offset) const {
  offset = std::min(offset, size());
  const std::uint32_t line = line_of(offset);
  Position result{line, 1};
  for (std::size_t at = line_start(line); at < offset; ++result.column) at += decode_utf8(bytes_, at).length;
  return result;
}

std::uint32_t SourceFile::offset(Position position) const {
  if (position.line > line_count()) return size();
  const std::uint32_t begin = line_start(std::max(position.line, 1U));
  const std::string_view text = line_text(std::max(position.line, 1U));
  std::size_t at = 0;
  for (std::uint32_t column = 1; column < position.column && at < text.size(); ++column) at += decode_utf8(text, at).length;
  return begin + static_cast<std::uint32_t>(at);
}

const SourceFile& SourceSet::add(std::string path, std::string bytes) {
  files_.push_back(std::make_shared<const SourceFile>(static_cast<FileId>(files_.size()), std::move(path), std::move(bytes)));
  return *files_.back();
}

const SourceFile& SourceSet::place(std::shared_ptr<const SourceFile> file) {
  const FileId id = file->id();
  if (files_.size() <= id) files_.resize(id + 1);
  files_[id] = std::move(file);
  return *files_[id];
}

Result<const SourceFile*> SourceSet::load(const std::string& path) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) return fail_errno("cannot open " + path, errno);
  std::string bytes;
  char buffer[16384];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get())) {
    bytes.append(buffer, got);
    if (bytes.size() > kMaxFileBytes) return fail(ErrorCode::full, path + " is larger than 16 MiB");
  }
  if (std::ferror(file.get()) != 0) return fail_errno("cannot read " + path, errno);
  return &add(path, std::move(bytes));
}

const SourceFile& SourceSet::get(FileId id) const {
  SMARTHL7_ASSERT(id < files_.size() && files_[id] != nullptr, "a span names a file of its set");
  return *files_[id];
}

}  // namespace smarthl7::source
