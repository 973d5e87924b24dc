// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/auth.h"

#include <charconv>

#include "stdlib/base/base64.h"
#include "stdlib/base/digest.h"

namespace smarthl7::transport::https {

namespace {

constexpr Refusal kWrongCredentials{401, "what the request shows to be let in is wrong"};

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  append_base64(bytes, text);
  return text;
}

std::string name_and_password(const AuthSettings& auth) {
  return to_base64(auth.user + ":" + std::string(auth.password.reveal()));
}

Sha256 signature(const AuthSettings& auth, std::string_view time, std::string_view body) {
  if (auth.timestamp.empty()) return hmac_sha256(auth.hmac.reveal(), body);
  std::string text(time);
  text.append(".").append(body);
  return hmac_sha256(auth.hmac.reveal(), text);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

Refusal compare(std::string_view shown, std::string_view expected) {
  if (shown.empty()) return kNoCredentials;
  return same_secret(shown, expected) ? Refusal{} : kWrongCredentials;
}

}  // namespace

std::string_view of_scheme(const Head& head, std::string_view scheme) {
  const std::string_view value = head.field("authorization");
  if (value.size() <= scheme.size() || value[scheme.size()] != ' ' || !same_word(value.substr(0, scheme.size()), scheme))
    return {};
  return trim(value.substr(scheme.size()));
}

bool same_secret(std::string_view a, std::string_view b) {
  // Digests have one length, so the time tells nothing of the secret's, and which bytes differ says nothing about it.
  const Sha256 first = sha256(a);
  const Sha256 second = sha256(b);
  unsigned char differs = 0;
  for (std::size_t i = 0; i < first.size(); ++i) differs = static_cast<unsigned char>(differs | (first[i] ^ second[i]));
  volatile unsigned char result = differs;
  return result == 0;
}

Result<AuthSettings> read_auth(const Options& options) {
  AuthSettings auth;
  auth.bearer = options.get_secret("auth.bearer");
  auth.key = options.get_secret("auth.key");
  auth.user = options.get_text("auth.user");
  auth.password = options.get_secret("auth.password");
  auth.hmac = options.get_secret("auth.hmac");
  auth.header = options.get_text("auth.header", auth.hmac.empty() ? "X-API-Key" : "X-Signature");
  auth.timestamp = options.get_text("auth.timestamp");
  auth.within = options.get_duration("auth.within", auth.within);
  auth.oauth = options.has("auth.oauth");
  for (const std::string_view name : {"auth.bearer", "auth.key", "auth.password", "auth.hmac"}) {
    if (options.has(name) && options.get_secret(name).empty())  // it would let everybody in
      return fail(ErrorCode::invalid, "the secret of `" + std::string(name) + "` is empty");
  }
  return auth;
}

Refusal check_head(const AuthSettings& auth, const Head& head, WallTime now) {
  if (head.count("authorization") > 1) return {400, "the request has two Authorization fields"};
  if (!auth.bearer.empty()) {
    if (const Refusal refusal = compare(of_scheme(head, "Bearer"), auth.bearer.reveal()); refusal.status != 0) return refusal;
  }
  if (!auth.password.empty()) {
    if (const Refusal refusal = compare(of_scheme(head, "Basic"), name_and_password(auth)); refusal.status != 0) return refusal;
  }
  const std::string header = lower_case(auth.header);
  if (!auth.key.empty()) {
    if (head.count(header) > 1) return kWrongCredentials;
    if (const Refusal refusal = compare(head.field(header), auth.key.reveal()); refusal.status != 0) return refusal;
  }
  if (auth.hmac.empty()) return {};
  if (head.count(header) != 1) return head.count(header) == 0 ? kNoCredentials : kWrongCredentials;
  if (auth.timestamp.empty()) return {};
  const std::string_view time = head.field(lower_case(auth.timestamp));
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), seconds);
  if (time.empty()) return kNoCredentials;
  if (error != std::errc{} || end != time.data() + time.size() || seconds < 0)
    return {401, "the time of the signature is not in seconds since 1970"};
  const std::int64_t most = std::chrono::duration_cast<std::chrono::seconds>(auth.within).count();
  const std::int64_t here = seconds_of(now);
  if (seconds > here + most || seconds < here - most) return {401, "the signature is too old, or from a clock that is wrong"};
  return {};
}

Refusal check_body(const AuthSettings& auth, const Head& head, std::string_view body) {
  if (auth.hmac.empty()) return {};
  const std::string time = auth.timestamp.empty() ? std::string() : std::string(head.field(lower_case(auth.timestamp)));
  const Sha256 expected = signature(auth, time, body);
  std::string_view shown = head.field(lower_case(auth.header));
  if (shown.starts_with("sha256=")) shown.remove_prefix(7);
  const std::string_view bytes(reinterpret_cast<const char*>(expected.data()), expected.size());
  const bool hex = shown.size() == 2 * expected.size();
  return compare(hex ? lower_case(shown) : std::string(shown), hex ? to_hex(expected) : to_base64(bytes));
}

std::string_view challenge(const AuthSettings& auth) {
  if (auth.oauth || !auth.bearer.empty()) return "Bearer";
  if (!auth.password.empty()) return "Basic realm=\"HL7\", charset=\"UTF-8\"";
  return auth.hmac.empty() ? "ApiKey" : "Signature";
}

std::string credentials(const AuthSettings& auth, std::string_view body, WallTime now) {
  std::string lines;
  const auto add = [&lines](std::string_view name, std::string_view value) {
    lines.append(name).append(": ").append(value).append("\r\n");
  };
  if (!auth.bearer.empty()) add("Authorization", "Bearer " + std::string(auth.bearer.reveal()));
  if (!auth.password.empty()) add("Authorization", "Basic " + name_and_password(auth));
  if (!auth.key.empty()) add(auth.header, auth.key.reveal());
  if (auth.hmac.empty()) return lines;
  const std::string time = std::to_string(seconds_of(now));
  if (!auth.timestamp.empty()) add(auth.timestamp, time);
  add(auth.header, "sha256=" + to_hex(signature(auth, time, body)));
  return lines;
}

}  // namespace smarthl7::transport::https
