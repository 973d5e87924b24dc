// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/real/disk.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "runtime/env/real/real.h"

namespace smarthl7::env {
namespace {

class RealDiskTest : public testing::Test {
 protected:
  RealDiskTest() {
    std::string pattern = testing::TempDir() + "smarthl7-disk-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~RealDiskTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
  RealDisk disk_;
};

TEST_F(RealDiskTest, WritesPiecesAndReadsThemBack) {
  auto file = disk_.open(folder_ + "/a", OpenMode::create_new);
  ASSERT_TRUE(file);
  std::vector<std::string> owned;
  std::vector<std::string_view> pieces;
  std::string all;
  for (int i = 0; i < 1000; ++i) owned.push_back(std::string(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26)));
  for (const auto& piece : owned) {
    pieces.emplace_back(piece);
    all += piece;
  }
  ASSERT_TRUE((*file)->write_at(3, pieces));
  ASSERT_TRUE((*file)->sync_now());
  EXPECT_EQ(*(*file)->size(), all.size() + 3);
  std::string back(all.size() + 10, '?');
  const auto got = (*file)->read_at(3, back);
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, all.size());
  EXPECT_EQ(back.substr(0, all.size()), all);
  EXPECT_EQ(disk_.syncs(), 1U);
  EXPECT_EQ(disk_.bytes_written(), all.size());
  ASSERT_TRUE((*file)->truncate(3));
  EXPECT_EQ(*(*file)->read_at(3, back), 0U);
}

TEST_F(RealDiskTest, NamesAndModes) {
  EXPECT_EQ(disk_.open(folder_ + "/none", OpenMode::read).error().code, ErrorCode::not_found);
  ASSERT_TRUE(disk_.open(folder_ + "/b", OpenMode::create));
  EXPECT_EQ(disk_.open(folder_ + "/b", OpenMode::create_new).error().code, ErrorCode::exists);
  ASSERT_TRUE(disk_.make_folder(folder_ + "/x/y"));
  ASSERT_TRUE(disk_.make_folder(folder_ + "/x/y"));
  EXPECT_EQ(disk_.make_folder(folder_ + "/b").error().code, ErrorCode::exists);
  ASSERT_TRUE(disk_.rename(folder_ + "/b", folder_ + "/c"));
  EXPECT_FALSE(*disk_.exists(folder_ + "/b"));
  EXPECT_TRUE(*disk_.exists(folder_ + "/c"));
  ASSERT_TRUE(disk_.open(folder_ + "/a", OpenMode::create));
  EXPECT_EQ(*disk_.list(folder_), (std::vector<std::string>{"a", "c"}));
  ASSERT_TRUE(disk_.sync_folder(folder_));
  ASSERT_TRUE(disk_.remove(folder_ + "/a"));
  EXPECT_EQ(disk_.remove(folder_ + "/a").error().code, ErrorCode::not_found);
  EXPECT_GT(*disk_.free_bytes(folder_), 0U);
}

TEST_F(RealDiskTest, OneHolderOfALock) {
  auto first = disk_.lock(folder_ + "/lock");
  ASSERT_TRUE(first);
  EXPECT_EQ(disk_.lock(folder_ + "/lock").error().code, ErrorCode::exists);
  first->reset();
  EXPECT_TRUE(disk_.lock(folder_ + "/lock"));
}

TEST(RealRandomTest, WordsDiffer) {
  const auto random = make_real_random();
  std::vector<std::uint64_t> words;
  for (int i = 0; i < 200; ++i) words.push_back(random->next());
  std::sort(words.begin(), words.end());
  EXPECT_EQ(std::adjacent_find(words.begin(), words.end()), words.end());
}

}  // namespace
}  // namespace smarthl7::env
