// SPDX-License-Identifier: Apache-2.0
// The real hub as a child process, and the questions that tests ask it. Needs SMARTHL7_PROGRAM at compile time of the caller.
// Ownership: the process ends with this. Threads: one.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace smarthl7::testing {

/// Polls until it holds; false if it did not within the time.
[[nodiscard]] bool eventually(std::chrono::seconds within, const std::function<bool()>& holds);

class Hub {
 public:
  /// `routes`: a route file or folder. Data and log lie in `folder`.
  Hub(std::string program, std::string routes, std::string folder, std::map<std::string, std::string> settings);

  void start(const std::vector<std::string>& environment = {}, const std::vector<std::string>& arguments = {});
  /// Waits until it answers questions; false if it ended or does not.
  [[nodiscard]] bool ready();
  void kill_now();
  /// SIGTERM; the exit code.
  int stop();
  [[nodiscard]] Process& process() { return process_; }
  [[nodiscard]] std::string data() const { return folder_ + "/data"; }
  [[nodiscard]] std::string log() const;  // what it has printed

  /// A command with --data and --json, parsed; null if it failed.
  [[nodiscard]] boost::json::value ask(const std::vector<std::string>& words) const;
  /// The admin interface asked directly (`/v1/status`), without a process for it; null if it does not answer with 200.
  [[nodiscard]] boost::json::value get(const std::string& path) const;
  /// Sum of all destinations' queues; a huge number if the hub does not answer.
  [[nodiscard]] std::uint64_t queued() const;

 private:
  std::string program_;
  std::string routes_;
  std::string folder_;
  std::map<std::string, std::string> settings_;
  Process process_;
};

}  // namespace smarthl7::testing
