// SPDX-License-Identifier: Apache-2.0
// Who may send, and how we say who we are: a bearer token (RFC 6750), a key in a header, name and password (RFC 7617), or a
// signature of the body by HMAC-SHA-256, with a time that bounds how long a copied request is worth something. Secrets are
// compared in a time that does not depend on where they differ. Pure; any thread. Failure: a Refusal, which names no value.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "runtime/transport/https/head.h"
#include "runtime/transport/options.h"
#include "stdlib/base/result.h"
#include "stdlib/base/time.h"

namespace smarthl7::transport::https {

struct AuthSettings {
  Secret bearer;
  Secret key;        // in `header`
  std::string user;  // with password
  Secret password;
  Secret hmac;            // signs the body, or time, ".", body if `timestamp` is there
  std::string header;     // of key or signature
  std::string timestamp;  // header with seconds since 1970; empty: none
  std::chrono::nanoseconds within{std::chrono::minutes(5)};
  bool oauth = false;  // a token besides, which is checked elsewhere
};

[[nodiscard]] Result<AuthSettings> read_auth(const Options& options);

/// Before the body is read: all but the signature.
[[nodiscard]] Refusal check_head(const AuthSettings& auth, const Head& head, WallTime now);
[[nodiscard]] Refusal check_body(const AuthSettings& auth, const Head& head, std::string_view body);
/// The value of WWW-Authenticate, which a 401 must have (RFC 9110 section 15.5.2).
[[nodiscard]] std::string_view challenge(const AuthSettings& auth);

/// The one of a token that is wrong (RFC 6750 section 3): 401, or 403 when it is good but not for this.
inline constexpr std::string_view kWrongToken = "Bearer error=\"invalid_token\"";
inline constexpr std::string_view kLacksScope = "Bearer error=\"insufficient_scope\"";
inline constexpr Refusal kNoCredentials{401, "the request does not show what it needs to be let in"};

/// Header lines, each with its CRLF, that say who we are.
[[nodiscard]] std::string credentials(const AuthSettings& auth, std::string_view body, WallTime now);

/// What stands behind the scheme ("Bearer", "Basic") in Authorization; empty: another scheme, or nothing.
[[nodiscard]] std::string_view of_scheme(const Head& head, std::string_view scheme);

[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

}  // namespace smarthl7::transport::https
