// SPDX-License-Identifier: Apache-2.0
// The admin interface of a running service: questions about messages, traces, dead letters and the ambiguity ledger, status,
// metrics and health, as JSON over HTTP. Until roles exist it is reachable through a Unix socket of mode 0600, and
// over loopback HTTP with a token (guard.h).
// Values of messages are not in listings; reasons and answers may hold patient data and are given under the right to
// reach the socket; every read of a body is recorded before it is answered.
// Ownership: store and status outlive the Admin. Threads: one executor. Failure: an HTTP status with {"error": text}.
//
//   GET /v1/status    GET /v1/alerts   GET /v1/messages?source&flow&state&control_id&after&limit
//   GET /v1/messages/ID                GET /v1/messages/ID/body?delivery=N
//   GET /v1/dead?destination&after&limit    GET /v1/ambiguous?destination&after&limit    GET /v1/audit?after&limit
//   GET /metrics (Prometheus text)     GET /healthz     GET /readyz
//   GET /v1/dead/ID/body               GET /v1/holds
//   GET /v1/tables                     POST /v1/tables/reload
//   POST /v1/dead/replay, /v1/dead/edit, /v1/dead/drop, /v1/messages/ID/replay, /v1/ambiguous/resolve, /v1/hold, /v1/release
//
// What is posted is JSON; what it did is durable and recorded before it is answered. 200: all of it was done; 409: some of it
// was refused, the answer says which and why; 400, 404: nothing was done; 507: there is no room on the disk, nothing was done.
#pragma once

#include "runtime/api/http.h"
#include "runtime/observe/status.h"
#include "runtime/store/acts.h"
#include "runtime/store/store.h"

namespace smarthl7::api {

/// Where the engine's side of the status comes from.
class StatusSource {
 public:
  virtual ~StatusSource() = default;
  virtual env::Task<observe::ServiceStatus> service_status() = 0;
};

/// The engine's side of what people do. Called when it is durable.
class Control {
 public:
  virtual ~Control() = default;
  /// not_found: neither a destination nor a source of the running plan; invalid: no such lane.
  virtual Result<void> check_hold(const std::string& name, std::uint32_t lane) = 0;
  virtual env::Task<Result<void>> hold(std::string name, std::uint32_t lane, std::string why) = 0;
  virtual env::Task<Result<void>> release(std::string name, std::uint32_t lane) = 0;
  /// Reads a table (empty: all that reload) again and records that `actor` said so. not_found: no such table.
  virtual env::Task<Result<std::vector<observe::TableReload>>> reload_tables(std::string name, std::string actor);
};

class Admin final : public Handler {
 public:
  Admin(env::Env env, store::Store& store, StatusSource& status, Control& control)
      : env_(env), store_(store), status_(status), control_(control) {}
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
  // ---- admin_acts.cc
  env::Task<Response> post(Request request);
  env::Task<Response> dead_body(Request request, std::string id);
  env::Task<Response> holds();
  env::Task<Response> replay(Request request, std::optional<std::string> message);
  env::Task<Response> edit(Request request);
  env::Task<Response> drop(Request request);
  env::Task<Response> resolve(Request request);
  env::Task<Response> hold_or_release(Request request, bool hold);
  env::Task<Response> reload_tables(Request request);
  env::Task<Response> tables();  // admin_tables.cc

  env::Env env_;
  store::Store& store_;
  StatusSource& status_;
  Control& control_;
};

}  // namespace smarthl7::api
