// SPDX-License-Identifier: Apache-2.0
// The operating system's side of runtime/env: reactors on threads, sockets, files, clocks.
// Ownership: the caller owns what the make_ functions return; a RealReactor outlives its streams and listeners.
// Threads: a RealReactor runs its own thread from start() to stop(); its network belongs to it. Disk and clock: any thread.
#pragma once

#include <memory>
#include <string>

#include "runtime/env/env.h"

namespace smarthl7::env {

/// One thread with an event loop: an Executor and the Network whose streams live on it.
class RealReactor {
 public:
  virtual ~RealReactor() = default;  // stops and joins
  virtual Executor& executor() = 0;
  virtual Network& network() = 0;
  virtual void start(std::string thread_name) = 0;
  /// Ends the loop after the job that is running; waiting frames stay where they are. Any thread but its own.
  virtual void stop() = 0;
  /// SIGTERM/SIGINT/SIGHUP as calls on this reactor. Only one reactor of a process asks for it.
  virtual void on_signal(std::function<void(int)> handler) = 0;
};

[[nodiscard]] std::unique_ptr<RealReactor> make_reactor();
[[nodiscard]] std::unique_ptr<Disk> make_real_disk();
[[nodiscard]] std::unique_ptr<Clock> make_real_clock();
[[nodiscard]] std::unique_ptr<Random> make_real_random();

}  // namespace smarthl7::env
