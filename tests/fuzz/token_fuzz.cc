// SPDX-License-Identifier: Apache-2.0
// Whatever stands in Authorization, nobody is let in by a token that the issuer's key did not sign; and no key set or answer of
// a token server breaks its reader. A good token needs the private half of a key whose public half is RFC 7515's, appendix A.3.
#include <string>
#include <string_view>

#include "runtime/transport/oauth/token.h"
#include "runtime/transport/oauth/token_keeper.h"
#include "stdlib/base/assert.h"

namespace oauth = smarthl7::transport::oauth;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const auto keys =
      *oauth::KeySet::read(R"({"keys":[{"kty":"EC","crv":"P-256","kid":"e","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                           R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const oauth::TokenRules rules{"joe", "hub", {}, std::chrono::seconds(60)};
  const smarthl7::WallTime now{std::chrono::seconds(1'300'000'000)};
  const oauth::TokenVerdict verdict = oauth::check_token(input, *keys, rules, now);
  SMARTHL7_ASSERT(verdict.kind != oauth::TokenVerdict::Kind::good, "a token that nobody signed is good");
  SMARTHL7_ASSERT(!verdict.text.empty(), "a refusal without a reason");
  static_cast<void>(oauth::KeySet::read(input));
  const auto token = oauth::read_token({200, std::string(input)}, smarthl7::SteadyTime{}, "login:443");
  if (token) {
    for (const char c : token->text.reveal()) SMARTHL7_ASSERT(c > ' ' && c < '\x7f', "a token that would break a header");
    SMARTHL7_ASSERT(token->refresh_at <= token->good_until, "a token that is renewed too late");
  } else {
    SMARTHL7_ASSERT(token.error().code != smarthl7::ErrorCode::invalid, "a message would be given up for a token");
  }
  return 0;
}
