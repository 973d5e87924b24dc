// SPDX-License-Identifier: Apache-2.0
// The state's SQLite file when power goes at each change of the disk, while its log is written and moved into it: what is found
// after it is a whole database, older or newer. Each cut in a process of its own.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/env/real/real.h"
#include "runtime/store/sqlite/database.h"
#include "tests/crash/power_disk.h"
#include "tests/support/process.h"

namespace smarthl7::testing {
namespace {

using store::sqlite::Database;
using store::sqlite::Vfs;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kPowerLost = 137;

/// Fills the log and empties it, twice. In a child: ends the process.
[[noreturn]] void write_and_checkpoint(const std::string& folder, PowerFaults faults) {
  faults.most_sync_micros = 1;
  PowerDisk disk(env::make_real_disk(), folder + ".limbo", faults);
  const auto clock = env::make_real_clock();
  Vfs vfs(disk, *clock, 7);
  auto database = Database::open(vfs, folder + "/state.db", "NORMAL");
  if (!database) ::_exit(kFailed);
  for (int round = 0; round < 2; ++round) {
    auto done = (*database)->execute(
        "BEGIN; CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b BLOB);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
        " INSERT INTO t (b) SELECT randomblob(900) FROM n; UPDATE t SET b = randomblob(800) WHERE a % 3 = 0; COMMIT;");
    if (done) done = (*database)->checkpoint();
    if (!done) ::_exit(kFailed);
  }
  ::_exit(kDone);
}

int in_child(const std::string& folder, const PowerFaults& faults) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(kFailed);
    write_and_checkpoint(folder, faults);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : kFailed;
}

/// "ok", or what SQLite finds.
std::string found_in(const std::string& folder) {
  const auto disk = env::make_real_disk();
  const auto clock = env::make_real_clock();
  Vfs vfs(*disk, *clock, 7);
  auto database = Database::open(vfs, folder + "/state.db", "NORMAL");
  if (!database) return database.error().describe();
  auto statement = (*database)->prepare("PRAGMA integrity_check");
  if (!statement) return statement.error().describe();
  const auto row = statement->step();
  if (!row) return row.error().describe();
  return std::string(statement->text(0));
}

TEST(StatePower, IsWholeAfterACutAtEachChange) {
  int cuts = 0;
  for (std::uint64_t change = 1;; ++change) {
    int code = kPowerLost;
    for (std::uint64_t seed = 1; seed <= 3 && code == kPowerLost; ++seed) {
      const ScratchFolder scratch("state");
      const std::string folder = scratch.path() + "/data";
      std::filesystem::create_directory(folder);
      std::filesystem::create_directory(folder + ".limbo");
      PowerFaults faults;
      faults.seed = change * 100 + seed;
      faults.cut_at = change;
      code = in_child(folder, faults);
      ASSERT_NE(code, kFailed);
      ASSERT_EQ(found_in(folder), "ok") << "change " << change << ", seed " << seed;
      cuts += code == kPowerLost ? 1 : 0;
    }
    if (code == kDone) break;
  }
  std::printf("%d cuts\n", cuts);
  EXPECT_GT(cuts, 100);
}

}  // namespace
}  // namespace smarthl7::testing
