// SPDX-License-Identifier: Apache-2.0
// A plain blocking sender that holds what was acknowledged to it. Shares no code with the hub, so that it cannot share its
// mistakes. Threads: its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace smarthl7::testing {

/// Sends message 1, 2, 3 ... of `make`, each until it is acknowledged with AA (a broken connection: connect anew, same
/// message).
class Sender {
 public:
  Sender(unsigned short port, std::function<std::string(std::uint64_t)> make, std::atomic<int>& unanswered);
  ~Sender() { stop(); }
  void stop();
  [[nodiscard]] std::vector<std::string> acknowledged() const;       // control ids, in order
  [[nodiscard]] std::size_t count() const { return count_.load(); }  // of them
  [[nodiscard]] const std::string& trouble() const {
    return trouble_;
  }  // an answer that must not be; empty: none. After stop()

 private:
  void work();

  unsigned short port_;
  std::function<std::string(std::uint64_t)> make_;
  std::atomic<int>& unanswered_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> acknowledged_;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace smarthl7::testing
