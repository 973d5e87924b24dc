// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/oauth/key_keeper.h"

namespace smarthl7::transport::oauth {

using env::Task;

namespace {
constexpr unsigned kGood = 200;
}

Task<Result<KeyKeeper::Keys>> KeyKeeper::get(env::Env env, env::Abandon* abandon) {
  Keys held;
  bool fresh = false;
  {
    const std::lock_guard lock(mutex_);
    held = keys_;
    fresh = fetcher_ == nullptr || (held != nullptr && env.executor.now() < fetched_at_ + pace_.every);
  }
  if (fresh) co_return held;
  Result<Keys> fetched = co_await fetch(env, held, abandon);
  if (!fetched && held != nullptr) co_return held;
  co_return fetched;
}

Task<Result<KeyKeeper::Keys>> KeyKeeper::get_newer(env::Env env, Keys known, env::Abandon* abandon) {
  if (fetcher_ == nullptr) co_return known;
  Result<Keys> fetched = co_await fetch(env, known, abandon);
  co_return fetched;
}

/// Others than `unless`, if there are some now.
Task<Result<KeyKeeper::Keys>> KeyKeeper::fetch(env::Env env, Keys unless, env::Abandon* abandon) {
  const SteadyTime deadline = env.executor.now() + 2 * pace_.within;
  while (true) {
    std::shared_ptr<Flight::Waiter> waiter;
    {
      const std::lock_guard lock(mutex_);
      if (keys_ != nullptr && keys_ != unless) co_return keys_;
      if (tried_ && env.executor.now() < tried_at_ + pace_.floor) {
        if (keys_ != nullptr) co_return keys_;
        co_return std::unexpected(trouble_);
      }
      if (!flight_.lead()) waiter = flight_.join(env.executor, *abandon);
    }
    if (waiter == nullptr) {
      Result<Keys> fetched = co_await ask(env, abandon);
      Flight::Waiters waiters = keep(fetched, env.executor.now());
      Flight::wake(waiters);
      co_return fetched;
    }
    const bool landed = co_await Flight::wait(waiter, abandon, deadline);
    if (!landed) co_return fail(ErrorCode::timeout, "the keys of " + fetcher_->place() + " did not come in time");
  }
}

Task<Result<KeyKeeper::Keys>> KeyKeeper::ask(env::Env env, env::Abandon* abandon) {
  const SteadyTime deadline = env.executor.now() + pace_.within;
  WebRequest request;
  Result<WebAnswer> answer = co_await fetcher_->fetch(env, std::move(request), deadline, abandon);
  if (!answer) co_return std::unexpected(std::move(answer).error());
  if (answer->status != kGood)
    co_return fail(ErrorCode::unreachable, fetcher_->place() + " gives no keys: HTTP " + std::to_string(answer->status));
  Result<Keys> keys = KeySet::read(answer->body);
  if (!keys) co_return fail(ErrorCode::unreachable, fetcher_->place() + " gives no keys", std::move(keys).error());
  co_return keys;
}

Flight::Waiters KeyKeeper::keep(const Result<Keys>& fetched, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  ++fetches_;
  if (fetched) {
    keys_ = *fetched;
    fetched_at_ = now;
  } else {
    trouble_ = fetched.error();
  }
  if (fetched || fetched.error().code != ErrorCode::closed) {  // one that was abandoned says nothing of the issuer
    tried_ = true;
    tried_at_ = now;
  }
  return flight_.land();
}

std::uint64_t KeyKeeper::fetches() const {
  const std::lock_guard lock(mutex_);
  return fetches_;
}

}  // namespace smarthl7::transport::oauth
