// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/notify/carrier.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <string_view>

namespace smarthl7::app {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kTotalSeconds = 30;

std::size_t ignore(char* /*bytes*/, std::size_t size, std::size_t count, void* /*unused*/) { return size * count; }

std::size_t read_some(char* into, std::size_t size, std::size_t count, void* from) {
  auto* rest = static_cast<std::string_view*>(from);
  const std::size_t length = std::min(rest->size(), size * count);
  std::memcpy(into, rest->data(), length);
  rest->remove_prefix(length);
  return length;
}

int go_on(void* interrupted, curl_off_t /*down*/, curl_off_t /*of*/, curl_off_t /*up*/, curl_off_t /*of*/) {
  return static_cast<std::atomic<bool>*>(interrupted)->load() ? 1 : 0;
}

}  // namespace

struct Carrier::Easy {
  CURL* handle = nullptr;
  std::array<char, CURL_ERROR_SIZE> why{};
};

Carrier::Carrier() : easy_(std::make_unique<Easy>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  easy_->handle = curl_easy_init();
}

Carrier::~Carrier() {
  if (easy_->handle != nullptr) curl_easy_cleanup(easy_->handle);
}

Result<void> Carrier::perform() {
  CURL* curl = easy_->handle;
  easy_->why[0] = '\0';
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, easy_->why.data());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTotalSeconds);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, go_on);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &interrupted_);
  const CURLcode code = curl_easy_perform(curl);
  if (code == CURLE_OK) return {};
  const char* why = easy_->why[0] != '\0' ? easy_->why.data() : curl_easy_strerror(code);
  const bool useless = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
  return fail(useless ? ErrorCode::invalid : ErrorCode::unreachable, why);
}

Result<void> Carrier::post(const std::string& url, const std::string& json, const std::string& key) {
  CURL* curl = easy_->handle;
  if (curl == nullptr) return fail(ErrorCode::io, "libcurl cannot be started");
  curl_easy_reset(curl);
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  headers = curl_slist_append(headers, ("Idempotency-Key: " + key).c_str());
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json.c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "smarthl7");
  const Result<void> sent = perform();
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(headers);
  if (!sent) return sent;
  if (status >= 200 && status < 300) return {};
  constexpr long kTimeout = 408;
  constexpr long kTooMany = 429;
  const bool useless = status >= 400 && status < 500 && status != kTimeout && status != kTooMany;
  return fail(useless ? ErrorCode::invalid : ErrorCode::refused, fmt::format("the pager answered {}", status));
}

Result<void> Carrier::mail(const std::string& server, const std::string& from, const std::string& to,
                           const std::string& message) {
  CURL* curl = easy_->handle;
  if (curl == nullptr) return fail(ErrorCode::io, "libcurl cannot be started");
  curl_easy_reset(curl);
  const std::string sender = "<" + from + ">";
  const std::string receiver = "<" + to + ">";
  curl_slist* receivers = curl_slist_append(nullptr, receiver.c_str());
  std::string_view rest = message;
  curl_easy_setopt(curl, CURLOPT_URL, server.c_str());
  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, receivers);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_some);
  curl_easy_setopt(curl, CURLOPT_READDATA, &rest);
  const Result<void> sent = perform();
  curl_slist_free_all(receivers);
  if (!sent) return fail(sent.error().code, "the mail server: " + sent.error().text);
  return {};
}

}  // namespace smarthl7::app
