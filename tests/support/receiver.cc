// SPDX-License-Identifier: Apache-2.0
#include "tests/support/receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/support/line.h"

namespace smarthl7::testing {

std::string answer_to(const std::string& id, const std::string& code, const std::string& more) {
  return "MSH|^~\\&|R|R|HUB|H|20260101||ACK|" + id + "|P|2.5.1\rMSA|" + code + "|" + id + "\r" + more;
}

ScriptedReceiver::ScriptedReceiver(unsigned short port, Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("scripted receiver");
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

void ScriptedReceiver::accept_loop() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

Behaviour ScriptedReceiver::note(const std::string& message) {
  std::string id = control_id_of(message);
  const std::lock_guard lock(mutex_);
  arrivals_.push_back(id);
  if (!script_) return {answer_to(id, "AA")};
  messages_.push_back(message);
  const int time = ++times_[id];
  return script_(id, time);
}

void ScriptedReceiver::serve(int fd) {
  Line line(fd);
  std::string message;
  while (!stopping_ && line.read_frame(message, 600)) {
    const Behaviour behaviour = note(message);
    const int delay = std::max(behaviour.delay_ms, slow_ms_.load());
    if (delay > 0) std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    if (!behaviour.answer.empty() && !line.write_frame(behaviour.answer)) break;
    if (behaviour.close) break;
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
}

ScriptedReceiver::~ScriptedReceiver() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  ::close(listener_);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

std::vector<std::string> ScriptedReceiver::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

std::size_t ScriptedReceiver::count() const {
  const std::lock_guard lock(mutex_);
  return arrivals_.size();
}

std::vector<std::string> ScriptedReceiver::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

}  // namespace smarthl7::testing
