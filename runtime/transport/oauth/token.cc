// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/oauth/token.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>

namespace smarthl7::transport::oauth {

namespace {

namespace json = boost::json;
using Kind = TokenVerdict::Kind;

constexpr std::size_t kLongest = std::size_t{16} << 10;
constexpr double kLatest = 253'402'300'800.0;  // the year 10000

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

/// base64url without padding (RFC 7515 section 2).
std::optional<std::string> decode(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    held = (held << 6U) | static_cast<unsigned>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>((held >> static_cast<unsigned>(bits)) & 0xFFU));
  }
  if ((held & ((1U << static_cast<unsigned>(bits)) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::optional<json::object> object_in(std::string_view part) {
  const auto bytes = decode(part);
  if (!bytes) return std::nullopt;
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 8;
  json::value value = json::parse(*bytes, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

/// NumericDate: seconds, perhaps with a fraction. Absent: `otherwise`; nullopt: no number, or none that is a time.
std::optional<double> date_of(const json::object& claims, std::string_view name, double otherwise) {
  const json::value* value = claims.if_contains(name);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) return std::nullopt;
  const auto seconds = value->to_number<double>();
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatest) return std::nullopt;
  return seconds;
}

bool is_for(const json::object& claims, std::string_view audience) {
  const json::value* value = claims.if_contains("aud");
  if (value == nullptr) return false;
  if (value->is_string()) return value->get_string() == audience;
  const json::array* list = value->if_array();
  return list != nullptr && std::ranges::any_of(*list, [audience](const json::value& one) {
           return one.is_string() && one.get_string() == audience;
         });
}

/// `scope` is a text (RFC 9068); some issuers write `scp`, as text or list.
std::vector<std::string> scopes_of(const json::object& claims) {
  std::vector<std::string> scopes;
  for (const std::string_view name : {"scope", "scp"}) {
    const json::value* value = claims.if_contains(name);
    if (value == nullptr) continue;
    if (value->is_string())
      for (std::string& one : split_scopes(value->get_string())) scopes.push_back(std::move(one));
    if (value->is_array())
      for (const json::value& one : value->get_array())
        if (one.is_string()) scopes.emplace_back(one.get_string());
  }
  return scopes;
}

WallTime time_of(double seconds) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::duration<double>(seconds)));
}

struct Parts {
  std::string_view header, claims, signature;
};

std::optional<Parts> cut(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (token.size() > kLongest || second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

TokenVerdict refused(std::string_view text) { return {.kind = Kind::refused, .text = text}; }

TokenVerdict check_signature(std::string_view token, const json::object& header, const KeySet& keys) {
  const std::string_view algorithm = text_of(header, "alg");
  if (algorithm != "RS256" && algorithm != "PS256" && algorithm != "ES256")
    return refused("the token is not signed by RS256, PS256 or ES256");
  if (header.contains("crit") || header.contains("b64") || header.contains("enc"))
    return refused("the token asks for what is not understood here");
  switch (keys.verify(token, algorithm, text_of(header, "kid"))) {
    case KeySet::Verdict::good: return {.kind = Kind::good};
    case KeySet::Verdict::bad: return refused("the signature of the token does not fit");
    case KeySet::Verdict::unknown_key:
      return {.kind = Kind::unknown_key, .text = "the token is signed by a key that its issuer does not show"};
  }
  return refused("the signature of the token does not fit");
}

}  // namespace

std::vector<std::string> split_scopes(std::string_view text) {
  std::vector<std::string> scopes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) scopes.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

TokenVerdict check_token(std::string_view token, const KeySet& keys, const TokenRules& rules, WallTime now) {
  const auto parts = cut(token);
  const auto header = parts ? object_in(parts->header) : std::nullopt;
  // Nothing but base64url may reach cjose, whose own decoder ends the program at a `=` in the middle.
  const bool whole = header && decode(parts->claims) && decode(parts->signature);
  if (!whole) return refused("the token is no JWT");
  TokenVerdict verdict = check_signature(token, *header, keys);
  if (verdict.kind != Kind::good) return verdict;
  const auto claims = object_in(parts->claims);
  if (!claims) return refused("the token is no JWT");
  if (text_of(*claims, "iss") != rules.issuer) return refused("the token is from another issuer");
  if (!is_for(*claims, rules.audience)) return refused("the token is for another audience");
  const auto until = date_of(*claims, "exp", -1);
  const auto from = date_of(*claims, "nbf", 0);
  if (!until || !from || *until < 0) return refused("the token does not say until when it is good");
  verdict.until = time_of(*until) + rules.leeway;
  verdict.from = time_of(*from) - rules.leeway;
  if (now >= verdict.until) return refused("the token has expired");
  if (now < verdict.from) return refused("the token is not good yet");
  const std::vector<std::string> held = scopes_of(*claims);
  for (const std::string& scope : rules.scopes)
    if (std::ranges::find(held, scope) == held.end())
      return {.kind = Kind::lacks_scope, .text = "the token is good, but not for the scope that is needed here"};
  return verdict;
}

}  // namespace smarthl7::transport::oauth
