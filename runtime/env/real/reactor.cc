// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <signal.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <thread>

#include "runtime/env/real/reactor_impl.h"

namespace smarthl7::env {

namespace {
constexpr int kBatchesBeforePoll = 8;  // of posted jobs, before sockets are looked at again
}

ReactorExecutor::ReactorExecutor() : io_(1), timer_(io_.get_executor()) {}
ReactorExecutor::~ReactorExecutor() = default;

void ReactorExecutor::post(Job job) { push(Entry{nullptr, std::move(job)}); }
void ReactorExecutor::post(std::coroutine_handle<> frame) { push(Entry{frame, nullptr}); }

void ReactorExecutor::push(Entry entry) {
  if (current() == this) {
    ready_.push_back(std::move(entry));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(entry));
  }
  if (asleep_.exchange(false, std::memory_order_acq_rel)) asio::post(io_, [] {});
}

SteadyTime ReactorExecutor::now() const {
  return SteadyTime(std::chrono::duration_cast<SteadyClock::duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

TimerId ReactorExecutor::at(SteadyTime when, Job job) {
  SMARTHL7_ASSERT(current() == this, "timers are set by jobs of their executor");
  const TimerId timer = timers_.add(when, std::move(job));
  arm();
  return timer;
}

void ReactorExecutor::cancel(TimerId timer) { timers_.cancel(timer); }

void ReactorExecutor::arm() {
  // Lazy: a timer that goes off too early (its cause was cancelled) only looks again.
  const SteadyTime next = timers_.next();
  if (next >= armed_) return;
  armed_ = next;
  timer_.expires_at(std::chrono::steady_clock::time_point(next.time_since_epoch()));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_timer();
  });
}

void ReactorExecutor::on_timer() {
  armed_ = kNever;
  const SteadyTime time = now();
  while (!stop_.load(std::memory_order_relaxed)) {
    auto job = timers_.take_due(time);
    if (!job) break;
    (*job)();
  }
  arm();
}

bool ReactorExecutor::run_ready() {
  for (int batch = 0; batch < kBatchesBeforePoll && !ready_.empty(); ++batch) {
    running_.swap(ready_);
    for (Entry& entry : running_) {
      if (stop_.load(std::memory_order_relaxed)) return false;
      if (entry.frame) {
        entry.frame.resume();
      } else {
        entry.job();
      }
    }
    running_.clear();
  }
  return !ready_.empty();
}

bool ReactorExecutor::take_inbox(bool then_sleep) {
  const std::lock_guard lock(mutex_);
  if (inbox_.empty()) {
    if (then_sleep) asleep_.store(true, std::memory_order_release);
    return false;
  }
  if (ready_.empty()) {
    ready_.swap(inbox_);
  } else {
    std::move(inbox_.begin(), inbox_.end(), std::back_inserter(ready_));
    inbox_.clear();
  }
  return true;
}

void ReactorExecutor::run() {
  const Entered entered(this);
  const auto work = asio::make_work_guard(io_);
  while (!stop_.load(std::memory_order_relaxed)) {
    const bool more = run_ready();
    if (more) {
      take_inbox(false);
      io_.poll();
    } else if (!take_inbox(true)) {
      io_.run_one();
      asleep_.store(false, std::memory_order_release);
    }
  }
}

void ReactorExecutor::request_stop() {
  stop_.store(true);
  io_.stop();
}

namespace {

class Reactor final : public RealReactor {
 public:
  Reactor() : network_(make_network(executor_)) {}
  ~Reactor() override { stop(); }

  Executor& executor() override { return executor_; }
  Network& network() override { return *network_; }

  void start(std::string thread_name) override {
    SMARTHL7_ASSERT(!thread_.joinable(), "a reactor is started once");
    thread_ = std::thread([this, name = std::move(thread_name)] {
      ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
      executor_.run();
    });
  }

  void stop() override {
    if (!thread_.joinable()) return;
    SMARTHL7_ASSERT(thread_.get_id() != std::this_thread::get_id(), "a reactor does not stop itself");
    executor_.request_stop();
    thread_.join();
  }

  void on_signal(std::function<void(int)> handler) override {
    handler_ = std::move(handler);
    signals_ = std::make_unique<asio::signal_set>(executor_.io(), SIGTERM, SIGINT, SIGHUP);
    wait_for_signal();
  }

 private:
  void wait_for_signal() {
    signals_->async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      handler_(number);
      wait_for_signal();
    });
  }

  ReactorExecutor executor_;
  std::unique_ptr<Network> network_;
  std::function<void(int)> handler_;
  std::unique_ptr<asio::signal_set> signals_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<RealReactor> make_reactor() { return std::make_unique<Reactor>(); }

}  // namespace smarthl7::env
