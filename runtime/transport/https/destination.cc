// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/destination.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/env/crash_point.h"
#include "runtime/transport/https/content.h"
#include "runtime/transport/https/outcome.h"
#include "runtime/transport/https/reply.h"
#include "stdlib/base/assert.h"
#include "stdlib/base/digest.h"

namespace smarthl7::transport::https {

using env::Task;

namespace {

constexpr std::size_t kKeyLength = 32;
constexpr unsigned kUnauthorized = 401;

class Busy {
 public:
  explicit Busy(bool& flag) : flag_(flag) {
    SMARTHL7_ASSERT(!flag_, "a destination does one thing at a time");
    flag_ = true;
  }
  ~Busy() { flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  bool& flag_;
};

}  // namespace

HttpsDestination::HttpsDestination(DestinationSettings settings, env::Env env)
    : settings_(std::move(settings)),
      form_(form_of_answer(settings_.content_type)),
      env_(env),
      address_(settings_.url.endpoint.text()) {}

HttpsDestination::~HttpsDestination() { SMARTHL7_ASSERT(!busy_, "a destination was destroyed while it is in use"); }

Task<Result<std::unique_ptr<env::Stream>>> HttpsDestination::make_stream(SteadyTime deadline) {
  const Proxy* proxy = settings_.proxy ? &*settings_.proxy : nullptr;
  Result<std::unique_ptr<env::Stream>> stream =
      co_await connect_through(&env_.network, proxy, settings_.url.endpoint, deadline, &abandon_);
  if (!stream || settings_.tls == nullptr) co_return stream;
  stream = co_await tls::connect(settings_.tls, std::move(*stream), deadline);
  co_return stream;
}

Task<Result<void>> HttpsDestination::connect(SteadyTime deadline) {
  if (stream_ != nullptr && used_up() && !busy_) {
    stream_->close();
    stream_.reset();
  }
  if (stream_ != nullptr) co_return Result<void>();
  const Busy busy(busy_);
  closing_ = false;
  abandon_.requested = false;
  Result<void> opened = co_await open(deadline);
  co_return opened;
}

Task<Result<void>> HttpsDestination::open(SteadyTime deadline) {
  deadline = std::min(deadline, env_.executor.now() + settings_.connect_within);
  Result<std::unique_ptr<env::Stream>> stream = co_await make_stream(deadline);
  if (!stream) co_return std::unexpected(std::move(stream).error());
  if (closing_) {
    closing_ = false;
    co_return fail(ErrorCode::closed, "the connection to " + address_ + " is not wanted any more");
  }
  stream_ = std::move(*stream);
  reader_ = std::make_unique<ResponseReader>();
  heard_ = false;
  sent_ = 0;
  co_return Result<void>();
}

void HttpsDestination::close() {
  abandon_.request();
  listened_.notify_all();
  if (busy_) {
    closing_ = true;  // the stream goes when the one who waits on it has returned
    if (stream_ != nullptr) stream_->close();
    return;
  }
  if (stream_ != nullptr) stream_->close();
  stream_.reset();
}

Sent HttpsDestination::give_up(Sent::Outcome outcome, Error error) {
  if (stream_ != nullptr) stream_->close();
  stream_.reset();
  closing_ = false;
  return Sent{outcome, {}, std::move(error)};
}

void HttpsDestination::set_delivery(std::uint64_t message, std::uint32_t number) {
  delivery_ = fmt::format("{}/{}", message, number);
}

// Before a message goes out nothing may wait to be read: the end of the stream means that the receiver has closed a connection
// that was idle, and bytes would be taken for the response.
Task<Result<void>> HttpsDestination::check_quiet() {
  const bool idle = reader_->empty();
  if (!idle) co_return fail(ErrorCode::closed, address_ + " sent more than one response");
  Result<std::size_t> got = co_await stream_->read_some(reader_->room(), env_.executor.now());
  if (!got && got.error().code == ErrorCode::timeout) co_return Result<void>();
  if (!got) co_return std::unexpected(std::move(got).error());
  if (*got == 0) co_return fail(ErrorCode::closed, address_ + " had closed the connection");
  co_return fail(ErrorCode::closed, address_ + " sent bytes that no message had asked for");
}

Result<std::string> HttpsDestination::body_of(const SharedBytes& message) {
  std::string body;
  if (Result<void> made = encoder_.convert(message.view(), hl7::Encoding::pipes, form_, body); !made)
    return fail(ErrorCode::invalid, fmt::format("the message cannot be written as {}", name_of(form_)), made.error());
  return body;
}

/// The key names the delivery, so it is the same on every attempt, and another one for a message that is sent again on purpose.
std::string HttpsDestination::head_of(std::string_view message, std::string_view body) {
  const std::string key = to_hex(sha256(fmt::format("{} {} ", settings_.url.authority, delivery_) + to_hex(sha256(message))));
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: smarthl7\r\nContent-Type: {}\r\nContent-Length: {}\r\nIdempotency-Key: "
      "{}\r\n"
      "{}{}{}\r\n",
      settings_.url.target, settings_.url.authority, settings_.content_type, body.size(), key.substr(0, kKeyLength),
      settings_.headers, credentials(settings_.auth, body, env_.clock.wall()),
      token_ == nullptr ? "" : fmt::format("Authorization: Bearer {}\r\n", token_->text.reveal()));
}

/// The token that is good now. None to be had is no fault of the message, and no reason to lose it.
Task<Result<void>> HttpsDestination::show_token(SteadyTime deadline) {
  if (settings_.tokens == nullptr) co_return Result<void>();
  Result<oauth::TokenKeeper::Held> token = co_await settings_.tokens->get(env_, deadline, &abandon_);
  if (!token) co_return std::unexpected(std::move(token).error());
  token_ = std::move(*token);
  co_return Result<void>();
}

Task<Sent> HttpsDestination::exchange(SharedBytes message, SteadyTime deadline) {
  std::string converted;
  if (form_ != hl7::Encoding::pipes) {
    Result<std::string> made = body_of(message);
    if (!made) co_return Sent{Sent::Outcome::not_sent, {}, std::move(made).error()};
    converted = std::move(*made);
  }
  const std::string_view body = form_ == hl7::Encoding::pipes ? message.view() : std::string_view(converted);
  Result<void> token = co_await show_token(deadline);
  if (!token) co_return give_up(Sent::Outcome::not_sent, std::move(token).error());
  Result<void> quiet = co_await check_quiet();
  if (!quiet) co_return give_up(Sent::Outcome::not_sent, std::move(quiet).error());
  const std::string head = head_of(message.view(), body);
  const std::array<std::string_view, 2> pieces{head, body};
  reader_->start();
  ++sent_;
  // A receiver may refuse before it has read all, and then writes its response while we still write: so what it says is read
  // even when writing failed.
  Result<void> written = co_await stream_->write_pieces(pieces, deadline);
  if (written) env::crash_point(env::CrashPoint::between_send_and_answer);
  Result<Answered> answered = co_await read_response(deadline);
  if (!answered) {
    // TLS 1.3 tells a client of its rejected certificate only after the handshake; what was sent was never given to anybody.
    const bool rejected = answered.error().code == ErrorCode::refused && !heard_;
    Error error = written || rejected ? std::move(answered).error() : std::move(written).error();
    co_return give_up(rejected ? Sent::Outcome::not_sent : Sent::Outcome::unknown, std::move(error));
  }
  const bool keep = answered->keep_alive && written && reader_->empty() && !closing_;
  token_refused_ = answered->status == kUnauthorized && token_ != nullptr;
  Sent sent = outcome_of(std::move(*answered));
  if (!keep || sent.outcome == Sent::Outcome::not_sent) {
    stream_->close();
    stream_.reset();
    closing_ = false;
  }
  co_return sent;
}

Task<Result<Answered>> HttpsDestination::read_response(SteadyTime deadline) {
  while (true) {
    ResponseReader::Step step = reader_->next();
    if (step == ResponseReader::Step::response) co_return reader_->take();
    if (step == ResponseReader::Step::bad) co_return fail(ErrorCode::invalid, address_ + ": " + reader_->why());
    Result<std::size_t> got = co_await stream_->read_some(reader_->room(), deadline);
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got == 0) {
      step = reader_->finish();
      if (step == ResponseReader::Step::response) co_return reader_->take();
      co_return fail(ErrorCode::closed, address_ + " closed the connection without a response");
    }
    heard_ = true;
    reader_->filled(*got);
  }
}

Sent HttpsDestination::outcome_of(Answered answered) {
  Sent sent;
  const std::optional<Judgement> judgement = judgement_of(answered.status);
  sent.error.text =
      fmt::format("HTTP {}{}{}", answered.status, phrase_of(answered.status).empty() ? "" : " ", phrase_of(answered.status));
  if (!judgement) {
    sent.outcome = Sent::Outcome::not_sent;
    sent.error = Error{ErrorCode::refused, address_ + " rejects our credentials: " + sent.error.text};
    return sent;
  }
  const hl7::Encoding form = form_of_answer(answered.content_type);
  std::string pipes;
  if (form != hl7::Encoding::pipes && !answered.body.empty() &&
      encoder_.convert(answered.body, form, hl7::Encoding::pipes, pipes))
    answered.body = std::move(pipes);
  if (has_header(answered.body)) {
    sent.outcome = Sent::Outcome::answered;
    sent.answer = SharedBytes(std::move(answered.body));
    sent.error = {};
    return sent;
  }
  sent.outcome = Sent::Outcome::judged;
  sent.judgement = *judgement;
  if (answered.status >= 300 && answered.status < 400) sent.error.text += "; redirects are not followed";
  if (sent.judgement == Judgement::refused_for_now)
    sent.retry_after = read_retry_after(answered.retry_after, env_.clock.wall());
  return sent;
}

Task<Sent> HttpsDestination::send(SharedBytes message, SteadyTime answer_deadline) {
  if (stream_ == nullptr)
    co_return Sent{Sent::Outcome::not_sent, {}, Error{ErrorCode::closed, "there is no connection to " + address_}};
  const Busy busy(busy_);
  token_refused_ = false;
  Sent sent = co_await exchange(message, answer_deadline);
  if (!token_refused_ || closing_) co_return sent;
  // A token can be taken back, or run out on the way; another one is fetched, once. The message was not taken.
  settings_.tokens->reject(token_);
  Result<void> opened = co_await open(answer_deadline);
  if (!opened) co_return give_up(Sent::Outcome::not_sent, std::move(opened).error());
  sent = co_await exchange(std::move(message), answer_deadline);
  co_return sent;
}

Task<Sent> HttpsDestination::post(SharedBytes message, SteadyTime deadline) {
  Sent sent = co_await send(std::move(message), deadline);
  co_return sent;
}

Task<Sent> HttpsDestination::await_more_answer(SteadyTime /*deadline*/) {
  co_return give_up(Sent::Outcome::unknown, Error{ErrorCode::closed, "the response of " + address_ +
                                                                         " was for another message, and there is only one"});
}

/// Nothing comes here that was not asked for.
Task<Sent> HttpsDestination::listen(SteadyTime deadline) {
  const Busy busy(busy_);
  interrupted_ = false;
  while (!interrupted_ && !closing_ && env_.executor.now() < deadline) co_await listened_.wait(deadline);
  if (closing_)
    co_return give_up(Sent::Outcome::unknown,
                      Error{ErrorCode::closed, "the connection to " + address_ + " is not wanted any more"});
  co_return Sent{Sent::Outcome::quiet, {}, {}};
}

void HttpsDestination::interrupt() {
  interrupted_ = true;
  listened_.notify_all();
}

}  // namespace smarthl7::transport::https
