// SPDX-License-Identifier: Apache-2.0
// Ends calls of a library that waits for the other end without a deadline: when one takes longer than it may, or somebody says
// so, the socket is shut down, and the call returns with an error. Ownership: holds a descriptor of its own for the same
// socket, so it never meets one that was closed and given out again. Threads: any; it has one of its own, which begins with the
// first call. No failure.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace smarthl7::transport::sftp {

class Watch {
 public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  /// From now on of this socket.
  void guard(int descriptor);
  /// Shuts it down; whatever waits for it ends.
  void cut();
  /// It was cut because a call took too long.
  [[nodiscard]] bool was_silent() const;
  /// The other end has not closed it, nor have we.
  [[nodiscard]] bool open() const;

  class Call {  // while it lives, the library is in a call
   public:
    Call(Watch& watch, std::chrono::nanoseconds within);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Watch& watch_;
  };

 private:
  void run();
  void cut_locked();
  void drop_locked();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
  std::chrono::nanoseconds within_{0};
  std::uint64_t calls_ = 0;  // counts up with each
  bool in_call_ = false;
  bool asleep_ = true;
  bool ending_ = false;
  bool silent_ = false;
  bool cut_ = false;
  int descriptor_ = -1;
};

}  // namespace smarthl7::transport::sftp
