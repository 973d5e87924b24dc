// SPDX-License-Identifier: Apache-2.0
// SIGKILL again and again under load, unattended: 8 senders, 3 receivers (fifo; by patient, 4 connections; any order, 8
// connections), the observer in this process. SMARTHL7_UNATTENDED_KILLS (default 8); the long run is `evidence`.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/crash/observer.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

TEST(Unattended, EightSendersThreeReceivers) {
  const char* wanted = std::getenv("SMARTHL7_UNATTENDED_KILLS");
  const int kills = wanted == nullptr ? 8 : std::atoi(wanted);
  ScratchFolder folder("unattended");
  Observer observer(SMARTHL7_PROGRAM, folder.path(), 8);
  std::mt19937_64 random(1);
  int least_waiting = 1 << 30;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 1; i <= kills; ++i) {
    observer.hub().start();
    ASSERT_TRUE(observer.load(20 + random() % 300))
        << "life " << i << ": the hub ended or takes no load; " << observer.hub().log().substr(0, 4000);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
    int waiting = 0;
    EXPECT_TRUE(eventually(20s, [&] { return (waiting = observer.unanswered()) >= 4; }));
    observer.hub().kill_now();
    least_waiting = std::min(least_waiting, waiting);
    if (i % 50 == 0) {
      const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      std::printf("%d of %d kills, %.2f s each, %zu acknowledged\n", i, kills, took / i, observer.acknowledged());
      std::fflush(stdout);
    }
  }
  observer.hub().start();
  ASSERT_TRUE(observer.load(100));
  observer.stop_senders();
  const Account account = observer.account();
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%d kills in %.0f s, at least %d sends unanswered at each\n%s", kills, took, least_waiting,
              account.text().c_str());
  EXPECT_EQ(account.lost(), 0U);
  EXPECT_EQ(account.out_of_order(), 0U);
  EXPECT_EQ(account.unlisted(), 0U);
  EXPECT_TRUE(account.findings.empty());
}

}  // namespace
}  // namespace smarthl7::testing
