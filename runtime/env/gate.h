// SPDX-License-Identifier: Apache-2.0
// A Gate starts Tasks that nobody awaits, counts them, and waits for them at shutdown. It is the only way to start one.
// Ownership: the Gate owns the frames. Destroying a Gate with frames in it destroys them where they wait: only right
// together with the executor's queue (a crash in the simulation); elsewhere `co_await drained()` first.
// Threads: one executor.
#pragma once

#include <cstddef>

#include "runtime/env/signal.h"
#include "runtime/env/task.h"

namespace smarthl7::env {

class Gate {
 public:
  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  /// Runs the task on the spot until it first waits. Call it from a job of the executor it shall live on.
  void spawn(Task<void> task);
  [[nodiscard]] std::size_t running() const { return running_; }
  [[nodiscard]] Task<void> drained();

 private:
  struct Root;
  static Root run(Gate* gate, Task<void> task);

  void* first_ = nullptr;  // list of root promises
  std::size_t running_ = 0;
  Signal empty_;
};

}  // namespace smarthl7::env
