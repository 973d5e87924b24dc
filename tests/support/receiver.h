// SPDX-License-Identifier: Apache-2.0
// A receiver that behaves as told: for each arrival of a message a script says what is answered; without one it takes
// everything and answers AA. Plain blocking code of its own. Threads: one for each connection; the script is called under a
// lock.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace smarthl7::testing {

struct Behaviour {
  std::string answer;  // the whole message; empty: nothing is answered
  int delay_ms = 0;    // before it
  bool close = false;  // after it
};

[[nodiscard]] std::string answer_to(const std::string& id, const std::string& code, const std::string& more = "");

class ScriptedReceiver {
 public:
  /// `time` counts the arrivals of that control id from 1.
  using Script = std::function<Behaviour(const std::string& id, int time)>;
  /// Port 0: any free one.
  explicit ScriptedReceiver(unsigned short port = 0, Script script = {});
  ~ScriptedReceiver();
  [[nodiscard]] unsigned short port() const { return port_; }
  /// From now on each answer waits so long, whatever the script says of it.
  void slow_down(int milliseconds) { slow_ms_ = milliseconds; }
  [[nodiscard]] std::vector<std::string> arrivals() const;  // control ids in order of arrival
  [[nodiscard]] std::size_t count() const;
  /// As they came. Kept only for a script: one that takes everything may take very many.
  [[nodiscard]] std::vector<std::string> messages() const;

 private:
  void accept_loop();
  void serve(int fd);
  Behaviour note(const std::string& message);

  const Script script_;
  int listener_ = -1;
  unsigned short port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> slow_ms_{0};
  mutable std::mutex mutex_;
  std::map<std::string, int> times_;
  std::vector<std::string> arrivals_;
  std::vector<std::string> messages_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace smarthl7::testing
