// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/signal.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/env/completion.h"
#include "runtime/env/gate.h"
#include "runtime/env/testing/manual_executor.h"

namespace smarthl7::env {
namespace {

using namespace std::chrono_literals;

class Signals : public ::testing::Test {
 protected:
  void spawn(Task<void> task) {
    executor_.post([this, held = std::make_shared<Task<void>>(std::move(task))] { gate_.spawn(std::move(*held)); });
    executor_.run();
  }
  void call(const std::function<void()>& job) {
    executor_.post([&] { job(); });
    executor_.run();
  }
  ManualExecutor executor_;
  Signal signal_;
  Gate gate_;
  std::string log_;
};

Task<void> wait_once(Signal* signal, SteadyTime deadline, std::string* log, char name) {
  const bool notified = co_await signal->wait(deadline);
  *log += name;
  *log += notified ? '+' : '-';
}

TEST_F(Signals, wake_those_who_wait_in_their_order) {
  for (const char name : {'a', 'b', 'c'}) spawn(wait_once(&signal_, kNever, &log_, name));
  call([&] { signal_.notify_one(); });
  EXPECT_EQ(log_, "a+");
  call([&] { signal_.notify_all(); });
  EXPECT_EQ(log_, "a+b+c+");
  call([&] { signal_.notify_all(); });  // nobody waits: not remembered
  spawn(wait_once(&signal_, kNever, &log_, 'd'));
  EXPECT_EQ(log_, "a+b+c+");
  call([&] { signal_.notify_all(); });
  EXPECT_EQ(log_, "a+b+c+d+");
}

TEST_F(Signals, waiters_are_never_resumed_inside_notify) {
  spawn(wait_once(&signal_, kNever, &log_, 'a'));
  call([&] {
    signal_.notify_all();
    log_ += '.';
  });
  EXPECT_EQ(log_, ".a+");
}

TEST_F(Signals, a_deadline_ends_the_wait_once) {
  spawn(wait_once(&signal_, executor_.now() + 10ms, &log_, 'a'));
  executor_.advance(9ms);
  EXPECT_EQ(log_, "");
  executor_.advance(1ms);
  EXPECT_EQ(log_, "a-");
  call([&] { signal_.notify_all(); });
  EXPECT_EQ(log_, "a-");
}

TEST_F(Signals, a_wait_that_was_notified_leaves_no_timer) {
  spawn(wait_once(&signal_, executor_.now() + 10ms, &log_, 'a'));
  EXPECT_EQ(executor_.timers(), 1U);
  call([&] { signal_.notify_all(); });
  EXPECT_EQ(log_, "a+");
  EXPECT_EQ(executor_.timers(), 0U);
}

Task<void> sleep_then(SteadyTime when, std::string* log) {
  co_await sleep_until(when);
  *log += 's';
}

TEST_F(Signals, sleepers_wake_when_it_is_time) {
  spawn(sleep_then(executor_.now() + 5ms, &log_));
  executor_.advance(4ms);
  EXPECT_EQ(log_, "");
  executor_.advance(1ms);
  EXPECT_EQ(log_, "s");
}

Task<void> take(std::vector<Completion<std::string>*>* asked, std::string* log) {
  Completion<std::string> answer;
  asked->push_back(&answer);
  const std::string value = co_await answer;
  *log += value;
}

TEST_F(Signals, a_completion_resumes_at_home_and_not_inside_complete) {
  std::vector<Completion<std::string>*> asked;
  spawn(take(&asked, &log_));
  ASSERT_EQ(asked.size(), 1U);
  std::thread([&] { asked[0]->complete("from another thread"); }).join();
  EXPECT_EQ(log_, "");
  executor_.run();
  EXPECT_EQ(log_, "from another thread");
}

Task<void> take_completed(std::string* log) {
  Completion<std::string> answer;
  answer.complete("at once");
  const std::string value = co_await answer;
  *log += value;
}

TEST_F(Signals, a_completion_that_is_done_does_not_wait) {
  executor_.post([&] { gate_.spawn(take_completed(&log_)); });
  executor_.run_one();
  EXPECT_EQ(log_, "at once");
}

TEST(SignalsDeathTest, a_signal_must_outlive_its_waiters) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        ManualExecutor executor;
        Gate gate;
        std::string log;
        auto signal = std::make_unique<Signal>();
        executor.post([&] { gate.spawn(wait_once(signal.get(), kNever, &log, 'a')); });
        executor.run();
        signal.reset();
      },
      "destroyed with frames waiting");
}

}  // namespace
}  // namespace smarthl7::env
