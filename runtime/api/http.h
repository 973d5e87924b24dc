// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server and client (RFC 9112, by Boost.Beast's parser) over env::Stream, for the admin interface.
// Ownership: a HttpServer owns its listener and connections; the Handler outlives it. Threads: one executor.
// Failure: what a client sends wrong is answered 400 or 413; a broken connection is closed. Requests are at most 96 MiB.
#pragma once

#include <map>
#include <memory>
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
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual env::Task<Response> handle(Request request) = 0;
};

class HttpServer {
 public:
  HttpServer(env::Env env, Handler* handler) : env_(env), handler_(handler) {}
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  Result<void> start(const env::Endpoint& at);
  /// Closes everything and waits for the requests in hand.
  env::Task<void> stop();

 private:
  struct Connection;
  env::Task<void> accept_loop();
  env::Task<void> serve(std::unique_ptr<env::Stream> stream);

  env::Env env_;
  Handler* handler_;
  std::unique_ptr<env::Listener> listener_;
  Connection* connections_ = nullptr;
  env::Gate gate_;
};

/// One request on a connection of its own.
env::Task<Result<Response>> http_call(env::Env env, env::Endpoint to, Request request, SteadyTime deadline);

[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace smarthl7::api
