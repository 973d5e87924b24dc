// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/response.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>

namespace smarthl7::transport::https {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kLargestAnswer = std::size_t{4} << 20;
constexpr std::uint32_t kLargestHead = 32U << 10;
constexpr std::size_t kRoom = std::size_t{4} << 10;
constexpr std::size_t kMostRoom = std::size_t{64} << 10;
constexpr unsigned kSwitching = 101;
constexpr std::size_t kLeastChunked = 5;  // "0\r\n\r\n": see request.cc

}  // namespace

struct ResponseReader::Parser {
  Parser() {
    parser.header_limit(kLargestHead);
    parser.body_limit(kLargestAnswer);
  }
  http::response_parser<http::string_body> parser;  // not eager at first: it stops behind the head
  bool in_chunks = false;
};

ResponseReader::ResponseReader() { start(); }
ResponseReader::~ResponseReader() = default;

void ResponseReader::start() {
  parser_ = std::make_unique<Parser>();
  answered_ = {};
}

std::span<char> ResponseReader::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < kRoom) buffer_.resize(kRoom);
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  return {buffer_.data() + end_, buffer_.size() - end_};
}

ResponseReader::Step ResponseReader::next() {
  while (!parser_->parser.is_done()) {
    const bool in_body = parser_->parser.is_header_done();
    parser_->parser.eager(in_body);
    const bool chunked = in_body && parser_->parser.chunked() && !parser_->in_chunks;
    if (begin_ == end_ || (chunked && end_ - begin_ < kLeastChunked)) return Step::need_more;
    error_code error;
    const std::size_t used = parser_->parser.put(boost::asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
    begin_ += used;
    parser_->in_chunks = parser_->in_chunks || (in_body && used > 0);
    if (error && error != http::error::need_more) {
      why_ = "the response is not HTTP: " + error.message();
      return Step::bad;
    }
    if (parser_->parser.is_done()) break;
    if (used == 0) {
      if (end_ - begin_ >= kMostRoom) {
        why_ = "the head of the response is too large";
        return Step::bad;
      }
      return Step::need_more;
    }
  }
  return read_done();
}

ResponseReader::Step ResponseReader::finish() {
  error_code error;
  if (parser_->parser.got_some()) parser_->parser.put_eof(error);
  if (!error && parser_->parser.is_done()) {
    const Step step = read_done();
    answered_.keep_alive = false;
    return step;
  }
  why_ = "the connection was closed in the middle of the response";
  return Step::bad;
}

ResponseReader::Step ResponseReader::read_done() {
  auto message = parser_->parser.release();
  const unsigned status = message.result_int();
  if (status == kSwitching || status < 100) {
    why_ = "the response has a status that nobody asked for";
    return Step::bad;
  }
  if (status < 200) {
    start();
    return next();
  }
  answered_.status = status;
  const auto type = message[http::field::content_type];
  const auto after = message[http::field::retry_after];
  answered_.content_type.assign(type.data(), type.size());
  answered_.retry_after.assign(after.data(), after.size());
  answered_.keep_alive = message.keep_alive();
  answered_.body = std::move(message.body());
  return Step::response;
}

}  // namespace smarthl7::transport::https
