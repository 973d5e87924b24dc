// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate_charset.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stdlib/hl7/message_type.h"

namespace smarthl7::hl7 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "warning PATH: text", and the tally.
std::vector<std::string> found(std::string_view set, Strictness strictness) {
  std::string bytes = "MSH|^~\\&|A|B|C|D|20261123||ORU^R01^ORU_R01|1|P|2.5.1||||||" + std::string(set);
  bytes += "\rPID|1||7^^^M^MR||S^J\rOBR|1|||1^X^LN\rOBX|1|ST|1^X^LN||fine\rOBX|2|ST|1^X^LN||f\xFCr||||||F\rZZZ|\xE4\r";
  const auto message = Message::parse(std::string_view(bytes));
  EXPECT_TRUE(message);
  const MessageType type = message_type(*message);
  const Validator validator(type.version, type.structure);
  Placement placement;
  validator.placer().place(*message, placement);
  std::vector<Finding> findings;
  Tally tally;
  const TextEncoding encoding = text_encoding(*message);
  if (count_misfits(*message, encoding) > 0 || !can_carry_messages(encoding.base)) {
    check_bytes(*message, encoding, placement, validator.placer(), strictness, findings, tally);
  }
  EXPECT_EQ(tally.errors + tally.others, findings.size());
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    lines.push_back(fmt::format("{} {}: {}", name_of(finding.severity), finding.path, finding.text));
  }
  return lines;
}

TEST(ValidateCharset, BytesThatTheSetCannotHoldAreWarningsWithTheirPlace) {
  for (const Strictness strictness : {Strictness::usual, Strictness::strict, Strictness::tolerant}) {
    EXPECT_THAT(found("ASCII", strictness),
                ElementsAre("warning PATIENT_RESULT.ORDER_OBSERVATION.OBSERVATION[2].OBX-5: text in ASCII; byte 2 is in no "
                            "character of it",
                            "warning ZZZ-1: text in ASCII; byte 1 is in no character of it"));
  }
  EXPECT_EQ(found("", Strictness::usual).size(), 2U) << "no UTF-8";
  EXPECT_THAT(found("8859/1", Strictness::usual), IsEmpty());
  EXPECT_EQ(
      found("UNICODE UTF-16", Strictness::usual).front(),
      "warning MSH-18: a character set in which MSH and the frame can be found; UNICODE UTF-16 is none, and these bytes are "
      "not in it");
}

}  // namespace
}  // namespace smarthl7::hl7
