// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/mllp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>
#include <thread>

#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"
#include "runtime/transport/mllp/frame.h"
#include "runtime/transport/tls/testing/certificates.h"

namespace smarthl7::transport::mllp {
namespace {

using namespace std::chrono_literals;
using env::Stream;
using env::Task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string framed(std::string_view message) { return std::string(kStart) + std::string(message) + std::string(kEnd); }

// Answers "ack: " and the message; what it was given and told can be asked for from any thread.
class Echo final : public Receiver {
 public:
  Task<Reply> on_message(Received received) override {
    const std::string text(received.message.view());
    {
      const std::lock_guard lock(mutex_);
      texts_.push_back(text);
      peers_.push_back(*received.peer);
      problems_.push_back(received.problem);
    }
    if (text.find("slow") != std::string::npos) {
      env::Executor* executor = env::Executor::current();
      holding_.store(true);
      while (!release_.load()) co_await env::sleep_until(executor->now() + 1ms);
      holding_.store(false);
    }
    Reply reply;
    if (text.find("silent") == std::string::npos) reply.answer = SharedBytes("ack: " + text);
    reply.close_after = text.find("close") != std::string::npos;
    reply.kept = text.find("full") == std::string::npos;
    reply.token = text.size();
    co_return reply;
  }
  void answer_written(std::uint64_t token, bool whole) override {
    const std::lock_guard lock(mutex_);
    written_.emplace_back(token, whole);
  }
  void on_event(const Event& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::string(name_of(event.kind)) + (event.text.empty() ? "" : ": " + event.text));
  }

  IntakeMemory* memory() override { return bounds; }

  IntakeMemory* bounds = nullptr;
  std::vector<std::string> texts() const { return copy(texts_); }
  std::vector<Peer> peers() const { return copy(peers_); }
  std::vector<Problem> problems() const { return copy(problems_); }
  std::vector<std::string> events() const { return copy(events_); }
  std::vector<std::pair<std::uint64_t, bool>> written() const { return copy(written_); }
  void release() { release_.store(true); }
  bool holding() const { return holding_.load(); }

 private:
  template <class T>
  T copy(const T& what) const {
    const std::lock_guard lock(mutex_);
    return what;
  }
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
  std::vector<Peer> peers_;
  std::vector<Problem> problems_;
  std::vector<std::string> events_;
  std::vector<std::pair<std::uint64_t, bool>> written_;
  std::atomic<bool> release_ = false;
  std::atomic<bool> holding_ = false;
};

// Writes `bytes`, optionally half-closes, and gives all that comes until the other end closes or `until` bytes are there.
Task<std::string> exchange(env::Network* network, env::Endpoint to, std::string bytes, bool half_close, std::size_t until,
                           SteadyTime deadline) {
  Result<std::unique_ptr<Stream>> stream = co_await network->connect(to, deadline);
  if (!stream) co_return "no connection: " + stream.error().describe();
  Result<void> written = co_await (*stream)->write(bytes, deadline);
  if (half_close) {
    Result<void> finished = co_await (*stream)->finish(deadline);
  }
  std::string all;
  std::string buffer(65536, '\0');
  while (all.size() < until) {
    Result<std::size_t> count = co_await (*stream)->read_some(buffer, deadline);
    if (!count) {
      all += "<" + std::string(name_of(count.error().code)) + ">";
      break;
    }
    if (*count == 0) break;
    all.append(buffer.data(), *count);
  }
  (*stream)->close();
  co_return all;
}

class Mllp : public ::testing::Test {
 protected:
  void SetUp() override {
    one_->start("one");
    two_->start("two");
    peer_->start("peer");
  }
  void TearDown() override { stop(); }

  env::Env env_of(env::RealReactor& reactor) { return {reactor.executor(), reactor.network(), *disk_, *clock_, *random_}; }
  SteadyTime soon() { return peer_->executor().now() + 20s; }

  void start(Options options = {}) {
    options.set_text("listen", "127.0.0.1:0");
    auto source = transport_->make_source(options, {env_of(*one_), env_of(*two_)}, &echo_);
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
  std::string talk(const std::string& bytes, bool half_close = true, std::size_t until = 1U << 30) {
    return env::run_on(peer_->executor(),
                       [&] { return exchange(&peer_->network(), source_->local(), bytes, half_close, until, soon()); });
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
  Echo echo_;
  std::unique_ptr<Source> source_;
};

TEST_F(Mllp, a_sender_that_half_closes_still_gets_its_answers) {
  start();
  EXPECT_EQ(talk(framed("MSH|1") + framed("MSH|2")), framed("ack: MSH|1") + framed("ack: MSH|2"));
  EXPECT_THAT(echo_.texts(), ElementsAre("MSH|1", "MSH|2"));
  wait_for([&] { return source_->stats().open == 0; });
  EXPECT_THAT(echo_.events(), ElementsAre("opened", "closed"));
  EXPECT_THAT(echo_.written(), ElementsAre(std::pair(5U, true), std::pair(5U, true)));
  EXPECT_EQ(source_->stats().frames, 2U);
}

TEST_F(Mllp, who_is_not_allowed_is_closed_before_anything_is_read) {
  Options options;
  options.set_text("allow", "10.20.0.0/16, 192.0.2.7");
  start(options);
  EXPECT_THAT(talk(framed("MSH|1")), ::testing::AnyOf("", "<closed>"));
  wait_for([&] { return source_->stats().refused == 1; });
  EXPECT_THAT(echo_.texts(), ElementsAre());
  EXPECT_EQ(source_->stats().open, 0U);
  stop();
  options.set_text("allow", "127.0.0.0/8");
  options.set_text("via", "lo");
  start(options);
  EXPECT_EQ(talk(framed("MSH|1")), framed("ack: MSH|1"));
  options.set_text("allow", "127.0.0.1/8");
  options.set_text("listen", "127.0.0.1:0");
  const auto wrong = transport_->make_source(options, {env_of(*one_)}, &echo_);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().describe(), ::testing::HasSubstr("option `allow`: `127.0.0.1/8` has bits beyond its prefix"));
}

TEST_F(Mllp, large_messages_are_received_into_files_and_come_back_whole) {
  const std::string folder = std::filesystem::temp_directory_path() / ("mllp_receiving_" + std::to_string(::getpid()));
  const IntakeLimits limits{.growing = 256 << 10, .whole = 2 << 20, .in_memory = 64 << 10};
  auto memory = IntakeMemory::open(*disk_, folder, limits);
  ASSERT_TRUE(memory.has_value()) << memory.error().describe();
  echo_.bounds = memory->get();
  start();
  std::string bytes;
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < 6; ++i) {
    sent.push_back("MSH|" + std::to_string(i) + "|" + std::string(i % 2 == 0 ? 3'000'000 + i : 20, static_cast<char>('a' + i)));
    bytes += framed(sent.back());
  }
  talk(bytes);
  EXPECT_TRUE(echo_.texts() == sent);
  EXPECT_EQ((*memory)->status().spooled, 3U);
  wait_for([&] { return source_->stats().open == 0; });
  EXPECT_EQ((*memory)->status().growing, 0U);
  EXPECT_EQ((*memory)->status().whole, 0U);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  stop();
  echo_.bounds = nullptr;
  std::filesystem::remove_all(folder);
}

TEST_F(Mllp, a_large_message_that_does_not_end_leaves_nothing_behind) {
  const std::string folder = std::filesystem::temp_directory_path() / ("mllp_receiving_" + std::to_string(::getpid()));
  auto memory = IntakeMemory::open(*disk_, folder, {.in_memory = 64 << 10});
  ASSERT_TRUE(memory.has_value()) << memory.error().describe();
  echo_.bounds = memory->get();
  start();
  talk(std::string(kStart) + "MSH|" + std::string(3'000'000, 'x'));
  wait_for([&] { return source_->stats().open == 0; });
  EXPECT_TRUE(echo_.texts().empty());
  EXPECT_EQ((*memory)->status().spooled, 1U);
  EXPECT_EQ((*memory)->status().growing, 0U);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  stop();
  echo_.bounds = nullptr;
  std::filesystem::remove_all(folder);
}

TEST_F(Mllp, connections_are_spread_and_numbered) {
  start();
  for (int i = 0; i < 4; ++i) talk(framed("MSH|x"));
  std::vector<std::uint64_t> numbers;
  for (const Peer& peer : echo_.peers()) numbers.push_back(peer.connection);
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(echo_.peers().front().address, HasSubstr("127.0.0.1:"));
}

TEST_F(Mllp, silence_and_closing_are_up_to_the_receiver) {
  start();
  EXPECT_EQ(talk(framed("MSH|silent") + framed("MSH|1")), framed("ack: MSH|1"));
  EXPECT_EQ(talk(framed("MSH|close") + framed("MSH|2"), false), framed("ack: MSH|close"));
}

TEST_F(Mllp, a_sender_that_reads_no_answers_gets_none) {
  Options options;
  options.set_text("answers", "none");
  start(options);
  EXPECT_EQ(talk(framed("MSH|1") + framed("MSH|2")), "");
  EXPECT_THAT(echo_.texts(), ElementsAre("MSH|1", "MSH|2"));
  EXPECT_TRUE(echo_.written().empty());
  wait_for([&] { return source_->stats().open == 0; });
  // What could not be stored must be heard of, so the connection ends and what comes after it is not taken.
  EXPECT_EQ(talk(framed("MSH|full") + framed("MSH|3"), false), "");
  EXPECT_THAT(echo_.texts(), ElementsAre("MSH|1", "MSH|2", "MSH|full"));
}

TEST_F(Mllp, noise_is_dropped_and_counted) {
  start();
  EXPECT_EQ(talk("GET / HTTP/1.1\r\n" + framed("MSH|1") + "\n"), framed("ack: MSH|1"));
  wait_for([&] { return source_->stats().open == 0; });
  EXPECT_EQ(source_->stats().noise_bytes, 17U);
}

TEST_F(Mllp, a_start_block_inside_a_frame_closes_without_an_answer) {
  start();
  EXPECT_EQ(talk(std::string(kStart) + "MSH|half" + framed("MSH|1"), false), "");
  EXPECT_TRUE(echo_.texts().empty());
  EXPECT_EQ(source_->stats().bad_frames, 1U);
  EXPECT_THAT(echo_.events(), ElementsAre("opened", "bad frame: a start block (VT) stands inside a frame"));
}

TEST_F(Mllp, a_frame_without_msh_is_flagged_or_closed) {
  start();
  EXPECT_EQ(talk(framed("PID|1")), framed("ack: PID|1"));
  EXPECT_THAT(echo_.problems(), ElementsAre(Problem::no_msh));
  stop();
  Options options;
  options.set_text("no_msh", "close");
  start(options);
  EXPECT_EQ(talk(framed("PID|2"), false), "");
  EXPECT_THAT(echo_.texts(), ElementsAre("PID|1"));
}

TEST_F(Mllp, a_frame_that_is_too_large_closes) {
  Options options;
  options.set_number("largest", 1000);
  start(options);
  EXPECT_EQ(talk(framed("MSH|" + std::string(996, 'x'))).size(), 1000 + 5 + 3U);
  EXPECT_EQ(talk(framed("MSH|" + std::string(997, 'x')), false), "");
  EXPECT_EQ(source_->stats().bad_frames, 1U);
}

TEST_F(Mllp, a_frame_that_never_ends_is_closed) {
  Options options;
  options.set_duration("frame", 20ms);
  start(options);
  EXPECT_EQ(talk(std::string(kStart) + "MSH|half", false), "");
  EXPECT_EQ(source_->stats().timed_out, 1U);
  EXPECT_TRUE(echo_.texts().empty());
}

Task<std::string> trickle(env::Network* network, env::Executor* executor, env::Endpoint to, SteadyTime deadline) {
  Result<std::unique_ptr<Stream>> stream = co_await network->connect(to, deadline);
  Result<void> written = co_await (*stream)->write(kStart, deadline);
  while (written && executor->now() < deadline) {
    co_await env::sleep_until(executor->now() + 2ms);
    written = co_await (*stream)->write("x", deadline);
  }
  co_return written ? "never closed" : "closed";
}

TEST_F(Mllp, a_sender_that_trickles_is_closed) {
  Options options;
  options.set_duration("frame", 30ms);
  start(options);
  EXPECT_EQ(
      env::run_on(peer_->executor(), [&] { return trickle(&peer_->network(), &peer_->executor(), source_->local(), soon()); }),
      "closed");
  EXPECT_EQ(source_->stats().timed_out, 1U);
}

TEST_F(Mllp, an_idle_connection_is_closed_if_that_is_wanted) {
  Options options;
  options.set_duration("idle", 20ms);
  start(options);
  EXPECT_EQ(talk(framed("MSH|1"), false), framed("ack: MSH|1"));
  EXPECT_EQ(source_->stats().timed_out, 1U);
}

TEST_F(Mllp, an_end_without_return_counts_after_a_pause) {
  start();
  EXPECT_EQ(talk("\x0bMSH|1\x1c", false, 13), framed("ack: MSH|1"));
  EXPECT_EQ(talk("\x0bMSH|2\x1c", true), framed("ack: MSH|2"));  // nothing more can come: at once
  EXPECT_EQ(source_->stats().tolerated_endings, 2U);
  stop();
  Options options;
  options.set_text("frame_end", "strict");
  options.set_duration("frame", 20ms);
  start(options);
  EXPECT_EQ(talk("\x0bMSH|3\x1c", false), "");
}

TEST_F(Mllp, a_cut_frame_is_never_given_on) {
  start();
  EXPECT_EQ(talk(std::string(kStart) + "MSH|cut"), "");
  wait_for([&] { return source_->stats().open == 0; });
  EXPECT_TRUE(echo_.texts().empty());
  EXPECT_THAT(echo_.events(), ElementsAre("opened", "broken: it closed the connection in the middle of a message"));
}

TEST_F(Mllp, more_connections_than_allowed_are_refused) {
  Options options;
  options.set_number("most_connections", 1);
  start(options);
  std::string first;
  std::thread holder([&] { first = talk(framed("MSH|slow")); });
  wait_for([&] { return echo_.holding(); });
  EXPECT_THAT(talk(framed("MSH|2")), ::testing::AnyOf("", "<closed>"));
  EXPECT_EQ(source_->stats().refused, 1U);
  echo_.release();
  holder.join();
  EXPECT_EQ(first, framed("ack: MSH|slow"));
}

TEST_F(Mllp, large_messages_pass_both_ways) {
  start();
  const std::string large = "MSH|" + std::string(5U << 20, 'x');
  EXPECT_EQ(talk(framed(large)), framed("ack: " + large));
}

TEST_F(Mllp, a_port_in_use_is_an_error_of_start) {
  start();
  Options options;
  options.set_text("listen", source_->local().text());
  auto second = transport_->make_source(options, {env_of(*one_)}, &echo_);
  const auto started = env::run_on(one_->executor(), [&] { return (*second)->start(); });
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, ErrorCode::exists);
}

TEST_F(Mllp, stop_answers_what_is_in_hand_and_takes_nothing_more) {
  start();
  std::string answer;
  std::string idle;
  std::thread sender([&] { answer = talk(framed("MSH|slow") + framed("MSH|next"), false); });
  wait_for([&] { return echo_.holding(); });
  std::thread other([&] { idle = talk("", false); });
  wait_for([&] { return source_->stats().open == 2; });
  std::thread stopper([&] { stop(); });
  other.join();  // an idle connection is closed at once, while the slow one is still in hand
  EXPECT_THAT(idle, ::testing::AnyOf("", "<closed>"));
  EXPECT_TRUE(echo_.holding());
  echo_.release();
  sender.join();
  stopper.join();
  EXPECT_EQ(answer, framed("ack: MSH|slow"));
  EXPECT_THAT(echo_.texts(), ElementsAre("MSH|slow"));
}

// ---- destination
// --------------------------------------------------------------------------------------------------------------

class MllpDestinations : public Mllp {
 protected:
  void make(Options options = {}) {
    options.set_text("connect", source_ != nullptr ? source_->local().text() : listener_->local().text());
    destination_ = std::move(transport_->make_destination(options, env_of(*peer_)).value());
  }
  void TearDown() override {
    env::call_on(peer_->executor(), [&] {
      if (destination_ != nullptr) destination_->close();
      destination_.reset();
      listener_.reset();
    });
    Mllp::TearDown();
  }
  void listen() {
    env::call_on(peer_->executor(), [&] { listener_ = std::move(peer_->network().listen({"127.0.0.1", 0, {}}).value()); });
  }
  Result<void> connect() {
    return env::run_on(peer_->executor(), [&] { return destination_->connect(soon()); });
  }
  Sent send(const std::string& text, std::chrono::nanoseconds within = 20s) {
    return env::run_on(peer_->executor(),
                       [&] { return destination_->send(SharedBytes(text), peer_->executor().now() + within); });
  }
  Sent more(std::chrono::nanoseconds within = 20s) {
    return env::run_on(peer_->executor(), [&] { return destination_->await_more_answer(peer_->executor().now() + within); });
  }
  std::unique_ptr<Destination> destination_;
  std::unique_ptr<env::Listener> listener_;
};

TEST_F(MllpDestinations, one_message_after_the_other) {
  start();
  make();
  ASSERT_EQ(send("MSH|early").outcome, Sent::Outcome::not_sent);
  ASSERT_TRUE(connect().has_value());
  for (int i = 0; i < 100; ++i) {
    const Sent sent = send("MSH|" + std::to_string(i));
    ASSERT_EQ(sent.outcome, Sent::Outcome::answered);
    ASSERT_EQ(sent.answer.view(), "ack: MSH|" + std::to_string(i));
  }
  EXPECT_EQ(source_->stats().accepted, 1U);
}

TEST_F(MllpDestinations, a_connection_carries_no_more_messages_than_allowed) {
  start();
  Options options;
  options.set_number("most_messages", 2);
  make(options);
  for (int i = 0; i < 5; ++i) {
    if (!destination_->connected()) {
      ASSERT_TRUE(connect().has_value());
    }
    ASSERT_EQ(send("MSH|" + std::to_string(i)).answer.view(), "ack: MSH|" + std::to_string(i));
    EXPECT_EQ(destination_->connected(), i % 2 == 0);
  }
  EXPECT_EQ(source_->stats().accepted, 3U);
}

TEST_F(MllpDestinations, what_is_written_is_delivered_where_nobody_answers) {
  Options options;
  options.set_text("answers", "none");
  start(options);
  make(options);
  ASSERT_TRUE(connect().has_value());
  for (int i = 0; i < 3; ++i) {
    const Sent sent = send("MSH|" + std::to_string(i));
    ASSERT_EQ(sent.outcome, Sent::Outcome::accepted);
    EXPECT_EQ(sent.detail, "written; the receiver answers nothing");
  }
  wait_for([&] { return echo_.texts().size() == 3; });
  // One that speaks all the same says nothing that ends the connection; one that has gone is noticed before the next message.
  stop();
  start();
  env::call_on(peer_->executor(), [&] { destination_.reset(); });
  make(options);
  ASSERT_TRUE(connect().has_value());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(send("MSH|" + std::to_string(i)).outcome, Sent::Outcome::accepted);
    wait_for([&] { return echo_.written().size() == static_cast<std::size_t>(i) + 1; });
  }
  EXPECT_EQ(source_->stats().accepted, 1U);
  stop();
  EXPECT_EQ(send("MSH|4").outcome, Sent::Outcome::not_sent);
}

TEST_F(MllpDestinations, nobody_there_is_not_sent) {
  listen();
  make();
  env::call_on(peer_->executor(), [&] { listener_.reset(); });
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().code, ErrorCode::unreachable);
}

TEST_F(MllpDestinations, no_answer_is_unknown_and_closes) {
  start();
  make();
  ASSERT_TRUE(connect().has_value());
  const Sent sent = send("MSH|silent", 20ms);
  EXPECT_EQ(sent.outcome, Sent::Outcome::unknown);
  EXPECT_EQ(sent.error.code, ErrorCode::timeout);
  EXPECT_FALSE(destination_->connected());
  ASSERT_TRUE(connect().has_value());
  EXPECT_EQ(send("MSH|1").outcome, Sent::Outcome::answered);
}

TEST_F(MllpDestinations, what_cannot_be_framed_is_not_sent) {
  start();
  make();
  ASSERT_TRUE(connect().has_value());
  const Sent sent = send("MSH|\x1c|");
  EXPECT_EQ(sent.outcome, Sent::Outcome::not_sent);
  EXPECT_EQ(sent.error.code, ErrorCode::invalid);
  EXPECT_EQ(send("MSH|1").outcome, Sent::Outcome::answered);
}

// A receiver that plays a script: for each connection in turn, what it writes when a frame came, and whether it closes then.
struct Act {
  std::string answer;
  bool close_after = false;
  std::string unasked{};  // written right after the answer
};

Task<void> play(env::Listener* listener, env::Network* network, std::vector<Act> acts, int* connections) {
  std::size_t next = 0;
  while (next < acts.size()) {
    Result<std::unique_ptr<env::Incoming>> incoming = co_await listener->accept();
    if (!incoming) co_return;
    ++*connections;
    std::unique_ptr<Stream> stream = std::move(network->adopt(std::move(*incoming)).value());
    std::string heard;
    std::string buffer(4096, '\0');
    while (next < acts.size()) {
      Result<std::size_t> count = co_await stream->read_some(buffer, kNever);
      if (!count || *count == 0) break;
      heard.append(buffer.data(), *count);
      if (!heard.ends_with(kEnd)) continue;
      heard.clear();
      const std::string bytes = acts[next].answer + acts[next].unasked;
      Result<void> written = co_await stream->write(bytes, kNever);
      if (acts[next++].close_after) break;
    }
    stream->close();
  }
}

class Scripted : public MllpDestinations {
 protected:
  void script(std::vector<Act> acts) {
    listen();
    env::call_on(peer_->executor(), [&] {
      gate_ = std::make_unique<env::Gate>();
      gate_->spawn(play(listener_.get(), &peer_->network(), std::move(acts), &connections_));
    });
    make();
  }
  void TearDown() override {
    env::call_on(peer_->executor(), [&] {
      destination_->close();
      listener_->close();
    });
    env::run_on(peer_->executor(), [&] { return gate_->drained(); });
    env::call_on(peer_->executor(), [&] { gate_.reset(); });
    MllpDestinations::TearDown();
  }
  std::unique_ptr<env::Gate> gate_;
  int connections_ = 0;
};

TEST_F(Scripted, further_answers_of_one_connection_can_be_read) {
  script({{.answer = framed("ACK for another"), .unasked = framed("ACK for this")}, {.answer = "never asked"}});
  ASSERT_TRUE(connect().has_value());
  EXPECT_EQ(send("MSH|1").answer.view(), "ACK for another");
  EXPECT_EQ(more().answer.view(), "ACK for this");
  const Sent none = more(10ms);
  EXPECT_EQ(none.outcome, Sent::Outcome::unknown);
  EXPECT_EQ(none.error.code, ErrorCode::timeout);
}

TEST_F(Scripted, an_answer_that_nobody_asked_for_is_never_taken_for_the_next) {
  script({{.answer = framed("ACK 1"), .unasked = framed("ACK 1 again")}, {.answer = framed("ACK 2")}});
  ASSERT_TRUE(connect().has_value());
  EXPECT_EQ(send("MSH|1").answer.view(), "ACK 1");
  const Sent second = send("MSH|2");
  EXPECT_EQ(second.outcome, Sent::Outcome::not_sent);
  EXPECT_FALSE(destination_->connected());
  ASSERT_TRUE(connect().has_value());
  EXPECT_EQ(send("MSH|2").answer.view(), "ACK 2");
}

TEST_F(Scripted, a_connection_that_was_closed_meanwhile_is_not_sent) {
  script({{.answer = framed("ACK 1"), .close_after = true}, {.answer = framed("ACK 2")}});
  ASSERT_TRUE(connect().has_value());
  EXPECT_EQ(send("MSH|1").answer.view(), "ACK 1");
  env::call_on(peer_->executor(), [] {});  // the script has closed by now
  const Sent second = send("MSH|2");
  EXPECT_EQ(second.outcome, Sent::Outcome::not_sent) << second.error.describe();
  ASSERT_TRUE(connect().has_value());
  EXPECT_EQ(send("MSH|2").answer.view(), "ACK 2");
}

TEST_F(Scripted, closing_instead_of_answering_is_unknown) {
  script({{.answer = "", .close_after = true}});
  ASSERT_TRUE(connect().has_value());
  const Sent sent = send("MSH|1");
  EXPECT_EQ(sent.outcome, Sent::Outcome::unknown);
  EXPECT_EQ(sent.error.code, ErrorCode::closed);
}

TEST_F(Scripted, half_an_answer_and_garbage_are_unknown) {
  script({{.answer = std::string(kStart) + "MSA|A", .close_after = true},
          {.answer = "garbage", .close_after = true},
          {.answer = std::string(kStart) + "MSA" + framed("MSA|AA|1")}});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(connect().has_value());
    const Sent sent = send("MSH|1");
    EXPECT_EQ(sent.outcome, Sent::Outcome::unknown);
    EXPECT_FALSE(destination_->connected());
  }
}

Task<void> close_soon(Destination* destination, env::Executor* executor) {
  co_await env::sleep_until(executor->now() + 5ms);
  destination->close();
}

TEST_F(Scripted, close_ends_a_send_that_waits) {
  script({{.answer = ""}});
  ASSERT_TRUE(connect().has_value());
  env::Gate* gate = gate_.get();
  env::call_on(peer_->executor(), [&] { gate->spawn(close_soon(destination_.get(), &peer_->executor())); });
  const Sent sent = send("MSH|1");
  EXPECT_EQ(sent.outcome, Sent::Outcome::unknown);
  EXPECT_EQ(sent.error.code, ErrorCode::closed);
  EXPECT_FALSE(destination_->connected());
}

// ---- TLS
// ------------------------------------------------------------------------------------------------------------------------

class MllpTls : public MllpDestinations {
 protected:
  using Identity = testing::Identity;
  Options source_options(bool clients) {
    Options options;
    options.set_text("tls.certificate", hub_.certificate_pem);
    options.set_secret("tls.key", hub_.key_pem);
    if (clients) options.set_text("tls.clients", authority_.certificate_pem);
    return options;
  }
  Options destination_options(const Identity* client) {
    Options options;
    options.set_text("tls.ca", authority_.certificate_pem);
    if (client != nullptr) {
      options.set_text("tls.certificate", client->certificate_pem);
      options.set_secret("tls.key", client->key_pem);
    }
    return options;
  }
  Identity authority_ = testing::make_authority("Region");
  Identity hub_ = testing::make_identity(authority_, {.common_name = "hub", .alternative_name = "IP:127.0.0.1"});
  Identity lab_ = testing::make_identity(authority_, {.common_name = "lab", .alternative_name = {}});
};

TEST_F(MllpTls, messages_pass_and_the_sender_is_known) {
  start(source_options(true));
  make(destination_options(&lab_));
  ASSERT_TRUE(connect().has_value());
  for (int i = 0; i < 20; ++i) ASSERT_EQ(send("MSH|" + std::to_string(i)).answer.view(), "ack: MSH|" + std::to_string(i));
  EXPECT_EQ(echo_.peers().front().certificate_subject, "CN=lab");
}

TEST_F(MllpTls, a_rejected_client_certificate_is_refused_and_nothing_was_sent) {
  start(source_options(true));
  make(destination_options(nullptr));
  const auto connected = connect();
  if (connected) {  // TLS 1.3: the client learns of it with its first read
    const Sent sent = send("MSH|1");
    EXPECT_EQ(sent.outcome, Sent::Outcome::not_sent);
    EXPECT_EQ(sent.error.code, ErrorCode::refused) << sent.error.describe();
  } else {
    EXPECT_EQ(connected.error().code, ErrorCode::refused);
  }
  EXPECT_TRUE(echo_.texts().empty());
  wait_for([&] { return source_->stats().refused == 1; });
  EXPECT_THAT(echo_.events(), ElementsAre(HasSubstr("it has shown no client certificate")));
}

TEST_F(MllpTls, a_wrong_name_is_refused) {
  start(source_options(false));
  Options options = destination_options(nullptr);
  options.set_text("tls.name", "mercy.example");
  make(options);
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().code, ErrorCode::refused);
  EXPECT_THAT(connected.error().text, HasSubstr("hostname mismatch"));
}

TEST_F(MllpTls, plain_and_tls_do_not_meet_in_silence) {
  start(source_options(false));
  EXPECT_EQ(talk(framed("MSH|1"), false).find("ack"), std::string::npos);
  wait_for([&] { return source_->stats().refused == 1; });
  EXPECT_THAT(echo_.events().back(), HasSubstr("it sends plain text, not TLS"));
  stop();
  Options options;
  options.set_duration("idle", 30ms);
  start(options);
  Options client = destination_options(nullptr);
  client.set_duration("connect_time", 200ms);
  make(client);
  EXPECT_FALSE(connect().has_value());
  wait_for([&] { return source_->stats().open == 0; });
  EXPECT_THAT(echo_.events(), ::testing::Contains(HasSubstr("it speaks TLS, and this source does not")));
}

}  // namespace
}  // namespace smarthl7::transport::mllp
