// SPDX-License-Identifier: Apache-2.0
// A receiver that is told what to do with each connection, down to its bytes. Plain blocking code of its own.
// Ownership: closes its connections at its end. Threads: one for each connection; `serve` may be called by several.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/line.h"

namespace smarthl7::testing {

class RawReceiver {
 public:
  /// `number` counts connections from 1. The connection is closed when it returns.
  using Serve = std::function<void(int number, Line& line)>;
  RawReceiver(unsigned short port, Serve serve);
  ~RawReceiver();
  [[nodiscard]] int connections() const { return connections_.load(); }

 private:
  void accept_loop();

  const Serve serve_;
  int listener_ = -1;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace smarthl7::testing
