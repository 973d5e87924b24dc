// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/https_load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "tests/support/oru_generator.h"

namespace smarthl7::bench {

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "https load: %s\n", what);
  std::exit(3);
}

class Connection {
 public:
  Connection(SSL_CTX* context, unsigned short port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
    const int yes = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    if (SSL_connect(ssl_) != 1) die("handshake");
  }
  ~Connection() {
    SSL_free(ssl_);
    ::close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The response to it, head and body.
  std::string_view exchange(const std::string& request) {
    if (SSL_write(ssl_, request.data(), static_cast<int>(request.size())) <= 0) die("write");
    in_.clear();
    std::size_t due = 0;
    while (due == 0 || in_.size() < due) {
      char chunk[16384];
      const int got = SSL_read(ssl_, chunk, sizeof chunk);
      if (got <= 0) die("the connection was closed");
      in_.append(chunk, static_cast<std::size_t>(got));
      const std::size_t end = in_.find("\r\n\r\n");
      if (due != 0 || end == std::string::npos) continue;
      const std::size_t at = in_.find("Content-Length: ");
      if (at == std::string::npos || at > end) die("a response without length");
      due = end + 4 + std::strtoull(in_.c_str() + at + 16, nullptr, 10);
    }
    return in_;
  }

 private:
  int fd_;
  SSL* ssl_ = nullptr;
  std::string in_;
};

struct Share {
  std::vector<float> latencies;
  std::uint64_t good = 0;
  std::uint64_t other = 0;
};

void post_all(Connection& connection, const LoadOptions& options, unsigned number, std::string_view due, Clock::time_point end,
              Share& share) {
  testing::OruOptions oru;
  oru.control_prefix = options.prefix + std::to_string(number) + "n";
  for (std::uint64_t n = 0; Clock::now() < end; ++n) {
    const std::string body = testing::make_oru(oru, n);
    const std::string request = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/hl7-v2\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
    const auto sent_at = Clock::now();
    const std::string_view answer = connection.exchange(request);
    share.latencies.push_back(std::chrono::duration<float, std::micro>(Clock::now() - sent_at).count());
    const bool good = answer.starts_with("HTTP/1.1 200") && answer.find(due) != std::string_view::npos;
    ++(good ? share.good : share.other);
  }
}

}  // namespace

LoadResult run_https_load(const LoadOptions& options, std::string_view due) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  std::vector<std::unique_ptr<Connection>> connections;
  for (unsigned i = 0; i < options.connections; ++i) connections.push_back(std::make_unique<Connection>(context, options.port));
  std::vector<Share> shares(options.connections);
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < options.connections; ++i)
      threads.emplace_back([&, i] { post_all(*connections[i], options, i, due, end, shares[i]); });
  }
  LoadResult result;
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::vector<float> latencies;
  for (const Share& share : shares) {
    result.acknowledged += share.good;
    result.refused += share.other;
    latencies.insert(latencies.end(), share.latencies.begin(), share.latencies.end());
  }
  std::sort(latencies.begin(), latencies.end());
  if (!latencies.empty()) {
    result.p50_ms = latencies[latencies.size() / 2] / 1e3;
    result.p99_ms = latencies[latencies.size() * 99 / 100] / 1e3;
  }
  connections.clear();
  SSL_CTX_free(context);
  return result;
}

}  // namespace smarthl7::bench
