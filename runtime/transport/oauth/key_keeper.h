// SPDX-License-Identifier: Apache-2.0
// The keys that tokens are checked with, as they are now: from a file once, or fetched at the first token, again every hour,
// and for a key that is not known, though not more often than the floor between two fetches allows (who makes up key ids makes
// us fetch no more). Old keys go on to be used while the issuer cannot be reached. Ownership: shared by the workers of a
// source; owns its fetcher. Threads: any; a mutex that is held for a moment. Failure: Result when there are no keys at all.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "runtime/transport/oauth/fetcher.h"
#include "runtime/transport/oauth/flight.h"
#include "runtime/transport/oauth/keys.h"

namespace smarthl7::transport::oauth {

class KeyKeeper {
 public:
  using Keys = std::shared_ptr<const KeySet>;
  struct Pace {
    std::chrono::nanoseconds every{std::chrono::hours(1)};
    std::chrono::nanoseconds floor{std::chrono::seconds(10)};
    std::chrono::nanoseconds within{std::chrono::seconds(10)};  // for one fetch
  };

  explicit KeyKeeper(Keys fixed) : keys_(std::move(fixed)) {}
  KeyKeeper(std::unique_ptr<Fetcher> fetcher, Pace pace) : fetcher_(std::move(fetcher)), pace_(pace) {}

  /// Fetched if there are none yet, or if they are old.
  env::Task<Result<Keys>> get(env::Env env, env::Abandon* abandon);
  /// After `known` had no fitting key: newer ones, or the same if there are none or the floor is not reached.
  env::Task<Result<Keys>> get_newer(env::Env env, Keys known, env::Abandon* abandon);
  [[nodiscard]] std::uint64_t fetches() const;

 private:
  env::Task<Result<Keys>> fetch(env::Env env, Keys unless, env::Abandon* abandon);
  env::Task<Result<Keys>> ask(env::Env env, env::Abandon* abandon);
  Flight::Waiters keep(const Result<Keys>& fetched, SteadyTime now);

  const std::unique_ptr<Fetcher> fetcher_;  // null: the keys are fixed
  const Pace pace_;
  mutable std::mutex mutex_;  // guards what follows
  Keys keys_;
  SteadyTime fetched_at_{};
  SteadyTime tried_at_{};
  bool tried_ = false;
  Error trouble_;
  std::uint64_t fetches_ = 0;
  Flight flight_;
};

}  // namespace smarthl7::transport::oauth
