// SPDX-License-Identifier: Apache-2.0
// Real messages that are not part of the project: run only where SMARTHL7_SAMPLES (or ../shared/messages beside the tree)
// holds them, and says so where it does not. No crash, every finding with a path and an expectation, both looks the same,
// and only kinds that were explained by hand.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/message_type.h"
#include "stdlib/hl7/validate.h"

namespace smarthl7::hl7 {
namespace {

namespace fs = std::filesystem;

fs::path samples() {
  if (const char* named = std::getenv("SMARTHL7_SAMPLES"); named != nullptr) return named;
  for (fs::path up = SMARTHL7_SOURCE_DIR; up.has_relative_path(); up = up.parent_path()) {
    if (fs::is_directory(up / "shared" / "messages")) return up / "shared" / "messages";
  }
  return {};
}

TEST(ValidationSamples, ShowOnlyKindsThatWereExplained) {
  const fs::path folder = samples();
  if (folder.empty()) {
    std::puts("no folder of sample messages here (SMARTHL7_SAMPLES): nothing was looked at");
    return;
  }
  std::map<std::string_view, std::size_t> kinds;
  std::size_t messages = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".hl7") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    BatchReader reader{std::string_view(bytes)};
    BatchItem item;
    while (reader.next(item) == BatchReader::Step::message) {
      const auto message = Message::parse(item.bytes);
      ASSERT_TRUE(message) << entry.path();
      const VersionMatch match = find_version(message->version());
      ASSERT_TRUE(match.version) << entry.path();
      const Structure structure = structure_of(*message, match.version);
      ASSERT_TRUE(structure) << entry.path();
      const Validator validator(match.version, structure);
      Placement placement;
      validator.placer().place(*message, placement);
      std::vector<Finding> quick;
      std::vector<Finding> close;
      validator.check(*message, placement, quick);
      validator.check(*message, placement, close, {.look = Look::close});
      EXPECT_EQ(quick, close) << entry.path();
      for (const Finding& finding : quick) {
        ++kinds[id_of(finding.rule)];
        EXPECT_FALSE(finding.path.empty()) << entry.path();
        EXPECT_FALSE(finding.text.empty()) << entry.path();
      }
      ++messages;
    }
  }
  EXPECT_GT(messages, 0U);
  const std::set<std::string_view> explained = {"check-digit",
                                                "code",
                                                "component-extra",
                                                "component-required",
                                                "component-withdrawn",
                                                "condition-expected",
                                                "field-extra",
                                                "field-required",
                                                "field-withdrawn",
                                                "length-most",
                                                "number",
                                                "object-identifier",
                                                "segment-missing",
                                                "segment-order",
                                                "segment-unexpected",
                                                "segment-unknown",
                                                "structure-name",
                                                "telephone",
                                                "time",
                                                "timestamp",
                                                "universal-id",
                                                "value-type"};
  for (const auto& [kind, count] : kinds) EXPECT_TRUE(explained.contains(kind)) << kind << " " << count;
}

}  // namespace
}  // namespace smarthl7::hl7
