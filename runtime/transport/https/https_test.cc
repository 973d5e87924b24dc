// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/https.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <thread>

#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"
#include "runtime/transport/tls/testing/certificates.h"

namespace smarthl7::transport::https {
namespace {

using namespace std::chrono_literals;
using env::Task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Answers by what stands in the message; what it was given and told can be asked for from any thread.
class Answerer final : public Receiver {
 public:
  Task<Reply> on_message(Received received) override {
    const std::string text(received.message.view());
    {
      const std::lock_guard lock(mutex_);
      texts_.push_back(text);
      keys_.push_back(received.once_key);
      subjects_.push_back(received.peer->certificate_subject);
    }
    const auto says = [&](std::string_view word) { return text.find(word) != std::string::npos; };
    env::Executor* executor = env::Executor::current();
    if (says("slow")) {
      holding_.store(true);
      while (!release_.load()) co_await env::sleep_until(executor->now() + 1ms);
    }
    Reply reply;
    if (!says("silent")) reply.answer = SharedBytes("MSH|ack\r");
    if (says("second")) reply.second = SharedBytes("MSH|second\r");
    if (says("later")) reply.later = later();
    reply.kept = !says("full");
    reply.close_after = says("close");
    co_return reply;
  }
  static Task<SharedBytes> later() {
    env::Executor* executor = env::Executor::current();
    co_await env::sleep_until(executor->now() + 1ms);
    SharedBytes answer("MSH|later\r");
    co_return answer;
  }
  void on_event(const Event& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::string(name_of(event.kind)) + (event.text.empty() ? "" : ": " + event.text));
  }
  IntakeMemory* memory() override { return bounds; }

  IntakeMemory* bounds = nullptr;
  std::vector<std::string> texts() const { return copy(texts_); }
  std::vector<std::string> keys() const { return copy(keys_); }
  std::vector<std::string> subjects() const { return copy(subjects_); }
  std::vector<std::string> events() const { return copy(events_); }
  void release() { release_.store(true); }
  bool holding() const { return holding_.load(); }

 private:
  template <class T>
  T copy(const T& what) const {
    const std::lock_guard lock(mutex_);
    return what;
  }
  mutable std::mutex mutex_;
  std::vector<std::string> texts_, keys_, subjects_, events_;
  std::atomic<bool> release_ = false;
  std::atomic<bool> holding_ = false;
};

Task<std::string> exchange(env::Network* network, env::Endpoint to, std::string bytes, SteadyTime deadline) {
  Result<std::unique_ptr<env::Stream>> stream = co_await network->connect(to, deadline);
  if (!stream) co_return "no connection";
  Result<void> written = co_await (*stream)->write(bytes, deadline);
  std::string all;
  std::string buffer(65536, '\0');
  while (true) {
    Result<std::size_t> count = co_await (*stream)->read_some(buffer, deadline);
    if (!count || *count == 0) break;
    all.append(buffer.data(), *count);
  }
  (*stream)->close();
  co_return all;
}

// Takes one connection, reads what comes, and says what it was told to say.
Task<void> serve_once(env::Network* network, env::Listener* listener, std::string says, std::string* heard,
                      SteadyTime deadline) {
  Result<std::unique_ptr<env::Incoming>> incoming = co_await listener->accept();
  if (!incoming) co_return;
  Result<std::unique_ptr<env::Stream>> stream = network->adopt(std::move(*incoming));
  if (!stream) co_return;
  std::string buffer(65536, '\0');
  while (heard->find("MSH|") == std::string::npos) {
    Result<std::size_t> count = co_await (*stream)->read_some(buffer, deadline);
    if (!count || *count == 0) break;
    heard->append(buffer.data(), *count);
  }
  Result<void> written = co_await (*stream)->write(says, deadline);
  Result<void> finished = co_await (*stream)->finish(deadline);
  while (true) {
    Result<std::size_t> count = co_await (*stream)->read_some(buffer, deadline);
    if (!count || *count == 0) break;
  }
}

Task<Sent> send_one(Destination* destination, std::string message, SteadyTime deadline) {
  Result<void> connected = co_await destination->connect(deadline);
  if (!connected) {
    Sent failed;
    failed.error = std::move(connected).error();
    co_return failed;
  }
  SharedBytes bytes(std::move(message));
  Sent sent = co_await destination->send(bytes, deadline);
  co_return sent;
}

class Https : public ::testing::Test {
 protected:
  void SetUp() override {
    one_->start("one");
    two_->start("two");
    peer_->start("peer");
  }
  void TearDown() override {
    env::run_on(peer_->executor(), [&] { return drop(&destination_); });
    stop();
  }
  static Task<bool> drop(std::unique_ptr<Destination>* destination) {
    if (*destination) (*destination)->close();
    destination->reset();
    co_return true;
  }

  env::Env env_of(env::RealReactor& reactor) { return {reactor.executor(), reactor.network(), *disk_, *clock_, *random_}; }
  SteadyTime soon() { return peer_->executor().now() + 20s; }

  void start(Options options = {}) {
    options.set_text("listen", "127.0.0.1:0");
    auto source = transport_->make_source(options, {env_of(*one_), env_of(*two_)}, &answerer_);
    ASSERT_TRUE(source.has_value()) << source.error().describe();
    source_ = std::move(*source);
    const auto started = env::run_on(one_->executor(), [&] { return source_->start(); });
    ASSERT_TRUE(started.has_value()) << started.error().describe();
  }
  void stop(std::chrono::nanoseconds grace = 20s) {
    if (source_ == nullptr) return;
    env::run_on(one_->executor(), [&] { return source_->stop(one_->executor().now() + grace); });
    source_.reset();
  }
  std::string talk(const std::string& bytes) {
    return env::run_on(peer_->executor(), [&] { return exchange(&peer_->network(), source_->local(), bytes, soon()); });
  }
  Sent send(const std::string& message) {
    return env::run_on(peer_->executor(), [&] { return send_one(destination_.get(), message, soon()); });
  }
  void make_destination(Options options) {
    auto made = transport_->make_destination(options, env_of(*peer_));
    ASSERT_TRUE(made.has_value()) << made.error().describe();
    destination_ = std::move(*made);
  }
  Options to_source() {
    Options options;
    options.set_text("post", "http://" + source_->local().text() + "/");
    options.set_text("plain", "");
    return options;
  }
  /// What the destination makes of a receiver that says this, and what that receiver was sent.
  std::pair<Sent, std::string> answered_with(const std::string& says, Options options = {}) {
    std::string heard;
    auto listener = std::move(peer_->network().listen(*env::Endpoint::parse("127.0.0.1:0")).value());
    options.set_text("post", "http://" + listener->local().text() + "/in?x=1");
    options.set_text("plain", "");
    make_destination(options);
    Sent sent = env::run_on(peer_->executor(), [&] { return both(listener.get(), says, &heard); });
    env::run_on(peer_->executor(), [&] { return drop(&destination_); });
    return {std::move(sent), heard};
  }
  Task<Sent> both(env::Listener* listener, std::string says, std::string* heard) {
    env::Gate gate;
    gate.spawn(serve_once(&peer_->network(), listener, std::move(says), heard, soon()));
    destination_->set_delivery(7, 1);
    Sent sent = co_await send_one(destination_.get(), "MSH|one", soon());
    destination_->close();
    co_await gate.drained();
    co_return sent;
  }
  template <class Condition>
  void wait_for(Condition condition) {
    const SteadyTime end = soon();
    while (!condition() && peer_->executor().now() < end) std::this_thread::yield();
    ASSERT_TRUE(condition());
  }

  std::unique_ptr<Transport> transport_ = make_transport();
  std::unique_ptr<env::RealReactor> one_ = env::make_reactor();
  std::unique_ptr<env::RealReactor> two_ = env::make_reactor();
  std::unique_ptr<env::RealReactor> peer_ = env::make_reactor();
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<env::Random> random_ = env::make_real_random();
  Answerer answerer_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Destination> destination_;
};

std::string post(std::string_view body, const std::string& more = "") {
  return "POST / HTTP/1.1\r\nHost: hub\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}
const std::string kLast = "Connection: close\r\n";

TEST_F(Https, one_response_carries_the_last_word) {
  start();
  EXPECT_THAT(talk(post("MSH|1", kLast)), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\nMSH|ack\r")));
  EXPECT_THAT(talk(post("MSH|second", kLast)), HasSubstr("\r\n\r\nMSH|second\r"));
  EXPECT_THAT(talk(post("MSH|later", kLast)), HasSubstr("\r\n\r\nMSH|later\r"));
  EXPECT_THAT(talk(post("MSH|silent", kLast)), AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Length: 0\r\n")));
  EXPECT_THAT(talk(post("MSH|full", kLast)), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 5\r\n")));
  EXPECT_THAT(talk(post("MSH|close")), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(talk(post("MSH|k", kLast + "Idempotency-Key: abc\r\n")), HasSubstr("200 OK"));
  EXPECT_EQ(answerer_.keys().back(), "abc");
  EXPECT_EQ(source_->stats().frames, 7U);
}

TEST_F(Https, who_is_not_allowed_is_closed_before_anything_is_read) {
  Options options;
  options.set_text("allow", "10.20.0.0/16, 192.0.2.7");
  start(options);
  EXPECT_EQ(talk(post("MSH|1", kLast)), "");
  wait_for([&] { return source_->stats().refused == 1; });
  EXPECT_THAT(answerer_.texts(), ElementsAre());
  EXPECT_THAT(answerer_.events(), ElementsAre(HasSubstr("its address is none that `allow` names")));
  stop();
  options.set_text("allow", "127.0.0.0/8");
  options.set_text("via", "lo");
  start(options);
  EXPECT_THAT(talk(post("MSH|1", kLast)), HasSubstr("\r\n\r\nMSH|ack\r"));
}

TEST_F(Https, large_bodies_are_received_into_files_and_leave_nothing_behind) {
  const std::string folder = std::filesystem::temp_directory_path() / ("https_receiving_" + std::to_string(::getpid()));
  const IntakeLimits limits{.growing = 256 << 10, .whole = 2 << 20, .in_memory = 64 << 10};
  auto memory = IntakeMemory::open(*disk_, folder, limits);
  ASSERT_TRUE(memory.has_value()) << memory.error().describe();
  answerer_.bounds = memory->get();
  start();
  const std::string large = "MSH|" + std::string(3'000'000, 'x');
  EXPECT_THAT(talk(post(large, "Expect: 100-continue\r\n") + post("MSH|small") + post(large, kLast)),
              StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answerer_.texts() == (std::vector<std::string>{large, "MSH|small", large}));
  EXPECT_EQ((*memory)->status().spooled, 2U);
  wait_for([&] { return source_->stats().open == 0; });
  EXPECT_EQ((*memory)->status().growing, 0U);
  EXPECT_EQ((*memory)->status().whole, 0U);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  stop();
  answerer_.bounds = nullptr;
  std::filesystem::remove_all(folder);
}

TEST_F(Https, stopping_lets_what_is_in_hand_be_answered) {
  start();
  std::string got;
  std::thread client([&] { got = talk(post("MSH|slow")); });
  wait_for([&] { return answerer_.holding(); });
  std::thread releaser([&] {
    std::this_thread::yield();
    answerer_.release();
  });
  stop();
  client.join();
  releaser.join();
  EXPECT_THAT(got, AllOf(StartsWith("HTTP/1.1 200 OK"), HasSubstr("\r\n\r\nMSH|ack\r")));
}

TEST_F(Https, messages_go_over_one_connection_as_long_as_it_is_kept) {
  start();
  make_destination(to_source());
  for (int i = 0; i < 3; ++i) {
    const Sent sent = send("MSH|x");
    EXPECT_EQ(sent.outcome, Sent::Outcome::answered) << sent.error.describe();
    EXPECT_EQ(sent.answer.view(), "MSH|ack\r");
  }
  EXPECT_EQ(source_->stats().accepted, 1U);
  EXPECT_EQ(send("MSH|close").outcome, Sent::Outcome::answered);
  EXPECT_FALSE(destination_->connected());
  EXPECT_EQ(send("MSH|silent").outcome, Sent::Outcome::judged);
  const Sent full = send("MSH|full");  // it has an acknowledgement, which decides
  EXPECT_EQ(full.outcome, Sent::Outcome::answered);
  EXPECT_EQ(source_->stats().accepted, 2U);
}

TEST_F(Https, over_tls_with_certificates_of_both_sides) {
  const auto authority = testing::make_authority("Test authority");
  const auto hub = testing::make_identity(authority, {.common_name = "hub", .alternative_name = "IP:127.0.0.1"});
  const auto lab = testing::make_identity(authority, {.common_name = "lab", .alternative_name = ""});
  Options in;
  in.set_text("tls", "");
  in.set_text("tls.certificate", hub.certificate_pem);
  in.set_secret("tls.key", hub.key_pem);
  in.set_text("tls.clients", authority.certificate_pem);
  in.set_secret("auth.bearer", Secret("token"));
  start(in);
  Options out;
  out.set_text("post", "https://" + source_->local().text() + "/");
  out.set_text("tls", "");
  out.set_text("tls.ca", authority.certificate_pem);
  out.set_text("tls.certificate", lab.certificate_pem);
  out.set_secret("tls.key", lab.key_pem);
  out.set_secret("auth.bearer", Secret("token"));
  make_destination(out);
  const Sent sent = send("MSH|x");
  EXPECT_EQ(sent.outcome, Sent::Outcome::answered) << sent.error.describe();
  EXPECT_THAT(answerer_.subjects(), ElementsAre("CN=lab"));
  env::run_on(peer_->executor(), [&] { return drop(&destination_); });

  out.set_secret("auth.bearer", Secret("wrong"));
  make_destination(out);
  const Sent wrong = send("MSH|x");
  EXPECT_EQ(wrong.outcome, Sent::Outcome::not_sent);
  EXPECT_EQ(wrong.error.code, ErrorCode::refused);
  EXPECT_THAT(wrong.error.describe(), HasSubstr("401"));
  env::run_on(peer_->executor(), [&] { return drop(&destination_); });

  Options nobody;
  nobody.set_text("post", "https://" + source_->local().text() + "/");
  nobody.set_text("tls.ca", authority.certificate_pem);
  make_destination(nobody);
  const Sent refused = send("MSH|x");
  EXPECT_EQ(refused.outcome, Sent::Outcome::not_sent);
  EXPECT_EQ(refused.error.code, ErrorCode::refused) << refused.error.describe();
  EXPECT_EQ(answerer_.texts().size(), 1U);
}

TEST_F(Https, what_a_receiver_says_is_understood) {
  const auto [taken, request] = answered_with("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nOK");
  EXPECT_EQ(taken.outcome, Sent::Outcome::judged);
  EXPECT_EQ(taken.judgement, Judgement::accepted);
  EXPECT_THAT(request, StartsWith("POST /in?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Length: 7\r\nIdempotency-Key: "));
  const auto [busy, again] = answered_with("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(busy.judgement, Judgement::refused_for_now);
  EXPECT_EQ(busy.retry_after, 7s);
  const auto key_of = [](const std::string& text) { return text.substr(text.find("Idempotency-Key: "), 49); };
  EXPECT_NE(key_of(request), key_of(again));  // another receiver
  EXPECT_EQ(answered_with("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").first.judgement, Judgement::refused_for_good);
  const Sent error =
      answered_with("HTTP/1.1 500 E\r\nContent-Type: application/hl7-v2\r\nContent-Length: 9\r\n\r\nMSH|no|ae").first;
  EXPECT_EQ(error.outcome, Sent::Outcome::answered);
  EXPECT_EQ(error.answer.view(), "MSH|no|ae");
  EXPECT_EQ(answered_with("").first.outcome, Sent::Outcome::unknown);
  EXPECT_EQ(answered_with("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nMSH").first.outcome, Sent::Outcome::unknown);
  EXPECT_EQ(answered_with("garbage\r\n\r\n").first.outcome, Sent::Outcome::unknown);
  Options more;
  more.set_text("headers", "X-Site: north\n  X-Mode: a");
  more.set_secret("auth.key", Secret("k"));
  EXPECT_THAT(answered_with("HTTP/1.1 204 No\r\n\r\n", more).second,
              HasSubstr("\r\nX-Site: north\r\nX-Mode: a\r\nX-API-Key: k\r\n\r\nMSH|one"));
}

TEST_F(Https, what_cannot_be_is_refused_when_it_is_made) {
  const auto fails = [&](std::string_view name, const std::string& value) {
    Options options;
    options.set_text("post", "http://a/");
    options.set_text("plain", "");
    options.set_text(std::string(name), value);
    return !transport_->make_destination(options, env_of(*peer_)).has_value();
  };
  EXPECT_TRUE(fails("headers", "Host: x"));
  EXPECT_TRUE(fails("headers", "X-A: b\rInjected: c"));
  EXPECT_TRUE(fails("headers", "no colon"));
  EXPECT_TRUE(fails("post", "gopher://a/"));
  EXPECT_FALSE(fails("headers", "X-A: b"));
  Options clear;
  clear.set_text("post", "http://a/");
  EXPECT_FALSE(transport_->make_destination(clear, env_of(*peer_)).has_value());
  Options empty;
  empty.set_text("listen", "127.0.0.1:0");
  empty.set_secret("auth.bearer", Secret(""));
  EXPECT_FALSE(transport_->make_source(empty, {env_of(*one_)}, &answerer_).has_value());
}

}  // namespace
}  // namespace smarthl7::transport::https
