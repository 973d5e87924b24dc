// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace smarthl7::transport::sftp {

namespace {

constexpr int kTicks = 4;  // of a call's time: it is ended after that, or a tick later

}  // namespace

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    drop_locked();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watch::drop_locked() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void Watch::guard(int descriptor) {
  const std::lock_guard lock(mutex_);
  drop_locked();
  descriptor_ = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  silent_ = cut_ = false;
}

void Watch::cut_locked() {
  if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
  cut_ = true;
}

void Watch::cut() {
  const std::lock_guard lock(mutex_);
  cut_locked();
}

bool Watch::was_silent() const {
  const std::lock_guard lock(mutex_);
  return silent_;
}

bool Watch::open() const {
  const std::lock_guard lock(mutex_);
  if (descriptor_ < 0 || cut_) return false;
  pollfd looked{descriptor_, POLLRDHUP, 0};
  return ::poll(&looked, 1, 0) == 0;
}

Watch::Call::Call(Watch& watch, std::chrono::nanoseconds within) : watch_(watch) {
  const std::lock_guard lock(watch_.mutex_);
  watch_.within_ = within;
  ++watch_.calls_;
  watch_.in_call_ = true;
  if (!watch_.thread_.joinable()) watch_.thread_ = std::thread([&watch] { watch.run(); });
  if (watch_.asleep_) watch_.changed_.notify_all();
}

Watch::Call::~Call() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.in_call_ = false;
}

/// It looks a few times in a call's time rather than being told of each call, which may be thousands a second.
void Watch::run() {
  std::unique_lock lock(mutex_);
  std::uint64_t last = 0;
  int ticks = 0;
  while (!ending_) {
    if (calls_ != last) {
      last = calls_;
      ticks = 0;
    } else if (++ticks > kTicks) {
      if (in_call_ && !cut_) {
        silent_ = true;
        cut_locked();
      }
      if (!in_call_) {
        asleep_ = true;
        changed_.wait(lock, [this] { return ending_ || in_call_; });
      }
      ticks = 0;
    }
    asleep_ = false;
    changed_.wait_for(lock, within_ / kTicks, [this] { return ending_; });
  }
}

}  // namespace smarthl7::transport::sftp
