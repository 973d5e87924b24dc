// SPDX-License-Identifier: Apache-2.0
// A real OpenSSH server on a port of loopback, with keys and a configuration of its own in a scratch folder; it lets the user
// in who runs the tests, and touches no account. Ownership: its processes end with this. Threads: one. Failure: aborts the test
// program if it cannot be started.
#pragma once

#include <string>
#include <vector>

#include "tests/support/process.h"

namespace smarthl7::testing {

class SftpServer {
 public:
  /// `folder` takes keys, configuration and log; `lines` are added to sshd_config; a file cannot become larger than
  /// `largest_kib`, as on a disk that is full (0: it can).
  explicit SftpServer(std::string folder, std::vector<std::string> lines = {}, std::size_t largest_kib = 0);
  ~SftpServer();
  SftpServer(const SftpServer&) = delete;
  SftpServer& operator=(const SftpServer&) = delete;

  void start();
  /// The server and all of its connections, as a machine that fails.
  void kill_now();
  /// The connections alone: those who wait for them see them end, and may come again.
  void kill_connections() const;
  /// They stay and do nothing until thaw().
  void freeze() const;
  void thaw() const;

  [[nodiscard]] unsigned short port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] const std::string& user() const { return user_; }
  /// The private key of the user: "rsa", "ecdsa", "ed25519"; "locked" has a passphrase, "stranger" is not let in.
  [[nodiscard]] std::string key(const std::string& kind) const;
  static constexpr const char* kPassphrase = "open sesame";
  /// Lines of known_hosts, of these kinds of host keys; of "other", none of the server's.
  [[nodiscard]] std::string known_hosts(const std::vector<std::string>& kinds = {"rsa", "ecdsa", "ed25519"}) const;
  [[nodiscard]] std::string fingerprint(const std::string& kind) const;
  [[nodiscard]] std::string log() const;

 private:
  void make_keys() const;
  void write_configuration(const std::vector<std::string>& lines) const;
  [[nodiscard]] std::vector<pid_t> connections() const;

  std::string folder_;
  std::string user_;
  unsigned short port_;
  std::size_t largest_kib_;
  Process process_;
};

}  // namespace smarthl7::testing
