// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/signal.h"

#include <utility>

#include "stdlib/base/assert.h"

namespace smarthl7::env {

Signal::~Signal() { SMARTHL7_ASSERT(first_ == nullptr, "a signal was destroyed with frames waiting on it"); }

void Signal::notify_one() {
  if (first_ != nullptr) first_->wake(true);
}

void Signal::notify_all() {
  while (first_ != nullptr) first_->wake(true);
}

void Signal::Wait::await_suspend(std::coroutine_handle<> frame) {
  home_ = Executor::current();
  SMARTHL7_ASSERT(home_ != nullptr, "waiting needs an executor");
  frame_ = frame;
  before_ = signal_->last_;
  (before_ != nullptr ? before_->next_ : signal_->first_) = this;
  signal_->last_ = this;
  linked_ = true;
  if (deadline_ != kNever) {
    timer_ = home_->at(deadline_, [this] {
      timer_ = kNoTimer;
      if (linked_) wake(false);
    });
  }
}

void Signal::Wait::unlink() {
  if (!linked_) return;
  (before_ != nullptr ? before_->next_ : signal_->first_) = next_;
  (next_ != nullptr ? next_->before_ : signal_->last_) = before_;
  linked_ = false;
}

void Signal::Wait::wake(bool notified) {
  unlink();
  notified_ = notified;
  if (timer_ != kNoTimer) home_->cancel(std::exchange(timer_, kNoTimer));
  home_->post(frame_);
}

Signal::Wait::~Wait() {
  unlink();
  if (timer_ != kNoTimer) home_->cancel(timer_);
}

void sleep_until::await_suspend(std::coroutine_handle<> frame) {
  home_ = Executor::current();
  SMARTHL7_ASSERT(home_ != nullptr, "waiting needs an executor");
  timer_ = home_->at(when_, [this, frame] {
    timer_ = kNoTimer;
    frame.resume();
  });
}

sleep_until::~sleep_until() {
  if (timer_ != kNoTimer) home_->cancel(timer_);
}

}  // namespace smarthl7::env
