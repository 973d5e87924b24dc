// SPDX-License-Identifier: Apache-2.0
// A destination: one connection that sends a frame and waits for one back. Internal to this folder. One executor.
// Release 2: after each message the peer's commit block is waited for; what the peer sends is committed at once, since an
// answer that is lost with us is asked for again by sending its message again.
#pragma once

#include <chrono>

#include "runtime/transport/mllp/frame.h"
#include "runtime/transport/renewals.h"
#include "runtime/transport/tls/tls.h"
#include "runtime/transport/transport.h"

namespace smarthl7::transport::mllp {

struct DestinationSettings {
  env::Endpoint connect;
  std::chrono::nanoseconds connect_within{std::chrono::seconds(10)};
  std::shared_ptr<const tls::Context> tls;  // null: plain
  std::shared_ptr<Renewable> renewal;       // gives it new files; null: nobody does
  std::uint64_t most_messages = 0;          // over one connection; 0: any number
  bool answers = true;                      // false: the peer never answers, and what is written is delivered
  bool release_2 = false;                   // the peer acknowledges each block with a commit block, and so do we
};

class MllpDestination final : public Destination {
 public:
  MllpDestination(DestinationSettings settings, env::Env env);
  ~MllpDestination() override;

  env::Task<Result<void>> connect(SteadyTime deadline) override;
  [[nodiscard]] bool connected() const override { return stream_ != nullptr && !closing_ && !used_up(); }
  env::Task<Sent> send(SharedBytes message, SteadyTime answer_deadline) override;
  env::Task<Sent> await_more_answer(SteadyTime deadline) override;
  env::Task<Sent> post(SharedBytes message, SteadyTime deadline) override;
  env::Task<Sent> listen(SteadyTime deadline) override;
  void interrupt() override;
  void close() override;
  [[nodiscard]] const std::string& address() const override { return address_; }

 private:
  env::Task<Result<std::unique_ptr<env::Stream>>> make_stream(SteadyTime deadline);
  env::Task<Result<void>> check_quiet();
  env::Task<Result<void>> pass_over();
  env::Task<Sent> write(SharedBytes message, SteadyTime deadline);
  env::Task<Sent> await_commit(SteadyTime deadline);
  env::Task<Sent> read_answer(SteadyTime deadline);
  env::Task<Sent> read_frame(SteadyTime deadline);
  env::Task<Result<void>> tell_committed();
  Sent give_up(Sent::Outcome outcome, Error error);
  [[nodiscard]] bool used_up() const { return settings_.most_messages != 0 && sent_ >= settings_.most_messages; }

  const DestinationSettings settings_;
  env::Env env_;
  const std::string address_;
  std::unique_ptr<env::Stream> stream_;
  FrameDecoder decoder_;
  env::Abandon abandon_;
  bool busy_ = false;         // a connect, send or await_more_answer is under way
  bool closing_ = false;      // close() was called while busy
  bool heard_ = false;        // bytes came on this connection
  std::uint64_t sent_ = 0;    // messages written to this connection
  bool listening_ = false;    // a read that ends early is no failure
  bool interrupted_ = false;  // listen() was told to end
};

}  // namespace smarthl7::transport::mllp
