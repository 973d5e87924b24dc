// SPDX-License-Identifier: Apache-2.0
#include "tests/support/message_generator.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"
#include "stdlib/hl7/validate.h"

namespace smarthl7::testing {
namespace {

TEST(MessageGenerator, IsDeterministicAndVaries) {
  const hl7::Version version = hl7::find_version("2.5.1").version;
  MessageGenerator one(version);
  MessageGenerator two(version);
  const hl7::Structure structure = version.structure("ORU_R01");
  static_cast<void>(two.make(structure, 9));
  for (std::uint64_t n = 0; n < 20; ++n) {
    const std::string made = one.make(structure, n);
    EXPECT_EQ(made, two.make(structure, n));
    EXPECT_NE(made, one.make(structure, n + 1));
  }
}

TEST(MessageGenerator, UsesWhatTheEncodingHas) {
  const hl7::Version version = hl7::find_version("2.5.1").version;
  MessageGenerator generator(version);
  std::string all;
  for (std::uint64_t n = 0; n < 60; ++n) all += generator.make(version.structure("ORU_R01"), n);
  for (const char* part : {"~", "&", "\\T\\", "\\.br\\", "|\"\"", "ZGN|", "UNICODE UTF-8", "\rNTE|", "\rORC|"})
    EXPECT_NE(all.find(part), std::string::npos) << part;
}

TEST(MessageGenerator, MakesValidMessagesOfEveryStructureOfEveryVersion) {
  std::size_t made = 0;
  std::size_t drawn_again = 0;               // "ORC" alone in OML_O33: an order, or the begin of a prior one?
  std::map<std::string, std::size_t> kinds;  // of findings
  std::map<std::string, std::string> first;
  for (std::size_t v = 0; v < hl7::version_count(); ++v) {
    const hl7::Version version = hl7::version_at(v);
    MessageGenerator generator(version);
    for (std::size_t s = 0; s < version.structure_count(); ++s) {
      const hl7::Structure structure = version.structure_at(s);
      const hl7::Validator validator(version, structure);
      hl7::Placement placement;
      for (std::uint64_t n = 0; n < 3; ++n) {
        const std::string bytes = generator.make(structure, n);
        if (generator.drawn_again() > 0) ++drawn_again;
        const auto message = hl7::Message::parse(std::string_view(bytes));
        ASSERT_TRUE(message) << version.name() << " " << structure.name();
        EXPECT_TRUE(message->quirks().none()) << version.name() << " " << structure.name();
        std::vector<hl7::Finding> findings;
        validator.placer().place(*message, placement);
        validator.check(*message, placement, findings);
        ++made;
        for (const hl7::Finding& finding : findings) {
          const std::string kind = fmt::format("{}-{}.{}: {}", finding.segment_name, finding.location.field,
                                               finding.location.component, finding.text);
          ++kinds[kind];
          first.try_emplace(kind, fmt::format("{} {} number {}", version.name(), structure.name(), n));
        }
      }
    }
  }
  EXPECT_GT(made, 300U * hl7::version_count());
  EXPECT_LE(drawn_again, made / 1000) << "structures in which messages cannot be read as they were meant";
  for (const auto& [kind, count] : kinds) ADD_FAILURE() << count << " x " << kind << ", first in " << first[kind];
}

}  // namespace
}  // namespace smarthl7::testing
