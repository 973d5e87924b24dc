// SPDX-License-Identifier: Apache-2.0
// The reactor as network.cc sees it: an Asio io_context with an Executor around it. Internal to this folder, which is the
// only one that includes Asio. Threads: post() any; all else the reactor's own, or none while it is not running.
#pragma once

#define BOOST_ASIO_NO_DEPRECATED
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <vector>

#include "runtime/env/real/reactor_timers.h"
#include "runtime/env/real/real.h"

namespace smarthl7::env {

namespace asio = boost::asio;

class ReactorExecutor final : public Executor {
 public:
  ReactorExecutor();
  ~ReactorExecutor() override;

  void post(Job job) override;
  void post(std::coroutine_handle<> frame) override;
  TimerId at(SteadyTime when, Job job) override;
  void cancel(TimerId timer) override;
  [[nodiscard]] SteadyTime now() const override;

  [[nodiscard]] asio::io_context& io() { return io_; }
  void run();
  void request_stop();

 private:
  struct Entry {  // one or the other
    std::coroutine_handle<> frame;
    Job job;
  };
  void push(Entry entry);
  bool run_ready();
  bool take_inbox(bool then_sleep);
  void arm();
  void on_timer();

  TimerHeap timers_;
  std::vector<Entry> ready_;    // posted by this thread
  std::vector<Entry> running_;  // the batch at work
  std::mutex mutex_;
  std::vector<Entry> inbox_;          // posted by other threads; guarded by mutex_
  std::atomic<bool> asleep_ = false;  // the thread is about to wait, or waits, for the system
  std::atomic<bool> stop_ = false;
  asio::io_context io_;
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                           asio::io_context::executor_type>;
  Timer timer_;
  SteadyTime armed_ = kNever;  // when timer_ goes off
};

[[nodiscard]] std::unique_ptr<Network> make_network(ReactorExecutor& executor);

}  // namespace smarthl7::env
