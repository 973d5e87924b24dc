// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/text.h"

#include <algorithm>

#include "compiler/source/source.h"

namespace smarthl7::lsp {

Lines::Lines(std::string_view text) : text_(text) {
  starts_.push_back(0);
  for (std::size_t at = text.find_first_of("\r\n"); at != std::string_view::npos; at = text.find_first_of("\r\n", at)) {
    at += text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2U : 1U;
    starts_.push_back(static_cast<std::uint32_t>(at));
  }
}

std::uint32_t Lines::line_of(std::uint32_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<std::uint32_t>(after - starts_.begin()) - 1;
}

std::uint32_t Lines::content_end(std::uint32_t line) const {
  std::uint32_t end = line + 1 < count() ? starts_[line + 1] : static_cast<std::uint32_t>(text_.size());
  while (end > starts_[line] && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  return end;
}

std::uint32_t Lines::offset(Position position, Encoding encoding) const {
  if (position.line >= count()) return static_cast<std::uint32_t>(text_.size());
  std::uint32_t at = starts_[position.line];
  const std::uint32_t end = content_end(position.line);
  std::uint32_t units = 0;
  while (at < end && units < position.character) {
    const source::CodePoint point = source::decode_utf8(text_, at);
    units += encoding == Encoding::utf8 ? point.length : point.value > 0xFFFF ? 2U : 1U;
    if (units > position.character) break;  // within a character
    at += point.length;
  }
  return std::min(at, end);
}

Position Lines::position(std::uint32_t offset, Encoding encoding) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  Position result{line_of(offset), 0};
  for (std::uint32_t at = starts_[result.line]; at < offset;) {
    const source::CodePoint point = source::decode_utf8(text_, at);
    if (at + point.length > offset) break;
    at += point.length;
    result.character += encoding == Encoding::utf8 ? point.length : point.value > 0xFFFF ? 2U : 1U;
  }
  return result;
}

Range Lines::range(std::uint32_t begin, std::uint32_t end, Encoding encoding) const {
  return {position(begin, encoding), position(end, encoding)};
}

void apply_edit(std::string& text, Range range, std::string_view replacement, Encoding encoding) {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  {
    const Lines lines(text);
    begin = lines.offset(range.start, encoding);
    end = std::max(begin, lines.offset(range.end, encoding));
  }
  text.replace(begin, end - begin, replacement);
}

}  // namespace smarthl7::lsp
