// SPDX-License-Identifier: Apache-2.0
// The real service (the same libraries, sockets and threads) over a disk that loses power: `run` as in the product, everything
// else is given to the product's program. SIGUSR1 cuts the power at once. In the environment: SMARTHL7_POWER_SEED;
// SMARTHL7_POWER_CUT_AT (with the n-th change of the disk); SMARTHL7_POWER_CUT_POINT=NAME:N (at the N-th visit of a crash
// point); SMARTHL7_POWER_NO_SYNC (sync does nothing, and says it did).
// SMARTHL7_POWER_FAIL_SYNC_AT, SMARTHL7_POWER_SLOW_SYNC_AT: the n-th sync.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/app/commands/plan_input.h"
#include "runtime/app/service/service.h"
#include "runtime/env/crash_point.h"
#include "runtime/env/real/real.h"
#include "tests/crash/power_disk.h"

namespace smarthl7::testing {
namespace {

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Cuts at the N-th visit of the named point.
void arm_point(PowerDisk* disk) {
  const char* text = std::getenv("SMARTHL7_POWER_CUT_POINT");
  if (text == nullptr) return;
  const std::string_view given(text);
  const auto colon = given.find(':');
  const auto visits = colon == std::string_view::npos ? 1 : std::atoi(text + colon + 1);
  const auto names = env::crash_point_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != given.substr(0, colon)) continue;
    auto left = std::make_shared<std::atomic<int>>(visits);
    env::arm_crash_points([disk, i, left](env::CrashPoint point) {
      if (static_cast<std::size_t>(point) == i && left->fetch_sub(1) == 1) disk->cut();
    });
    return;
  }
  std::fprintf(stderr, "there is no crash point `%s`\n", text);
  std::_Exit(2);
}

int run(const std::vector<std::string>& words) {
  app::ServiceSetup setup;
  std::vector<std::string> routes;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--data") {
      setup.data = words.at(++i);
    } else if (words[i] == "--set") {
      const std::string& set = words.at(++i);
      setup.settings[set.substr(0, set.find('='))] = set.substr(set.find('=') + 1);
    } else {
      routes.push_back(words[i]);
    }
  }
  auto input = app::load_plan(routes, "");
  if (!input) return input.error();
  setup.plan = std::move(input->plan);
  setup.digest = input->digest;
  setup.folder = std::move(input->folder);
  setup.admin_socket = setup.data + "/admin.sock";
  setup.reactors = 2;
  setup.store.segment_bytes = 1 << 20;  // so that files are changed often

  const std::string limbo = setup.data + ".limbo";
  std::filesystem::remove_all(limbo);
  std::filesystem::create_directory(limbo);
  PowerFaults faults;
  faults.seed = number("SMARTHL7_POWER_SEED", 1);
  faults.cut_at = number("SMARTHL7_POWER_CUT_AT", 0);
  faults.fail_sync_at = number("SMARTHL7_POWER_FAIL_SYNC_AT", 0);
  faults.slow_sync_at = number("SMARTHL7_POWER_SLOW_SYNC_AT", 0);
  faults.syncs = std::getenv("SMARTHL7_POWER_NO_SYNC") == nullptr;
  auto disk = std::make_unique<PowerDisk>(env::make_real_disk(), limbo, faults);
  arm_point(disk.get());
  sigset_t only_ours;
  ::sigemptyset(&only_ours);
  ::sigaddset(&only_ours, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &only_ours, nullptr);  // before there are other threads
  std::thread([power = disk.get(), only_ours] {
    int caught = 0;
    ::sigwait(&only_ours, &caught);
    power->cut();
  }).detach();
  setup.disk = std::move(disk);
  return app::run_service(std::move(setup));
}

}  // namespace
}  // namespace smarthl7::testing

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "run") == 0) return smarthl7::testing::run({argv + 2, argv + argc});
  ::execv(SMARTHL7_PROGRAM, argv);
  std::perror("power_hub");
  return 127;
}
