// SPDX-License-Identifier: Apache-2.0
// Very many connections from one process, over epoll, sharing no code with the hub. Prints one line when all are connected, and
// one with what came of it. Usage: swarm KIND PORT CONNECTIONS [MESSAGES] [PREFIX]
//   idle     connects, waits for SIGUSR1, then sends one message on each connection and waits for the answers
//   busy     sends MESSAGES on each connection, each when the one before is answered
//   trickle  begins a frame on each connection and sends a byte of it now and then; connects anew what is closed; until SIGTERM
//   flood    writes messages and never reads an answer; ends when nothing can be written for two seconds
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/support/line.h"
#include "tests/support/oru_generator.h"

namespace smarthl7::testing {
namespace {

using Clock = std::chrono::steady_clock;
volatile sig_atomic_t told_to_send = 0;
volatile sig_atomic_t told_to_end = 0;

struct Connection {
  int fd = -1;
  std::string out;
  std::size_t written = 0;
  std::string in;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  Clock::time_point since;
};

class Swarm {
 public:
  Swarm(unsigned short port, std::size_t count, std::uint64_t messages, std::string prefix, bool reads)
      : port_(port),
        messages_(messages),
        prefix_(std::move(prefix)),
        reads_(reads),
        connections_(count),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < count; ++i) connect(i);
    std::printf("ready %zu of %zu\n", count - failed_, count);
    std::fflush(stdout);
  }

  int idle() {
    while (told_to_send == 0 && told_to_end == 0) ::pause();
    messages_ = 1;
    return busy();
  }

  int busy() {
    for (std::size_t i = 0; i < connections_.size(); ++i) next_message(i);
    while (finished_ + failed_ < connections_.size() && told_to_end == 0) turn(1000);
    std::sort(times_.begin(), times_.end());
    const auto at = [&](double part) {
      return times_.empty() ? 0.0 : times_[static_cast<std::size_t>(part * static_cast<double>(times_.size() - 1))];
    };
    std::printf("answered %llu, not AA %llu, broken %zu, p50 %.2f ms, p99 %.2f ms\n",
                static_cast<unsigned long long>(answered_), static_cast<unsigned long long>(refused_), failed_, at(0.5),
                at(0.99));
    return answered_ == messages_ * connections_.size() ? 0 : 1;
  }

  int trickle() {
    const std::string frame = "\x0b" + message(0, 1);
    std::vector<std::size_t> at(connections_.size(), 0);
    std::uint64_t bytes = 0;
    std::uint64_t anew = 0;
    while (told_to_end == 0) {
      for (std::size_t i = 0; i < connections_.size() && told_to_end == 0; ++i) {
        Connection& one = connections_[i];
        if (one.fd < 0 || ::send(one.fd, &frame[at[i] % frame.size()], 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) {
          if (one.fd >= 0) ::close(one.fd);
          one.fd = -1;
          at[i] = 0;
          ++anew;
          connect(i);
        } else {
          at[i] = std::min(at[i] + 1, frame.size() - 1);
          ++bytes;
        }
      }
      ::usleep(50'000);
    }
    std::printf("trickled %llu bytes, connected anew %llu times\n", static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(anew));
    return 0;
  }

  int flood() {
    const std::string frame = "\x0b" + message(0, 1) + "\x1c\r";
    std::uint64_t bytes = 0;
    auto last = Clock::now();
    while (told_to_end == 0 && Clock::now() - last < std::chrono::seconds(2)) {
      bool any = false;
      for (Connection& one : connections_) {
        if (one.fd < 0) continue;
        const ssize_t n = ::send(one.fd, frame.data() + one.written, frame.size() - one.written, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
          bytes += static_cast<std::uint64_t>(n);
          one.written = (one.written + static_cast<std::size_t>(n)) % frame.size();
          any = true;
        } else if (errno != EAGAIN) {
          ::close(one.fd);
          one.fd = -1;
        }
      }
      if (any)
        last = Clock::now();
      else
        ::usleep(10'000);
    }
    std::printf("flooded %llu bytes until nothing was taken\n", static_cast<unsigned long long>(bytes));
    std::fflush(stdout);
    while (told_to_end == 0) ::pause();
    return 0;
  }

 private:
  std::string message(std::size_t connection, std::uint64_t n) const {
    OruOptions options;
    options.seed = connection + 1;
    options.control_prefix = prefix_ + std::to_string(connection) + "X";
    std::string text = make_oru(options, n);
    const std::string id =
        oru_control_id(options, n);  // longer than a version may allow: shorten to prefix, connection, number
    return text.replace(text.find(id), id.size(), prefix_ + std::to_string(connection) + "X" + std::to_string(n));
  }

  void connect(std::size_t i) {
    Connection& one = connections_[i];
    one.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int small = 4096;
    if (!reads_ && one.fd >= 0) ::setsockopt(one.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (one.fd < 0 || ::connect(one.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fail(one);
      return;
    }
    ::fcntl(one.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &event);
  }

  void fail(Connection& one) {
    if (one.fd >= 0) ::close(one.fd);
    one.fd = -1;
    ++failed_;
  }

  void next_message(std::size_t i) {
    Connection& one = connections_[i];
    if (one.fd < 0) return;
    if (one.sent == messages_) {
      ++finished_;
      return;
    }
    one.out = "\x0b" + message(i, ++one.sent) + "\x1c\r";
    one.written = 0;
    one.since = Clock::now();
    write(i);
  }

  void write(std::size_t i) {
    Connection& one = connections_[i];
    while (one.written < one.out.size()) {
      const ssize_t n = ::send(one.fd, one.out.data() + one.written, one.out.size() - one.written, MSG_NOSIGNAL);
      if (n <= 0 && errno != EAGAIN) return fail(one);
      if (n <= 0) break;
      one.written += static_cast<std::size_t>(n);
    }
    epoll_event event{};
    event.events = one.written < one.out.size() ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, one.fd, &event);
  }

  void turn(int milliseconds) {
    epoll_event events[256];
    const int count = ::epoll_wait(epoll_, events, 256, milliseconds);
    for (int e = 0; e < count; ++e) {
      const auto i = static_cast<std::size_t>(events[e].data.u64);
      Connection& one = connections_[i];
      if (one.fd >= 0 && (events[e].events & EPOLLOUT) != 0) write(i);
      if (one.fd >= 0 && (events[e].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(i);
    }
  }

  void read(std::size_t i) {
    Connection& one = connections_[i];
    char chunk[8192];
    const ssize_t got = ::recv(one.fd, chunk, sizeof chunk, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return fail(one);
    one.in.append(chunk, static_cast<std::size_t>(got));
    const auto end = one.in.find("\x1c\r");
    if (end == std::string::npos) return;
    const auto [code, id] = msa_of(one.in);
    (code == "AA" ? answered_ : refused_) += 1;
    times_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - one.since).count());
    one.in.erase(0, end + 2);
    next_message(i);
  }

  unsigned short port_;
  std::uint64_t messages_;
  std::string prefix_;
  bool reads_;
  std::vector<Connection> connections_;
  int epoll_;
  std::size_t failed_ = 0;
  std::size_t finished_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t refused_ = 0;
  std::vector<double> times_;
};

int run(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string kind = argv[1];
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::signal(SIGUSR1, [](int) { told_to_send = 1; });
  ::signal(SIGTERM, [](int) { told_to_end = 1; });
  Swarm swarm(static_cast<unsigned short>(std::atoi(argv[2])), static_cast<std::size_t>(std::atoll(argv[3])),
              argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1, argc > 5 ? argv[5] : "W", kind != "flood");
  if (kind == "idle") return swarm.idle();
  if (kind == "busy") return swarm.busy();
  if (kind == "trickle") return swarm.trickle();
  if (kind == "flood") return swarm.flood();
  return 2;
}

}  // namespace
}  // namespace smarthl7::testing

int main(int argc, char** argv) { return smarthl7::testing::run(argc, argv); }
