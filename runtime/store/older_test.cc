// SPDX-License-Identifier: Apache-2.0
// What an older program left is read by this one: a state of schema 1, a journal of format 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "runtime/store/acts.h"
#include "runtime/store/format.h"
#include "runtime/store/sql.h"
#include "runtime/store/sqlite/database.h"
#include "runtime/store/sqlite/vfs.h"
#include "runtime/store/state.h"
#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

TEST(OlderStore, AStateOfSchemaOneGetsWhatPeopleDo) {
  World world;
  const std::string folder = world.folder + "/old";
  ASSERT_TRUE(world.disk.make_folder(folder));
  {
    sqlite::Vfs vfs(world.disk, world.clock, 1);
    auto database = sqlite::Database::open(vfs, folder + "/state.db", "NORMAL");
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->execute(sql::kMigrations[0]));
    ASSERT_TRUE((*database)->execute("PRAGMA user_version=1"));
    ASSERT_TRUE((*database)->execute("INSERT INTO destinations VALUES (1, 'hospital', 1, 0, 2)"));
    ASSERT_TRUE((*database)->execute("INSERT INTO dead VALUES (5, 0, 'hospital', 'no', 7, 3, 99, 10, 0)"));
    ASSERT_TRUE((*database)->execute("INSERT INTO dead VALUES (6, 0, 'hospital', 'no', 8, 3, 99, 10, 0)"));
    ASSERT_TRUE((*database)->execute("INSERT INTO ambiguities VALUES (4, 0, 9, 1, 3)"));
  }
  env::Env environment = world.environment();
  auto state = State::open(environment, folder);
  ASSERT_TRUE(state) << state.error().describe();
  LetterFilter filter;
  filter.since = WallTime(Micros(8));
  const auto letters = (*state)->letters(filter);
  ASSERT_TRUE(letters) << letters.error().describe();
  ASSERT_EQ(letters->size(), 1U);
  EXPECT_EQ((*letters)[0].delivery.message, 6U);
  EXPECT_EQ((*letters)[0].state, LetterState::open);
  EXPECT_EQ((*letters)[0].edits, 0U);
  EXPECT_EQ((*state)->open_letters()->at(0).second, 2U);
  EXPECT_EQ((*state)->open_ambiguities("hospital", 0)->at(0).second, 1U);
  EXPECT_EQ((*state)->ledger({})->at(0).outcome, "");
  EXPECT_FALSE((*state)->ledger({})->at(0).what.covered);
  EXPECT_TRUE((*state)->holds()->empty());
}

TEST(OlderStore, AJournalOfFormatThreeIsReadAndGoneOnWith) {
  World world;
  NotingSink sink;
  DestinationOptions options;
  options.name = "hospital";
  ASSERT_TRUE(world.open());
  const auto hospital = world.wait(world.store->open_destination(options, &sink));
  ASSERT_TRUE(world.wait(world.store->accept(message("MSH|one", {to(*hospital)}))));
  world.store->outcome(refused({1, 0}, "no"));
  world.settle();
  world.crash();
  const std::string path = world.folder + "/data/journal-0000000001";
  std::string header(kSegmentHeaderSize, '\0');
  std::ifstream(path, std::ios::binary).read(header.data(), kSegmentHeaderSize);
  ASSERT_EQ(header[8], static_cast<char>(kFormatVersion));
  header[8] = 3;
  const std::uint32_t crc = crc32c(std::string_view(header).substr(0, kSegmentHeaderSize - 4));
  std::memcpy(header.data() + kSegmentHeaderSize - 4, &crc, 4);
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.write(header.data(), kSegmentHeaderSize);
  }
  const std::string manifest = world.folder + "/data/manifest";
  std::string label(64, '\0');
  std::ifstream(manifest, std::ios::binary).read(label.data(), 64);
  label[8] = 3;
  const std::uint32_t its_crc = crc32c(std::string_view(label).substr(0, 60));
  std::memcpy(label.data() + 60, &its_crc, 4);
  std::ofstream(manifest, std::ios::binary).write(label.data(), 64);
  std::filesystem::remove(world.folder + "/data/state.db");
  ASSERT_TRUE(world.open());
  std::ifstream(manifest, std::ios::binary).read(label.data(), 64);
  EXPECT_EQ(label[8], static_cast<char>(kFormatVersion));  // an older program is told, and does not find damage
  ASSERT_TRUE(world.wait(world.store->open_destination(options, &sink)));
  ReplayWish wish;
  wish.identities = [](std::string_view) { return std::vector<std::uint64_t>{}; };
  const auto verdicts = world.wait(world.store->acts()->replay(wish, ByWhom{}));
  ASSERT_TRUE(verdicts && verdicts->size() == 1);
  EXPECT_EQ((*verdicts)[0].made, 2U);
}

}  // namespace
}  // namespace smarthl7::store
