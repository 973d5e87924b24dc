// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/proxy/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"

namespace smarthl7::transport {
namespace {

using namespace std::chrono_literals;
using env::Task;
using ::testing::HasSubstr;

// One step of the proxy: what it must have been sent, and what it says then.
struct Step {
  std::string hears;
  std::string says;
};

class Proxies : public ::testing::Test {
 protected:
  void SetUp() override { reactor_->start("one"); }
  SteadyTime soon() { return reactor_->executor().now() + 20s; }

  Task<void> serve(env::Listener* listener, std::vector<Step> steps, std::string* heard) {
    Result<std::unique_ptr<env::Incoming>> incoming = co_await listener->accept();
    if (!incoming) co_return;
    Result<std::unique_ptr<env::Stream>> stream = reactor_->network().adopt(std::move(*incoming));
    if (!stream) co_return;
    for (const Step& step : steps) {
      std::string bytes(step.hears.size(), '\0');
      std::size_t have = 0;
      while (have < bytes.size()) {
        Result<std::size_t> got = co_await (*stream)->read_some(std::span(bytes).subspan(have), soon());
        if (!got || *got == 0) break;
        have += *got;
      }
      heard->append(bytes, 0, have);
      for (const char c : step.says) {  // a byte at a time, as a slow proxy does
        const std::string one(1, c);
        Result<void> sent = co_await (*stream)->write(one, soon());
        if (!sent) co_return;
      }
    }
    Result<void> finished = co_await (*stream)->finish(soon());
  }

  Task<std::string> both(env::Listener* listener, Proxy proxy, env::Endpoint to, std::vector<Step> steps, std::string* heard) {
    env::Gate gate;
    gate.spawn(serve(listener, std::move(steps), heard));
    env::Abandon abandon;
    Result<std::unique_ptr<env::Stream>> stream = co_await connect_through(&reactor_->network(), &proxy, to, soon(), &abandon);
    std::string outcome = stream ? "" : std::string(name_of(stream.error().code)) + ": " + stream.error().describe();
    if (stream) {  // what comes now are the receiver's words
      outcome = "through: ";
      std::string bytes(64, '\0');
      while (true) {
        Result<std::size_t> got = co_await (*stream)->read_some(bytes, soon());
        if (!got || *got == 0) break;
        outcome.append(bytes, 0, *got);
      }
      (*stream)->close();
    }
    co_await gate.drained();
    co_return outcome;
  }

  /// What comes of it, and whether the proxy heard what it had to.
  std::string through(const std::string& scheme, const std::string& user, const std::string& to, std::vector<Step> steps) {
    auto listener = std::move(reactor_->network().listen(*env::Endpoint::parse("127.0.0.1:0")).value());
    Proxy proxy = *read_proxy(scheme + "://" + listener->local().text());
    proxy.user = user;
    if (!user.empty()) proxy.password = Secret("pass");
    std::string due;
    for (const Step& step : steps) due += step.hears;
    std::string heard;
    const env::Endpoint endpoint = *env::Endpoint::parse(to);
    std::string outcome =
        env::run_on(reactor_->executor(), [&] { return both(listener.get(), proxy, endpoint, steps, &heard); });
    EXPECT_EQ(heard, due);
    return outcome;
  }

  std::unique_ptr<env::RealReactor> reactor_ = env::make_reactor();
};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text.push_back(static_cast<char>(value));
  return text;
}

TEST_F(Proxies, over_http_are_asked_for_a_tunnel) {
  const std::string plain = "CONNECT hl7.example:443 HTTP/1.1\r\nHost: hl7.example:443\r\n\r\n";
  EXPECT_EQ(through("http", "", "hl7.example:443", {{plain, "HTTP/1.1 200 Yes\r\nVia: x\r\n\r\n"}}), "through: ");
  EXPECT_EQ(
      through("http", "hub", "[fd00::1]:443",
              {{"CONNECT [fd00::1]:443 HTTP/1.1\r\nHost: [fd00::1]:443\r\nProxy-Authorization: Basic aHViOnBhc3M=\r\n\r\n",
                "HTTP/1.0 200\r\n\r\n"}}),
      "through: ");
  EXPECT_THAT(through("http", "", "hl7.example:443", {{plain, "HTTP/1.1 407 No\r\n\r\n"}}),
              HasSubstr("refused: the proxy 127.0.0.1:"));
  EXPECT_THAT(through("http", "", "hl7.example:443", {{plain, "HTTP/1.1 401 No\r\n\r\n"}}), HasSubstr("refused: the proxy"));
  EXPECT_THAT(through("http", "", "hl7.example:443", {{plain, "HTTP/1.1 502 No\r\n\r\n"}}),
              HasSubstr("unreachable: the proxy"));
  EXPECT_THAT(through("http", "", "hl7.example:443", {{plain, "SSH-2.0-x\r\n\r\n"}}), HasSubstr("it does not speak HTTP"));
  EXPECT_THAT(through("http", "", "hl7.example:443", {{plain, "HTTP/1.1 200"}}), HasSubstr("closed: the proxy"));
  EXPECT_THAT(through("http", "", "hl7.example:443", {{plain, std::string(20'000, 'x')}}), HasSubstr("does not end"));
}

TEST_F(Proxies, over_socks_are_told_name_or_address) {
  const std::string yes = bytes({5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
  const Step plain{bytes({5, 1, 0}), bytes({5, 0})};
  EXPECT_EQ(through("socks5", "", "hl7.example:443",
                    {plain, {bytes({5, 1, 0, 3, 11}) + "hl7.example" + bytes({1, 187}), yes + "MSH"}}),
            "through: MSH");
  EXPECT_EQ(through("socks5", "", "10.0.0.5:2575", {plain, {bytes({5, 1, 0, 1, 10, 0, 0, 5, 10, 15}), yes}}), "through: ");
  const std::string name = bytes({5, 0, 0, 3, 2}) + "ab" + bytes({0, 1});
  EXPECT_EQ(through("socks5", "", "[::1]:80", {plain, {bytes({5, 1, 0, 4}) + std::string(15, '\0') + bytes({1, 0, 80}), name}}),
            "through: ");
  EXPECT_THAT(
      through("socks5", "", "10.0.0.5:2575", {plain, {bytes({5, 1, 0, 1, 10, 0, 0, 5, 10, 15}), bytes({5, 5, 0, 1, 0})}}),
      HasSubstr("the receiver refuses connections"));
  EXPECT_THAT(through("socks5", "", "10.0.0.5:2575", {{bytes({5, 1, 0}), "HT"}}), HasSubstr("does not speak SOCKS5"));
  EXPECT_THAT(through("socks5", "", "10.0.0.5:2575", {{bytes({5, 1, 0}), bytes({5, 255})}}), HasSubstr("refused: the proxy"));
  EXPECT_THAT(through("socks5", "", "10.0.0.5:2575", {{bytes({5, 1, 0}), bytes({5})}}), HasSubstr("closed: the proxy"));
}

TEST_F(Proxies, over_socks_are_shown_name_and_password) {
  const Step hello{bytes({5, 2, 0, 2}), bytes({5, 2})};
  const std::string login = bytes({1, 3}) + "hub" + bytes({4}) + "pass";
  const Step asked{bytes({5, 1, 0, 1, 10, 0, 0, 5, 10, 15}), bytes({5, 0, 0, 1, 0, 0, 0, 0, 0, 0})};
  EXPECT_EQ(through("socks5", "hub", "10.0.0.5:2575", {hello, {login, bytes({1, 0})}, asked}), "through: ");
  EXPECT_THAT(through("socks5", "hub", "10.0.0.5:2575", {hello, {login, bytes({1, 1})}}),
              HasSubstr("rejects name or password"));
}

TEST(ProxyAddresses, are_scheme_host_and_port) {
  EXPECT_EQ(read_proxy("socks5://proxy.example:1080")->endpoint.text(), "proxy.example:1080");
  EXPECT_EQ(read_proxy("http://[fd00::1]:3128/")->endpoint.text(), "[fd00::1]:3128");
  for (const std::string_view url : {"", "proxy:1", "https://proxy:1", "http://proxy", "http://a@proxy:1", "http://proxy:1/x"})
    EXPECT_FALSE(read_proxy(url).has_value()) << url;
}

}  // namespace
}  // namespace smarthl7::transport
