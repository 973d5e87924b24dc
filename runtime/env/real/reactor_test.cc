// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <thread>

#include "runtime/env/completion.h"
#include "runtime/env/real/reactor_timers.h"
#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"

namespace smarthl7::env {
namespace {

using namespace std::chrono_literals;

TEST(Timers, fire_in_order_of_time_then_of_adding) {
  TimerHeap timers;
  std::string order;
  timers.add(SteadyTime(20ns), [&] { order += 'c'; });
  timers.add(SteadyTime(10ns), [&] { order += 'a'; });
  timers.add(SteadyTime(10ns), [&] { order += 'b'; });
  EXPECT_EQ(timers.next(), SteadyTime(10ns));
  EXPECT_FALSE(timers.take_due(SteadyTime(9ns)));
  while (auto job = timers.take_due(SteadyTime(20ns))) (*job)();
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(timers.next(), kNever);
}

TEST(Timers, cancelling_twice_or_after_firing_does_nothing) {
  TimerHeap timers;
  const TimerId first = timers.add(SteadyTime(1ns), [] {});
  EXPECT_TRUE(timers.cancel(first));
  EXPECT_FALSE(timers.cancel(first));
  const TimerId second = timers.add(SteadyTime(1ns), [] {});  // takes the slot of the first
  EXPECT_FALSE(timers.cancel(first));
  EXPECT_TRUE(timers.take_due(SteadyTime(1ns)));
  EXPECT_FALSE(timers.cancel(second));
  EXPECT_FALSE(timers.cancel(kNoTimer));
  EXPECT_EQ(timers.size(), 0U);
}

TEST(Timers, agree_with_a_sorted_map_under_random_use) {
  TimerHeap timers;
  std::map<std::pair<SteadyTime, int>, TimerId> model;
  std::uint32_t state = 7;
  const auto random = [&state] { return (state = state * 1664525U + 1013904223U) >> 8; };
  std::vector<int> fired;
  for (int i = 0; i < 20000; ++i) {
    if (random() % 3 != 0 || model.empty()) {
      const SteadyTime when(std::chrono::nanoseconds(random() % 1000));
      model.emplace(std::pair(when, i), timers.add(when, [&fired, i] { fired.push_back(i); }));
    } else if (random() % 2 == 0) {
      auto victim = std::next(model.begin(), static_cast<long>(random() % model.size()));
      EXPECT_TRUE(timers.cancel(victim->second));
      model.erase(victim);
    } else {
      auto job = timers.take_due(model.begin()->first.first);
      ASSERT_TRUE(job);
      (*job)();
      ASSERT_EQ(fired.back(), model.begin()->first.second);
      model.erase(model.begin());
    }
    ASSERT_EQ(timers.size(), model.size());
    ASSERT_EQ(timers.next(), model.empty() ? kNever : model.begin()->first.first);
  }
}

class Reactors : public testing::Test {
 protected:
  void SetUp() override {
    one_->start("one");
    two_->start("two");
  }
  std::unique_ptr<RealReactor> one_ = make_reactor();
  std::unique_ptr<RealReactor> two_ = make_reactor();
};

TEST_F(Reactors, jobs_of_one_thread_run_in_order_and_never_inside_post) {
  std::string order;
  std::promise<void> done;
  one_->executor().post([&] {
    one_->executor().post([&] { order += 'b'; });
    one_->executor().post([&] {
      order += 'c';
      done.set_value();
    });
    order += 'a';
  });
  done.get_future().wait();
  EXPECT_EQ(order, "abc");
}

TEST_F(Reactors, many_threads_post_and_nothing_is_lost) {
  constexpr int kThreads = 4;
  constexpr int kJobs = 20000;
  int count = 0;  // only touched by jobs of `one_`
  std::promise<void> done;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kJobs; ++i) {
        one_->executor().post([&] {
          if (++count == kThreads * kJobs) done.set_value();
        });
      }
    });
  }
  done.get_future().wait();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, kThreads * kJobs);
}

Task<std::vector<int>> sleep_in_turn(Executor* executor) {
  std::vector<int> order;
  const SteadyTime start = executor->now();
  executor->at(start + 3ms, [&] { order.push_back(3); });
  const TimerId never = executor->at(start + 2ms, [&] { order.push_back(2); });
  executor->at(start + 1ms, [&] { order.push_back(1); });
  executor->cancel(never);
  co_await sleep_until(start + 4ms);
  if (executor->now() < start + 4ms) order.push_back(-1);
  co_return order;
}

TEST_F(Reactors, timers_fire_when_due_and_cancelled_ones_never) {
  const auto order = run_on(one_->executor(), [&] { return sleep_in_turn(&one_->executor()); });
  EXPECT_EQ(order, (std::vector{1, 3}));
}

Task<int> ask(Executor* other, int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    Completion<int> answer;
    other->post([&answer, i] { answer.complete(i); });
    const int value = co_await answer;
    if (Executor::current() == other) co_return -1;  // must go on where it waited
    sum += value;
  }
  co_return sum;
}

TEST_F(Reactors, a_completion_brings_a_value_home_from_another_thread) {
  EXPECT_EQ(run_on(one_->executor(), [&] { return ask(&two_->executor(), 5000); }), 5000 * 4999 / 2);
}

TEST_F(Reactors, a_busy_executor_still_looks_at_its_timers) {
  std::promise<void> done;
  std::atomic<bool> stop = false;
  std::function<void()> again = [&] {
    if (stop) return done.set_value();
    one_->executor().post([&] { again(); });
  };
  one_->executor().post([&] {
    one_->executor().at(one_->executor().now() + 1ms, [&] { stop = true; });
    again();
  });
  EXPECT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
}

TEST_F(Reactors, a_signal_is_a_call_on_the_reactor) {
  std::promise<int> number;
  call_on(one_->executor(), [&] { one_->on_signal([&](int n) { number.set_value(n); }); });
  ::raise(SIGHUP);
  EXPECT_EQ(number.get_future().get(), SIGHUP);
}

TEST_F(Reactors, stop_ends_after_the_job_that_runs) {
  std::promise<void> running;
  std::promise<void> go_on;
  std::atomic<int> ran = 0;
  one_->executor().post([&] {
    running.set_value();
    go_on.get_future().wait();
    ++ran;
  });
  one_->executor().post([&] { ++ran; });
  running.get_future().wait();
  std::thread stopper([&] { one_->stop(); });
  // The stop is asked for while the job runs; it can only end when the job has.
  std::this_thread::yield();
  go_on.set_value();
  stopper.join();
  EXPECT_GE(ran, 1);
}

}  // namespace
}  // namespace smarthl7::env
