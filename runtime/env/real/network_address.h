// SPDX-License-Identifier: Apache-2.0
// Socket addresses and plain socket calls, without Asio and without waiting. Internal to this folder. Any thread.
#pragma once

#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "runtime/env/stream.h"

namespace smarthl7::env {

class Descriptor {  // owns a file descriptor
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] std::string host() const;  // "10.1.2.3", "::1", "unix"
  [[nodiscard]] std::string text() const;  // "10.1.2.3:40112", "[::1]:2575", "unix"
  [[nodiscard]] std::uint16_t port() const;
};

/// Who is at the other end of an accepted connection: its address, or "unix uid 1000", the user that connected.
[[nodiscard]] std::string peer_text(int fd, const Address& address);

/// Of a Unix path or an IP literal; nothing for a host name. invalid: the path is too long.
[[nodiscard]] Result<std::vector<Address>> literal_addresses(const Endpoint& endpoint);
/// Of any endpoint, asking the system's resolver if need be (it may take long).
[[nodiscard]] Result<std::vector<Address>> resolve_now(const Endpoint& endpoint);
[[nodiscard]] Error resolve_error(const std::string& host, int eai_code);

[[nodiscard]] Result<Descriptor> open_socket(int family);
/// Before connect(): our side is an address of this machine, or an interface and nothing else. Empty: nothing is done.
[[nodiscard]] Result<void> bind_via(int fd, int family, const std::string& via);
/// Bound and listening. exists: the address is in use.
[[nodiscard]] Result<Descriptor> open_listener(const Endpoint& at, Endpoint& local);
/// No delay, keep-alive.
void tune_connected(int fd, int family);
/// An errno value of connect, read or write as an Error.
[[nodiscard]] Error socket_error(std::string what, int error_number);

}  // namespace smarthl7::env
