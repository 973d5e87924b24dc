// SPDX-License-Identifier: Apache-2.0
// The hub's own token at one token server, by client credentials (RFC 6749 section 4.4): fetched when it is first needed, again
// a while before it runs out, and once more if a receiver will not have it; by one of those who need it, while the others wait
// or use the old one as long as it is good. Ownership: shared by the lanes that show it; owns its fetcher. Threads: any; a
// mutex that is held for a moment. Failure: ErrorCode::refused when the server does not know client or secret, else
// unreachable, timeout or closed, after which the next attempt is worth making.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/transport/oauth/fetcher.h"
#include "runtime/transport/oauth/flight.h"

namespace smarthl7::transport::oauth {

struct ClientSettings {
  std::string client;
  Secret secret;
  std::string scope;     // empty: not asked for
  std::string audience;  // empty: not asked for
  bool in_body = false;  // client_secret_post; else client_secret_basic
};

struct Token {
  Secret text;
  SteadyTime good_until;
  SteadyTime refresh_at;
};

class TokenKeeper {
 public:
  using Held = std::shared_ptr<const Token>;

  TokenKeeper(ClientSettings settings, std::unique_ptr<Fetcher> fetcher)
      : settings_(std::move(settings)), fetcher_(std::move(fetcher)) {}

  env::Task<Result<Held>> get(env::Env env, SteadyTime deadline, env::Abandon* abandon);
  /// A receiver refused it: not used again. Nothing if another one has taken its place.
  void reject(const Held& token);
  [[nodiscard]] std::uint64_t fetches() const;

 private:
  env::Task<Result<Held>> ask(env::Env env, SteadyTime deadline, env::Abandon* abandon);
  Flight::Waiters keep(const Result<Held>& fetched, SteadyTime now);

  const ClientSettings settings_;
  const std::unique_ptr<Fetcher> fetcher_;
  mutable std::mutex mutex_;  // guards what follows
  Held token_;
  SteadyTime not_before_{};  // the next attempt, after one that failed
  Error trouble_;
  std::uint64_t fetches_ = 0;
  Flight flight_;
};

/// The request for a token, and what the answer to it holds (RFC 6749 sections 4.4.2, 5.1, 5.2). Pure.
[[nodiscard]] WebRequest token_request(const ClientSettings& settings);
[[nodiscard]] Result<Token> read_token(const WebAnswer& answer, SteadyTime now, const std::string& place);

}  // namespace smarthl7::transport::oauth
