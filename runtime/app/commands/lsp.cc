// SPDX-License-Identifier: Apache-2.0
// lsp: the language server on standard input and output. A thread reads, so that a cancelled request is known before it is
// worked on; the main thread answers, and checks when the client has been quiet for a moment.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "compiler/lsp/frames.h"
#include "compiler/lsp/server.h"
#include "runtime/app/commands/commands.h"

extern char** environ;

namespace smarthl7::app {
namespace {

using Clock = std::chrono::steady_clock;

// A project that is checked faster than people type is checked at each keystroke; a larger one when the typing pauses for as
// long as a check takes.
constexpr auto kFast = std::chrono::milliseconds(60);
constexpr auto kLeastPause = std::chrono::milliseconds(2);
constexpr auto kMostPause = std::chrono::milliseconds(300);

/// What has come and was not handled yet. Shared by the reading thread and the main one.
class Inbox {
 public:
  void put(std::string message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    changed_.notify_one();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }
  /// All that is there; waits until something is, or until the time. Empty and closed: nothing comes any more.
  std::vector<std::string> take(const Clock::time_point* until) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return !messages_.empty() || closed_; };
    if (until == nullptr) {
      changed_.wait(lock, ready);
    } else {
      changed_.wait_until(lock, *until, ready);
    }
    return std::exchange(messages_, {});
  }
  [[nodiscard]] bool done() {
    const std::lock_guard lock(mutex_);
    return closed_ && messages_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> messages_;
  bool closed_ = false;
};

void read_all(Inbox& inbox) {
  lsp::FrameReader reader;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    reader.feed({buffer.data(), static_cast<std::size_t>(got)});
    while (auto message = reader.next()) inbox.put(std::move(*message));
  }
  inbox.close();
}

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;  // the client is gone; reading will say so
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

/// `smarthl7 test` as a process of its own: what goes wrong in a test does not end the server.
lsp::TestRun run_tests(const std::string& folder, const std::string& title) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {false, "cannot make a pipe for the tests"};
  std::vector<std::string> words = {"smarthl7", "test", folder};
  if (!title.empty()) words.insert(words.end(), {"--filter", title});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  lsp::TestRun run;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; failed == 0 && (got = ::read(ends[0], buffer.data(), buffer.size())) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    run.output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  if (failed != 0 || ::waitpid(child, &status, 0) != child) return {false, "cannot start `smarthl7 test`"};
  run.passed = WIFEXITED(status) && WEXITSTATUS(status) == kFine;
  return run;
}

}  // namespace

int language_server(const std::string& version) {
  lsp::Host host;
  host.send = [](std::string_view message) { write_all(lsp::framed(message)); };
  host.run_test = run_tests;
  host.version = version;
  lsp::Server server(std::move(host));
  Inbox inbox;
  std::thread reader([&inbox] { read_all(inbox); });
  Clock::duration pause = kLeastPause;
  Clock::time_point quiet_at{};
  while (!server.ended() && !inbox.done()) {
    const bool dirty = server.dirty();
    const auto messages = inbox.take(dirty ? &quiet_at : nullptr);
    if (!messages.empty()) {
      server.handle(messages);
      quiet_at = Clock::now() + pause;
      continue;
    }
    if (!server.dirty()) continue;
    const auto begin = Clock::now();
    server.check();
    const Clock::duration took = Clock::now() - begin;
    pause = took < kFast ? Clock::duration(kLeastPause) : std::min<Clock::duration>(took, kMostPause);
  }
  if (server.ended()) {
    // The reader may wait for a client that keeps its end open: nothing is left to do for it.
    std::cout.flush();
    ::_exit(server.exit_code());
  }
  reader.join();
  return kEnvironment;  // the client is gone without `exit`
}

}  // namespace smarthl7::app
