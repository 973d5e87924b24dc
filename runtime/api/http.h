// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server and client (RFC 9112, by Boost.Beast's parser) over env::Stream, for the admin interface.
// Ownership: a HttpServer owns its listener and connections; the Handler outlives it. Threads: one executor.
// Failure: what a client sends wrong is answered 400 or 413; a broken connection is closed. Requests are at most 96 MiB, and at
// most 64 connections are open at a time: a further one is closed at once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/env/env.h"
#include "runtime/env/gate.h"
#include "stdlib/base/result.h"

namespace smarthl7::api {

struct Request {
  std::string method = "GET";
  std::string path = "/";                    // without the query, percent-decoded
  std::map<std::string, std::string> query;  // percent-decoded
  std::string body;
  std::string actor;  // who asks, as the stream knows it ("unix uid 0")
  // Of the head, as they came; empty: not there.
  std::string host{};
  std::string origin{};
  std::string authorization{};
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

class Handler {
 public:
  virtual ~Handler() = default;
  /// What is answered instead, when the head of a request is there and before its body is read; nothing: it may go on. The
  /// connection is closed after such an answer.
  virtual std::optional<Response> refuse(const Request& /*head*/) { return std::nullopt; }
  virtual env::Task<Response> handle(Request request) = 0;
};

class HttpServer {
 public:
  HttpServer(env::Env env, Handler* handler) : env_(env), handler_(handler) {}
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  Result<void> start(const env::Endpoint& at);
  /// Where it listens, with the port that was chosen for port 0. After start().
  [[nodiscard]] const env::Endpoint& local() const { return listener_->local(); }
  /// Closes everything and waits for the requests in hand.
  env::Task<void> stop();

 private:
  struct Connection;
  env::Task<void> accept_loop();
  env::Task<void> serve(std::unique_ptr<env::Stream> stream);
  env::Task<std::string> answer_one(env::Stream* stream, std::string* pending, bool* keep_alive);

  env::Env env_;
  Handler* handler_;
  std::unique_ptr<env::Listener> listener_;
  Connection* connections_ = nullptr;
  std::size_t open_ = 0;
  env::Gate gate_;
};

/// One request on a connection of its own.
env::Task<Result<Response>> http_call(env::Env env, env::Endpoint to, Request request, SteadyTime deadline);

[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace smarthl7::api
