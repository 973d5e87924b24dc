// SPDX-License-Identifier: Apache-2.0
// The admin interface of a running service: questions about messages, traces, dead letters and the ambiguity ledger, status,
// metrics and health, as JSON over HTTP. Until roles exist it is reachable through a Unix socket of mode 0600 only.
// Values of messages are not in listings; reasons and answers may hold patient data and are given under the right to
// reach the socket; every read of a body is recorded before it is answered.
// Ownership: store and status outlive the Admin. Threads: one executor. Failure: an HTTP status with {"error": text}.
//
//   GET /v1/status    GET /v1/alerts   GET /v1/messages?source&flow&state&control_id&after&limit
//   GET /v1/messages/ID                GET /v1/messages/ID/body?delivery=N
//   GET /v1/dead?destination&after&limit    GET /v1/ambiguous?destination&after&limit    GET /v1/audit?after&limit
//   GET /metrics (Prometheus text)     GET /healthz     GET /readyz
#pragma once

#include "runtime/api/http.h"
#include "runtime/observe/status.h"
#include "runtime/store/store.h"

namespace smarthl7::api {

/// Where the engine's side of the status comes from.
class StatusSource {
 public:
  virtual ~StatusSource() = default;
  virtual env::Task<observe::ServiceStatus> service_status() = 0;
};

class Admin final : public Handler {
 public:
  Admin(env::Env env, store::Store& store, StatusSource& status) : env_(env), store_(store), status_(status) {}
  env::Task<Response> handle(Request request) override;

 private:
  env::Task<Response> status();
  env::Task<Response> alerts();
  env::Task<Response> metrics();
  env::Task<Response> ready();
  env::Task<Response> messages(Request request);
  env::Task<Response> message(Request request, std::string id);
  env::Task<Response> body(Request request, std::string id);
  env::Task<Response> dead(Request request);
  env::Task<Response> ambiguous(Request request);
  env::Task<Response> audit(Request request);

  env::Env env_;
  store::Store& store_;
  StatusSource& status_;
};

}  // namespace smarthl7::api
