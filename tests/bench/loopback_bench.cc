// SPDX-License-Identifier: Apache-2.0
// What this machine can do at most: messages of 2.5 KB and their acknowledgements over loopback, each connection waiting for
// its answer before it sends on. Two kinds: bare sockets (one epoll thread on each side, nothing parsed), and the hub's own
// mllp source and destinations with a receiver that answers at once (one reactor on each side), plain and with TLS. Usage:
// loopback_bench [SECONDS per row, 2 if absent]
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include "runtime/env/real/real.h"
#include "runtime/env/testing/run_on.h"
#include "runtime/transport/mllp/mllp.h"
#include "runtime/transport/tls/testing/certificates.h"

namespace {

using namespace smarthl7;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMessageSize = 2500;
const std::string kAnswer = "MSH|^~\\&|HUB|REGION|LAB|REGION|20261123||ACK^R01|1|P|2.5.1\rMSA|AA|1\r";

struct Rate {
  double per_second = 0;
  double cpu_micros = 0;  // of both sides, for each round trip
};

// From its making on: round trips a second, and what they cost.
class Meter {
 public:
  [[nodiscard]] Rate read(std::uint64_t count) const {
    if (count == 0) return {};
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    return {static_cast<double>(count) / seconds, (cpu_now() - cpu_) / static_cast<double>(count)};
  }

 private:
  static double cpu_now() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto micros = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return micros(usage.ru_utime) + micros(usage.ru_stime);
  }
  Clock::time_point start_ = Clock::now();
  double cpu_ = cpu_now();
};

void demand(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

// ---- bare sockets
// -----------------------------------------------------------------------------------------------------------------

int loopback_socket(sockaddr_in& address) {
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  demand(fd >= 0, "socket");
  return fd;
}

void no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// Answers `reply_size` bytes to every `request_size` bytes of each connection, on `fds`, until one is closed.
void bounce(const std::vector<int>& fds, std::size_t request_size, std::size_t reply_size, std::atomic<std::uint64_t>& count,
            const std::atomic<bool>& stop) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::size_t> got(fds.size(), 0);
  for (std::size_t i = 0; i < fds.size(); ++i) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fds[i], &event);
  }
  std::vector<char> in(65536);
  const std::vector<char> out(reply_size, 'x');
  std::vector<epoll_event> events(fds.size());
  while (!stop.load(std::memory_order_relaxed)) {
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 50);
    for (int i = 0; i < ready; ++i) {
      const std::size_t at = events[static_cast<std::size_t>(i)].data.u64;
      const ssize_t size = ::recv(fds[at], in.data(), in.size(), 0);
      if (size <= 0) continue;
      got[at] += static_cast<std::size_t>(size);
      if (got[at] < request_size) continue;
      got[at] = 0;
      count.fetch_add(1, std::memory_order_relaxed);
      demand(::send(fds[at], out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size()), "send");
    }
  }
  ::close(poll);
}

Rate bare(unsigned connections, double seconds) {
  sockaddr_in address{};
  const int listener = loopback_socket(address);
  socklen_t size = sizeof address;
  demand(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  demand(::listen(listener, 128) == 0, "listen");
  demand(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  std::vector<int> clients, servers;
  for (unsigned i = 0; i < connections; ++i) {
    sockaddr_in unused{};
    clients.push_back(loopback_socket(unused));
    demand(::connect(clients.back(), reinterpret_cast<sockaddr*>(&address), size) == 0, "connect");
    servers.push_back(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    no_delay(clients.back());
    no_delay(servers.back());
  }
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> requests{0}, answers{0};
  const std::size_t reply = kAnswer.size() + 3;
  std::thread server([&] { bounce(servers, kMessageSize, reply, requests, stop); });
  std::thread client([&] { bounce(clients, reply, kMessageSize, answers, stop); });
  const std::vector<char> first(kMessageSize, 'x');
  const Meter meter;
  for (const int fd : clients) demand(::send(fd, first.data(), first.size(), 0) == static_cast<ssize_t>(first.size()), "send");
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const Rate rate = meter.read(answers.load());
  stop = true;
  server.join();
  client.join();
  for (const int fd : clients) ::close(fd);
  for (const int fd : servers) ::close(fd);
  ::close(listener);
  return rate;
}

// ---- the hub's transport
// -----------------------------------------------------------------------------------------------------------

class AtOnce final : public transport::Receiver {
 public:
  env::Task<transport::Reply> on_message(transport::Received) override {
    transport::Reply reply;
    reply.answer = answer_;
    co_return reply;
  }

 private:
  SharedBytes answer_{kAnswer};
};

struct Sending {
  const transport::Transport* transport;
  transport::Options options;
  env::Env env;
  SharedBytes message;
  SteadyTime end{};
  std::uint64_t answered = 0;
  std::string trouble{};
};

env::Task<void> send_on_one(Sending* sending) {
  auto destination = std::move(sending->transport->make_destination(sending->options, sending->env).value());
  env::Executor& executor = sending->env.executor;
  Result<void> connected = co_await destination->connect(executor.now() + 10s);
  if (!connected) sending->trouble = connected.error().describe();
  while (connected && executor.now() < sending->end) {
    transport::Sent sent = co_await destination->send(sending->message, executor.now() + 30s);
    if (sent.outcome != transport::Sent::Outcome::answered) {
      sending->trouble = sent.error.describe();
      break;
    }
    ++sending->answered;
  }
  destination->close();
}

env::Task<void> send_on_all(Sending* sending, unsigned connections, double seconds) {
  sending->end = sending->env.executor.now() + std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
  env::Gate gate;
  for (unsigned i = 0; i < connections; ++i) gate.spawn(send_on_one(sending));
  co_await gate.drained();
}

Rate through_transport(unsigned connections, double seconds, bool tls) {
  const auto transport = transport::mllp::make_transport();
  const auto disk = env::make_real_disk();
  const auto clock = env::make_real_clock();
  const auto random = env::make_real_random();
  const auto in = env::make_reactor();
  const auto out = env::make_reactor();
  in->start("bench-in");
  out->start("bench-out");
  transport::Options source_options, destination_options;
  source_options.set_text("listen", "127.0.0.1:0");
  if (tls) {
    const auto authority = transport::testing::make_authority("Bench");
    const auto identity =
        transport::testing::make_identity(authority, {.common_name = "hub", .alternative_name = "IP:127.0.0.1"});
    source_options.set_text("tls.certificate", identity.certificate_pem);
    source_options.set_secret("tls.key", identity.key_pem);
    destination_options.set_text("tls.ca", authority.certificate_pem);
  }
  AtOnce receiver;
  auto source = std::move(
      transport->make_source(source_options, {{in->executor(), in->network(), *disk, *clock, *random}}, &receiver).value());
  const auto started = env::run_on(in->executor(), [&] { return source->start(); });
  if (!started) throw std::runtime_error(started.error().describe());
  destination_options.set_text("connect", source->local().text());
  Sending sending{.transport = transport.get(),
                  .options = destination_options,
                  .env = {out->executor(), out->network(), *disk, *clock, *random},
                  .message = SharedBytes("MSH|" + std::string(kMessageSize - 7, 'x'))};
  const Meter meter;
  env::run_on(out->executor(), [&] { return send_on_all(&sending, connections, seconds); });
  const Rate rate = meter.read(sending.answered);
  env::run_on(in->executor(), [&] { return source->stop(in->executor().now() + 5s); });
  if (!sending.trouble.empty()) throw std::runtime_error(sending.trouble);
  return rate;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  fmt::print("loopback, stop and wait, {} bytes and an acknowledgement, round trips a second and CPU of both sides for each\n",
             kMessageSize);
  fmt::print("{:>12} {:>22} {:>22} {:>22}\n", "connections", "bare sockets", "mllp", "mllp with TLS");
  const auto shown = [](const Rate& rate) { return fmt::format("{:.0f} ({:.1f} us)", rate.per_second, rate.cpu_micros); };
  try {
    for (const unsigned connections : {1U, 8U, 32U}) {
      const Rate sockets = bare(connections, seconds);
      const Rate plain = through_transport(connections, seconds, false);
      const Rate secured = through_transport(connections, seconds, true);
      fmt::print("{:>12} {:>22} {:>22} {:>22}\n", connections, shown(sockets), shown(plain), shown(secured));
      std::fflush(stdout);
    }
  } catch (const std::exception& problem) {
    fmt::print(stderr, "loopback_bench: {}\n", problem.what());
    return 1;
  }
  return 0;
}
