// SPDX-License-Identifier: Apache-2.0
// Messages in a stream of bytes: header lines with Content-Length, an empty line, that many bytes (LSP 3.17, "Base Protocol").
// A reader belongs to one thread and keeps what has not become a message yet. Nothing throws; what is no header is skipped
// and counted, so that a broken client cannot end the server.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smarthl7::lsp {

/// Longest message that is taken; a longer one is read over.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{64} << 20;

class FrameReader {
 public:
  void feed(std::string_view bytes);
  /// The next whole message, if there is one.
  [[nodiscard]] std::optional<std::string> next();
  /// Header blocks without a usable length, and messages that were too long.
  [[nodiscard]] std::size_t skipped() const { return skipped_; }

 private:
  void compact();

  std::string buffer_;
  std::size_t at_ = 0;       // what was read already
  std::size_t to_skip_ = 0;  // of a message that is too long
  std::size_t skipped_ = 0;
};

/// A message with its header.
[[nodiscard]] std::string framed(std::string_view body);

}  // namespace smarthl7::lsp
