// SPDX-License-Identifier: Apache-2.0
// Takes the bytes of one connection as they come and gives its requests one after the other; what it gives does not depend on
// how the bytes were cut. The head is read by head.h and by Boost.Beast, and both must agree; Beast decodes the body (RFC 9112
// sections 6 and 7). After `bad` nothing can be read: where the next request begins is not known (the caller closes).
// Ownership: value of its connection. One thread. Does no I/O and knows no time. Failure: Step::bad, with a status.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "runtime/transport/https/head.h"

namespace smarthl7::transport::https {

class RequestDecoder {
 public:
  struct Rules {
    std::size_t largest_head = std::size_t{16} << 10;
    std::size_t largest_body = std::size_t{64} << 20;
  };
  enum class Step : std::uint8_t {
    need_more,
    head,     // head() is there; the next call goes on to the body
    request,  // the body is whole: take_body()
    bad,      // refusal() says why
  };

  explicit RequestDecoder(Rules rules);
  ~RequestDecoder();

  /// Where the next bytes are to be read into; never empty. Valid until the next call of anything else.
  [[nodiscard]] std::span<char> room();
  void filled(std::size_t count) { end_ += count; }
  [[nodiscard]] Step next();

  [[nodiscard]] const Head& head() const { return head_; }
  [[nodiscard]] Refusal refusal() const { return refusal_; }
  /// Bytes of the body in memory; take_part() gives them away, and the body goes on behind them.
  [[nodiscard]] std::size_t memory() const { return body_.size(); }
  [[nodiscard]] std::string take_part() { return std::move(body_); }
  /// The body, without the parts that were taken.
  [[nodiscard]] std::string take_body() { return std::move(body_); }
  /// Bytes of the body that have come.
  [[nodiscard]] std::size_t received() const { return received_; }
  /// A request was begun and is not whole.
  [[nodiscard]] bool inside() const { return state_ != State::head || begin_ != end_; }

 private:
  class Parser;
  enum class State : std::uint8_t { head, body, bad };
  Step refuse(Refusal why);
  Step find_head();
  Step read_body();

  const Rules rules_;
  std::string buffer_;  // unread bytes are [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;   // of the head that is being read
  bool in_chunks_ = false;    // the parser has begun with those of this body
  bool passed_over_ = false;  // an empty line before it
  std::string body_;
  std::size_t received_ = 0;
  State state_ = State::head;
  Head head_;
  Refusal refusal_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace smarthl7::transport::https
