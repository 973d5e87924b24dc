// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "runtime/env/gate.h"
#include "runtime/env/testing/manual_executor.h"

namespace smarthl7::env {
namespace {

using namespace std::chrono_literals;

Task<int> give(int value) { co_return value; }

Task<int> add_up(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const int value = co_await give(i);
    sum += value % 2;
  }
  co_return sum;
}

Task<void> keep(Task<int> task, int* into) { *into = co_await task; }

void run(ManualExecutor& executor, Gate& gate, Task<void> task) {
  executor.post([&gate, task = std::make_shared<Task<void>>(std::move(task))] { gate.spawn(std::move(*task)); });
  executor.run();
}

TEST(Tasks, a_task_does_nothing_until_it_is_awaited) {
  bool ran = false;
  const auto note = [](bool* flag) -> Task<void> {
    *flag = true;
    co_return;
  };
  {
    const Task<void> task = note(&ran);
  }
  EXPECT_FALSE(ran);
}

TEST(Tasks, a_loop_over_tasks_that_do_not_wait_needs_no_stack) {
  ManualExecutor executor;
  Gate gate;
  int sum = 0;
  constexpr int kCount = 1'000'000;
  run(executor, gate, keep(add_up(kCount), &sum));
  EXPECT_EQ(sum, kCount / 2);
}

struct Alive {
  explicit Alive(int* counter) : count(counter) { ++*count; }
  ~Alive() { --*count; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  int* count;
};

Task<void> inner_wait(Signal* signal, int* alive) {
  const Alive here(alive);
  co_await signal->wait();
}

Task<void> outer_wait(Signal* signal, int* alive) {
  const Alive here(alive);
  co_await inner_wait(signal, alive);
}

TEST(Tasks, destroying_a_root_destroys_all_that_it_awaits) {
  ManualExecutor executor;
  Signal signal;
  int alive = 0;
  {
    Gate gate;
    run(executor, gate, outer_wait(&signal, &alive));
    EXPECT_EQ(alive, 2);
    EXPECT_EQ(gate.running(), 1U);
  }
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(signal.has_waiters());
}

TEST(Gates, count_and_drain) {
  ManualExecutor executor;
  Gate gate;
  Gate outer;
  Signal signal;
  int alive = 0;
  bool drained = false;
  const auto wait_for_all = [](Gate* of, bool* flag) -> Task<void> {
    co_await of->drained();
    *flag = true;
  };
  run(executor, gate, outer_wait(&signal, &alive));
  run(executor, gate, outer_wait(&signal, &alive));
  run(executor, outer, wait_for_all(&gate, &drained));
  EXPECT_EQ(gate.running(), 2U);
  EXPECT_FALSE(drained);
  executor.post([&] { signal.notify_one(); });
  executor.run();
  EXPECT_EQ(gate.running(), 1U);
  EXPECT_FALSE(drained);
  executor.post([&] { signal.notify_all(); });
  executor.run();
  EXPECT_EQ(gate.running(), 0U);
  EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace smarthl7::env
