// SPDX-License-Identifier: Apache-2.0
// MLLP release 2 on both sides, answers that come later than the first one, and listening without having asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"
#include "runtime/transport/mllp/frame.h"
#include "runtime/transport/mllp/mllp.h"

namespace smarthl7::transport::mllp {
namespace {

using namespace std::chrono_literals;
using env::Stream;
using env::Task;
using ::testing::ElementsAre;

std::string framed(std::string_view message) { return std::string(kStart) + std::string(message) + std::string(kEnd); }
const std::string kAck = framed(kCommitted);
const std::string kNak = framed(kNotCommitted);

// Answers by what the message says: "full" is not kept, "silent" gets no answer, "later" gets one when release() is called,
// after "CA" if it says "commit".
class Keeper final : public Receiver {
 public:
  Task<Reply> on_message(Received received) override {
    const std::string text(received.message.view());
    {
      const std::lock_guard lock(mutex_);
      texts_.push_back(text);
    }
    Reply reply;
    const auto has = [&text](std::string_view word) { return text.find(word) != std::string::npos; };
    reply.kept = !has("full");
    if (has("commit")) reply.answer = SharedBytes("CA " + text);
    if (has("later")) {
      reply.later.emplace(answer_later(text));
    } else if (!has("silent") && !has("commit")) {
      reply.answer = SharedBytes("AA " + text);
    }
    co_return reply;
  }
  Task<SharedBytes> answer_later(std::string text) {
    env::Executor* executor = env::Executor::current();
    while (!released_.load()) co_await env::sleep_until(executor->now() + 1ms);
    co_return SharedBytes("AA " + text);
  }
  void release() { released_.store(true); }
  std::vector<std::string> texts() {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
  std::atomic<bool> released_ = false;
};

/// Writes `bytes` and gives what comes until `until` is the end of it, or the other end closes.
Task<std::string> exchange(Stream* stream, std::string bytes, std::string until, SteadyTime deadline) {
  Result<void> written = co_await stream->write(bytes, deadline);
  std::string all;
  std::string buffer(65536, '\0');
  while (written && !all.ends_with(until)) {
    Result<std::size_t> count = co_await stream->read_some(buffer, deadline);
    if (!count || *count == 0) break;
    all.append(buffer.data(), *count);
  }
  co_return all;
}

class Release2 : public ::testing::Test {
 protected:
  void SetUp() override {
    hub_->start("hub");
    peer_->start("peer");
  }
  void TearDown() override {
    env::call_on(peer_->executor(), [&] {
      if (destination_ != nullptr) destination_->close();
      stream_.reset();
      accepted_.reset();
      listener_.reset();
    });
    stop();
    env::call_on(peer_->executor(), [&] { destination_.reset(); });
  }
  void stop() {
    if (source_ != nullptr) env::run_on(hub_->executor(), [&] { return source_->stop(hub_->executor().now() + 20s); });
    source_.reset();
  }
  env::Env env_of(env::RealReactor& reactor) { return {reactor.executor(), reactor.network(), *disk_, *clock_, *random_}; }
  SteadyTime soon() { return peer_->executor().now() + 20s; }

  void start(std::uint64_t release) {
    Options options;
    options.set_text("listen", "127.0.0.1:0");
    options.set_number("release", release);
    source_ = std::move(transport_->make_source(options, {env_of(*hub_)}, &keeper_).value());
    const auto started = env::run_on(hub_->executor(), [&] { return source_->start(); });
    ASSERT_TRUE(started.has_value());
  }
  void connect_raw() {
    auto stream = env::run_on(peer_->executor(), [&] { return peer_->network().connect(source_->local(), soon()); });
    ASSERT_TRUE(stream.has_value());
    stream_ = std::move(*stream);
  }
  std::string talk(const std::string& bytes, const std::string& until) {
    return env::run_on(peer_->executor(), [&] { return exchange(stream_.get(), bytes, until, soon()); });
  }

  // ---- the hub as a sender, to a scripted peer
  void make_destination(std::uint64_t release) {
    env::call_on(peer_->executor(), [&] { listener_ = std::move(peer_->network().listen({"127.0.0.1", 0, {}}).value()); });
    Options options;
    options.set_text("connect", listener_->local().text());
    options.set_number("release", release);
    destination_ = std::move(transport_->make_destination(options, env_of(*peer_)).value());
    const auto connected = env::run_on(peer_->executor(), [&] { return destination_->connect(soon()); });
    ASSERT_TRUE(connected.has_value());
    auto incoming = env::run_on(peer_->executor(), [&] { return listener_->accept(); });
    env::call_on(peer_->executor(), [&] { accepted_ = std::move(peer_->network().adopt(std::move(*incoming)).value()); });
  }
  /// The peer's bytes go out first, so that they are there when they are wanted.
  Sent send(const std::string& text, const std::string& peer_says) {
    return env::run_on(peer_->executor(), [&] { return send_to(text, peer_says); });
  }
  Task<Sent> send_to(std::string text, std::string peer_says) {
    env::Gate gate;
    gate.spawn(speak_after(framed(text), std::move(peer_says)));
    const SharedBytes message(text);
    Sent sent = co_await destination_->send(message, soon());
    co_await gate.drained();
    co_return sent;
  }
  Task<void> speak_after(std::string frame, std::string words) {
    std::string nothing;
    heard_ = co_await exchange(accepted_.get(), nothing, frame, soon());
    Result<void> written = co_await accepted_->write(words, soon());
  }
  std::string heard_by_peer(const std::string& until) {
    return env::run_on(peer_->executor(), [&] { return exchange(accepted_.get(), "", until, soon()); });
  }

  std::unique_ptr<Transport> transport_ = make_transport();
  std::unique_ptr<env::RealReactor> hub_ = env::make_reactor();
  std::unique_ptr<env::RealReactor> peer_ = env::make_reactor();
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<env::Random> random_ = env::make_real_random();
  Keeper keeper_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<env::Listener> listener_;
  std::unique_ptr<Destination> destination_;
  std::unique_ptr<Stream> accepted_;
  std::string heard_;
};

TEST_F(Release2, a_message_is_committed_before_it_is_answered) {
  start(2);
  connect_raw();
  EXPECT_EQ(talk(framed("MSH|1"), framed("AA MSH|1")), kAck + framed("AA MSH|1"));
  EXPECT_EQ(talk(kAck + framed("MSH|silent"), kAck), kAck);
  EXPECT_THAT(keeper_.texts(), ElementsAre("MSH|1", "MSH|silent"));  // a commit block is no message
}

TEST_F(Release2, what_is_not_kept_is_refused_by_a_block_and_has_no_answer) {
  start(2);
  connect_raw();
  EXPECT_EQ(talk(framed("MSH|full") + framed("MSH|2"), framed("AA MSH|2")), kNak + kAck + framed("AA MSH|2"));
}

TEST_F(Release2, an_answer_that_the_sender_could_not_store_is_written_again) {
  start(2);
  connect_raw();
  EXPECT_EQ(talk(framed("MSH|1"), framed("AA MSH|1")), kAck + framed("AA MSH|1"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(talk(kNak, framed("AA MSH|1")), framed("AA MSH|1"));
  }
  // Not for ever; and a commit ends it.
  EXPECT_EQ(talk(kNak + framed("MSH|2"), framed("AA MSH|2")), kAck + framed("AA MSH|2"));
  EXPECT_EQ(talk(kAck + kNak + framed("MSH|3"), framed("AA MSH|3")), kAck + framed("AA MSH|3"));
}

TEST_F(Release2, release_1_knows_no_commit_blocks) {
  start(1);
  connect_raw();
  EXPECT_EQ(talk(framed("MSH|full"), framed("AA MSH|full")), framed("AA MSH|full"));
}

TEST_F(Release2, an_answer_that_comes_later_keeps_the_order_without_a_first_one) {
  start(1);
  connect_raw();
  std::thread sender([&] {
    EXPECT_EQ(talk(framed("MSH|later") + framed("MSH|2"), framed("AA MSH|2")), framed("AA MSH|later") + framed("AA MSH|2"));
  });
  while (keeper_.texts().empty()) std::this_thread::yield();
  keeper_.release();
  sender.join();
}

TEST_F(Release2, after_a_first_answer_the_next_message_is_read_while_the_second_is_waited_for) {
  start(1);
  connect_raw();
  EXPECT_EQ(talk(framed("MSH|commit later") + framed("MSH|2"), framed("AA MSH|2")),
            framed("CA MSH|commit later") + framed("AA MSH|2"));
  keeper_.release();
  EXPECT_EQ(talk("", framed("AA MSH|commit later")), framed("AA MSH|commit later"));
}

TEST_F(Release2, a_stop_waits_for_answers_that_come_later) {
  start(2);
  connect_raw();
  EXPECT_EQ(talk(framed("MSH|commit later"), framed("CA MSH|commit later")), kAck + framed("CA MSH|commit later"));
  std::thread stopper([&] { stop(); });
  keeper_.release();
  EXPECT_EQ(talk("", "never"), framed("AA MSH|commit later"));
  stopper.join();
}

TEST_F(Release2, a_destination_waits_for_the_block_and_then_for_the_answer) {
  make_destination(2);
  const Sent sent = send("MSH|1", kAck + framed("AA"));
  ASSERT_EQ(sent.outcome, Sent::Outcome::answered) << sent.error.describe();
  EXPECT_EQ(sent.answer.view(), "AA");
  EXPECT_EQ(heard_, framed("MSH|1"));
  EXPECT_EQ(heard_by_peer(kAck), kAck);  // the answer is committed too
  EXPECT_EQ(send("MSH|2", kAck + framed("AA 2")).answer.view(), "AA 2");
}

TEST_F(Release2, a_destination_takes_no_for_unknown_and_a_missing_block_for_granted) {
  make_destination(2);
  EXPECT_EQ(send("MSH|1", framed("AA 1")).answer.view(), "AA 1");
  const Sent sent = send("MSH|2", kNak);
  EXPECT_EQ(sent.outcome, Sent::Outcome::unknown);
  EXPECT_EQ(sent.error.code, ErrorCode::full);
  EXPECT_FALSE(destination_->connected());
}

TEST_F(Release2, a_message_is_posted_without_waiting_for_an_answer) {
  make_destination(1);
  const SharedBytes message("MSH|1");
  Sent sent = env::run_on(peer_->executor(), [&] { return destination_->post(message, soon()); });
  EXPECT_EQ(sent.outcome, Sent::Outcome::written);
  EXPECT_EQ(heard_by_peer(framed("MSH|1")), framed("MSH|1"));
  EXPECT_TRUE(destination_->connected());
}

TEST_F(Release2, a_message_posted_by_release_2_waits_for_its_block) {
  make_destination(2);
  const SharedBytes message("MSH|1");
  const Sent late = env::run_on(peer_->executor(), [&] { return destination_->post(message, peer_->executor().now() + 10ms); });
  EXPECT_EQ(late.outcome, Sent::Outcome::unknown);
}

TEST_F(Release2, listening_takes_what_comes_and_ends_when_it_is_told_to) {
  make_destination(1);
  const auto listen = [&](std::chrono::nanoseconds within) {
    return env::run_on(peer_->executor(), [&] { return destination_->listen(peer_->executor().now() + within); });
  };
  EXPECT_EQ(listen(0ms).outcome, Sent::Outcome::quiet);
  EXPECT_EQ(listen(5ms).outcome, Sent::Outcome::quiet);
  EXPECT_TRUE(destination_->connected());
  const std::string two = framed("AA 1") + framed("AA 2");
  EXPECT_TRUE(env::run_on(peer_->executor(), [&] { return accepted_->write(two, soon()); }).has_value());
  EXPECT_EQ(listen(20s).answer.view(), "AA 1");
  EXPECT_EQ(listen(20s).answer.view(), "AA 2");
  // Ended from aside: half a frame that has come is not lost.
  Sent ended;
  std::thread waiter([&] { ended = listen(20s); });
  const std::string half = std::string(kStart) + "AA";
  EXPECT_TRUE(env::run_on(peer_->executor(), [&] { return accepted_->write(half, soon()); }).has_value());
  std::atomic<bool> done = false;
  std::thread interrupter([&] {
    while (!done.load()) env::call_on(peer_->executor(), [&] { destination_->interrupt(); });
  });
  waiter.join();
  done.store(true);
  interrupter.join();
  EXPECT_EQ(ended.outcome, Sent::Outcome::quiet);
  const std::string rest = " 3" + std::string(kEnd);
  EXPECT_TRUE(env::run_on(peer_->executor(), [&] { return accepted_->write(rest, soon()); }).has_value());
  EXPECT_EQ(listen(20s).answer.view(), "AA 3");
  env::call_on(peer_->executor(), [&] { accepted_.reset(); });
  EXPECT_EQ(listen(20s).outcome, Sent::Outcome::unknown);
}

}  // namespace
}  // namespace smarthl7::transport::mllp
