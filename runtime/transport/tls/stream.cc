// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>

#include <algorithm>

#include "runtime/env/signal.h"
#include "runtime/transport/tls/context.h"
#include "runtime/transport/tls/tls.h"
#include "stdlib/base/assert.h"

namespace smarthl7::transport::tls {

namespace {

using env::Stream;
using env::Task;

constexpr std::chrono::milliseconds kLinger{500};
constexpr std::size_t kReadSize = 17 * 1024;  // one TLS record and its overhead

// OpenSSL reads from one memory and writes to another; this class carries bytes between them and the stream below.
class TlsStream final : public Stream {
 public:
  TlsStream(std::shared_ptr<const Context> context, std::unique_ptr<Stream> below, bool server)
      : context_(std::static_pointer_cast<const OpensslContext>(std::move(context))),
        below_(std::move(below)),
        ssl_(SSL_new(context_->get().get())) {  // takes a share of its own
    SMARTHL7_ASSERT(ssl_ != nullptr, "out of memory for TLS");
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);  // takes both
    if (server) {
      SSL_set_accept_state(ssl_.get());
    } else {
      SSL_set_connect_state(ssl_.get());
      if (!context_->server_name().empty()) SSL_set_tlsext_host_name(ssl_.get(), context_->server_name().c_str());
    }
  }

  Task<Result<void>> handshake(SteadyTime deadline) {
    while (true) {
      ERR_clear_error();
      const int result = SSL_do_handshake(ssl_.get());
      const int why = SSL_get_error(ssl_.get(), result);
      if (result != 1 && why != SSL_ERROR_WANT_READ) {
        Error error = take_error(ssl_.get(), below_->peer());
        Result<void> told = co_await flush(deadline);  // the alert; the handshake has failed in any case
        co_return std::unexpected(std::move(error));
      }
      Result<void> flushed = co_await flush(deadline);
      if (result != 1 && !flushed) {
        // A server that refuses sends its alert before it closes; the alert says more than a broken connection.
        Result<std::size_t> rest = co_await fill(deadline);
        if (rest && *rest > 0) continue;
        co_return std::unexpected(std::move(flushed).error());
      }
      if (!flushed) co_return std::unexpected(std::move(flushed).error());
      if (result == 1) break;
      Result<std::size_t> count = co_await fill(deadline);
      if (!count) co_return std::unexpected(std::move(count).error());
      if (*count == 0) co_return fail(ErrorCode::refused, "TLS with " + below_->peer() + " failed: it closed the connection");
    }
    subject_ = subject_of_peer(ssl_.get());
    context_->established(ssl_.get());
    co_return Result<void>();
  }

  Task<Result<std::size_t>> read_some(std::span<char> into, SteadyTime deadline) override {
    read_ended_ = false;
    while (true) {
      ERR_clear_error();
      std::size_t count = 0;
      const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
      if (result == 1) co_return count;
      const int why = SSL_get_error(ssl_.get(), result);
      if (why == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
      if (why != SSL_ERROR_WANT_READ) {
        broken_ = true;
        co_return std::unexpected(take_error(ssl_.get(), below_->peer()));
      }
      if (BIO_ctrl_pending(out_) > 0) {
        Result<void> flushed = co_await flush(deadline);
        if (!flushed) co_return std::unexpected(std::move(flushed).error());
      }
      if (read_ended_) co_return fail(ErrorCode::timeout, "nothing came from " + below_->peer() + " in time");
      Result<std::size_t> got = co_await fill(deadline);
      if (!got) co_return std::unexpected(std::move(got).error());
      // Frames have ends of their own, so a peer that leaves without close_notify cannot cut a message unseen.
      if (*got == 0) co_return std::size_t{0};
    }
  }

  Task<Result<void>> write(std::string_view bytes, SteadyTime deadline) override {
    while (!bytes.empty()) {
      if (broken_) co_return fail(ErrorCode::closed, "the connection to " + below_->peer() + " broke");
      ERR_clear_error();
      std::size_t count = 0;
      const int result = SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), kWriteStep), &count);
      if (result != 1) {
        broken_ = true;
        co_return std::unexpected(take_error(ssl_.get(), below_->peer()));
      }
      bytes.remove_prefix(count);
      Result<void> flushed = co_await flush(deadline);
      if (!flushed) co_return std::unexpected(std::move(flushed).error());
    }
    co_return Result<void>();
  }

  Task<Result<void>> finish(SteadyTime deadline) override {
    if (!broken_) SSL_shutdown(ssl_.get());
    ERR_clear_error();
    Result<void> flushed = co_await flush(deadline);
    co_return flushed;
  }

  // After a failed handshake: ends our side and takes what the other end still sends, for a moment.
  Task<void> linger(SteadyTime deadline) {
    Result<void> finished = co_await below_->finish(deadline);
    if (!finished) co_return;
    deadline = std::min(deadline, env::Executor::current()->now() + kLinger);
    while (true) {
      Result<std::size_t> count = co_await fill(deadline);
      if (!count || *count == 0) co_return;
      BIO_reset(in_);
    }
  }

  void end_read() override {
    read_ended_ = true;
    below_->end_read();
  }
  void close() override { below_->close(); }
  [[nodiscard]] const std::string& peer() const override { return below_->peer(); }
  [[nodiscard]] std::string_view peer_certificate_subject() const override { return subject_; }

 private:
  static constexpr std::size_t kWriteStep = std::size_t{256} << 10;

  // One read from below into OpenSSL's input; 0 at the end of the stream.
  Task<Result<std::size_t>> fill(SteadyTime deadline) {
    if (read_buffer_.empty()) read_buffer_.resize(kReadSize);
    Result<std::size_t> count = co_await below_->read_some(read_buffer_, deadline);
    if (count && *count > 0) BIO_write(in_, read_buffer_.data(), static_cast<int>(*count));
    co_return count;
  }

  // OpenSSL's output to below. A reader and a writer may both come here: one writes, the other waits until it is out.
  Task<Result<void>> flush(SteadyTime deadline) {
    while (flushing_ || BIO_ctrl_pending(out_) > 0) {
      if (flushing_) {
        co_await flushed_.wait();  // the other one has a deadline of its own
        continue;
      }
      flushing_ = true;
      write_buffer_.resize(BIO_ctrl_pending(out_));
      BIO_read(out_, write_buffer_.data(), static_cast<int>(write_buffer_.size()));
      Result<void> written = co_await below_->write(write_buffer_, deadline);
      flushing_ = false;
      flushed_.notify_all();
      if (!written) {
        broken_ = true;
        co_return written;
      }
    }
    co_return Result<void>();
  }

  std::shared_ptr<const OpensslContext> context_;
  std::unique_ptr<Stream> below_;
  SslPointer ssl_;
  BIO* in_ = nullptr;   // owned by ssl_
  BIO* out_ = nullptr;  // owned by ssl_
  std::string read_buffer_;
  std::string write_buffer_;
  std::string subject_;
  bool broken_ = false;
  bool read_ended_ = false;  // the read that waits now ends as at its deadline
  bool flushing_ = false;
  env::Signal flushed_;
};

Task<Result<std::unique_ptr<Stream>>> start(std::shared_ptr<const Context> context, std::unique_ptr<Stream> below, bool server,
                                            SteadyTime deadline) {
  auto stream = std::make_unique<TlsStream>(std::move(context), std::move(below), server);
  Result<void> done = co_await stream->handshake(deadline);
  if (!done) {
    // Closed the gentle way, so that the other end reads the alert and not a reset.
    co_await stream->linger(deadline);
    stream->close();
    co_return std::unexpected(std::move(done).error());
  }
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> accept(std::shared_ptr<const Context> context, std::unique_ptr<Stream> below,
                                             SteadyTime deadline) {
  Result<std::unique_ptr<Stream>> stream = co_await start(std::move(context), std::move(below), true, deadline);
  co_return stream;
}

Task<Result<std::unique_ptr<Stream>>> connect(std::shared_ptr<const Context> context, std::unique_ptr<Stream> below,
                                              SteadyTime deadline) {
  Result<std::unique_ptr<Stream>> stream = co_await start(std::move(context), std::move(below), false, deadline);
  co_return stream;
}

}  // namespace smarthl7::transport::tls
