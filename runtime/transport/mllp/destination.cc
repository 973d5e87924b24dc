// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/destination.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/env/crash_point.h"
#include "stdlib/base/assert.h"

namespace smarthl7::transport::mllp {

using env::Task;

namespace {

constexpr std::chrono::milliseconds kEndPause{500};  // after FS without CR, until it counts as the end
constexpr std::chrono::seconds kCommitTime{10};      // for the peer to take a commit block
constexpr std::size_t kLargestAnswer = std::size_t{4} << 20;

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

MllpDestination::MllpDestination(DestinationSettings settings, env::Env env)
    : settings_(std::move(settings)), env_(env), address_(settings_.connect.text()) {}

MllpDestination::~MllpDestination() { SMARTHL7_ASSERT(!busy_, "a destination was destroyed while it is in use"); }

Task<Result<std::unique_ptr<env::Stream>>> MllpDestination::make_stream(SteadyTime deadline) {
  Result<std::unique_ptr<env::Stream>> stream = co_await env_.network.connect_unless(settings_.connect, deadline, &abandon_);
  if (!stream || settings_.tls == nullptr) co_return stream;
  stream = co_await tls::connect(settings_.tls, std::move(*stream), deadline);
  co_return stream;
}

Task<Result<void>> MllpDestination::connect(SteadyTime deadline) {
  if (stream_ != nullptr && used_up() && !busy_) {
    stream_->close();
    stream_.reset();
  }
  if (stream_ != nullptr) co_return Result<void>();
  const Busy busy(busy_);
  closing_ = false;
  abandon_.requested = false;
  deadline = std::min(deadline, env_.executor.now() + settings_.connect_within);
  Result<std::unique_ptr<env::Stream>> stream = co_await make_stream(deadline);
  if (!stream) co_return std::unexpected(std::move(stream).error());
  if (closing_) {
    closing_ = false;
    co_return fail(ErrorCode::closed, "the connection to " + address_ + " is not wanted any more");
  }
  stream_ = std::move(*stream);
  decoder_ = FrameDecoder({.largest = kLargestAnswer, .tolerant_end = true});
  heard_ = false;
  sent_ = 0;
  co_return Result<void>();
}

void MllpDestination::close() {
  abandon_.request();
  if (busy_) {
    closing_ = true;  // the stream goes when the one who waits on it has returned
    if (stream_ != nullptr) stream_->close();
    return;
  }
  if (stream_ != nullptr) stream_->close();
  stream_.reset();
}

Sent MllpDestination::give_up(Sent::Outcome outcome, Error error) {
  stream_->close();
  stream_.reset();
  closing_ = false;
  return Sent{outcome, {}, std::move(error)};
}

// Before a message goes out nothing may wait to be read: an end of the stream means that it would be lost, and bytes are an
// answer that came too late or twice and would be taken for the message's own.
Task<Result<void>> MllpDestination::check_quiet() {
  if (!settings_.answers) {
    Result<void> there = co_await pass_over();
    co_return there;
  }
  const bool idle = decoder_.empty();
  if (!idle) co_return fail(ErrorCode::closed, address_ + " sent more than one answer");
  Result<std::size_t> got = co_await stream_->read_some(decoder_.room(), env_.executor.now());
  if (!got && got.error().code == ErrorCode::timeout) co_return Result<void>();
  if (!got) co_return std::unexpected(std::move(got).error());
  if (*got == 0) co_return fail(ErrorCode::closed, address_ + " had closed the connection");
  co_return fail(ErrorCode::closed, address_ + " sent bytes that no message had asked for");
}

/// Whatever the peer has said is nothing that anybody waits for; that it has gone matters.
Task<Result<void>> MllpDestination::pass_over() {
  std::array<char, 4096> dropped;
  while (true) {
    Result<std::size_t> got = co_await stream_->read_some(dropped, env_.executor.now());
    if (!got && got.error().code == ErrorCode::timeout) co_return Result<void>();
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got == 0) co_return fail(ErrorCode::closed, address_ + " had closed the connection");
  }
}

/// The frame goes out whole, or the connection is given up: `written`, `not_sent` or `unknown`.
Task<Sent> MllpDestination::write(SharedBytes message, SteadyTime deadline) {
  if (!can_be_framed(message.view()))
    co_return Sent{
        Sent::Outcome::not_sent, {}, Error{ErrorCode::invalid, "the message holds VT or FS, which end a frame in MLLP"}};
  Result<void> quiet = co_await check_quiet();
  if (!quiet) co_return give_up(Sent::Outcome::not_sent, std::move(quiet).error());
  const auto pieces = frame_pieces(message.view());
  ++sent_;
  Result<void> written = co_await stream_->write_pieces(pieces, deadline);
  if (!written) co_return give_up(Sent::Outcome::unknown, std::move(written).error());
  env::crash_point(env::CrashPoint::between_send_and_answer);
  co_return Sent{Sent::Outcome::written, {}, {}};
}

/// Release 2: the commit block of what was sent. `answered`: the peer left it out and answered at once.
Task<Sent> MllpDestination::await_commit(SteadyTime deadline) {
  Sent sent = co_await read_frame(deadline);
  if (sent.outcome != Sent::Outcome::answered) co_return sent;
  if (sent.answer.view() == kCommitted) co_return Sent{Sent::Outcome::written, {}, {}};
  if (sent.answer.view() == kNotCommitted)
    co_return give_up(Sent::Outcome::unknown, Error{ErrorCode::full, address_ + " could not store the message (NAK)"});
  Result<void> told = co_await tell_committed();
  if (!told) co_return give_up(Sent::Outcome::unknown, std::move(told).error());
  co_return sent;
}

Task<Result<void>> MllpDestination::tell_committed() {
  const auto pieces = frame_pieces(kCommitted);
  Result<void> written = co_await stream_->write_pieces(pieces, env_.executor.now() + kCommitTime);
  co_return written;
}

Task<Sent> MllpDestination::send(SharedBytes message, SteadyTime answer_deadline) {
  if (stream_ == nullptr)
    co_return Sent{Sent::Outcome::not_sent, {}, Error{ErrorCode::closed, "there is no connection to " + address_}};
  const Busy busy(busy_);
  Sent sent = co_await write(std::move(message), answer_deadline);
  if (sent.outcome == Sent::Outcome::written && settings_.release_2) {
    Sent committed = co_await await_commit(answer_deadline);
    sent = std::move(committed);
  }
  if (sent.outcome != Sent::Outcome::written) co_return sent;
  if (!settings_.answers) {
    sent.outcome = Sent::Outcome::accepted;
    sent.detail = "written; the receiver answers nothing";
    co_return sent;
  }
  Sent answer = co_await read_answer(answer_deadline);
  co_return answer;
}

Task<Sent> MllpDestination::post(SharedBytes message, SteadyTime deadline) {
  if (stream_ == nullptr)
    co_return Sent{Sent::Outcome::not_sent, {}, Error{ErrorCode::closed, "there is no connection to " + address_}};
  const Busy busy(busy_);
  Sent sent = co_await write(std::move(message), deadline);
  if (sent.outcome == Sent::Outcome::written && settings_.release_2) {
    Sent committed = co_await await_commit(deadline);
    sent = std::move(committed);
  }
  if (closing_ && sent.outcome == Sent::Outcome::written)
    co_return give_up(Sent::Outcome::unknown,
                      Error{ErrorCode::closed, "the connection to " + address_ + " is not wanted any more"});
  co_return sent;
}

Task<Sent> MllpDestination::await_more_answer(SteadyTime deadline) {
  if (stream_ == nullptr)
    co_return Sent{Sent::Outcome::unknown, {}, Error{ErrorCode::closed, "there is no connection to " + address_}};
  const Busy busy(busy_);
  Sent sent = co_await read_answer(deadline);
  co_return sent;
}

Task<Sent> MllpDestination::listen(SteadyTime deadline) {
  if (stream_ == nullptr)
    co_return Sent{Sent::Outcome::unknown, {}, Error{ErrorCode::closed, "there is no connection to " + address_}};
  const Busy busy(busy_);
  interrupted_ = false;
  listening_ = true;
  Sent sent = co_await read_answer(deadline);
  listening_ = false;
  co_return sent;
}

void MllpDestination::interrupt() {
  interrupted_ = true;
  if (listening_ && stream_ != nullptr) stream_->end_read();
}

/// The next message; commit blocks that nobody waits for are passed over.
Task<Sent> MllpDestination::read_answer(SteadyTime deadline) {
  while (true) {
    Sent sent = co_await read_frame(deadline);
    if (sent.outcome != Sent::Outcome::answered || !settings_.release_2) co_return sent;
    if (is_commit(sent.answer.view())) continue;
    Result<void> told = co_await tell_committed();
    if (!told) co_return give_up(Sent::Outcome::unknown, std::move(told).error());
    co_return sent;
  }
}

Task<Sent> MllpDestination::read_frame(SteadyTime deadline) {
  while (true) {
    const FrameDecoder::Step step = decoder_.next();
    if (step == FrameDecoder::Step::frame) {
      if (closing_) break;
      co_return Sent{Sent::Outcome::answered, SharedBytes(decoder_.take_message()), {}};
    }
    if (step == FrameDecoder::Step::bad)
      co_return give_up(
          Sent::Outcome::unknown,
          Error{ErrorCode::invalid, "the answer of " + address_ + " is no frame: " + std::string(describe(decoder_.bad()))});
    const bool pause = decoder_.ended_without_return();
    const SteadyTime now = env_.executor.now();
    if (listening_ && !closing_ && interrupted_) co_return Sent{Sent::Outcome::quiet, {}, {}};
    const SteadyTime until = pause ? std::min(deadline, now + kEndPause) : deadline;
    Result<std::size_t> got = co_await stream_->read_some(decoder_.room(), until);
    if (got && *got > 0) {
      heard_ = true;
      decoder_.filled(*got);
      continue;
    }
    const bool timed_out = !got && got.error().code == ErrorCode::timeout;
    if (listening_ && timed_out && !closing_ && (interrupted_ || (!pause && env_.executor.now() >= deadline)))
      co_return Sent{Sent::Outcome::quiet, {}, {}};
    if (pause && (got || timed_out)) {
      decoder_.take_end();
      continue;
    }
    if (got)
      co_return give_up(Sent::Outcome::unknown,
                        Error{ErrorCode::closed, address_ + " closed the connection without an answer"});
    // TLS 1.3 tells a client of its rejected certificate only after the handshake; what was sent was never given to the
    // receiver.
    const bool rejected = got.error().code == ErrorCode::refused && !heard_;
    co_return give_up(rejected ? Sent::Outcome::not_sent : Sent::Outcome::unknown, std::move(got).error());
  }
  co_return give_up(Sent::Outcome::unknown,
                    Error{ErrorCode::closed, "the connection to " + address_ + " is not wanted any more"});
}

}  // namespace smarthl7::transport::mllp
