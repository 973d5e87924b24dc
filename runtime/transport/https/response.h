// SPDX-License-Identifier: Apache-2.0
// Takes the bytes that come back for one request and gives the response, whatever the cut; read by Boost.Beast. Interim
// responses (1xx) are passed over. After `bad` the connection is worth nothing. Ownership: value of its connection. One thread.
// Does no I/O and knows no time. Failure: Step::bad, and why.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace smarthl7::transport::https {

struct Answered {
  unsigned status = 0;
  std::string content_type;
  std::string retry_after;
  std::string body;
  bool keep_alive = false;
};

class ResponseReader {
 public:
  enum class Step : std::uint8_t { need_more, response, bad };

  ResponseReader();
  ~ResponseReader();

  [[nodiscard]] std::span<char> room();
  void filled(std::size_t count) { end_ += count; }
  [[nodiscard]] Step next();
  /// The other end has finished sending: a body without length ends so.
  [[nodiscard]] Step finish();
  [[nodiscard]] Answered take() { return std::move(answered_); }
  [[nodiscard]] const std::string& why() const { return why_; }
  /// Nothing lies in the buffer that was not asked for.
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  /// Before the next request.
  void start();

 private:
  struct Parser;
  Step read_done();

  std::string buffer_;  // unread bytes are [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<Parser> parser_;
  Answered answered_;
  std::string why_;
};

}  // namespace smarthl7::transport::https
