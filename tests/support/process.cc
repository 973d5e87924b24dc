// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace smarthl7::testing {
namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::abort();
}

std::vector<char*> pointers(const std::vector<std::string>& of) {
  std::vector<char*> out;
  for (const std::string& one : of) out.push_back(const_cast<char*>(one.c_str()));
  out.push_back(nullptr);
  return out;
}

pid_t start(const std::vector<std::string>& arguments, int output, const std::vector<std::string>& environment) {
  std::vector<std::string> all;
  for (char** at = environ; *at != nullptr; ++at) all.emplace_back(*at);
  all.insert(all.end(), environment.begin(), environment.end());
  std::vector<char*> argv = pointers(arguments);
  std::vector<char*> envp = pointers(all);
  const pid_t pid = ::fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  return pid;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::string& log,
                 const std::vector<std::string>& environment) {
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) die(log.c_str());
  pid_ = start(arguments, output, environment);
  ::close(output);
}

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    if (running()) {
      signal(SIGKILL);
      wait();
    }
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

Process::~Process() {
  if (!running()) return;
  signal(SIGKILL);
  wait();
}

void Process::signal(int number) const {
  if (running()) ::kill(pid_, number);
}

int Process::wait() {
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) die("waitpid");
  pid_ = -1;
  return code_of(status);
}

int Process::poll() {
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, WNOHANG);
  if (got == 0) return -1;
  if (got != pid_) die("waitpid");
  pid_ = -1;
  return code_of(status);
}

Finished run_command(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) die("pipe");
  const pid_t pid = start(arguments, ends[1], {});
  ::close(ends[1]);
  Finished out;
  char chunk[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], chunk, sizeof chunk)) > 0;)
    out.output.append(chunk, static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) die("waitpid");
  out.code = code_of(status);
  return out;
}

unsigned short free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    die("free port");
  ::close(fd);
  return ntohs(address.sin_port);
}

ScratchFolder::ScratchFolder(const std::string& name) {
  std::string pattern = (std::filesystem::temp_directory_path() / ("smarthl7-" + name + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) die("mkdtemp");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace smarthl7::testing
