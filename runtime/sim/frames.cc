// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim/frames.h"

#include <array>

namespace smarthl7::sim {

namespace {
constexpr char kStart = '\x0B';
constexpr char kEnd = '\x1C';
}  // namespace

env::Task<Result<void>> FrameLine::write(std::string message, SteadyTime deadline) {
  message.insert(message.begin(), kStart);
  message += kEnd;
  message += '\r';
  Result<void> written = co_await stream_->write(message, deadline);
  co_return written;
}

env::Task<Result<void>> FrameLine::write_raw(std::string bytes, SteadyTime deadline) {
  Result<void> written = co_await stream_->write(bytes, deadline);
  co_return written;
}

env::Task<Result<std::string>> FrameLine::read(SteadyTime deadline) {
  while (true) {
    const auto start = buffer_.find(kStart);
    const auto end = start == std::string::npos ? std::string::npos : buffer_.find(kEnd, start);
    if (end != std::string::npos && end + 1 < buffer_.size()) {
      std::string frame = buffer_.substr(start + 1, end - start - 1);
      buffer_.erase(0, end + 2);
      co_return frame;
    }
    std::array<char, 4096> chunk{};
    Result<std::size_t> got = co_await stream_->read_some(chunk, deadline);
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got == 0) co_return fail(ErrorCode::closed, "the other end has finished");
    buffer_.append(chunk.data(), *got);
  }
}

std::string field_of(std::string_view message, std::string_view segment, int number) {
  std::size_t at = 0;
  while (at < message.size()) {
    const auto end = std::min(message.find('\r', at), message.size());
    std::string_view line = message.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(segment)) continue;
    int left = segment == "MSH" ? number - 1 : number;
    while (left-- > 0) {
      const auto bar = line.find('|');
      if (bar == std::string_view::npos) return {};
      line.remove_prefix(bar + 1);
    }
    return std::string(line.substr(0, line.find('|')));
  }
  return {};
}

}  // namespace smarthl7::sim
