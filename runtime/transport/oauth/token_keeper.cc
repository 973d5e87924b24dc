// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/oauth/token_keeper.h"

#include <algorithm>
#include <boost/json.hpp>

#include "stdlib/base/base64.h"

namespace smarthl7::transport::oauth {

using env::Task;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

constexpr auto kFetchTime = 10s;
constexpr auto kRetryPause = 500ms;  // after an attempt that failed, for all who ask
constexpr auto kUsualLife = 5min;    // of a token that does not say
constexpr auto kLongestLife = 24h;
constexpr auto kLongestMargin = 30s;
constexpr std::size_t kLongestToken = std::size_t{12} << 10;

std::string encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 15U]);
    }
  }
  return out;
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

/// The `error` of the answer if it is a word as RFC 6749 has it; what else the server says may hold anything.
std::string word_of(const json::object& object) {
  const std::string_view word = text_of(object, "error");
  const bool good = !word.empty() && word.size() <= 40 &&
                    std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return good ? ": " + std::string(word) : std::string();
}

bool is_shown(std::string_view token) {
  return !token.empty() && token.size() <= kLongestToken &&
         std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::chrono::nanoseconds life_of(const json::object& object) {
  const json::value* value = object.if_contains("expires_in");
  double seconds = 0;
  if (value != nullptr && value->is_number()) seconds = value->to_number<double>();
  if (value != nullptr && value->is_string()) seconds = std::strtod(value->get_string().c_str(), nullptr);  // some write "3600"
  if (!(seconds > 0)) return kUsualLife;
  const double most = std::chrono::duration<double>(kLongestLife).count();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(std::min(seconds, most)));
}

}  // namespace

WebRequest token_request(const ClientSettings& settings) {
  std::string form = "grant_type=client_credentials";
  if (!settings.scope.empty()) form += "&scope=" + encode(settings.scope);
  if (!settings.audience.empty()) form += "&audience=" + encode(settings.audience);
  WebRequest request;
  const std::string secret = encode(settings.secret.reveal());
  if (settings.in_body) {
    form += "&client_id=" + encode(settings.client) + "&client_secret=" + secret;
  } else {
    std::string header = "Basic ";
    append_base64(encode(settings.client) + ":" + secret, header);
    request.authorization = Secret(std::move(header));
  }
  request.form = Secret(std::move(form));
  return request;
}

Result<Token> read_token(const WebAnswer& answer, SteadyTime now, const std::string& place) {
  boost::system::error_code error;
  const json::value value = json::parse(answer.body, error);
  const json::object* object = error ? nullptr : value.if_object();
  const std::string status = "HTTP " + std::to_string(answer.status);
  if (answer.status == 400 || answer.status == 401 || answer.status == 403)
    return fail(ErrorCode::refused, place + " gives the hub no token: " + status + (object ? word_of(*object) : ""));
  if (answer.status != 200) return fail(ErrorCode::unreachable, place + " gives no token now: " + status);
  if (object == nullptr) return fail(ErrorCode::unreachable, place + " answers with no JSON");
  std::string type(text_of(*object, "token_type"));
  std::ranges::transform(type, type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (type != "bearer") return fail(ErrorCode::refused, place + " gives a token of another type than Bearer");
  const std::string_view text = text_of(*object, "access_token");
  if (!is_shown(text)) return fail(ErrorCode::unreachable, place + " answers without a token that can be shown");
  const std::chrono::nanoseconds life = life_of(*object);
  Token token;
  token.text = Secret(std::string(text));
  token.good_until = now + life;
  token.refresh_at = token.good_until - std::min<std::chrono::nanoseconds>(kLongestMargin, life / 4);
  return token;
}

Task<Result<TokenKeeper::Held>> TokenKeeper::get(env::Env env, SteadyTime deadline, env::Abandon* abandon) {
  while (true) {
    std::shared_ptr<Flight::Waiter> waiter;
    Held held;
    {
      const std::lock_guard lock(mutex_);
      const SteadyTime now = env.executor.now();
      const bool good = token_ != nullptr && now < token_->good_until;
      if (good && now < token_->refresh_at) co_return token_;
      if (good) held = token_;
      if (now < not_before_) {
        if (good) co_return token_;
        co_return std::unexpected(trouble_);
      }
      if (!flight_.lead()) {
        if (good) co_return token_;
        waiter = flight_.join(env.executor, *abandon);
      }
    }
    if (waiter == nullptr) {
      Result<Held> fetched = co_await ask(env, deadline, abandon);
      Flight::Waiters waiters = keep(fetched, env.executor.now());
      Flight::wake(waiters);
      if (!fetched && held != nullptr && env.executor.now() < held->good_until) co_return held;
      co_return fetched;
    }
    const bool landed = co_await Flight::wait(waiter, abandon, deadline);
    if (!landed && abandon->requested) co_return fail(ErrorCode::closed, "the token is not wanted any more");
    if (!landed) co_return fail(ErrorCode::timeout, "the token of " + fetcher_->place() + " did not come in time");
  }
}

Task<Result<TokenKeeper::Held>> TokenKeeper::ask(env::Env env, SteadyTime deadline, env::Abandon* abandon) {
  const SteadyTime asked = env.executor.now();  // a token lives from when it was made, which is after this
  const SteadyTime end = std::min<SteadyTime>(deadline, asked + kFetchTime);
  WebRequest request = token_request(settings_);
  Result<WebAnswer> answer = co_await fetcher_->fetch(env, std::move(request), end, abandon);
  if (!answer) co_return std::unexpected(std::move(answer).error());
  Result<Token> token = read_token(*answer, asked, fetcher_->place());
  if (!token) co_return std::unexpected(std::move(token).error());
  Held held = std::make_shared<const Token>(std::move(*token));
  co_return held;
}

Flight::Waiters TokenKeeper::keep(const Result<Held>& fetched, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  ++fetches_;
  if (fetched) {
    token_ = *fetched;
    not_before_ = {};
  } else if (fetched.error().code != ErrorCode::closed) {  // one that was abandoned says nothing of the server
    trouble_ = fetched.error();
    not_before_ = now + kRetryPause;
  }
  return flight_.land();
}

void TokenKeeper::reject(const Held& token) {
  const std::lock_guard lock(mutex_);
  if (token_ == token) token_.reset();
}

std::uint64_t TokenKeeper::fetches() const {
  const std::lock_guard lock(mutex_);
  return fetches_;
}

}  // namespace smarthl7::transport::oauth
