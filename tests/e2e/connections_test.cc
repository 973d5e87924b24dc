// SPDX-License-Identifier: Apache-2.0
// Very many connections from processes of their own: idle, busy, trickling, flooding; and a good sender among them, who must be
// answered. SMARTHL7_IDLE, SMARTHL7_BUSY, SMARTHL7_TRICKLING say how many (default 250, 100, 100); thousands are `evidence`.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/oru_generator.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/// A process with very many connections.
class SwarmProcess {
 public:
  SwarmProcess(const std::string& folder, const std::string& kind, unsigned short port, int connections, int messages,
               const std::string& prefix)
      : log_(folder + "/" + kind + prefix + ".log"),
        process_({SMARTHL7_SWARM, kind, std::to_string(port), std::to_string(connections), std::to_string(messages), prefix},
                 log_) {}
  [[nodiscard]] std::string said() const {
    std::ifstream in(log_);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  [[nodiscard]] bool ready(int connections) const {
    const std::string wanted = "ready " + std::to_string(connections) + " of ";
    return eventually(60s, [&] { return said().find(wanted) != std::string::npos; });
  }
  void signal(int number) const { process_.signal(number); }
  int wait() { return process_.wait(); }

 private:
  std::string log_;
  Process process_;
};

class Connections : public ::testing::Test {
 protected:
  void run_hub(const std::string& limit = "") {
    std::string program = SMARTHL7_PROGRAM;
    if (!limit.empty()) {
      program = folder_.path() + "/limited";
      std::ofstream(program) << "#!/bin/sh\n" << limit << "\nexec " << SMARTHL7_PROGRAM << " \"$@\"\n";
      ASSERT_EQ(run_command({"/bin/chmod", "+x", program}).code, 0);
    }
    hub_ = std::make_unique<Hub>(
        program, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/one.route", folder_.path(),
        std::map<std::string, std::string>{{"hub_port", std::to_string(port_)}, {"out_port", std::to_string(sink_.port())}});
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }

  /// A good sender among the others: n messages, each answered with AA.
  void good_sender(std::uint64_t count) {
    Line line;
    ASSERT_TRUE(line.connect(port_));
    std::string answer;
    for (std::uint64_t n = 1; n <= count; ++n) {
      ASSERT_TRUE(line.write_frame(make_oru({}, n)));
      ASSERT_TRUE(line.read_frame(answer, 60)) << "message " << n << " is not answered";
      ASSERT_EQ(msa_of(answer).first, "AA");
    }
  }

  int open_connections() {
    const auto status = hub_->get("/v1/status");
    return status.is_object() ? status.at("sources").at(0).at("connections").to_number<int>() : -1;
  }

  std::uint64_t memory_kib() {
    std::ifstream in("/proc/" + std::to_string(hub_->process().id()) + "/status");
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("VmRSS:")) return std::strtoull(line.c_str() + 6, nullptr, 10);
    return 0;
  }

  ScratchFolder folder_{"connections"};
  unsigned short port_ = free_port();
  ScriptedReceiver sink_;
  std::unique_ptr<Hub> hub_;
};

TEST_F(Connections, ThousandsIdleAndHundredsBusy) {
  constexpr int kIdleProcesses = 5;
  constexpr int kBusyProcesses = 4;
  constexpr int kMessages = 20;
  const int idle = setting("SMARTHL7_IDLE", 250) / kIdleProcesses;
  const int busy = setting("SMARTHL7_BUSY", 100) / kBusyProcesses;
  run_hub();
  const auto before = memory_kib();
  std::vector<std::unique_ptr<SwarmProcess>> sleepers;
  for (int i = 0; i < kIdleProcesses; ++i)
    sleepers.push_back(std::make_unique<SwarmProcess>(folder_.path(), "idle", port_, idle, 1, "I" + std::to_string(i) + "C"));
  for (const auto& one : sleepers) ASSERT_TRUE(one->ready(idle)) << one->said();
  ASSERT_TRUE(eventually(60s, [&] { return open_connections() == idle * kIdleProcesses; })) << open_connections();
  const auto with_idle = memory_kib();
  std::vector<std::unique_ptr<SwarmProcess>> workers;
  for (int i = 0; i < kBusyProcesses; ++i)
    workers.push_back(
        std::make_unique<SwarmProcess>(folder_.path(), "busy", port_, busy, kMessages, "B" + std::to_string(i) + "C"));
  good_sender(50);
  for (const auto& one : workers) {
    EXPECT_EQ(one->wait(), 0) << one->said();
    EXPECT_THAT(one->said(), HasSubstr("answered " + std::to_string(busy * kMessages) + ", not AA 0, broken 0"));
    std::printf("busy: %s", one->said().c_str());
  }
  const auto with_busy = memory_kib();
  for (const auto& one : sleepers) one->signal(SIGUSR1);
  for (const auto& one : sleepers) {
    EXPECT_EQ(one->wait(), 0) << one->said();
    EXPECT_THAT(one->said(), HasSubstr("answered " + std::to_string(idle) + ", not AA 0, broken 0"));
  }
  const int all = 50 + busy * kBusyProcesses * kMessages + idle * kIdleProcesses;
  EXPECT_TRUE(eventually(120s, [&] { return sink_.count() >= static_cast<std::size_t>(all); }));
  EXPECT_EQ(sink_.count(), static_cast<std::size_t>(all));
  std::printf("%d idle, %d busy: %d messages delivered; resident %llu KiB, with idle ones %llu, with busy ones %llu\n",
              idle * kIdleProcesses, busy * kBusyProcesses, all, static_cast<unsigned long long>(before),
              static_cast<unsigned long long>(with_idle), static_cast<unsigned long long>(with_busy));
}

TEST_F(Connections, RaisesItsLimitOfDescriptors) {
  run_hub("ulimit -Sn 128");
  const int count = 400;
  SwarmProcess sleepers(folder_.path(), "idle", port_, count, 1, "L");
  ASSERT_TRUE(sleepers.ready(count)) << sleepers.said();
  EXPECT_TRUE(eventually(20s, [&] { return open_connections() == count; })) << open_connections();
  good_sender(5);
}

TEST_F(Connections, WithoutDescriptorsTheOthersAreServed) {
  run_hub("ulimit -n 128");                                       // hard: it cannot be raised
  SwarmProcess many(folder_.path(), "idle", port_, 300, 1, "L");  // what the hub cannot take waits in the system's queue
  EXPECT_TRUE(eventually(20s, [&] { return open_connections() >= 20; }));  // also: questions are answered
  std::this_thread::sleep_for(500ms);
  ASSERT_EQ(hub_->process().poll(), -1) << hub_->log();
  many.signal(SIGKILL);
  many.wait();
  good_sender(20);
  EXPECT_TRUE(eventually(30s, [&] { return sink_.count() >= 20; }));
}

TEST_F(Connections, TricklingOnesHoldNobodyUp) {
  const int count = setting("SMARTHL7_TRICKLING", 100);
  run_hub();
  SwarmProcess slow(folder_.path(), "trickle", port_, count, 1, "T");
  ASSERT_TRUE(slow.ready(count)) << slow.said();
  good_sender(300);
  EXPECT_GE(open_connections(), count / 2);
  slow.signal(SIGTERM);
  EXPECT_EQ(slow.wait(), 0);
  std::printf("%d trickling: %s", count, slow.said().c_str());
  EXPECT_TRUE(eventually(60s, [&] { return sink_.count() >= 300; }));
  EXPECT_EQ(sink_.count(), 300U);  // nothing of the others
}

TEST_F(Connections, AFloodThatReadsNoAnswersIsHeldBack) {
  run_hub();
  // What the systems of both ends hold of answers is some megabytes: it takes a while until nothing moves.
  SwarmProcess flood(folder_.path(), "flood", port_, 2, 1, "F");
  ASSERT_TRUE(eventually(240s, [&] { return flood.said().find("until nothing was taken") != std::string::npos; }))
      << flood.said();
  good_sender(50);
  const auto memory = memory_kib();
  EXPECT_LT(memory, 512U << 10U) << "KiB resident while two connections flood";
  flood.signal(SIGTERM);
  EXPECT_EQ(flood.wait(), 0);
  std::printf("%sresident %llu KiB\n", flood.said().c_str(), static_cast<unsigned long long>(memory));
}

// ---- the admin interface ----------------------------------------------------------------------------------------------------

/// A connection to the admin socket that has said `text`, and waits.
int admin_connection(const std::string& path, const std::string& text) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return ::close(fd), -1;
  static_cast<void>(::send(fd, text.data(), text.size(), MSG_NOSIGNAL));
  return fd;
}

TEST_F(Connections, AFloodOfQuestionsHoldsNoMessageUp) {
  run_hub();
  const std::string socket = hub_->data() + "/admin.sock";
  std::vector<int> half;  // requests that never end, and garbage
  for (int i = 0; i < 100; ++i)
    half.push_back(
        admin_connection(socket, i % 2 == 0 ? "GET /v1/status HTT" : std::string("\x16\x03\x01 garbage\r\n\r\n", 15)));
  std::atomic<bool> stop{false};
  std::atomic<int> asked{0};
  std::vector<std::thread> askers;
  for (int i = 0; i < 8; ++i)
    askers.emplace_back([&] {
      while (!stop)
        if (hub_->get("/v1/status").is_object()) ++asked;
    });
  good_sender(300);
  stop = true;
  for (std::thread& one : askers) one.join();
  EXPECT_GT(asked.load(), 8);
  for (const int fd : half) ::close(fd);
  std::printf("%d questions answered beside 300 messages\n", asked.load());
  EXPECT_TRUE(hub_->ready());
}

}  // namespace
}  // namespace smarthl7::testing
