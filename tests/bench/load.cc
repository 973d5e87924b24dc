// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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
constexpr char kStart = '\x0b';
constexpr std::string_view kEnd = "\x1c\r";

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(3);
}

void no_delay(int fd) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void send_all(int fd, std::string_view bytes) {  // small against the socket's buffer
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return;
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string_view field(std::string_view segment, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = segment.find('|');
    if (at == std::string_view::npos) return {};
    segment.remove_prefix(at + 1);
  }
  return segment.substr(0, segment.find_first_of("|\r"));
}

}  // namespace

struct AckSink::State {
  int listener = -1;
  int epoll = -1;
  int wake = -1;
  unsigned short port = 0;
  std::atomic<std::uint64_t> count{0};
  std::vector<std::string> pending;  // by descriptor
  std::thread thread;

  void add(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_all() {
    while (true) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) return;
      no_delay(fd);
      if (pending.size() <= static_cast<std::size_t>(fd)) pending.resize(static_cast<std::size_t>(fd) + 1);
      pending[static_cast<std::size_t>(fd)].clear();
      add(fd);
    }
  }

  void serve(int fd) {
    char chunk[65536];
    const ssize_t got = ::recv(fd, chunk, sizeof chunk, 0);
    if (got <= 0) {
      if (got < 0 && errno == EAGAIN) return;
      ::close(fd);
      return;
    }
    std::string& in = pending[static_cast<std::size_t>(fd)];
    in.append(chunk, static_cast<std::size_t>(got));
    for (std::size_t end = 0; (end = in.find(kEnd)) != std::string::npos;) {
      const std::string_view message = std::string_view(in).substr(1, end - 1);
      const std::string id(field(message, 9));
      send_all(fd, std::string(1, kStart) + "MSH|^~\\&|SINK|S|HUB|H|20260101||ACK|" + id + "|P|2.5.1\rMSA|AA|" + id + "\r" +
                       std::string(kEnd));
      count.fetch_add(1, std::memory_order_relaxed);
      in.erase(0, end + kEnd.size());
    }
  }

  void loop() {
    epoll_event events[64];
    while (true) {
      const int n = ::epoll_wait(epoll, events, 64, -1);
      for (int i = 0; i < n; ++i) {
        if (events[i].data.fd == wake) return;
        if (events[i].data.fd == listener) {
          accept_all();
        } else {
          serve(events[i].data.fd);
        }
      }
    }
  }
};

AckSink::AckSink() : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(s.listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(s.listener, 256) != 0 ||
      ::getsockname(s.listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    die("sink");
  s.port = ntohs(address.sin_port);
  s.epoll = ::epoll_create1(EPOLL_CLOEXEC);
  s.wake = ::eventfd(0, EFD_CLOEXEC);
  s.add(s.listener);
  s.add(s.wake);
  s.thread = std::thread([&s] { s.loop(); });
}

AckSink::~AckSink() {
  const std::uint64_t one = 1;
  if (::write(state_->wake, &one, sizeof one) != sizeof one) die("wake");
  state_->thread.join();
  ::close(state_->listener);
  ::close(state_->epoll);
  ::close(state_->wake);
}

unsigned short AckSink::port() const { return state_->port; }
std::uint64_t AckSink::count() const { return state_->count.load(std::memory_order_relaxed); }

namespace {

struct Connection {
  int fd = -1;
  Clock::time_point sent_at;
  std::string pending;
  bool waiting = false;
};

class Load {
 public:
  explicit Load(const LoadOptions& options) : options_(options) {
    testing::OruOptions oru;
    oru.control_prefix = options.prefix;
    for (std::uint64_t n = 0; n < kBodies; ++n) {
      std::string body = kStart + testing::make_oru(oru, n) + std::string(kEnd);
      const std::size_t at = body.find(testing::oru_control_id(oru, n)) + options.prefix.size();
      bodies_.push_back({std::move(body), at});
    }
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  }
  ~Load() {
    for (const Connection& c : connections_) ::close(c.fd);
    ::close(epoll_);
  }

  LoadResult run() {
    connect();
    const auto start = Clock::now();
    const auto end = start + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(options_.seconds > 0 ? options_.seconds : 1e6));
    for (Connection& c : connections_) send_next(c);
    epoll_event events[64];
    while (waiting_ > 0) {
      const int n = ::epoll_wait(epoll_, events, 64, 30'000);
      if (n == 0) {
        std::fputs("load: no answer for 30 s\n", stderr);
        std::exit(1);
      }
      for (int i = 0; i < n; ++i) receive(connections_[events[i].data.u32], end);
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::sort(latencies_.begin(), latencies_.end());
    if (!latencies_.empty()) {
      result_.p50_ms = latencies_[latencies_.size() / 2] / 1e3;
      result_.p99_ms = latencies_[latencies_.size() * 99 / 100] / 1e3;
    }
    return result_;
  }

 private:
  static constexpr std::uint64_t kBodies = 512;
  struct Body {
    std::string frame;
    std::size_t number_at;
  };

  void connect() {
    connections_.resize(options_.connections);
    for (std::uint32_t i = 0; i < options_.connections; ++i) {
      Connection& c = connections_[i];
      c.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(options_.port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (::connect(c.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("load: connect");
      no_delay(c.fd);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
    }
  }

  void send_next(Connection& c) {
    if (options_.messages > 0 && sent_ >= options_.messages) return;
    Body& body = bodies_[sent_ % kBodies];
    char digits[24];
    std::snprintf(digits, sizeof digits, "%010llu", static_cast<unsigned long long>(++sent_));
    std::memcpy(body.frame.data() + body.number_at, digits, 10);
    c.sent_at = Clock::now();
    c.waiting = true;
    ++waiting_;
    send_all(c.fd, body.frame);
  }

  void receive(Connection& c, Clock::time_point end) {
    char chunk[8192];
    const ssize_t got = ::recv(c.fd, chunk, sizeof chunk, 0);
    if (got <= 0) {
      std::fputs("load: the connection was closed\n", stderr);
      std::exit(1);
    }
    c.pending.append(chunk, static_cast<std::size_t>(got));
    const std::size_t at = c.pending.find(kEnd);
    if (at == std::string::npos) return;
    const auto now = Clock::now();
    latencies_.push_back(static_cast<float>(std::chrono::duration<double, std::micro>(now - c.sent_at).count()));
    if (c.pending.find("\rMSA|AA|") != std::string::npos) {
      ++result_.acknowledged;
    } else {
      ++result_.refused;
    }
    c.pending.erase(0, at + kEnd.size());
    c.waiting = false;
    --waiting_;
    if (now < end) send_next(c);
  }

  LoadOptions options_;
  std::vector<Body> bodies_;
  std::vector<Connection> connections_;
  std::vector<float> latencies_;
  LoadResult result_;
  int epoll_ = -1;
  std::uint64_t sent_ = 0;
  unsigned waiting_ = 0;
};

}  // namespace

LoadResult run_load(const LoadOptions& options) {
  const auto load = std::make_unique<Load>(options);
  return load->run();
}

}  // namespace smarthl7::bench
