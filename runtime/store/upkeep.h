// SPDX-License-Identifier: Apache-2.0
// Where the state's work runs: on a thread of its own, or (simulation) as jobs of the writer's executor, in order either way.
// Ownership: owns the State. Threads: submit() and committed() from any; stop() from the writer's.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "runtime/store/state.h"

namespace smarthl7::store {

class Upkeep {
 public:
  using Work = std::move_only_function<void(State&)>;

  Upkeep(std::unique_ptr<State> state, env::Executor& executor, bool background);
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;
  ~Upkeep();

  /// False when it has been stopped: then `work` will not run.
  bool submit(Work work);
  /// Drops what has not begun, waits for what has, ends the thread.
  void stop();

  void set_committed(JournalPosition position);
  [[nodiscard]] JournalPosition committed() const;

 private:
  void run();
  void run_inline();

  std::unique_ptr<State> state_;
  env::Executor& executor_;
  const bool background_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;
  JournalPosition committed_;
  bool stopping_ = false;
  std::shared_ptr<Upkeep*> self_;  // null inside when this is gone: for jobs that are still posted
  std::thread thread_;
};

}  // namespace smarthl7::store
