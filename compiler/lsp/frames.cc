// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace smarthl7::lsp {
namespace {

constexpr std::size_t kMaxHeader = 8192;
constexpr std::string_view kLength = "content-length";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_length(std::string_view name) {
  return name.size() == kLength.size() &&
         std::equal(name.begin(), name.end(), kLength.begin(), [](char a, char b) { return lower(a) == b; });
}

/// The Content-Length among the header lines.
std::optional<std::size_t> length_of(std::string_view header) {
  std::optional<std::size_t> length;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find('\n'), header.size());
    std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_length(line.substr(0, colon))) continue;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == ' ')) value.remove_suffix(1);
    std::size_t number = 0;
    const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc{} && rest == value.data() + value.size()) length = number;
  }
  return length;
}

}  // namespace

void FrameReader::feed(std::string_view bytes) { buffer_.append(bytes); }

void FrameReader::compact() {
  if (at_ < 65536 && at_ != buffer_.size()) return;
  buffer_.erase(0, at_);
  at_ = 0;
}

std::optional<std::string> FrameReader::next() {
  for (;;) {
    const std::size_t over = std::min(to_skip_, buffer_.size() - at_);
    at_ += over;
    to_skip_ -= over;
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    // Some clients end the lines with LF alone.
    const std::size_t crlf = rest.find("\r\n\r\n");
    const std::size_t lf = rest.find("\n\n");
    const std::size_t end = std::min(crlf, lf);
    if (end == std::string_view::npos) {
      if (rest.size() > kMaxHeader) {
        ++skipped_;
        at_ = buffer_.size();
      }
      compact();
      return std::nullopt;
    }
    const std::size_t body = end + (end == crlf ? 4 : 2);
    const auto length = length_of(rest.substr(0, end));
    if (!length || *length > kMaxMessageBytes) {
      ++skipped_;
      at_ += body;
      to_skip_ = length.value_or(0);
      continue;
    }
    if (rest.size() - body < *length) return std::nullopt;
    std::string message(rest.substr(body, *length));
    at_ += body + *length;
    compact();
    return message;
  }
}

std::string framed(std::string_view body) { return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body); }

}  // namespace smarthl7::lsp
