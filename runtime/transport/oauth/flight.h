// SPDX-License-Identifier: Apache-2.0
// Lets many who want the same at once do it once: the first leads, the others wait until it has landed and look again.
// Ownership: a member of who is asked; its own mutex guards it, so lead(), join() and land() are called under that. Threads:
// who asks may be on any executor; wait() is on the waiter's. Failure: none; a leader that fails lands too.
#pragma once

#include <memory>
#include <vector>

#include "runtime/env/executor.h"
#include "runtime/env/stream.h"
#include "runtime/env/task.h"

namespace smarthl7::transport::oauth {

class Flight {
 public:
  struct Waiter {
    env::Executor* home = nullptr;
    env::Signal* changed = nullptr;  // null: it does not wait any more; used on `home` alone
    bool landed = false;
  };
  using Waiters = std::vector<std::shared_ptr<Waiter>>;

  /// The caller leads, and calls land() whatever happens.
  [[nodiscard]] bool lead() { return flying_ ? false : (flying_ = true); }
  [[nodiscard]] std::shared_ptr<Waiter> join(env::Executor& home, env::Abandon& abandon);
  /// Who is to be woken by wake(), without the mutex.
  [[nodiscard]] Waiters land();
  static void wake(const Waiters& waiters);
  /// False: abandoned, or too late.
  static env::Task<bool> wait(std::shared_ptr<Waiter> waiter, env::Abandon* abandon, SteadyTime deadline);

 private:
  bool flying_ = false;
  Waiters waiters_;
};

}  // namespace smarthl7::transport::oauth
