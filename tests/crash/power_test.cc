// SPDX-License-Identifier: Apache-2.0
// Power lost under load, again and again: the real service over a disk that forgets what was not synced (power_disk.h), senders
// and receivers in this process. What was acknowledged must arrive, in order, every duplicate listed. The same with a sync that
// does nothing must lose messages, or this test could not see a loss. SMARTHL7_CUTS (default 16) and SMARTHL7_CUT_SEED (default
// 1); the long run is `evidence`.
#include <gtest/gtest.h>
#include <signal.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>

#include "runtime/env/crash_point.h"
#include "tests/crash/observer.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kPowerLost = 137;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The sums of all `power lost:` lines of a log, by what is counted.
std::map<std::string, std::uint64_t> losses_in(const std::string& log) {
  std::map<std::string, std::uint64_t> sums;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("power lost: ")) continue;
    ++sums["cuts"];
    std::istringstream parts(line.substr(12));
    for (std::string part; std::getline(parts, part, ',');) {
      const auto number = part.rfind(' ');
      const auto name = part.find_first_not_of(' ');
      if (part.substr(name, number - name) != "step")
        sums[part.substr(name, number - name)] += std::strtoull(part.c_str() + number, nullptr, 10);
    }
  }
  return sums;
}

class Power : public ::testing::Test {
 protected:
  /// One life: started, ended by a cut in one of three ways. False, and a failure, if it ends otherwise.
  bool live_and_lose_power(bool syncs) {
    std::vector<std::string> environment{"SMARTHL7_POWER_SEED=" + std::to_string(random_())};
    if (!syncs) environment.emplace_back("SMARTHL7_POWER_NO_SYNC=1");
    const auto points = env::crash_point_names();
    const auto way = random_() % 4;
    if (way == 0) {  // at a change of the disk: early ones are in the recovery, late ones under load
      const auto change = static_cast<std::uint64_t>(std::exp2(static_cast<double>(random_() % 1100) / 100.0));
      environment.push_back("SMARTHL7_POWER_CUT_AT=" + std::to_string(change));
    } else if (way == 1) {  // at a named point; the last is rare, batches are in no route of this test
      std::string_view point = points[random_() % points.size()];
      if (point.ends_with("_batch")) point = "in_commit";
      const auto visit = point == "in_checkpoint" ? 1 : 1 + random_() % 400;
      environment.push_back("SMARTHL7_POWER_CUT_POINT=" + std::string(point) + ":" + std::to_string(visit));
    }
    if (syncs) observer_.slow_receivers(random_() % 4 == 0 ? 10 : 0);  // now and then the queues are long
    Hub& hub = observer_.hub();
    hub.start(environment);
    if (way >= 2) {  // at any moment under load
      if (observer_.load(20 + random_() % 400)) {
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 5000));
        hub.process().signal(SIGUSR1);
      }
    }
    if (!hub.process().running()) return false;  // load() saw it end by itself
    int code = -1;
    const bool ended = eventually(90s, [&] { return (code = hub.process().poll()) != -1; });
    last_code_ = ended ? code : -1;
    if (!ended) hub.kill_now();
    return code == kPowerLost;
  }

  void print(const Account& account) {
    const std::string log = observer_.hub().log();
    std::printf("%s", account.text().c_str());
    for (const auto& [what, count] : losses_in(log))
      std::printf("%s %llu\n", what.c_str(), static_cast<unsigned long long>(count));
  }

  std::string end_of_log() {
    const std::string log = observer_.hub().log();
    return log.substr(log.size() - std::min<std::size_t>(log.size(), 1500));
  }

  ScratchFolder folder_{"power"};
  std::mt19937_64 random_{setting("SMARTHL7_CUT_SEED", 1)};
  Observer observer_{SMARTHL7_POWER_HUB, folder_.path(), 8};
  int last_code_ = -1;
};

TEST_F(Power, NothingAcknowledgedIsLost) {
  const auto cuts = setting("SMARTHL7_CUTS", 16);
  for (std::uint64_t i = 1; i <= cuts; ++i) {
    ASSERT_TRUE(live_and_lose_power(true)) << "cut " << i << ", seed " << setting("SMARTHL7_CUT_SEED", 1) << ": exit code "
                                           << last_code_ << "\n"
                                           << end_of_log();
    if (i % 25 == 0) std::printf("%llu cuts, %zu acknowledged\n", static_cast<unsigned long long>(i), observer_.acknowledged());
    std::fflush(stdout);
  }
  observer_.slow_receivers(0);
  observer_.hub().start();
  ASSERT_TRUE(observer_.load(100)) << end_of_log();
  observer_.stop_senders();
  const Account account = observer_.account();
  print(account);
  EXPECT_EQ(account.lost(), 0U);
  EXPECT_EQ(account.out_of_order(), 0U);
  EXPECT_EQ(account.unlisted(), 0U);
  EXPECT_TRUE(account.findings.empty());
  const auto losses = losses_in(observer_.hub().log());
  EXPECT_EQ(losses.at("cuts"), cuts);
  EXPECT_GT(losses.at("back") + losses.at("shrunk files"), 0U) << "the cuts took nothing: they prove nothing";
}

// Cuts while a data folder is made, and while what that left is recovered: once with each of the first changes.
TEST(PowerAtFirstStart, LosesNothing) {
  const auto most = setting("SMARTHL7_FIRST_CUTS", 12);
  for (std::uint64_t change = 1; change <= most; ++change) {
    ScratchFolder folder("power-first");
    Observer observer(SMARTHL7_POWER_HUB, folder.path(), 2);
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      observer.hub().start({"SMARTHL7_POWER_SEED=" + std::to_string(change * 10 + seed),
                            "SMARTHL7_POWER_CUT_AT=" + std::to_string(change + (seed - 1) * 3)});
      int code = -1;
      ASSERT_TRUE(eventually(60s, [&] { return (code = observer.hub().process().poll()) != -1; })) << change;
      ASSERT_EQ(code, kPowerLost) << "change " << change << ", seed " << seed << "\n" << observer.hub().log();
    }
    observer.hub().start();
    ASSERT_TRUE(observer.load(30)) << "change " << change << "\n" << observer.hub().log();
    observer.stop_senders();
    const Account account = observer.account();
    EXPECT_EQ(account.lost() + account.out_of_order() + account.unlisted(), 0U) << account.text();
    EXPECT_TRUE(account.findings.empty()) << account.text();
  }
}

TEST_F(Power, WithoutSyncAcknowledgedMessagesAreLost) {
  observer_.slow_receivers(20);  // what is acknowledged is in the hub alone
  int cuts = 0;
  bool runs = true;
  while (runs && cuts < 12) {
    runs = live_and_lose_power(false);
    ++cuts;
  }
  observer_.slow_receivers(0);
  // Either the hub started each time and messages are gone, or it refused what it found.
  if (runs) {
    observer_.hub().start();
    ASSERT_TRUE(observer_.load(100)) << end_of_log();
  }
  observer_.stop_senders();
  if (runs) {
    EXPECT_TRUE(eventually(120s, [&] { return observer_.hub().queued() == 0; }));
  }
  const Account account = observer_.account(false);
  print(account);
  std::printf("without sync: %d cuts, exit code %d at the last, %zu lost\n", cuts, last_code_, account.lost());
  EXPECT_GT(account.lost(), 0U) << "sync does nothing, and nothing was lost: the disk layer does not take what was not synced";
}

}  // namespace
}  // namespace smarthl7::testing
