// SPDX-License-Identifier: Apache-2.0
#include "tests/support/line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

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

void Line::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

bool Line::ends(int seconds) {
  set_timeout(fd_, seconds);
  char chunk[16384];
  while (true) {
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got == 0) return true;
    if (got < 0) return errno != EAGAIN && errno != EINTR;
  }
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

std::string control_id_of(const std::string& message) {
  if (message.starts_with("FHS") || message.starts_with("BHS")) {
    const std::size_t header = message.find("BHS|");
    return header == std::string::npos ? std::string() : field(message.substr(header), 10);
  }
  return field(message, 9);  // MSH-1 is the first bar itself
}

std::pair<std::string, std::string> msa_of(const std::string& answer) {
  const std::size_t at = answer.find("\rMSA|");
  if (at == std::string::npos) return {};
  const std::string segment = answer.substr(at + 1);
  return {field(segment, 1), field(segment, 2)};
}

}  // namespace smarthl7::testing
