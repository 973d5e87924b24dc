// SPDX-License-Identifier: Apache-2.0
#include "runtime/api/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smarthl7::api {
namespace {

class Behind final : public Handler {
 public:
  env::Task<Response> handle(Request request) override {
    Response response;
    response.body = request.actor;
    co_return response;
  }
};

Request head(std::string host, std::string token, std::string origin = {}) {
  Request request;
  request.path = "/v1/status";
  request.host = std::move(host);
  request.origin = std::move(origin);
  if (!token.empty()) request.authorization = "Bearer " + token;
  return request;
}

unsigned verdict(Guard& guard, const Request& request) {
  const auto refused = guard.refuse(request);
  return refused ? refused->status : 200;
}

TEST(AdminGuard, asks_for_the_token_and_for_its_own_name) {
  Behind behind;
  Guard guard(&behind, Secret(std::string("0123abcd")));
  guard.listens_on(9000);
  for (const char* own : {"127.0.0.1:9000", "localhost:9000", "[::1]:9000"}) {
    EXPECT_EQ(verdict(guard, head(own, "0123abcd")), 200U) << own;
    EXPECT_EQ(verdict(guard, head(own, "0123abcd", "http://" + std::string(own))), 200U) << own;
    EXPECT_EQ(verdict(guard, head(own, "")), 401U);
    for (const char* wrong : {"0123abce", "0123abc", "0123abcd0123abcd", "0", "Bearer 0123abcd"})
      EXPECT_EQ(verdict(guard, head(own, wrong)), 401U) << wrong;
  }
  // A name that was made to point here, another port, nothing: whatever the token is.
  for (const char* foreign : {"evil.example:9000", "127.0.0.1.evil.example:9000", "127.0.0.1:80", "127.0.0.1", "", "localhost"})
    EXPECT_EQ(verdict(guard, head(foreign, "0123abcd")), 403U) << foreign;
  for (const char* origin : {"http://evil.example", "https://127.0.0.1:9000", "null", "http://127.0.0.1:9001", "file://"})
    EXPECT_EQ(verdict(guard, head("127.0.0.1:9000", "0123abcd", origin)), 403U) << origin;
}

TEST(AdminGuard, lets_everybody_ask_whether_it_lives) {
  Behind behind;
  Guard guard(&behind, Secret(std::string("0123abcd")));
  guard.listens_on(9000);
  Request request = head("127.0.0.1:9000", "");
  request.path = "/healthz";
  EXPECT_EQ(verdict(guard, request), 200U);
  request.path = "/readyz";
  EXPECT_EQ(verdict(guard, request), 200U);
  request.path = "/healthz/../v1/status";
  EXPECT_EQ(verdict(guard, request), 401U);
  request.path = "/metrics";
  EXPECT_EQ(verdict(guard, request), 401U);
}

TEST(AdminGuard, no_token_is_no_secret) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("", ""));
  EXPECT_FALSE(same_secret("abc", ""));
  EXPECT_FALSE(same_secret("", "abc"));
  EXPECT_FALSE(same_secret("abcabc", "abc"));
}

}  // namespace
}  // namespace smarthl7::api
