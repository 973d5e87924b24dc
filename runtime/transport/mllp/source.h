// SPDX-License-Identifier: Apache-2.0
// A source that listens, and serves each connection with one coroutine: read a frame, give it to the receiver, write the
// answer, read on. An answer that comes later than the first one is written by a coroutine of its own. Release 2: a commit
// block says that the receiver has kept the message (it is durable), before anything else is answered.
// Internal to this folder.
// Threads: connections are spread over the Envs and stay where they are put; what they share are the counters (atomic).
#pragma once

#include <atomic>
#include <chrono>
#include <vector>

#include "runtime/env/completion.h"
#include "runtime/env/gate.h"
#include "runtime/transport/mllp/frame.h"
#include "runtime/transport/networks.h"
#include "runtime/transport/renewals.h"
#include "runtime/transport/tls/tls.h"
#include "runtime/transport/transport.h"

namespace smarthl7::transport::mllp {

struct SourceSettings {
  env::Endpoint listen;
  Networks allow;                           // empty: any address
  std::shared_ptr<const tls::Context> tls;  // null: plain
  std::shared_ptr<Renewable> renewal;       // gives it new files; null: nobody does
  FrameDecoder::Rules rules;
  std::uint64_t most_connections = 10000;
  std::chrono::nanoseconds frame_within{std::chrono::seconds(30)};
  std::chrono::nanoseconds idle_within{0};  // 0: for ever
  bool close_without_msh = false;
  bool release_2 = false;  // each message is told to be kept, or not, by a commit block before it is answered
};

class MllpSource final : public Source {
 public:
  MllpSource(SourceSettings settings, EnvSet envs, Receiver* receiver);
  ~MllpSource() override;

  env::Task<Result<void>> start() override;
  env::Task<void> stop(SteadyTime deadline) override;
  [[nodiscard]] SourceStats stats() const override;
  [[nodiscard]] env::Endpoint local() const override { return local_; }

 private:
  struct Connection;
  struct Worker;

  struct Counters {
    std::atomic<std::uint64_t> open{0}, accepted{0}, refused{0}, frames{0}, bytes_in{0}, bytes_out{0}, noise_bytes{0},
        bad_frames{0}, timed_out{0}, broken{0}, tolerated_endings{0};
  };

  env::Task<void> accept_loop();
  void hand_over(std::unique_ptr<env::Incoming> incoming);
  env::Task<void> serve(Worker* worker, std::unique_ptr<env::Incoming> incoming);
  env::Task<Result<std::unique_ptr<env::Stream>>> secure(std::unique_ptr<env::Stream> stream, SteadyTime deadline);
  env::Task<void> talk(Worker* worker, Connection* connection);
  env::Task<bool> read_frame(Worker* worker, Connection* connection);
  env::Task<bool> answer(Worker* worker, Connection* connection);
  env::Task<bool> bring_back(Worker* worker, Connection* connection, std::string* content);
  env::Task<bool> take_commit(Worker* worker, Connection* connection, bool kept);
  env::Task<bool> write_reply(Worker* worker, Connection* connection, const Reply* reply);
  env::Task<bool> answer_later(Worker* worker, Connection* connection, Reply* reply);
  env::Task<void> answer_aside(Worker* worker, Connection* connection, env::Task<SharedBytes> later);
  env::Task<Result<void>> write_pieces(Worker* worker, Connection* connection, std::span<const std::string_view> pieces);
  env::Task<void> drain(Worker* worker, SteadyTime deadline, env::Completion<bool>* done);
  static env::Task<void> close_gently(Worker* worker, Connection* connection);
  [[nodiscard]] SteadyTime read_deadline(const Connection& connection, SteadyTime now) const;
  void count(Connection* connection);
  void tell(EventKind kind, const std::shared_ptr<const Peer>& peer, std::string text);
  void tell_read_failure(Connection* connection, const Error& error);

  const SourceSettings settings_;
  Receiver* const receiver_;
  Counters counters_;
  std::atomic<std::uint64_t> last_connection_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_worker_ = 0;
  std::unique_ptr<env::Listener> listener_;
  env::Endpoint local_;
  env::Gate acceptor_;
  env::Signal stop_accepting_;
};

}  // namespace smarthl7::transport::mllp
