// SPDX-License-Identifier: Apache-2.0
// Posts messages over one connection, which is kept as long as the receiver keeps it. An acknowledgement in the response
// decides; without one its status does (outcome.h). Redirects are not followed: a message goes where the plan says, or nowhere.
// Internal to this folder. Ownership, threads, failure: as transport.h says.
#pragma once

#include <chrono>
#include <optional>

#include "runtime/env/signal.h"
#include "runtime/transport/https/auth.h"
#include "runtime/transport/https/response.h"
#include "runtime/transport/https/url.h"
#include "runtime/transport/oauth/token_keeper.h"
#include "runtime/transport/proxy/proxy.h"
#include "runtime/transport/renewals.h"
#include "runtime/transport/tls/tls.h"
#include "runtime/transport/transport.h"
#include "stdlib/hl7/encoding.h"

namespace smarthl7::transport::https {

struct DestinationSettings {
  Url url;
  std::optional<Proxy> proxy;  // nothing: straight to the receiver
  std::chrono::nanoseconds connect_within{std::chrono::seconds(10)};
  std::shared_ptr<const tls::Context> tls;  // null: plain
  std::shared_ptr<Renewable> renewal;       // gives it new files; null: nobody does
  AuthSettings auth;
  std::shared_ptr<oauth::TokenKeeper> tokens;  // null: none is shown
  std::string content_type = "application/hl7-v2";
  std::string headers;              // further lines, each with its CRLF
  std::uint64_t most_messages = 0;  // over one connection; 0: any number
};

class HttpsDestination final : public Destination {
 public:
  HttpsDestination(DestinationSettings settings, env::Env env);
  ~HttpsDestination() override;

  env::Task<Result<void>> connect(SteadyTime deadline) override;
  [[nodiscard]] bool connected() const override { return stream_ != nullptr && !closing_ && !used_up(); }
  void set_delivery(std::uint64_t message, std::uint32_t number) override;
  env::Task<Sent> send(SharedBytes message, SteadyTime answer_deadline) override;
  env::Task<Sent> await_more_answer(SteadyTime deadline) override;
  env::Task<Sent> post(SharedBytes message, SteadyTime deadline) override;
  env::Task<Sent> listen(SteadyTime deadline) override;
  void interrupt() override;
  void close() override;
  [[nodiscard]] const std::string& address() const override { return address_; }

 private:
  env::Task<Result<std::unique_ptr<env::Stream>>> make_stream(SteadyTime deadline);
  env::Task<Result<void>> open(SteadyTime deadline);
  env::Task<Result<void>> check_quiet();
  env::Task<Result<void>> show_token(SteadyTime deadline);
  env::Task<Sent> exchange(SharedBytes message, SteadyTime deadline);
  env::Task<Result<Answered>> read_response(SteadyTime deadline);
  [[nodiscard]] Result<std::string> body_of(const SharedBytes& message);
  [[nodiscard]] std::string head_of(std::string_view message, std::string_view body);
  [[nodiscard]] Sent outcome_of(Answered answered);
  Sent give_up(Sent::Outcome outcome, Error error);
  [[nodiscard]] bool used_up() const { return settings_.most_messages != 0 && sent_ >= settings_.most_messages; }

  const DestinationSettings settings_;
  const hl7::Encoding form_;
  env::Env env_;
  const std::string address_;
  std::unique_ptr<env::Stream> stream_;
  std::unique_ptr<ResponseReader> reader_;
  hl7::Encoder encoder_;
  env::Abandon abandon_;
  env::Signal listened_;
  std::string delivery_;            // what names the delivery, beside its bytes
  bool busy_ = false;               // a connect, send or listen is under way
  bool closing_ = false;            // close() was called while busy
  bool heard_ = false;              // bytes came on this connection
  bool interrupted_ = false;        // listen() was told to end
  bool token_refused_ = false;      // by the receiver, at the last exchange
  oauth::TokenKeeper::Held token_;  // what the next request shows
  std::uint64_t sent_ = 0;          // messages written to this connection
};

}  // namespace smarthl7::transport::https
