// SPDX-License-Identifier: Apache-2.0
// The language server (LSP 3.17, JSON-RPC 2.0) without its streams and clock: it gets the messages that have come, answers
// through the host, and is told when to check. `smarthl7 lsp` drives it over standard input and output; tests and the fuzzer
// drive it directly.
// Owns documents and checks; belongs to one thread. Nothing that a client sends makes it fail: what cannot be read is answered
// with an error of JSON-RPC, and what is not known is refused.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::lsp {

/// What running tests came to.
struct TestRun {
  bool passed = false;
  std::string output;  // for people
};

struct Host {
  /// Takes a whole message without its header.
  std::function<void(std::string_view message)> send;
  /// Runs the tests of the project in a folder, those with this title only if there is one; not set: this server cannot.
  std::function<TestRun(const std::string& folder, const std::string& title)> run_test;
  std::string version;
};

class Server {
 public:
  explicit Server(Host host);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Messages in the order in which they came. A request that another one of them cancels is not worked on.
  void handle(const std::vector<std::string>& messages);
  /// Texts have changed since the last check: call check() soon, when the client is quiet.
  [[nodiscard]] bool dirty() const;
  void check();

  /// `exit` came. 0 if `shutdown` came before it, as the protocol wants it.
  [[nodiscard]] bool ended() const;
  [[nodiscard]] int exit_code() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smarthl7::lsp
