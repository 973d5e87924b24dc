// SPDX-License-Identifier: Apache-2.0
// A child process for tests of the real executable: started with arguments and environment, its output in a file, ended by its
// id. Ownership: the destructor kills and reaps. Threads: one.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace smarthl7::testing {

class Process {
 public:
  Process() = default;
  /// Starts `arguments[0]`; standard output and error go to `log` (appended). Aborts the test program if that fails.
  Process(const std::vector<std::string>& arguments, const std::string& log, const std::vector<std::string>& environment = {});
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  void signal(int number) const;
  /// Waits for its end: the exit code, or 128 + the signal that ended it.
  int wait();
  /// The same if it has ended already; -1 while it runs.
  int poll();
  [[nodiscard]] bool running() const { return pid_ > 0; }
  [[nodiscard]] pid_t id() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

/// Runs to the end; output and exit code.
struct Finished {
  int code = 0;
  std::string output;
};
[[nodiscard]] Finished run_command(const std::vector<std::string>& arguments);

/// A port of loopback that was free a moment ago.
[[nodiscard]] unsigned short free_port();

/// A fresh folder that is removed at the end.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& name);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace smarthl7::testing
