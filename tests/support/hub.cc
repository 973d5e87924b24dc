// SPDX-License-Identifier: Apache-2.0
#include "tests/support/hub.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

namespace smarthl7::testing {

using namespace std::chrono_literals;

bool eventually(std::chrono::seconds within, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

Hub::Hub(std::string program, std::string routes, std::string folder, std::map<std::string, std::string> settings)
    : program_(std::move(program)), routes_(std::move(routes)), folder_(std::move(folder)), settings_(std::move(settings)) {}

void Hub::start(const std::vector<std::string>& environment, const std::vector<std::string>& arguments) {
  std::vector<std::string> all{program_, "run", routes_, "--data", data()};
  for (const auto& [name, value] : settings_) {
    all.push_back("--set");
    all.push_back(name + "=" + value);
  }
  all.insert(all.end(), arguments.begin(), arguments.end());
  process_ = Process(all, folder_ + "/hub.log", environment);
}

bool Hub::ready() {
  bool answers = false;
  const bool known = eventually(60s, [&] {
    answers = ask({"status"}).is_object();
    return answers || process_.poll() != -1;  // it ended: there is nothing to wait for
  });
  return known && answers;
}

void Hub::kill_now() {
  process_.signal(SIGKILL);
  process_.wait();
}

int Hub::stop() {
  process_.signal(SIGTERM);
  return process_.wait();
}

std::string Hub::log() const {
  std::ifstream in(folder_ + "/hub.log");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

boost::json::value Hub::ask(const std::vector<std::string>& words) const {
  std::vector<std::string> all{program_};
  all.insert(all.end(), words.begin(), words.end());
  all.insert(all.end(), {"--data", data(), "--json"});
  const Finished done = run_command(all);
  boost::system::error_code error;
  auto value = boost::json::parse(done.output, error);
  return error || done.code != 0 ? boost::json::value(nullptr) : value;
}

boost::json::value Hub::get(const std::string& path) const {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = data() + "/admin.sock";
  if (fd < 0 || name.size() >= sizeof address.sun_path) return nullptr;
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  const timeval patience{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string answer;
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n";
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char chunk[16384];
    for (ssize_t got = 0; (got = ::recv(fd, chunk, sizeof chunk, 0)) > 0;) answer.append(chunk, static_cast<std::size_t>(got));
  }
  ::close(fd);
  const auto body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 200") || body == std::string::npos) return nullptr;
  boost::system::error_code error;
  auto value = boost::json::parse(answer.substr(body + 4), error);
  return error ? boost::json::value(nullptr) : value;
}

std::uint64_t Hub::queued() const {
  const auto status = get("/v1/status");
  if (!status.is_object()) return ~0ULL;
  std::uint64_t sum = 0;
  for (const auto& one : status.at("store").at("destinations").as_array()) sum += one.at("queued").to_number<std::uint64_t>();
  return sum;
}

}  // namespace smarthl7::testing
