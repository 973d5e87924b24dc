// SPDX-License-Identifier: Apache-2.0
#include "compiler/source/source.h"

#include <gtest/gtest.h>

namespace smarthl7::source {
namespace {

TEST(Source, LinesAndColumnsCountFromOneInCodePoints) {
  const SourceFile file(0, "a.route",
                        "ab\r\n\xC3\xA4\xE2\x82\xAC"
                        "c\n\nlast");
  EXPECT_EQ(file.line_count(), 4U);
  EXPECT_EQ(file.position(0), (Position{1, 1}));
  EXPECT_EQ(file.position(4), (Position{2, 1}));
  EXPECT_EQ(file.position(6), (Position{2, 2}));
  EXPECT_EQ(file.position(9), (Position{2, 3}));
  EXPECT_EQ(file.position(11), (Position{3, 1}));
  EXPECT_EQ(file.position(99), (Position{4, 5}));
  EXPECT_EQ(file.line_text(1), "ab");
  EXPECT_EQ(file.line_text(3), "");
  EXPECT_EQ(file.line_text(4), "last");
}

TEST(Source, OffsetIsTheInverseOfPosition) {
  const SourceFile file(0, "a.route",
                        "ab\n\xC3\xA4\xE2\x82\xAC"
                        "c\n\nlast");
  for (std::uint32_t offset = 0; offset <= file.size(); ++offset) {
    if (offset > 0 && offset < file.size() && (static_cast<unsigned char>(file.bytes()[offset]) & 0xC0U) == 0x80U) continue;
    EXPECT_EQ(file.offset(file.position(offset)), offset);
  }
  EXPECT_EQ(file.offset({1, 50}), 2U);
  EXPECT_EQ(file.offset({50, 1}), file.size());
}

TEST(Source, FindsTheFirstByteThatIsNotUtf8) {
  const auto first = [](const char* bytes) { return SourceFile(0, "a", bytes).first_invalid(); };
  EXPECT_EQ(first("plain \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"), std::nullopt);
  EXPECT_EQ(first("a\x80"), 1U);
  EXPECT_EQ(first("a\xC3"), 1U);
  EXPECT_EQ(first("ab\xC0\x80"), 2U);          // too long
  EXPECT_EQ(first("ab\xED\xA0\x80"), 2U);      // a surrogate
  EXPECT_EQ(first("ab\xF4\x90\x80\x80"), 2U);  // beyond the last code point
}

TEST(Source, ASetKeepsItsFilesInPlace) {
  SourceSet set;
  const SourceFile& first = set.add("a", "one");
  for (int i = 0; i < 100; ++i) set.add("b", "two");
  EXPECT_EQ(&set.get(0), &first);
  EXPECT_EQ(set.text({0, 1, 3}), "ne");
  EXPECT_EQ(set.get(100).id(), 100U);
}

TEST(Source, AMissingFileIsAnError) {
  SourceSet set;
  const auto result = set.load("/nowhere/at/all.route");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::not_found);
}

TEST(Source, AFileCanBePlacedInSeveralSets) {
  const auto kept = std::make_shared<const SourceFile>(1, "b.route", "kept");
  SourceSet first;
  EXPECT_EQ(&first.place(kept), kept.get());
  EXPECT_EQ(first.add("c.route", "c").id(), 2U);
  SourceSet second;
  second.place(std::make_shared<const SourceFile>(0, "a.route", "a"));
  second.place(kept);
  EXPECT_EQ(second.get(0).path(), "a.route");
  EXPECT_EQ(&second.get(1), &first.get(1));
  second.place(std::make_shared<const SourceFile>(1, "b.route", "newer"));
  EXPECT_EQ(second.get(1).bytes(), "newer");
  EXPECT_EQ(first.get(1).bytes(), "kept");
}

}  // namespace
}  // namespace smarthl7::source
