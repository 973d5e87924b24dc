// SPDX-License-Identifier: Apache-2.0
// Whether a bearer token lets somebody in: a JWT (RFC 7519, RFC 9068) that the issuer signed, for us, now, for what is asked.
// As RFC 8725 has it, the algorithm is one of RS256, PS256 and ES256 whatever the token says, and `none` is none. Pure; any
// thread. Failure: a verdict whose text names no value of the token.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/transport/oauth/keys.h"
#include "stdlib/base/time.h"

namespace smarthl7::transport::oauth {

struct TokenRules {
  std::string issuer;
  std::string audience;
  std::vector<std::string> scopes;  // all of them are needed
  std::chrono::seconds leeway{60};
};

struct TokenVerdict {
  enum class Kind : std::uint8_t {
    good,
    refused,      // for good
    unknown_key,  // the issuer may have a key that we do not know yet
    lacks_scope,  // it is good, but not for this
  };
  Kind kind = Kind::refused;
  std::string_view text{};
  WallTime from{};   // good: not before this, leeway included
  WallTime until{};  // good: and not after
};

[[nodiscard]] TokenVerdict check_token(std::string_view token, const KeySet& keys, const TokenRules& rules, WallTime now);

/// "read write" as two.
[[nodiscard]] std::vector<std::string> split_scopes(std::string_view text);

}  // namespace smarthl7::transport::oauth
