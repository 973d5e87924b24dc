// SPDX-License-Identifier: Apache-2.0
// A sync that fails, and one that takes five seconds, at the real service under load (power_hub). A failed one ends the process
// with code 3 at once: nothing is acknowledged after it, and nothing that was is gone. A slow one keeps senders waiting and
// loses nobody.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/crash/observer.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kStoreFailed = 3;

void expect_whole(Observer& observer) {
  observer.stop_senders();
  const Account account = observer.account();
  EXPECT_EQ(account.lost() + account.out_of_order() + account.unlisted(), 0U) << account.text();
  EXPECT_TRUE(account.findings.empty()) << account.text();
  std::printf("%s", account.text().c_str());
}

TEST(FailingSync, EndsTheServiceAndLosesNothing) {
  const char* wanted = std::getenv("SMARTHL7_FAILED_SYNCS");
  const int times = wanted == nullptr ? 6 : std::atoi(wanted);
  ScratchFolder folder("sync-fails");
  Observer observer(SMARTHL7_POWER_HUB, folder.path(), 8);
  for (int i = 0; i < times; ++i) {
    const int at = i % 3 == 0 ? 1 + i / 3 : 20 + i * 29;  // in the start, and under load
    observer.hub().start({"SMARTHL7_POWER_SEED=" + std::to_string(i), "SMARTHL7_POWER_FAIL_SYNC_AT=" + std::to_string(at)});
    int code = -1;
    ASSERT_TRUE(eventually(60s, [&] { return (code = observer.hub().process().poll()) != -1; }))
        << "sync " << at << " was never reached";
    EXPECT_EQ(code, kStoreFailed) << observer.hub().log();
  }
  observer.hub().start();
  ASSERT_TRUE(observer.load(100)) << observer.hub().log();
  expect_whole(observer);
}

TEST(SlowSync, KeepsSendersWaitingAndLosesNobody) {
  ScratchFolder folder("sync-slow");
  Observer observer(SMARTHL7_POWER_HUB, folder.path(), 8);
  observer.hub().start({"SMARTHL7_POWER_SLOW_SYNC_AT=60"});
  ASSERT_TRUE(eventually(60s, [&] { return observer.hub().log().find("sync is slow") != std::string::npos; }));
  std::this_thread::sleep_for(500ms);  // what was committed before it is answered
  const std::size_t before = observer.acknowledged();
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(observer.acknowledged(), before) << "acknowledged during a sync that is not over";
  ASSERT_TRUE(observer.load(100)) << observer.hub().log();
  expect_whole(observer);
}

}  // namespace
}  // namespace smarthl7::testing
