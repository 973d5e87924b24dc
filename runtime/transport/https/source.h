// SPDX-License-Identifier: Apache-2.0
// A server of HTTP/1.1: reads a head, lets it in or refuses it, reads the body, gives it to the receiver, answers, reads on.
// Requests that come before the answer to the one before them wait in the system's buffers. Internal to this folder.
// Ownership, threads, failure: as server.h says.
#pragma once

#include <chrono>

#include "runtime/transport/https/auth.h"
#include "runtime/transport/https/clients.h"
#include "runtime/transport/https/reply.h"
#include "runtime/transport/https/request.h"
#include "runtime/transport/https/token_cache.h"
#include "runtime/transport/server/server.h"
#include "stdlib/hl7/encoding.h"

namespace smarthl7::transport::https {

/// What HTTP adds to what every server is told.
struct HttpsSettings {
  std::string path = "/";
  AuthSettings auth;
  TokenGate tokens;
  RequestDecoder::Rules rules;
  std::chrono::nanoseconds request_within{std::chrono::seconds(30)};
  std::chrono::nanoseconds idle_within{std::chrono::minutes(2)};
  std::chrono::seconds once_within{std::chrono::hours(24)};
  hl7::Charset charset = hl7::Charset::utf8;  // of pipes that name none
};

struct SourceSettings {
  ServerSettings server;
  HttpsSettings https;
};

class HttpsSource final : public Server {
 public:
  HttpsSource(SourceSettings settings, EnvSet envs, Receiver* receiver);

 private:
  struct Connection;

  std::unique_ptr<Link> make_link(IntakeMemory* memory) override;
  env::Task<void> talk(Worker* worker, Link* link) override;
  env::Task<bool> read_request(Worker* worker, Connection* connection);
  env::Task<bool> read_more(Worker* worker, Connection* connection);
  [[nodiscard]] Refusal judge_place(const Head& head, WallTime now) const;
  [[nodiscard]] static Refusal judge_form(const Head& head);
  env::Task<Refusal> judge_token(Worker* worker, std::string token);
  [[nodiscard]] Refusal read_content(const Worker& worker, const Head& head, std::string& content) const;
  [[nodiscard]] Refusal no_keys(const Error& error);
  [[nodiscard]] std::string_view challenge_for(const Refusal& why) const;
  env::Task<bool> let_in(Worker* worker, Connection* connection);
  env::Task<bool> answer(Worker* worker, Connection* connection);
  env::Task<bool> respond(Worker* worker, Connection* connection, const Reply* reply);
  env::Task<void> refuse(Worker* worker, Connection* connection, Refusal why);
  env::Task<bool> write(Worker* worker, Connection* connection, Response response, std::string_view body);
  [[nodiscard]] SteadyTime read_deadline(const Connection& connection) const;
  void stopping_at(Worker* worker) override { own_[worker->number]->abandon.request(); }
  [[nodiscard]] hl7::Encoder& encoder(const Worker& worker) const { return own_[worker.number]->encoder; }

  /// What HTTP keeps for each executor.
  struct Own {
    explicit Own(const hl7::Encoder::Options& options) : encoder(options) {}
    hl7::Encoder encoder;
    TokenCache tokens;
    env::Abandon abandon;  // of fetching keys
  };

  const HttpsSettings settings_;
  std::vector<std::unique_ptr<Own>> own_;
};

}  // namespace smarthl7::transport::https
