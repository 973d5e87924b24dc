// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/real/network_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace smarthl7::env {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::uint16_t Address::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return 0;
}

std::string Address::host() const {
  char host[INET6_ADDRSTRLEN] = {};
  if (family() == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr, host, sizeof host);
  } else if (family() == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr, host, sizeof host);
  } else {
    return "unix";
  }
  return host;
}

std::string Address::text() const {
  const bool internet = family() == AF_INET || family() == AF_INET6;
  return internet ? Endpoint{host(), port(), {}}.text() : host();
}

std::string peer_text(int fd, const Address& address) {
  if (address.family() != AF_UNIX) return address.text();
  ucred user{};
  socklen_t size = sizeof user;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size) != 0) return address.text();
  return "unix uid " + std::to_string(user.uid);
}

Result<std::vector<Address>> literal_addresses(const Endpoint& endpoint) {
  Address address;
  if (!endpoint.unix_path.empty()) {
    auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
    if (endpoint.unix_path.size() >= sizeof un->sun_path)
      return fail(ErrorCode::invalid, "the path of the Unix socket is longer than " + std::to_string(sizeof un->sun_path - 1) +
                                          " bytes: " + endpoint.unix_path);
    un->sun_family = AF_UNIX;
    std::memcpy(un->sun_path, endpoint.unix_path.c_str(), endpoint.unix_path.size() + 1);
    address.size = sizeof(sockaddr_un);
    return std::vector{address};
  }
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (::inet_pton(AF_INET, endpoint.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(endpoint.port);
    address.size = sizeof *v4;
    return std::vector{address};
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET6, endpoint.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    address.size = sizeof *v6;
    return std::vector{address};
  }
  return std::vector<Address>();
}

Error resolve_error(const std::string& host, int eai_code) {
  const bool unknown = eai_code == EAI_NONAME || eai_code == EAI_NODATA;
  return Error{ErrorCode::unreachable, unknown ? "no address is known for the host `" + host + "`"
                                               : "the host `" + host + "` cannot be resolved: " + ::gai_strerror(eai_code)};
}

Result<std::vector<Address>> resolve_now(const Endpoint& endpoint) {
  TRY(auto literal, literal_addresses(endpoint));
  if (!literal.empty()) return literal;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (code != 0) return std::unexpected(resolve_error(endpoint.host, code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Address address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

Result<Descriptor> open_socket(int family) {
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot make a socket", errno);
  return socket;
}

namespace {

/// The interface alone, whatever the routes say. Linux lets anybody do that for a socket which is not bound yet.
Result<void> bind_to_interface(int fd, const std::string& name) {
  if (::if_nametoindex(name.c_str()) == 0)
    return fail(ErrorCode::unreachable, "this machine has no interface `" + name + "` now");
  if (::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.c_str(), static_cast<socklen_t>(name.size())) != 0)
    return std::unexpected(socket_error("the interface `" + name + "` cannot be used", errno));
  return {};
}

}  // namespace

Result<void> bind_via(int fd, int family, const std::string& via) {
  if (via.empty() || (family != AF_INET && family != AF_INET6)) return {};
  TRY(const auto literal, literal_addresses(Endpoint{via, 0, {}}));
  if (literal.empty()) return bind_to_interface(fd, via);
  const Address& own = literal.front();
  if (own.family() != family)
    return fail(ErrorCode::unreachable, "the address " + via + " is not of the same family as the other end's");
  if (::bind(fd, own.raw(), own.size) != 0)
    return std::unexpected(socket_error("the address " + via + " cannot be used", errno));
  return {};
}

void tune_connected(int fd, int family) {
  if (family != AF_INET && family != AF_INET6) return;
  // A peer that vanished without a word is noticed after two minutes, also when we only listen.
  const int on = 1;
  const int idle_seconds = 60;
  const int interval_seconds = 15;
  const int probes = 4;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

Error socket_error(std::string what, int error_number) {
  ErrorCode code = ErrorCode::io;
  switch (error_number) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case ENOENT:  // a Unix socket that is not there
      code = ErrorCode::unreachable;
      break;
    case ETIMEDOUT: code = ErrorCode::unreachable; break;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
    case ENOTCONN: code = ErrorCode::closed; break;
    case EADDRINUSE: code = ErrorCode::exists; break;
    case EACCES:
    case EPERM: code = ErrorCode::refused; break;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: code = ErrorCode::full; break;
    default: break;
  }
  Error error = fail_errno(std::move(what), error_number).error();
  error.code = code;
  return error;
}

namespace {

/// A socket file that nobody listens on any more is left over from a process that was killed.
Result<void> clear_stale_unix_socket(const Address& address, const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) return fail(ErrorCode::exists, path + " is there and is not a socket");
  TRY(auto probe, open_socket(AF_UNIX));
  if (::connect(probe.get(), address.raw(), address.size) == 0 || errno == EAGAIN || errno == EINPROGRESS)
    return fail(ErrorCode::exists, "another process listens on " + path);
  if (errno == ECONNREFUSED) ::unlink(path.c_str());
  return {};
}

Result<Descriptor> bind_to(const Address& address, const Endpoint& at) {
  TRY(auto socket, open_socket(address.family()));
  const int on = 1;
  if (address.family() == AF_UNIX) {
    TRY_VOID(clear_stale_unix_socket(address, at.unix_path));
  } else {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!at.via.empty()) TRY_VOID(bind_to_interface(socket.get(), at.via));
  }
  if (::bind(socket.get(), address.raw(), address.size) != 0) {
    const int number = errno;
    if (number == EADDRINUSE) return fail(ErrorCode::exists, "the address " + at.text() + " is in use by another process");
    if (number == EADDRNOTAVAIL) return fail(ErrorCode::invalid, "the address " + at.text() + " is not one of this machine");
    return std::unexpected(socket_error("cannot listen on " + at.text(), number));
  }
  // Nobody can connect before listen(), so the mode is right before the first one.
  if (address.family() == AF_UNIX && ::chmod(at.unix_path.c_str(), S_IRUSR | S_IWUSR) != 0)
    return std::unexpected(socket_error("cannot set the mode of " + at.unix_path, errno));
  if (::listen(socket.get(), 1024) != 0) {
    const int number = errno;
    if (number == EADDRINUSE) return fail(ErrorCode::exists, "the address " + at.text() + " is in use by another process");
    return std::unexpected(socket_error("cannot listen on " + at.text(), number));
  }
  return socket;
}

}  // namespace

Result<Descriptor> open_listener(const Endpoint& at, Endpoint& local) {
  TRY(const auto addresses, resolve_now(at));
  TRY(auto socket, bind_to(addresses.front(), at));
  local = at;
  if (at.unix_path.empty()) {
    Address bound;
    bound.size = sizeof bound.storage;
    if (::getsockname(socket.get(), bound.raw(), &bound.size) == 0) local.port = bound.port();
  }
  return socket;
}

}  // namespace smarthl7::env
