// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sftp_server.h"

#include <fmt/format.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/hub.h"

namespace smarthl7::testing {
namespace {

namespace fs = std::filesystem;

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

void run(const std::vector<std::string>& arguments) {
  const Finished finished = run_command(arguments);
  if (finished.code == 0) return;
  std::fprintf(stderr, "%s ended with %d: %s\n", arguments[0].c_str(), finished.code, finished.output.c_str());
  std::abort();
}

/// "pid (name) state ppid ...": the parent.
pid_t parent_of(pid_t process) {
  const std::string stat = read("/proc/" + std::to_string(process) + "/stat");
  const auto at = stat.rfind(") ");
  if (at == std::string::npos) return 0;
  return static_cast<pid_t>(std::strtol(stat.c_str() + at + 4, nullptr, 10));
}

}  // namespace

SftpServer::SftpServer(std::string folder, std::vector<std::string> lines, std::size_t largest_kib)
    : folder_(std::move(folder)), port_(free_port()), largest_kib_(largest_kib) {
  const passwd* me = ::getpwuid(::getuid());
  user_ = me == nullptr ? "root" : me->pw_name;
  fs::create_directories(folder_);
  if (::getuid() == 0) ::mkdir("/run/sshd", 0755);  // where it keeps its unprivileged half; a package makes it at boot
  make_keys();
  write_configuration(lines);
  start();
}

SftpServer::~SftpServer() { kill_now(); }

/// Once for all servers of the program: an RSA key takes its time.
void SftpServer::make_keys() const {
  static const ScratchFolder keys("ssh_keys");
  const auto make = [this](const std::string& name, const std::string& kind, const std::string& passphrase) {
    const std::string made = keys.path() + "/" + name;
    if (!fs::exists(made)) run({"/usr/bin/ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", made});
    for (const std::string ending : {"", ".pub"}) fs::copy_file(made + ending, folder_ + "/" + name + ending);
  };
  for (const std::string kind : {"rsa", "ecdsa", "ed25519"}) {
    make("host_" + kind, kind, "");
    make("user_" + kind, kind, "");
  }
  make("host_other", "ed25519", "");
  make("user_locked", "ed25519", kPassphrase);
  make("user_stranger", "ed25519", "");
  std::ofstream authorized(folder_ + "/authorized", std::ios::binary);
  for (const std::string kind : {"rsa", "ecdsa", "ed25519", "locked"}) authorized << read(folder_ + "/user_" + kind + ".pub");
}

void SftpServer::write_configuration(const std::vector<std::string>& lines) const {
  std::ofstream out(folder_ + "/sshd_config", std::ios::binary);
  for (const std::string& line : lines) out << line << "\n";  // the first of a word counts
  out << fmt::format("Port {}\nListenAddress 127.0.0.1\nAuthorizedKeysFile {}/authorized\n", port_, folder_)
      << "StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
      << "PermitRootLogin prohibit-password\nMaxStartups 100\nSubsystem sftp internal-sftp\n";
  for (const std::string kind : {"rsa", "ecdsa", "ed25519"}) out << "HostKey " << folder_ << "/host_" << kind << "\n";
}

void SftpServer::start() {
  const std::string log_file = folder_ + "/sshd.log";
  const std::size_t before = log().size();
  std::string command = "exec /usr/sbin/sshd -D -e -f " + folder_ + "/sshd_config";
  if (largest_kib_ > 0) command = fmt::format("trap '' XFSZ; ulimit -f {}; {}", largest_kib_ * 2, command);  // of 512 bytes
  process_ = Process({"/bin/sh", "-c", command}, log_file);
  const bool listens = eventually(std::chrono::seconds(20), [&] {
    return log().find("Server listening", before) != std::string::npos || process_.poll() >= 0;
  });
  if (listens && process_.running()) return;
  std::fprintf(stderr, "sshd did not start: %s\n", log().c_str());
  std::abort();
}

/// Those that came of it, and theirs.
std::vector<pid_t> SftpServer::connections() const {
  std::vector<pid_t> family{process_.id()};
  for (bool more = true; more;) {
    more = false;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      const pid_t one = static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10));
      if (std::ranges::find(family, one) != family.end()) continue;
      if (std::ranges::find(family, parent_of(one)) == family.end()) continue;
      family.push_back(one);
      more = true;
    }
  }
  family.erase(family.begin());
  return family;
}

void SftpServer::kill_now() {
  if (!process_.running()) return;
  const std::vector<pid_t> all = connections();
  process_.signal(SIGKILL);
  for (const pid_t one : all) ::kill(one, SIGKILL);
  process_.wait();
}

void SftpServer::kill_connections() const {
  for (const pid_t one : connections()) ::kill(one, SIGKILL);
}

void SftpServer::freeze() const {
  for (const pid_t one : connections()) ::kill(one, SIGSTOP);
}

void SftpServer::thaw() const {
  for (const pid_t one : connections()) ::kill(one, SIGCONT);
}

std::string SftpServer::key(const std::string& kind) const { return read(folder_ + "/user_" + kind); }

std::string SftpServer::known_hosts(const std::vector<std::string>& kinds) const {
  std::string out = "# of a test\n";
  for (const std::string& kind : kinds)
    out += fmt::format("[127.0.0.1]:{} {}", port_, read(folder_ + "/host_" + kind + ".pub"));
  return out;
}

std::string SftpServer::fingerprint(const std::string& kind) const {
  const std::string said = run_command({"/usr/bin/ssh-keygen", "-l", "-f", folder_ + "/host_" + kind + ".pub"}).output;
  const auto at = said.find("SHA256:");
  return said.substr(at, said.find(' ', at) - at);
}

std::string SftpServer::log() const { return read(folder_ + "/sshd.log"); }

}  // namespace smarthl7::testing
