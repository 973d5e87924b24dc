// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/oauth/token.h"

#include <cjose/cjose.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smarthl7::transport::oauth {
namespace {

using namespace std::chrono_literals;
using Kind = TokenVerdict::Kind;

// RFC 7515, appendix A.2 and A.3: the keys' public parts, and the signed texts.
constexpr std::string_view kRfcRsa =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr std::string_view kRfcEc =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kRfcRsaToken =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjb"
    "KBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZES"
    "c6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
constexpr std::string_view kRfcEcToken =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

std::string set_of(std::initializer_list<std::string_view> keys) {
  std::string text = R"({"keys":[)";
  for (const std::string_view key : keys) text.append(text.back() == '[' ? "" : ",").append(key);
  return text + "]}";
}

/// A key pair of this run, and tokens that it signs.
class Signer {
 public:
  Signer(bool rsa, std::string id) : algorithm_(rsa ? "RS256" : "ES256"), id_(std::move(id)) {
    cjose_err why{};
    jwk_ = rsa ? cjose_jwk_create_RSA_random(2048, nullptr, 0, &why) : cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &why);
    cjose_jwk_set_kid(jwk_, id_.data(), id_.size(), &why);
  }
  ~Signer() { cjose_jwk_release(jwk_); }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  [[nodiscard]] std::string shown() const {
    cjose_err why{};
    char* text = cjose_jwk_to_json(jwk_, false, &why);
    std::string out(text);
    cjose_get_dealloc()(text);
    return out;
  }
  [[nodiscard]] std::string sign(std::string_view claims, const std::string& algorithm = {}) const {
    cjose_err why{};
    cjose_header_t* header = cjose_header_new(&why);
    cjose_header_set(header, "alg", algorithm.empty() ? algorithm_.c_str() : algorithm.c_str(), &why);
    cjose_header_set(header, "kid", id_.c_str(), &why);
    cjose_jws_t* jws = cjose_jws_sign(jwk_, header, reinterpret_cast<const uint8_t*>(claims.data()), claims.size(), &why);
    const char* text = nullptr;
    cjose_jws_export(jws, &text, &why);
    std::string out(text);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return out;
  }

 private:
  std::string algorithm_;
  std::string id_;
  cjose_jwk_t* jwk_ = nullptr;
};

const WallTime kNow{std::chrono::seconds(1'000'000)};
const TokenRules kRules{"https://a", "hub", {"write"}, 10s};

TEST(Keys, verify_what_the_rfc_signed) {
  const auto keys = KeySet::read(set_of({kRfcRsa, kRfcEc}));
  ASSERT_TRUE(keys.has_value()) << keys.error().describe();
  EXPECT_EQ((*keys)->size(), 2U);
  EXPECT_EQ((*keys)->verify(kRfcRsaToken, "RS256", ""), KeySet::Verdict::good);
  EXPECT_EQ((*keys)->verify(kRfcEcToken, "ES256", ""), KeySet::Verdict::good);
  std::string changed(kRfcRsaToken);
  changed[30] = changed[30] == 'A' ? 'B' : 'A';
  EXPECT_EQ((*keys)->verify(changed, "RS256", ""), KeySet::Verdict::bad);
  EXPECT_EQ((*keys)->verify(kRfcRsaToken, "RS256", "r1"), KeySet::Verdict::unknown_key);
  EXPECT_EQ((*keys)->verify(kRfcRsaToken, "HS256", ""), KeySet::Verdict::unknown_key);
}

TEST(Keys, that_are_none_of_ours_are_left_out) {
  constexpr std::string_view kSymmetric = R"({"kty":"oct","k":"c2VjcmV0","kid":"s"})";
  constexpr std::string_view kOther = R"({"kty":"OKP","crv":"Ed25519","x":"AA"})";
  EXPECT_FALSE(KeySet::read(set_of({kSymmetric, kOther})).has_value());
  EXPECT_EQ((*KeySet::read(set_of({kSymmetric, kRfcEc, kOther})))->size(), 1U);
  for (const std::string_view more : {R"("use":"enc")", R"("key_ops":["sign"])"}) {
    std::string key(kRfcEc);
    key.insert(1, std::string(more) + ",");
    EXPECT_FALSE(KeySet::read(set_of({key})).has_value()) << more;
  }
  for (const std::string_view slip : {"=", "", "A", "+AAA"}) {
    std::string key(R"({"kty":"RSA","e":"AQAB","n":"")");
    key.insert(key.size() - 1, slip);
    EXPECT_FALSE(KeySet::read(set_of({key + "}"})).has_value()) << slip;
  }
  std::string only(kRfcRsa);
  only.insert(1, R"("alg":"PS256",)");
  EXPECT_EQ((*KeySet::read(set_of({only})))->verify(kRfcRsaToken, "RS256", ""), KeySet::Verdict::unknown_key);
  for (const std::string_view text : {"", "{}", "[]", R"({"keys":{}})", R"({"keys":[1]})", "nonsense"})
    EXPECT_FALSE(KeySet::read(text).has_value()) << text;
}

TEST(Tokens, are_taken_for_what_they_say) {
  const Signer rsa(true, "r");
  const Signer ec(false, "e");
  const auto keys = *KeySet::read(set_of({rsa.shown(), ec.shown()}));
  const auto check = [&](std::string_view claims) { return check_token(rsa.sign(claims), *keys, kRules, kNow); };
  constexpr std::string_view kGood = R"({"iss":"https://a","aud":"hub","exp":1000100,"scope":"read write"})";
  const TokenVerdict good = check(kGood);
  EXPECT_EQ(good.kind, Kind::good) << good.text;
  EXPECT_EQ(good.until, kNow + 110s);
  EXPECT_EQ(check_token(ec.sign(kGood), *keys, kRules, kNow).kind, Kind::good);
  EXPECT_EQ(check_token(rsa.sign(kGood, "PS256"), *keys, kRules, kNow).kind, Kind::good);
  EXPECT_EQ(check_token(rsa.sign(kGood, "RS384"), *keys, kRules, kNow).kind, Kind::refused);
  EXPECT_EQ(check_token(rsa.sign(kGood), *keys, kRules, kNow + 109s).kind, Kind::good);
  EXPECT_EQ(check_token(rsa.sign(kGood), *keys, kRules, kNow + 110s).kind, Kind::refused);
  EXPECT_EQ(check(R"({"iss":"https://a","aud":["x","hub"],"exp":1000100,"scp":["write"]})").kind, Kind::good);
  EXPECT_EQ(check(R"({"iss":"https://a","aud":"hub","exp":1000100,"scope":"writes"})").kind, Kind::lacks_scope);
  EXPECT_EQ(check(R"({"iss":"https://a","aud":"hub","exp":1000100})").kind, Kind::lacks_scope);
  for (const std::string_view claims : {
           R"({"iss":"https://b","aud":"hub","exp":1000100,"scope":"write"})",
           R"({"aud":"hub","exp":1000100,"scope":"write"})",
           R"({"iss":["https://a"],"aud":"hub","exp":1000100,"scope":"write"})",
           R"({"iss":"https://a","aud":"hubs","exp":1000100,"scope":"write"})",
           R"({"iss":"https://a","exp":1000100,"scope":"write"})",
           R"({"iss":"https://a","aud":"hub","scope":"write"})",
           R"({"iss":"https://a","aud":"hub","exp":"1000100","scope":"write"})",
           R"({"iss":"https://a","aud":"hub","exp":-1,"scope":"write"})",
           R"({"iss":"https://a","aud":"hub","exp":1e99,"scope":"write"})",
           R"({"iss":"https://a","aud":"hub","exp":999990,"scope":"write"})",
           R"({"iss":"https://a","aud":"hub","exp":1000100,"nbf":1000011,"scope":"write"})",
           R"({"iss":"https://a","aud":"hub","exp":1000100,"nbf":"soon","scope":"write"})",
           R"("text")",
       })
    EXPECT_EQ(check(claims).kind, Kind::refused) << claims;
  EXPECT_EQ(check(R"({"iss":"https://a","aud":"hub","exp":1000100,"nbf":1000010,"scope":"write"})").kind, Kind::good);
}

TEST(Tokens, of_strangers_and_of_no_form_are_refused) {
  const Signer ours(true, "r");
  const Signer theirs(true, "r");
  const Signer unknown(false, "new");
  const auto keys = *KeySet::read(set_of({ours.shown()}));
  constexpr std::string_view kGood = R"({"iss":"https://a","aud":"hub","exp":1000100,"scope":"write"})";
  EXPECT_EQ(check_token(theirs.sign(kGood), *keys, kRules, kNow).kind, Kind::refused);
  EXPECT_EQ(check_token(unknown.sign(kGood), *keys, kRules, kNow).kind, Kind::unknown_key);
  const std::string token = ours.sign(kGood);
  for (std::size_t i = 0; i < token.size(); i += 7) {  // whatever is left out or changed
    std::string changed = token;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    if (changed != token) {
      EXPECT_NE(check_token(changed, *keys, kRules, kNow).kind, Kind::good) << i;
    }
    EXPECT_NE(check_token(token.substr(0, i), *keys, kRules, kNow).kind, Kind::good) << i;
  }
  std::string padded = token;  // cjose's own decoder would end the program
  padded[token.find('.') + 40] = '=';
  EXPECT_EQ(check_token(padded, *keys, kRules, kNow).kind, Kind::refused);
  for (const std::string_view text : {"", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.AA", "=.=.="})
    EXPECT_EQ(check_token(text, *keys, kRules, kNow).kind, Kind::refused) << text;
  EXPECT_EQ(check_token(std::string(20'000, 'a') + "..", *keys, kRules, kNow).kind, Kind::refused);
}

}  // namespace
}  // namespace smarthl7::transport::oauth
