// SPDX-License-Identifier: Apache-2.0
// Plain blocking peers for the crash tests: senders that hold what was acknowledged to them, sinks that hold what arrived. They
// share no code with the hub, so that they cannot share its mistakes. Threads: each Sender and each connection of a Sink has
// its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace smarthl7::testing {

/// One blocking MLLP connection.
class Line {
 public:
  Line() = default;
  explicit Line(int fd) : fd_(fd) {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { close(); }

  bool connect(unsigned short port);
  void close();
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  bool write_frame(const std::string& message);
  bool write_raw(const std::string& bytes);  // without framing
  /// The next frame's content; false at the end of the connection or after `seconds`.
  bool read_frame(std::string& message, int seconds);

 private:
  int fd_ = -1;
  std::string pending_;
};

/// MSH-10 of a message; MSA-1 and MSA-2 of an answer.
[[nodiscard]] std::string control_id_of(const std::string& message);
[[nodiscard]] std::pair<std::string, std::string> msa_of(const std::string& answer);

/// Takes everything, answers AA after noting it.
class Sink {
 public:
  Sink();
  ~Sink();
  [[nodiscard]] unsigned short port() const { return port_; }
  [[nodiscard]] std::vector<std::string> arrivals() const;  // control ids in order of arrival
  [[nodiscard]] std::size_t count() const;

 private:
  void accept_loop();
  void serve(int fd);

  int listener_ = -1;
  unsigned short port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> arrivals_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Sends message 1, 2, 3 ... of `make`, each until it is acknowledged with AA (a broken connection: connect anew, same
/// message).
class Sender {
 public:
  Sender(unsigned short port, std::function<std::string(std::uint64_t)> make, std::atomic<int>& unanswered);
  ~Sender() { stop(); }
  void stop();
  [[nodiscard]] std::vector<std::string> acknowledged() const;  // control ids, in order
  [[nodiscard]] const std::string& trouble() const {
    return trouble_;
  }  // an answer that must not be; empty: none. After stop()

 private:
  void work();

  unsigned short port_;
  std::function<std::string(std::uint64_t)> make_;
  std::atomic<int>& unanswered_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> acknowledged_;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace smarthl7::testing
