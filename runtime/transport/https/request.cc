// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/request.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

namespace smarthl7::transport::https {

namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr std::size_t kFirstRoom = std::size_t{4} << 10;    // ten thousand idle connections hold little
constexpr std::size_t kMostRoom = std::size_t{64} << 10;    // of a body that is being read
constexpr std::size_t kMostTrailer = std::size_t{8} << 10;  // a chunk's head, or the trailer: nothing is done with them

// Beast asserts that it has so many bytes of a body without data when it looks again (basic_parser.ipp, parse_chunk_header);
// one that comes as "0 CR LF", CR, LF would end the program.
constexpr std::size_t kLeastChunked = 5;  // "0\r\n\r\n"

}  // namespace

class RequestDecoder::Parser final : public http::basic_parser<true> {
 public:
  Parser(std::string& body, std::size_t& received, const Rules& rules) : body_(body), received_(received) {
    header_limit(static_cast<std::uint32_t>(rules.largest_head));
    body_limit(rules.largest_body);
    eager(true);
  }

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view, string_view, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view part, error_code&) override { return take(part); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override { return take(part); }
  void on_finish_impl(error_code&) override {}

  std::size_t take(string_view part) {
    body_.append(part.data(), part.size());
    received_ += part.size();
    return part.size();
  }

  std::string& body_;
  std::size_t& received_;
};

RequestDecoder::RequestDecoder(Rules rules) : rules_(rules) {}
RequestDecoder::~RequestDecoder() = default;

std::span<char> RequestDecoder::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == 0 && state_ == State::head && buffer_.size() > kFirstRoom) buffer_ = {};
  const std::size_t most = std::max(kMostRoom, rules_.largest_head + kMostTrailer);
  if (buffer_.size() < kFirstRoom)
    buffer_.resize(kFirstRoom);
  else if (end_ == buffer_.size() || (state_ == State::body && buffer_.size() < kMostRoom))
    buffer_.resize(std::min(most, std::max(buffer_.size() * 2, end_ + 1)));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

RequestDecoder::Step RequestDecoder::refuse(Refusal why) {
  state_ = State::bad;
  refusal_ = why;
  body_ = {};
  return Step::bad;
}

RequestDecoder::Step RequestDecoder::next() {
  switch (state_) {
    case State::head: return find_head();
    case State::body: return read_body();
    case State::bad: return Step::bad;
  }
  return Step::bad;
}

RequestDecoder::Step RequestDecoder::find_head() {
  if (!passed_over_ && end_ - begin_ >= 2 && buffer_[begin_] == '\r' && buffer_[begin_ + 1] == '\n') {
    begin_ += 2;  // one empty line before a request is passed over (RFC 9112 section 2.2)
    scanned_ = 0;
    passed_over_ = true;
  }
  const std::string_view text(buffer_.data() + begin_, end_ - begin_);
  // With the end of the last line, so that a CR before it is judged as it is when the bytes come one by one.
  const std::size_t last_line = text.find("\r\n\r\n");
  const std::string_view seen = last_line == std::string_view::npos ? text : text.substr(0, last_line + 2);
  if (const Refusal refusal = look_at(seen, scanned_); refusal.status != 0) return refuse(refusal);
  const std::size_t found = text.find("\r\n\r\n", scanned_ < 3 ? 0 : scanned_ - 3);
  if (found == std::string_view::npos ? text.size() > rules_.largest_head : found + 4 > rules_.largest_head)
    return refuse({431, "the head of the request is too large"});
  if (found == std::string_view::npos) {
    scanned_ = text.size();
    return Step::need_more;
  }
  const std::string_view head = text.substr(0, found + 4);
  if (const Refusal refusal = read_head(head, head_); refusal.status != 0) return refuse(refusal);
  if (head_.length && *head_.length > rules_.largest_body) return refuse({413, "the message is larger than allowed"});
  body_.clear();
  received_ = 0;
  in_chunks_ = false;
  parser_ = std::make_unique<Parser>(body_, received_, rules_);
  error_code error;
  const std::size_t used = parser_->put(boost::asio::buffer(head.data(), head.size()), error);
  if ((error && error != http::error::need_more) || !parser_->is_header_done() || used != head.size())
    return refuse({400, "the head of the request can be read in two ways"});
  begin_ += head.size();
  scanned_ = 0;
  passed_over_ = false;
  state_ = State::body;
  return Step::head;
}

RequestDecoder::Step RequestDecoder::read_body() {
  while (!parser_->is_done()) {
    const bool too_few = head_.chunked && !in_chunks_ && end_ - begin_ < kLeastChunked;
    if (begin_ == end_ || too_few) return Step::need_more;
    error_code error;
    const std::size_t used = parser_->put(boost::asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
    begin_ += used;
    in_chunks_ = in_chunks_ || used > 0;
    if (error == http::error::body_limit) return refuse({413, "the message is larger than allowed"});
    if (error && error != http::error::need_more) return refuse({400, "the chunks of the body are not those of HTTP"});
    if (parser_->is_done()) break;
    if (used == 0) {
      if (end_ - begin_ > kMostTrailer) return refuse({431, "the head of a chunk, or the trailer, is too large"});
      return Step::need_more;
    }
  }
  parser_.reset();
  state_ = State::head;
  return Step::request;
}

}  // namespace smarthl7::transport::https
