// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "runtime/app/peer/listen.h"
#include "runtime/app/peer/send.h"
#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"
#include "runtime/transport/tls/testing/certificates.h"

namespace smarthl7::app::peer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string message(const std::string& id, const std::string& version = "2.5.1") {
  return "MSH|^~\\&|LAB|REGION|HUB|HUB|20261123||ORU^R01^ORU_R01|" + id + "|P|" + version + "\rPID|1||4711\r";
}

std::vector<SharedBytes> messages(int count) {
  std::vector<SharedBytes> all;
  for (int i = 0; i < count; ++i) all.emplace_back(message("CONTROL-ID-000000-" + std::to_string(i)));
  return all;
}

struct Noted final : SendObserver, ListenObserver {
  void on_result(const SendResult& result) override {
    results.push_back(std::string(name_of(result.outcome)) + " " + std::string(result.code));
    for (const std::string& code : result.error_codes) results.back() += " " + code;
    texts.emplace_back(result.text);
    attempts.push_back(result.attempts);
  }
  void on_message(const Heard& heard) override {
    heard_ids[heard.connection].emplace_back(heard.control_id);
    codes.emplace_back(heard.code);
  }
  void on_event(std::string_view kind, std::string_view, std::string_view text) override {
    events.push_back(std::string(kind) + " " + std::string(text));
  }
  std::vector<std::string> results, texts, codes, events;
  std::vector<unsigned> attempts;
  std::map<std::uint64_t, std::vector<std::string>> heard_ids;
};

class Peers : public ::testing::Test {
 protected:
  void SetUp() override {
    sender_->start("send");
    listener_->start("listen");
  }
  void TearDown() override { stop(); }
  env::Env env_of(env::RealReactor& reactor) { return {reactor.executor(), reactor.network(), *disk_, *clock_, *random_}; }

  void listen(ListenSettings settings) {
    if (settings.url.empty()) settings.url = "mllp://127.0.0.1:0";
    auto made = make_listening(std::move(settings), env_of(*listener_), &heard_);
    ASSERT_TRUE(made.has_value()) << made.error().describe();
    listening_ = std::move(*made);
    const auto started = env::run_on(listener_->executor(), [&] { return listening_->start(); });
    ASSERT_TRUE(started.has_value()) << started.error().describe();
  }
  void stop() {
    if (listening_ == nullptr) return;
    env::run_on(listener_->executor(), [&] { return listening_->stop(); });
    summary_ = listening_->summary();
    listening_.reset();
  }
  Result<SendSummary> send(SendSettings settings, std::vector<SharedBytes> what) {
    if (settings.to.empty()) settings.to = "mllp://" + listening_->address();
    return env::run_on(sender_->executor(), [&] { return send_messages(env_of(*sender_), settings, what, &sent_); });
  }

  std::unique_ptr<env::RealReactor> sender_ = env::make_reactor();
  std::unique_ptr<env::RealReactor> listener_ = env::make_reactor();
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<env::Random> random_ = env::make_real_random();
  Noted heard_;
  Noted sent_;
  std::unique_ptr<Listening> listening_;
  ListenSummary summary_;
};

TEST_F(Peers, all_are_accepted_and_heard_in_order) {
  listen({});
  SendSettings settings;
  settings.connections = 4;
  settings.repeat = 3;
  const auto summary = send(settings, messages(50));
  ASSERT_TRUE(summary.has_value()) << summary.error().describe();
  EXPECT_EQ(summary->accepted, 150U);
  EXPECT_EQ(summary->total(), 150U);
  EXPECT_GT(summary->p50.count(), 0);
  EXPECT_LE(summary->p50, summary->p99);
  EXPECT_LE(summary->p99, summary->longest);
  stop();
  EXPECT_EQ(summary_.messages, 150U);
  EXPECT_EQ(summary_.connections, 4U);
  std::size_t heard = 0;
  for (const auto& [connection, ids] : heard_.heard_ids) heard += ids.size();
  EXPECT_EQ(heard, 150U);
}

TEST_F(Peers, one_connection_keeps_the_order) {
  listen({});
  ASSERT_TRUE(send({}, messages(100)).has_value());
  stop();
  ASSERT_EQ(heard_.heard_ids.size(), 1U);
  const auto& ids = heard_.heard_ids.begin()->second;
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], "CONTROL-ID-000000-" + std::to_string(i));
}

TEST_F(Peers, refusals_are_told_with_their_codes) {
  ListenSettings settings;
  settings.odd = Odd::error;
  settings.every = 3;
  listen(settings);
  const auto summary = send({}, messages(6));
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->accepted, 4U);
  EXPECT_EQ(summary->refused, 2U);
  EXPECT_EQ(sent_.results[2], "refused AE");
  EXPECT_EQ(sent_.results[3], "accepted AA");
}

TEST_F(Peers, refusal_for_now_carries_207_in_every_version) {
  for (const char* version : {"2.3", "2.5.1", "2.8.2"}) {
    ListenSettings settings;
    settings.odd = Odd::not_now;
    listen(settings);
    sent_.results.clear();
    ASSERT_TRUE(send({}, {SharedBytes(message("1", version))}).has_value());
    EXPECT_THAT(sent_.results, ElementsAre("refused AE 207")) << version;
    stop();
  }
}

TEST_F(Peers, answers_that_are_none_count_as_unanswered) {
  for (const Odd odd : {Odd::nothing, Odd::other, Odd::truncated, Odd::late, Odd::garbage}) {
    ListenSettings listen_settings;
    listen_settings.odd = odd;
    listen(listen_settings);
    SendSettings settings;
    settings.answer_within = 30ms;
    sent_.results.clear();
    const auto summary = send(settings, messages(2));
    ASSERT_TRUE(summary.has_value());
    EXPECT_EQ(summary->unanswered, 2U) << static_cast<int>(odd);
    EXPECT_THAT(sent_.results, ElementsAre("unanswered ", "unanswered "));
    stop();
    EXPECT_EQ(summary_.odd, 2U);
  }
}

TEST_F(Peers, what_got_no_answer_is_sent_again_for_a_while) {
  ListenSettings listen_settings;
  listen_settings.odd = Odd::nothing;
  listen_settings.every = 2;
  listen(listen_settings);
  SendSettings settings;
  settings.answer_within = 20ms;
  settings.resend_for = 20s;
  const auto summary = send(settings, messages(3));
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->accepted, 3U);
  EXPECT_EQ(summary->resent, 2U);
  EXPECT_THAT(sent_.attempts, ElementsAre(1, 2, 2));
}

TEST_F(Peers, listening_ends_after_count_and_takes_no_more) {
  ListenSettings listen_settings;
  listen_settings.count = 5;
  listen_settings.out = ::testing::TempDir() + "smarthl7-out-" + std::to_string(::getpid());
  listen(listen_settings);
  SendSettings settings;
  settings.answer_within = 20s;
  const auto summary = send(settings, messages(5));
  ASSERT_TRUE(summary.has_value());
  env::run_on(listener_->executor(), [&] { return listening_->finished(); });
  const auto more = send(settings, messages(1));
  ASSERT_TRUE(more.has_value());
  EXPECT_EQ(more->unanswered, 1U);
  stop();
  EXPECT_EQ(summary_.messages, 5U);
  EXPECT_EQ(summary_.trouble.text, "");
  std::ifstream file(listen_settings.out + "/00000003.hl7", std::ios::binary);
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(kept, message("CONTROL-ID-000000-2"));
  std::filesystem::remove_all(listen_settings.out);
}

TEST_F(Peers, nobody_listening_is_an_error_without_waiting) {
  listen({});
  SendSettings settings;
  settings.to = "mllp://" + listening_->address();
  stop();
  const auto summary = send(settings, messages(3));
  ASSERT_FALSE(summary.has_value());
  EXPECT_EQ(summary.error().code, ErrorCode::unreachable);
}

TEST_F(Peers, tls_with_client_certificates) {
  namespace certificates = transport::testing;
  const auto authority = certificates::make_authority("Region");
  const auto hub = certificates::make_identity(authority, {.common_name = "hub", .alternative_name = "IP:127.0.0.1"});
  const auto lab = certificates::make_identity(authority, {.common_name = "lab", .alternative_name = {}});
  ListenSettings listen_settings;
  listen_settings.url = "mllps://127.0.0.1:0";
  listen_settings.tls.ca = authority.certificate_pem;
  listen_settings.tls.certificate = hub.certificate_pem;
  listen_settings.tls.key = hub.key_pem;
  listen_settings.tls.require_client = true;
  listen(listen_settings);
  SendSettings settings;
  settings.to = "mllps://" + listening_->address();
  settings.tls.ca = authority.certificate_pem;
  const auto refused = send(settings, messages(2));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  settings.tls.certificate = lab.certificate_pem;
  settings.tls.key = lab.key_pem;
  const auto summary = send(settings, messages(20));
  ASSERT_TRUE(summary.has_value()) << summary.error().describe();
  EXPECT_EQ(summary->accepted, 20U);
}

TEST_F(Peers, over_http_statuses_and_acknowledgements_are_understood) {
  ListenSettings listen_settings;
  listen_settings.url = "http://127.0.0.1:0/hl7";
  listen_settings.odd = Odd::not_now;
  listen_settings.every = 3;
  listen(listen_settings);
  SendSettings settings;
  settings.to = "http://" + listening_->address() + "/hl7";
  auto summary = send(settings, messages(3));
  ASSERT_TRUE(summary.has_value()) << summary.error().describe();
  EXPECT_THAT(sent_.results, ElementsAre("accepted AA", "accepted AA", "refused AE 207"));
  settings.to = "http://" + listening_->address() + "/elsewhere";
  summary = send(settings, messages(2));
  ASSERT_TRUE(summary.has_value()) << summary.error().describe();
  EXPECT_EQ(summary->refused, 2U);
  EXPECT_EQ(sent_.results.back(), "refused ");
  EXPECT_THAT(sent_.texts.back(), HasSubstr("404"));
  stop();
  EXPECT_EQ(summary_.messages, 3U);
}

TEST_F(Peers, https_with_client_certificates) {
  namespace certificates = transport::testing;
  const auto authority = certificates::make_authority("Region");
  const auto hub = certificates::make_identity(authority, {.common_name = "hub", .alternative_name = "IP:127.0.0.1"});
  const auto lab = certificates::make_identity(authority, {.common_name = "lab", .alternative_name = {}});
  ListenSettings listen_settings;
  listen_settings.url = "https://127.0.0.1:0/hl7";
  listen_settings.tls.ca = authority.certificate_pem;
  listen_settings.tls.certificate = hub.certificate_pem;
  listen_settings.tls.key = hub.key_pem;
  listen_settings.tls.require_client = true;
  listen(listen_settings);
  SendSettings settings;
  settings.to = "https://" + listening_->address() + "/hl7";
  settings.connections = 2;
  settings.tls.ca = authority.certificate_pem;
  const auto refused = send(settings, messages(2));
  EXPECT_TRUE(!refused || refused->accepted == 0);
  settings.tls.certificate = lab.certificate_pem;
  settings.tls.key = lab.key_pem;
  const auto summary = send(settings, messages(20));
  ASSERT_TRUE(summary.has_value()) << summary.error().describe();
  EXPECT_EQ(summary->accepted, 20U);
}

TEST_F(Peers, rate_is_kept) {
  listen({});
  SendSettings settings;
  settings.rate = 1000;
  const auto summary = send(settings, messages(50));
  ASSERT_TRUE(summary.has_value());
  EXPECT_GE(summary->elapsed, 49ms);
}

TEST(Urls, wrong_ones_are_named) {
  EXPECT_THAT(destination_end("host:2575", {}).error().text, HasSubstr("mllp://HOST:PORT"));
  EXPECT_THAT(destination_end("mllp://host", {}).error().text, HasSubstr("no port"));
  EXPECT_THAT(source_end("mllps://0.0.0.0:1", {}).error().text, HasSubstr("needs a certificate"));
  Tls tls;
  tls.ca = "x";
  EXPECT_THAT(destination_end("mllp://host:1", tls).error().text, HasSubstr("write mllps://"));
  EXPECT_TRUE(destination_end("mllp://host:2575/", {}).has_value());
  EXPECT_THAT(destination_end("http://host/hl7", tls).error().text, HasSubstr("write https://"));
  EXPECT_THAT(source_end("https://0.0.0.0:1/hl7", {}).error().text, HasSubstr("needs a certificate"));
}

TEST(Split, finds_messages_in_files_of_any_kind) {
  const auto texts = [](std::string_view file) {
    std::vector<std::string> all;
    auto found = split_messages(file);
    if (!found) return all;
    for (const SharedBytes& one : *found) all.emplace_back(one.view());
    return all;
  };
  EXPECT_THAT(texts("MSH|1\rPID|\rMSH|2\rPID|"), ElementsAre("MSH|1\rPID|\r", "MSH|2\rPID|\r"));
  EXPECT_THAT(texts("MSH|1\nPID|\n\nMSH|2\r\nPID|\r\n"), ElementsAre("MSH|1\rPID|\r", "MSH|2\rPID|\r"));
  EXPECT_THAT(texts("\xEF\xBB\xBF"
                    "FHS|x\rBHS|x\rMSH|1\rPID|\rBTS|1\rFTS|1\r"),
              ElementsAre("MSH|1\rPID|\r"));
  EXPECT_THAT(texts("\x0bMSH|1\rPID|\r\x1c\r\x0bMSH|2\r\x1c\r"), ElementsAre("MSH|1\rPID|\r", "MSH|2\r"));
  EXPECT_THAT(texts("# a comment\nMSH|1\n"), ElementsAre("MSH|1\r"));
  EXPECT_THAT(texts("PID|1\r"), IsEmpty());
}

}  // namespace
}  // namespace smarthl7::app::peer
