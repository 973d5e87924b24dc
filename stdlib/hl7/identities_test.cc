// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/identities.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace smarthl7::hl7 {
namespace {

std::string message(const std::string& rest) { return "MSH|^~\\&|A|B|C|D|20260101||ADT^A08|1|P|2.5.1\r" + rest; }

bool share(const std::string& a, const std::string& b) {
  for (const std::uint64_t one : patient_identities(a))
    if (std::ranges::count(patient_identities(b), one) > 0) return true;
  return false;
}

TEST(Identities, AreTheIdentifierWithItsAuthorityWhereverItStands) {
  const std::string one = message("PID|1||123^^^MERCY^MR~9^^^STATE^SS\r");
  EXPECT_EQ(patient_identities(one).size(), 2U);
  EXPECT_TRUE(share(one, message("PID|1||77^^^MERCY~123^^^MERCY^PI\r")));  // another type
  EXPECT_TRUE(share(one, message("PID|1||5^^^MERCY\rMRG|123^^^MERCY\r")));
  EXPECT_TRUE(share(one, message("PID|1|123^^^MERCY|5^^^MERCY\r")));
  EXPECT_TRUE(share(
      one, "FHS|^~\\&|A\rBHS|^~\\&|A\r" + message("PID|1||8^^^X\r") + message("PID|1||123^^^MERCY\r") + "BTS|2\rFTS|1\r"));
  EXPECT_FALSE(share(one, message("PID|1||123^^^OTHER\r")));
  EXPECT_FALSE(share(one, message("PID|1||1234^^^MERCY\r")));
}

TEST(Identities, NobodyWithoutPatientOrMessage) {
  EXPECT_TRUE(patient_identities(message("MFI|CDM\r")).empty());
  EXPECT_TRUE(patient_identities(message("PID|1||\"\"\r")).empty());
  EXPECT_TRUE(patient_identities("garbage").empty());
}

TEST(Identities, DifferencesNamePlacesAndNoValues) {
  const std::string before = message("PID|1||123^^^MERCY||DOE^JO\rOBX|1|NM|A||1\rOBX|2|NM|B||2\r");
  EXPECT_EQ(differing_fields(before, before), "");
  EXPECT_EQ(differing_fields(before, message("PID|1||124^^^MERCY||DOE^JO\rOBX|1|NM|A||1\rOBX|2|NM|B||3||x\r")),
            "PID-3, OBX[2]-5, OBX[2]-7");
  EXPECT_EQ(differing_fields(before, message("PID|1||123^^^MERCY||DOE^JO\rNTE|1\r")), "what follows segment 2");
  EXPECT_EQ(differing_fields("x", "y"), "all of it");
}

}  // namespace
}  // namespace smarthl7::hl7
