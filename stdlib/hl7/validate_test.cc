// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/oru_generator.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

/// "103 OBX(2)-11[1].1.0" for each finding, warnings with a W.
std::vector<std::string> check(const std::string& bytes, const SiteRules& rules = {}, std::string_view version = "2.5.1",
                               std::string_view structure = "ORU_R01") {
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  const Version facts = find_version(version).version;
  const Validator validator(facts, facts.structure(structure), rules);
  Placement placement;
  validator.placer().place(*message, placement);
  std::vector<Finding> findings;
  validator.check(*message, placement, findings);
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.text.empty());
    const Location& place = finding.location;
    lines.push_back(fmt::format("{}{} {}({})-{}[{}].{}.{}", finding.severity == Severity::warning ? "W" : "", finding.code,
                                finding.segment_name, finding.sequence, place.field, place.repetition, place.component,
                                place.subcomponent));
  }
  return lines;
}

std::string oru(std::string_view pid, std::string_view rest) {
  return "MSH|^~\\&|A|B|C|D|20260301||ORU^R01^ORU_R01|1|P|2.5.1\r" + std::string(pid) + "\r" + std::string(rest);
}
const std::string kPid = "PID|1||7^^^M^MR||S^J||19700101|F";
const std::string kObr = "OBR|1|||1^X^LN|||20260301||||||||||||||||||F\r";
using Lines = std::vector<std::string>;

TEST(Validate, AGoodMessageHasNoFindings) {
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|NM|1^X^LN||13.5|g/dL|||||F\r")), Lines{});
  for (std::uint64_t n = 0; n < 50; ++n) EXPECT_EQ(check(testing::make_oru({}, n)), Lines{});
}

TEST(Validate, RequiredFieldsAndComponents) {
  EXPECT_EQ(check(oru("PID|1||||", kObr)), (Lines{"101 PID(1)-3[0].0.0", "101 PID(1)-5[0].0.0"}));
  EXPECT_EQ(check(oru("PID|1||\"\"||S", kObr)), (Lines{"101 PID(1)-3[0].0.0"}));
  EXPECT_EQ(check(oru("PID|1||^^~||S", kObr)), (Lines{"101 PID(1)-3[0].0.0"}));
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|NM|1||2\r")), (Lines{"101 OBX(1)-11[0].0.0"}));
}

TEST(Validate, PrimitiveTypes) {
  EXPECT_EQ(check(oru("PID|x||7||S||yesterday", kObr)), (Lines{"102 PID(1)-1[1].0.0", "102 PID(1)-7[1].1.0"}));
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|NM|1||high~1.5|||||||||\r")), (Lines{"101 OBX(1)-11[0].0.0", "102 OBX(1)-5[1].0.0"}));
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|CE|1||a^b^c|||||||||\rOBX|2|TS|1||2026x||||||F\r")),
            (Lines{"101 OBX(1)-11[0].0.0", "102 OBX(2)-5[1].1.0"}));
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|ST|1||\\X41\\||||||F||||20260301+0100\r")), Lines{});
  EXPECT_EQ(check(oru("PID|1||7^^^M^MR^^2026x||S", kObr)), (Lines{"102 PID(1)-3[1].7.0"}));
  EXPECT_EQ(check(oru("PID|1||7^^^M&1&WRONG||S^^^^^^^^^^^2026x", kObr)),
            (Lines{"103 PID(1)-3[1].4.3", "102 PID(1)-5[1].12.1"}));
}

TEST(Validate, TablesOfIdFieldsAreClosedAndCanBeExtended) {
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|NM|1||2||||||Q\r")), Lines{"103 OBX(1)-11[1].0.0"});
  SiteRules rules;
  rules.codes = {{85, "Q"}};
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|NM|1||2||||||Q\r"), rules), Lines{});
  EXPECT_EQ(check(oru("PID|1||7||S|||PLANET", kObr)), Lines{"W104 PID(1)-8[1].0.0"});  // user-defined: only its length
}

TEST(Validate, CardinalityLengthsAndWithdrawnFields) {
  EXPECT_EQ(check(oru("PID|1||7||S||1970~1971", kObr)), Lines{"102 PID(1)-7[2].0.0"});
  EXPECT_EQ(check(oru("PID|1||7||S||||||||||||||" + std::string(17, '9'), kObr)), Lines{"W104 PID(1)-19[1].0.0"});
  std::string umlauts;
  for (int n = 0; n < 16; ++n) umlauts += "\xC3\xBC";
  EXPECT_EQ(check(oru("PID|1||7||S||||||||||||||" + umlauts, kObr)), Lines{});  // characters, not bytes
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|NM|1||2||||||F|||||||||X\r")), Lines{"W102 OBX(1)-20[0].0.0"});
}

TEST(Validate, StructureVersionAndType) {
  EXPECT_EQ(check(oru(kPid, "OBX|1|NM|1||2||||||F\r")), Lines{"100 OBR(1)-0[0].0.0"});
  EXPECT_EQ(check(oru(kPid, "")), Lines{"100 OBR(1)-0[0].0.0"});
  EXPECT_EQ(check(oru(kPid, kObr + "OBX|1|NM|1||2||||||F\rOBR|2|||1|||2026||||||||||||||||||F\rEVN||2026\r")),
            Lines{"W100 EVN(1)-0[0].0.0"});
  const std::string old = "MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.3\rPID|1||7||S\r" + kObr;
  EXPECT_EQ(check(old), Lines{"203 MSH(1)-12[0].0.0"});
  SiteRules rules;
  rules.oldest_version = "2.3";
  EXPECT_EQ(check(old, rules), Lines{});
  rules.oldest_version = "2.4";
  EXPECT_EQ(check(old, rules), Lines{"203 MSH(1)-12[0].0.0"});
  const Lines wrong = check("MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5.1\rPID|1||7||S\r" + kObr);
  ASSERT_FALSE(wrong.empty());
  EXPECT_EQ(wrong[0], "200 MSH(1)-9[0].0.0");
}

TEST(Validate, ASitesOwnSegmentsAndLimits) {
  SiteRules rules;
  rules.segments.push_back(
      {{"ZLR", "OBR", false, false}, {{1, "instrument", "ST", 5, true, false}, {3, "run", "NM", 0, false, false}}});
  EXPECT_EQ(check(oru(kPid, kObr + "ZLR|AN1||7\r"), rules), Lines{});
  EXPECT_EQ(check(oru(kPid, kObr + "ZLR||any thing|x~1\r"), rules),
            (Lines{"101 ZLR(1)-1[0].0.0", "102 ZLR(1)-3[2].0.0", "102 ZLR(1)-3[1].0.0"}));
  EXPECT_EQ(check(oru(kPid, kObr + "ZLR|toolong\r"), rules), Lines{"W104 ZLR(1)-1[1].0.0"});
  const Structure structure = find_version("2.5.1").version.structure("ORU_R01");
  SiteRules once;
  for (NodeIndex at = 0; at < structure.node_count(); ++at) {
    if (structure.node(at).name() == "PATIENT_RESULT") once.once.push_back(at);
  }
  ASSERT_EQ(once.once.size(), 1U);
  EXPECT_EQ(check(oru(kPid, kObr + kPid + "\r" + kObr)), Lines{});
  EXPECT_EQ(check(oru(kPid, kObr + kPid + "\r" + kObr), once), Lines{"100 PID(2)-0[0].0.0"});
}

TEST(Validate, OlderVersionsHaveTheirOwnFacts) {
  const std::string head = "MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.3\r";
  EXPECT_EQ(check(head + "PID|1||7||S||1970x\r" + kObr, {}, "2.3"), Lines{"102 PID(1)-7[1].1.0"});
  EXPECT_EQ(check(head + "PID|1||7||S\r" + kObr + "OBX|1|CE|1||a||||||F\r", {}, "2.3"), Lines{});
}

TEST(Validate, NoBytesAreTooStrange) {
  testing::Seeded draw(3);
  constexpr std::string_view kAlphabet = "|||^^~&&\\\r\r\"012PIDOBXRNMZ.+-";
  const Version facts = find_version("2.5.1").version;
  const Validator validator(facts, facts.structure("ORU_R01"));
  Message message;
  Placement placement;
  std::vector<Finding> findings;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = oru(kPid, kObr);
    const std::size_t at = 9 + draw() % (bytes.size() - 9);
    for (int n = 0; n < 30; ++n) bytes.insert(at, 1, kAlphabet[draw() % kAlphabet.size()]);
    ASSERT_TRUE(message.reset(bytes));
    validator.placer().place(message, placement);
    findings.clear();
    validator.check(message, placement, findings);
    for (const Finding& finding : findings) {
      const auto nothing = std::string_view();
      ASSERT_TRUE(finding.location.segment != kNoSegment || message.raw(finding.location) == nothing);
    }
  }
}

/// Good messages with a few bytes or pieces put in, left out or written over.
std::string damaged(std::uint64_t round, testing::Seeded& draw) {
  const std::string_view nul("\0", 1);
  const std::array<std::string_view, 32> pieces = {
      "|",
      "|",
      "|",
      "^",
      "^^^",
      "~",
      "&",
      "\\T\\",
      "\\",
      "\"\"",
      "0",
      "-1.5",
      "20260231",
      "2026",
      "Q",
      "X1",
      "CE",
      "TS",
      "SN",
      "F",
      "ED",
      "CX|",
      "FT",
      "\\X41\\",
      ".",
      nul,
      "PHYSICIAN",
      "\r",
      "1e5",
      "+",
      "\xC3\xBC\xC3\xBC",
      "a long piece of text that fills more than one word of bits, and twice as many if it comes twice"};
  std::string bytes = testing::make_oru({}, round);
  const std::uint64_t changes = 1 + draw.below(12);
  for (std::uint64_t n = 0; n < changes; ++n) {
    const std::size_t at = 9 + draw.below(bytes.size() - 9);
    const std::string_view piece = draw.one_of(pieces);
    switch (draw.below(4)) {
      case 0: bytes.erase(at, 1 + draw.below(3)); break;
      case 1: bytes.replace(at, piece.size(), piece); break;
      default: bytes.insert(at, piece); break;
    }
  }
  if (draw.below(8) == 0) bytes.insert(9 + draw.below(bytes.size() - 9), 1000, '9');  // more than the bits of a segment hold
  if (draw.below(4) == 0) std::replace(bytes.begin(), bytes.end(), '^', '#');
  return bytes;
}

TEST(Validate, AQuickLookFindsWhatACloseOneFinds) {
  testing::Seeded draw(11);
  SiteRules rules;
  rules.codes = {{85, "Q"}, {125, "X1"}, {203, "PHYSICIAN"}};
  rules.segments.push_back(
      {{"ZLR", "OBR", false, false}, {{1, "instrument", "ST", 5, true, false}, {3, "run", "NM", 0, false, false}}});
  std::size_t found = 0;
  for (const std::string_view name : {"2.3", "2.5.1", "2.8.2"}) {
    const Version facts = find_version(name).version;
    const Validator validator(facts, facts.structure("ORU_R01"), rules);
    Message message;
    Placement placement;
    for (std::uint64_t round = 0; round < 3000; ++round) {
      const std::string bytes = damaged(round, draw);
      if (!message.reset(bytes)) continue;
      validator.placer().place(message, placement);
      std::vector<Finding> quick;
      std::vector<Finding> close;
      validator.check(message, placement, quick, {.look = Look::quick});
      validator.check(message, placement, close, {.look = Look::close});
      ASSERT_EQ(quick, close) << bytes;
      found += close.size();
    }
  }
  EXPECT_GT(found, 10000U);
}

}  // namespace
}  // namespace smarthl7::hl7
