// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"
#include "runtime/transport/oauth/key_keeper.h"
#include "runtime/transport/oauth/token_keeper.h"

namespace smarthl7::transport::oauth {
namespace {

using namespace std::chrono_literals;
using env::Task;
using ::testing::HasSubstr;

// Answers when it is let, and tells what it was asked.
struct Script {
  std::atomic<unsigned> status{200};
  std::atomic<int> life{300};
  std::atomic<int> asked{0};
  std::atomic<bool> holds{false};
  std::string body;  // if not made
};

class Scripted final : public Fetcher {
 public:
  explicit Scripted(Script& script) : script_(script) {}
  Task<Result<WebAnswer>> fetch(env::Env env, WebRequest /*request*/, SteadyTime deadline, env::Abandon* abandon) override {
    const int number = ++script_.asked;
    while (script_.holds) {
      if (abandon->requested) co_return fail(ErrorCode::closed, "abandoned");
      if (env.executor.now() >= deadline) co_return fail(ErrorCode::timeout, "late");
      co_await env::sleep_until(env.executor.now() + 1ms);
    }
    WebAnswer answer;
    answer.status = script_.status;
    answer.body = !script_.body.empty() ? script_.body
                                        : R"({"token_type":"bearer","expires_in":)" + std::to_string(script_.life) +
                                              R"(,"access_token":"t)" + std::to_string(number) + "\"}";
    co_return answer;
  }
  [[nodiscard]] const std::string& place() const override { return place_; }

 private:
  Script& script_;
  std::string place_ = "login:443";
};

class Keepers : public ::testing::Test {
 protected:
  void SetUp() override {
    one_->start("one");
    two_->start("two");
  }
  env::Env env_of(env::RealReactor& reactor) { return {reactor.executor(), reactor.network(), *disk_, *clock_, *random_}; }

  Task<std::string> text_of(TokenKeeper* keeper, env::Env env, env::Abandon* abandon) {
    Result<TokenKeeper::Held> token = co_await keeper->get(env, env.executor.now() + 20s, abandon);
    if (!token) co_return token.error().describe();
    co_return std::string((*token)->text.reveal());
  }
  std::string get(TokenKeeper& keeper) {
    env::Abandon abandon;
    return env::run_on(one_->executor(), [&] { return text_of(&keeper, env_of(*one_), &abandon); });
  }
  TokenKeeper keeper() { return {ClientSettings{"hub", Secret("s"), "", "", false}, std::make_unique<Scripted>(script_)}; }

  /// Asks `each` times on each of two executors at once; what they got.
  std::vector<std::string> get_at_once(TokenKeeper& keeper, int each) {
    std::vector<std::future<std::vector<std::string>>> all;
    for (env::RealReactor* reactor : {one_.get(), two_.get()})
      all.push_back(std::async(std::launch::async, [&, reactor] {
        return env::run_on(reactor->executor(), [&] { return many(&keeper, env_of(*reactor), each); });
      }));
    while (script_.asked == 0) std::this_thread::yield();
    script_.holds = false;
    std::vector<std::string> got;
    for (auto& one : all)
      for (std::string& text : one.get()) got.push_back(std::move(text));
    return got;
  }
  Task<std::vector<std::string>> many(TokenKeeper* keeper, env::Env env, int count) {
    std::vector<std::string> got;
    env::Gate gate;
    env::Abandon abandon;
    for (int i = 0; i < count; ++i) gate.spawn(add(keeper, env, &abandon, &got));
    co_await gate.drained();
    co_return got;
  }
  Task<void> add(TokenKeeper* keeper, env::Env env, env::Abandon* abandon, std::vector<std::string>* to) {
    std::string text = co_await text_of(keeper, env, abandon);
    to->push_back(std::move(text));
  }

  Script script_;
  std::unique_ptr<env::RealReactor> one_ = env::make_reactor();
  std::unique_ptr<env::RealReactor> two_ = env::make_reactor();
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<env::Random> random_ = env::make_real_random();
};

TEST_F(Keepers, many_who_need_a_token_ask_once) {
  TokenKeeper tokens = keeper();
  script_.holds = true;
  const std::vector<std::string> got = get_at_once(tokens, 20);
  EXPECT_THAT(got, ::testing::SizeIs(40));
  EXPECT_THAT(got, ::testing::Each("t1"));
  EXPECT_EQ(tokens.fetches(), 1U);
}

TEST_F(Keepers, a_refused_token_is_fetched_anew_once) {
  TokenKeeper tokens = keeper();
  EXPECT_EQ(get(tokens), "t1");
  EXPECT_EQ(get(tokens), "t1");
  env::Abandon abandon;
  const auto held = env::run_on(one_->executor(), [&] { return tokens.get(env_of(*one_), kNever, &abandon); });
  tokens.reject(*held);
  EXPECT_EQ(get(tokens), "t2");
  tokens.reject(*held);  // another lane, which had the same one
  EXPECT_EQ(get(tokens), "t2");
}

TEST_F(Keepers, a_server_that_fails_is_asked_again_after_a_pause_and_the_old_token_goes_on) {
  TokenKeeper tokens = keeper();
  script_.status = 503;
  EXPECT_THAT(get(tokens), HasSubstr("gives no token now: HTTP 503"));
  EXPECT_THAT(get(tokens), HasSubstr("gives no token now: HTTP 503"));
  EXPECT_EQ(script_.asked, 1);
  script_.status = 200;
  script_.life = 1;
  std::string text;
  while ((text = get(tokens)).starts_with("login")) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(text, "t2");
  script_.status = 503;
  while (script_.asked == 2) {  // until it is due for renewal; the old one is good meanwhile
    text = get(tokens);
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(text, "t2");
}

TEST_F(Keepers, who_gives_up_leaves_the_fetch_to_another) {
  TokenKeeper tokens = keeper();
  script_.holds = true;
  env::Abandon first;
  auto leader = std::async(std::launch::async, [&] {
    return env::run_on(one_->executor(), [&] { return text_of(&tokens, env_of(*one_), &first); });
  });
  while (script_.asked == 0) std::this_thread::yield();
  env::Abandon second;
  auto other = std::async(std::launch::async, [&] {
    return env::run_on(two_->executor(), [&] { return text_of(&tokens, env_of(*two_), &second); });
  });
  one_->executor().post([&] { first.request(); });
  EXPECT_EQ(leader.get(), "abandoned");
  while (script_.asked == 1) std::this_thread::yield();
  script_.holds = false;
  EXPECT_EQ(other.get(), "t2");
}

TEST_F(Keepers, keys_are_fetched_when_due_and_no_more) {
  script_.body = R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                 R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
  script_.status = 500;
  KeyKeeper keys(std::make_unique<Scripted>(script_), {.every = 1h, .floor = 50ms, .within = 5s});
  env::Abandon abandon;
  const auto get = [&] { return env::run_on(one_->executor(), [&] { return keys.get(env_of(*one_), &abandon); }); };
  EXPECT_THAT(get().error().describe(), HasSubstr("gives no keys: HTTP 500"));
  EXPECT_FALSE(get().has_value());
  EXPECT_EQ(keys.fetches(), 1U);
  script_.status = 200;
  while (!get()) std::this_thread::sleep_for(5ms);
  const auto known = *get();
  const auto fetches = keys.fetches();
  const auto newer = [&] {
    return env::run_on(one_->executor(), [&] { return keys.get_newer(env_of(*one_), known, &abandon); });
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(*newer(), known);  // the floor
  EXPECT_LE(keys.fetches(), fetches + 1);
  while (*newer() == known) std::this_thread::sleep_for(5ms);
  script_.status = 500;
  EXPECT_TRUE(get().has_value());
}

TEST(TokenRequests, are_as_the_rfc_has_them) {
  ClientSettings settings{"a b", Secret("p:%"), "x y", "aud", false};
  WebRequest request = token_request(settings);
  EXPECT_EQ(request.form.reveal(), "grant_type=client_credentials&scope=x%20y&audience=aud");
  EXPECT_EQ(request.authorization.reveal(), "Basic YSUyMGI6cCUzQSUyNQ==");  // a%20b:p%3A%25
  settings.in_body = true;
  request = token_request(settings);
  EXPECT_TRUE(request.authorization.empty());
  EXPECT_THAT(std::string(request.form.reveal()), ::testing::EndsWith("&client_id=a%20b&client_secret=p%3A%25"));
}

TEST(TokenAnswers, that_are_none_are_told_by_kind) {
  const SteadyTime now{100s};
  const auto read = [&](unsigned status, std::string body) { return read_token({status, std::move(body)}, now, "login:443"); };
  const auto good = read(200, R"({"token_type":"Bearer","access_token":"abc","expires_in":100})");
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->good_until, now + 100s);
  EXPECT_EQ(good->refresh_at, now + 75s);
  EXPECT_EQ(read(200, R"({"token_type":"Bearer","access_token":"abc","expires_in":"100"})")->good_until, now + 100s);
  EXPECT_EQ(read(200, R"({"token_type":"Bearer","access_token":"abc"})")->good_until, now + 300s);
  EXPECT_EQ(read(401, R"({"error":"invalid_client"})").error().code, ErrorCode::refused);
  EXPECT_THAT(read(400, R"({"error":"invalid_scope"})").error().text, HasSubstr(": invalid_scope"));
  EXPECT_THAT(read(400, R"({"error":"Mr. Smith"})").error().text, ::testing::Not(HasSubstr("Smith")));
  EXPECT_EQ(read(200, R"({"token_type":"mac","access_token":"abc"})").error().code, ErrorCode::refused);
  for (const std::string_view body :
       {"", "{}", "[]", R"({"token_type":"Bearer"})", R"({"token_type":"Bearer","access_token":"a\r\nb"})"})
    EXPECT_FALSE(read(200, std::string(body)).has_value()) << body;
  for (const unsigned status : {302U, 404U, 429U, 500U}) EXPECT_EQ(read(status, "").error().code, ErrorCode::unreachable);
}

}  // namespace
}  // namespace smarthl7::transport::oauth
