// SPDX-License-Identifier: Apache-2.0
// A source that listens for requests, and serves each connection with one coroutine: read a head, let it in or refuse it, read
// the body, give it to the receiver, answer, read on. Requests that come before the answer to the one before them wait in the
// system's buffers. Internal to this folder.
// Threads: connections are spread over the Envs and stay where they are put; what they share are the counters (atomic).
#pragma once

#include <atomic>
#include <chrono>
#include <vector>

#include "runtime/env/completion.h"
#include "runtime/env/gate.h"
#include "runtime/transport/https/auth.h"
#include "runtime/transport/https/reply.h"
#include "runtime/transport/https/request.h"
#include "runtime/transport/renewals.h"
#include "runtime/transport/tls/tls.h"
#include "runtime/transport/transport.h"
#include "stdlib/hl7/encoding.h"

namespace smarthl7::transport::https {

struct SourceSettings {
  env::Endpoint listen;
  std::string path = "/";
  std::shared_ptr<const tls::Context> tls;  // null: plain
  std::shared_ptr<Renewable> renewal;       // gives it new files; null: nobody does
  AuthSettings auth;
  RequestDecoder::Rules rules;
  std::uint64_t most_connections = 10000;
  std::chrono::nanoseconds request_within{std::chrono::seconds(30)};
  std::chrono::nanoseconds idle_within{std::chrono::minutes(2)};
  std::chrono::seconds once_within{std::chrono::hours(24)};
  hl7::Charset charset = hl7::Charset::utf8;  // of pipes that name none
};

class HttpsSource final : public Source {
 public:
  HttpsSource(SourceSettings settings, EnvSet envs, Receiver* receiver);
  ~HttpsSource() override;

  env::Task<Result<void>> start() override;
  env::Task<void> stop(SteadyTime deadline) override;
  [[nodiscard]] SourceStats stats() const override;
  [[nodiscard]] env::Endpoint local() const override { return local_; }

 private:
  struct Connection;
  struct Worker;

  struct Counters {
    std::atomic<std::uint64_t> open{0}, accepted{0}, refused{0}, requests{0}, bytes_in{0}, bytes_out{0}, bad{0}, timed_out{0},
        broken{0};
  };

  env::Task<void> accept_loop();
  void hand_over(std::unique_ptr<env::Incoming> incoming);
  env::Task<void> serve(Worker* worker, std::unique_ptr<env::Incoming> incoming);
  env::Task<Result<std::unique_ptr<env::Stream>>> secure(std::unique_ptr<env::Stream> stream, SteadyTime deadline);
  env::Task<void> talk(Worker* worker, Connection* connection);
  env::Task<bool> read_request(Worker* worker, Connection* connection);
  env::Task<bool> read_more(Worker* worker, Connection* connection);
  [[nodiscard]] Refusal judge_head(const Head& head, WallTime now) const;
  [[nodiscard]] Refusal read_content(Worker& worker, const Head& head, std::string& content) const;
  env::Task<bool> let_in(Worker* worker, Connection* connection);
  env::Task<bool> answer(Worker* worker, Connection* connection);
  env::Task<Refusal> bring_back(Worker* worker, Connection* connection, std::string* content);
  env::Task<bool> respond(Worker* worker, Connection* connection, const Reply* reply);
  env::Task<void> refuse(Worker* worker, Connection* connection, Refusal why);
  env::Task<bool> write(Worker* worker, Connection* connection, Response response, std::string_view body);
  env::Task<void> drain(Worker* worker, SteadyTime deadline, env::Completion<bool>* done);
  static env::Task<void> close_gently(Worker* worker, Connection* connection);
  [[nodiscard]] SteadyTime read_deadline(const Connection& connection) const;
  void tell(EventKind kind, const std::shared_ptr<const Peer>& peer, std::string text);

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

}  // namespace smarthl7::transport::https
