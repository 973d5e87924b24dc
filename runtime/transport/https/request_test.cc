// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "runtime/transport/https/auth.h"
#include "runtime/transport/https/content.h"
#include "runtime/transport/https/outcome.h"
#include "runtime/transport/https/reply.h"
#include "runtime/transport/https/response.h"
#include "runtime/transport/https/url.h"
#include "stdlib/base/digest.h"

namespace smarthl7::transport::https {
namespace {

using namespace std::chrono_literals;

struct Told {
  std::vector<std::string> heads;  // method and path
  std::vector<std::string> bodies;
  unsigned status = 0;
  std::string why;
  bool inside = false;
  friend bool operator==(const Told&, const Told&) = default;
};

Told decode(std::string_view bytes, std::size_t chunk = 1 << 20, RequestDecoder::Rules rules = {}) {
  RequestDecoder decoder(rules);
  Told told;
  while (told.status == 0) {
    const RequestDecoder::Step step = decoder.next();
    if (step == RequestDecoder::Step::head) told.heads.push_back(decoder.head().method + " " + decoder.head().path);
    if (step == RequestDecoder::Step::request) told.bodies.push_back(decoder.take_body());
    if (step == RequestDecoder::Step::bad) {
      told.status = decoder.refusal().status;
      told.why = decoder.refusal().text;
    }
    if (step != RequestDecoder::Step::need_more) continue;
    if (bytes.empty()) break;
    const auto room = decoder.room();
    const std::size_t count = std::min({bytes.size(), chunk, room.size()});
    std::memcpy(room.data(), bytes.data(), count);
    decoder.filled(count);
    bytes.remove_prefix(count);
  }
  told.inside = decoder.inside();
  return told;
}

std::string post(std::string_view body, const std::string& more = "") {
  return "POST /hl7 HTTP/1.1\r\nHost: hub\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

TEST(Requests, come_one_after_the_other_however_they_are_cut) {
  const std::string bytes = post("MSH|1") + "\r\n" + post("") +
                            "POST http://hub/hl7?x=1 HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: Chunked\r\n\r\n"
                            "3;name=value\r\nMSH\r\n2\r\n|3\r\n0\r\nTrailer: x\r\n\r\n" +
                            post(std::string(200'000, 'x'));
  const Told whole = decode(bytes);
  EXPECT_EQ(whole.status, 0U) << whole.why;
  ASSERT_EQ(whole.bodies.size(), 4U);
  EXPECT_EQ(whole.bodies[0], "MSH|1");
  EXPECT_EQ(whole.bodies[1], "");
  EXPECT_EQ(whole.bodies[2], "MSH|3");
  EXPECT_EQ(whole.bodies[3].size(), 200'000U);
  EXPECT_FALSE(whole.inside);
  for (const std::size_t chunk : {1U, 2U, 3U, 7U, 100U, 4096U}) EXPECT_TRUE(decode(bytes, chunk) == whole) << chunk;
}

TEST(Requests, of_no_chunks_end_wherever_they_are_cut) {  // Beast's parser asserts otherwise, and the hub would be gone
  const std::string bytes = "POST /hl7 HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + post("MSH|1");
  for (std::size_t chunk = 1; chunk < 80; ++chunk)
    EXPECT_EQ(decode(bytes, chunk).bodies, (std::vector<std::string>{"", "MSH|1"}));
}

TEST(Requests, that_two_readers_could_cut_at_two_places_are_refused) {
  const std::string start = "POST /hl7 HTTP/1.1\r\nHost: hub\r\n";
  const std::pair<std::string, unsigned> cases[] = {
      {start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {start + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nMSH|1", 400},
      {start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nMSH|1", 400},
      {start + "Content-Length: 5, 5\r\n\r\nMSH|1", 400},
      {start + "Content-Length: +5\r\n\r\nMSH|1", 400},
      {start + "Content-Length: 0x5\r\n\r\nMSH|1", 400},
      {start + "Content-Length: 99999999999999999999\r\n\r\nMSH|1", 400},
      {start + "Content-Length : 5\r\n\r\nMSH|1", 400},
      {start + "X: a\r\n folded\r\nContent-Length: 5\r\n\r\nMSH|1", 400},
      {start + "X: a\nContent-Length: 5\r\n\r\nMSH|1", 400},
      {start + "X: a\rContent-Length: 5\r\n\r\nMSH|1", 400},
      {start + "X: a\r\r\n\r\n", 400},
      {"POST /hl7 HTTP/2.0\r\nHost: hub\r\r\n\r\n", 400},
      {"POST /hl7 HTTP/1.1\nHost: hub\n\n", 400},
      {start + std::string("X: a\0b\r\nContent-Length: 5\r\n\r\nMSH|1", 35), 400},
      {start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {start + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {start + "Transfer-Encoding: \x0b"
               "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST /hl7 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked\r\n\r\n5\r\nMSH|1X\r\n0\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked\r\n\r\n-5\r\nMSH|1\r\n0\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nMSH|1\r\n0\r\n\r\n", 400},
      {start + "Host: other\r\nContent-Length: 5\r\n\r\nMSH|1", 400},
      {"POST /hl7 HTTP/1.1\r\nContent-Length: 5\r\n\r\nMSH|1", 400},
      {"POST  /hl7 HTTP/1.1\r\nHost: hub\r\n\r\n", 400},
      {"POST hl7 HTTP/1.1\r\nHost: hub\r\n\r\n", 400},
      {"POST /hl7 HTTP/2.0\r\nHost: hub\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"\x16\x03\x01\x02", 400},
      {start + "Expect: magic\r\nContent-Length: 5\r\n\r\nMSH|1", 417},
      {start + "X: " + std::string(17'000, 'x') + "\r\n\r\n", 431},
      {start + "X: " + std::string(17'000, 'x'), 431},
  };
  for (const auto& [bytes, status] : cases) {
    const Told told = decode(bytes);
    EXPECT_EQ(told.status, status) << bytes.substr(0, 120);
    EXPECT_TRUE(told.bodies.empty()) << bytes.substr(0, 120);
    const Told single = decode(bytes, 1);
    EXPECT_EQ(single.status, status) << "byte by byte: " << bytes.substr(0, 120);
  }
}

TEST(Requests, are_bounded) {
  const RequestDecoder::Rules rules{.largest_head = 1024, .largest_body = 10};
  EXPECT_EQ(decode(post("0123456789"), 1 << 20, rules).bodies.size(), 1U);
  EXPECT_EQ(decode(post("0123456789a"), 1 << 20, rules).status, 413U);
  EXPECT_EQ(decode("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n",
                   1 << 20, rules)
                .status,
            413U);
  std::string many = "POST / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 120; ++i) many += "a:b\r\n";
  EXPECT_EQ(decode(many + "\r\n").status, 431U);
  const std::string endless = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(100'000, 'x');
  EXPECT_EQ(decode(endless).status, 431U);
}

TEST(Requests, say_whether_the_connection_stays) {
  const auto keeps = [](const std::string& line, const std::string& fields) {
    Head head;
    EXPECT_EQ(read_head(line + "\r\nHost: a\r\n" + fields + "\r\n", head).status, 0U);
    return head.keep_alive;
  };
  EXPECT_TRUE(keeps("POST / HTTP/1.1", ""));
  EXPECT_FALSE(keeps("POST / HTTP/1.1", "Connection: x, Close\r\n"));
  EXPECT_FALSE(keeps("POST / HTTP/1.0", ""));
  EXPECT_TRUE(keeps("POST / HTTP/1.0", "Connection: Keep-Alive\r\n"));
}

Head with(const std::vector<Field>& fields) {
  Head head;
  head.fields = fields;
  return head;
}

constexpr WallTime kNow{1'800'000'000s};

TEST(Auth, lets_in_who_shows_the_secret_and_nobody_else) {
  AuthSettings auth;
  auth.bearer = Secret("token");
  EXPECT_EQ(check_head(auth, with({{"authorization", "Bearer token"}}), kNow).status, 0U);
  EXPECT_EQ(check_head(auth, with({{"authorization", "bearer  token"}}), kNow).status, 0U);
  for (const char* wrong : {"", "token", "Bearer", "Bearer toke", "Bearer token2", "Basic token", "Bearertoken"})
    EXPECT_EQ(check_head(auth, with({{"authorization", wrong}}), kNow).status, 401U) << wrong;
  EXPECT_EQ(check_head(auth, with({}), kNow).status, 401U);
  EXPECT_EQ(check_head(auth, with({{"authorization", "Bearer token"}, {"authorization", "Bearer x"}}), kNow).status, 400U);
  EXPECT_EQ(challenge(auth), "Bearer");

  AuthSettings basic;
  basic.user = "Aladdin";
  basic.password = Secret("open sesame");
  EXPECT_EQ(check_head(basic, with({{"authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}}), kNow).status, 0U);  // RFC 7617
  EXPECT_EQ(check_head(basic, with({{"authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZA=="}}), kNow).status, 401U);
  EXPECT_EQ(credentials(basic, "", kNow), "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");

  AuthSettings key;
  key.key = Secret("k");
  key.header = "X-API-Key";
  EXPECT_EQ(check_head(key, with({{"x-api-key", "k"}}), kNow).status, 0U);
  EXPECT_EQ(check_head(key, with({{"x-api-key", "K"}}), kNow).status, 401U);
  EXPECT_EQ(check_head(key, with({{"x-api-key", "k"}, {"x-api-key", "k"}}), kNow).status, 401U);
}

TEST(Auth, signatures_cover_body_and_time) {
  AuthSettings auth;
  auth.hmac = Secret("It's a Secret to Everybody");  // the example of GitHub's manual
  auth.header = "X-Hub-Signature-256";
  const std::string known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  EXPECT_EQ(check_body(auth, with({{"x-hub-signature-256", known}}), "Hello, World!").status, 0U);
  EXPECT_EQ(check_body(auth, with({{"x-hub-signature-256", known}}), "Hello, World?").status, 401U);
  EXPECT_EQ(check_body(auth, with({{"x-hub-signature-256", "sha256="}}), "Hello, World!").status, 401U);
  EXPECT_EQ(check_head(auth, with({}), kNow).status, 401U);
  EXPECT_EQ(credentials(auth, "Hello, World!", kNow), "X-Hub-Signature-256: " + known + "\r\n");

  auth.timestamp = "X-Time";
  const auto at = [&](const std::string& time) {
    return check_head(auth, with({{"x-hub-signature-256", "x"}, {"x-time", time}}), kNow).status;
  };
  EXPECT_EQ(at("1800000000"), 0U);
  EXPECT_EQ(at("1799999700"), 0U);
  EXPECT_EQ(at("1799999699"), 401U);
  EXPECT_EQ(at("1800000301"), 401U);
  EXPECT_EQ(at("-1"), 401U);
  EXPECT_EQ(at("9223372036854775807"), 401U);
  EXPECT_EQ(at("soon"), 401U);
  const std::string signature = to_hex(hmac_sha256("It's a Secret to Everybody", "1800000000.MSH|1"));
  EXPECT_EQ(check_body(auth, with({{"x-hub-signature-256", signature}, {"x-time", "1800000000"}}), "MSH|1").status, 0U);
  EXPECT_EQ(check_body(auth, with({{"x-hub-signature-256", signature}, {"x-time", "1800000001"}}), "MSH|1").status, 401U);
}

TEST(Content, is_known_by_its_type) {
  EXPECT_EQ(form_of(""), hl7::Encoding::pipes);
  EXPECT_EQ(form_of("Application/HL7-v2; charset=utf-8"), hl7::Encoding::pipes);
  EXPECT_EQ(form_of("x-application/hl7-v2+er7"), hl7::Encoding::pipes);
  EXPECT_EQ(form_of("text/xml"), hl7::Encoding::xml);
  EXPECT_EQ(form_of("application/json ; a=b"), hl7::Encoding::json);
  EXPECT_EQ(form_of("application/x-www-form-urlencoded"), std::nullopt);
}

TEST(Outcomes, follow_the_status) {
  for (const unsigned status : {200U, 201U, 202U, 204U}) EXPECT_EQ(judgement_of(status), Judgement::accepted);
  for (const unsigned status : {408U, 425U, 429U, 500U, 502U, 503U, 504U, 302U, 307U})
    EXPECT_EQ(judgement_of(status), Judgement::refused_for_now);
  for (const unsigned status : {400U, 404U, 405U, 409U, 410U, 413U, 415U, 422U})
    EXPECT_EQ(judgement_of(status), Judgement::refused_for_good);
  for (const unsigned status : {401U, 403U, 407U}) EXPECT_EQ(judgement_of(status), std::nullopt);
  EXPECT_EQ(read_retry_after("120", kNow), 120s);
  EXPECT_EQ(read_retry_after("99999999999", kNow), 24h);
  EXPECT_EQ(read_retry_after(http_date(kNow + 90s), kNow), 90s);
  EXPECT_EQ(read_retry_after(http_date(kNow - 90s), kNow), 0s);
  for (const char* none : {"", "soon", "-5", "Mon, 99 Nov 2026 21:55:00 GMT"})
    EXPECT_EQ(read_retry_after(none, kNow), 0s) << none;
  EXPECT_EQ(http_date(WallTime(784'111'777s)), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 section 5.6.7
}

TEST(Urls, are_whole_and_hold_no_credentials) {
  const auto url = parse_url("https://st-john.example/hl7?site=1");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->endpoint.text(), "st-john.example:443");
  EXPECT_EQ(url->authority, "st-john.example");
  EXPECT_EQ(url->target, "/hl7?site=1");
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(parse_url("http://[::1]:8080")->endpoint.text(), "[::1]:8080");
  EXPECT_EQ(parse_url("http://[::1]")->endpoint.text(), "[::1]:80");
  EXPECT_EQ(parse_url("http://a?b")->target, "/?b");
  for (const char* wrong : {"", "ftp://a/", "https://", "https:///x", "https://u:p@a/", "https://a/#b", "https://a/ b",
                            "https://a:x/", "https://a/\r\nX: y"})
    EXPECT_FALSE(parse_url(wrong).has_value()) << wrong;
}

std::string read(std::string_view bytes, std::size_t chunk, bool ends = false) {
  ResponseReader reader;
  ResponseReader::Step step = reader.next();
  while (step == ResponseReader::Step::need_more && !bytes.empty()) {
    const auto room = reader.room();
    const std::size_t count = std::min({bytes.size(), chunk, room.size()});
    std::memcpy(room.data(), bytes.data(), count);
    reader.filled(count);
    bytes.remove_prefix(count);
    step = reader.next();
  }
  if (step == ResponseReader::Step::need_more && ends) step = reader.finish();
  if (step == ResponseReader::Step::need_more) return "more";
  if (step == ResponseReader::Step::bad) return "bad";
  const Answered answered = reader.take();
  return std::to_string(answered.status) + " " + answered.body + (answered.keep_alive ? " stays" : " ends") +
         (reader.empty() ? "" : " and more");
}

TEST(Responses, are_read_however_they_are_cut) {
  const std::string cases[][2] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nMSH|1", "200 MSH|1 stays"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nMSH|1", "200 MSH|1 ends"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "204  stays"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nMSH\r\n2\r\n|1\r\n0\r\n\r\n", "200 MSH|1 stays"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200  stays"},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "bad"},
      {"SSH-2.0-OpenSSH\r\n\r\n", "bad"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nMSH", "more"},
  };
  for (const auto& [bytes, expected] : cases)
    for (const std::size_t chunk : {1U, 2U, 3U, 4U, 5U, 7U, 1000U}) EXPECT_EQ(read(bytes, chunk), expected) << bytes;
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\nMSH|1", 1000, true), "200 MSH|1 ends");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nMSH", 1000, true), "bad");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nMSH", 1000), "200 MS stays and more");
  EXPECT_EQ(read("", 1000, true), "bad");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", 1000), "bad");
}

}  // namespace
}  // namespace smarthl7::transport::https
