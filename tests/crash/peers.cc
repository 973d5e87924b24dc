// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace smarthl7::testing {
namespace {

constexpr char kStart = '\x0b';
constexpr std::string_view kEnd = "\x1c\r";

void set_timeout(int fd, int seconds) {
  const timeval value{seconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
}

std::string field(const std::string& segment, std::size_t n) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < n; ++i) {
    begin = segment.find('|', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  return segment.substr(begin, segment.find_first_of("|\r", begin) - begin);
}

}  // namespace

bool Line::connect(unsigned short port) {
  close();
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close();
    return false;
  }
  const int yes = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return true;
}

void Line::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  pending_.clear();
}

bool Line::write_frame(const std::string& message) { return write_raw(kStart + message + std::string(kEnd)); }

bool Line::write_raw(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

bool Line::read_frame(std::string& message, int seconds) {
  set_timeout(fd_, seconds);
  while (true) {
    const std::size_t end = pending_.find(kEnd);
    if (end != std::string::npos) {
      const std::size_t start = pending_.find(kStart);
      message = pending_.substr(start + 1, end - start - 1);
      pending_.erase(0, end + kEnd.size());
      return true;
    }
    char chunk[16384];
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    pending_.append(chunk, static_cast<std::size_t>(got));
  }
}

std::string control_id_of(const std::string& message) { return field(message, 9); }  // MSH-1 is the first bar itself

std::pair<std::string, std::string> msa_of(const std::string& answer) {
  const std::size_t at = answer.find("\rMSA|");
  if (at == std::string::npos) return {};
  const std::string segment = answer.substr(at + 1);
  return {field(segment, 1), field(segment, 2)};
}

Sink::Sink() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("sink");
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

void Sink::accept_loop() {
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

void Sink::serve(int fd) {
  Line line(fd);
  std::string message;
  while (!stopping_ && line.read_frame(message, 600)) {
    const std::string id = control_id_of(message);
    {
      const std::lock_guard lock(mutex_);
      arrivals_.push_back(id);
    }
    if (!line.write_frame("MSH|^~\\&|SINK|S|HUB|H|20260101||ACK|" + id + "|P|2.5.1\rMSA|AA|" + id + "\r")) break;
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
}

Sink::~Sink() {
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

std::vector<std::string> Sink::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

std::size_t Sink::count() const {
  const std::lock_guard lock(mutex_);
  return arrivals_.size();
}

Sender::Sender(unsigned short port, std::function<std::string(std::uint64_t)> make, std::atomic<int>& unanswered)
    : port_(port), make_(std::move(make)), unanswered_(unanswered), thread_([this] { work(); }) {}

void Sender::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

std::vector<std::string> Sender::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

void Sender::work() {
  Line line;
  std::uint64_t n = 1;
  std::string message = make_(n);
  while (true) {
    if (!line.open() && !line.connect(port_)) {
      if (stopping_) return;  // the hub is down: what is in hand was not acknowledged
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    bool answered = false;
    std::string answer;
    if (line.write_frame(message)) {
      ++unanswered_;
      answered = line.read_frame(answer, 20);
      --unanswered_;
    }
    if (!answered) {
      line.close();
      continue;
    }
    const auto [code, id] = msa_of(answer);
    if (id != control_id_of(message)) {
      trouble_ = "answer for `" + id + "` to `" + control_id_of(message) + "`";
      return;
    }
    if (code != "AA") {  // 207 while the store stops: send again
      if (answer.find("|207") == std::string::npos) {
        trouble_ = "answer " + code + " to `" + id + "`";
        return;
      }
      line.close();
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      acknowledged_.push_back(id);
    }
    if (stopping_) return;
    message = make_(++n);
  }
}

}  // namespace smarthl7::testing
