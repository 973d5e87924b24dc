// SPDX-License-Identifier: Apache-2.0
#include "tests/support/oru_generator.h"

#include <gtest/gtest.h>

#include "stdlib/hl7/message.h"

namespace smarthl7::testing {
namespace {

TEST(OruGenerator, IsDeterministicAndAboutTwoAndAHalfKilobytes) {
  const OruOptions options;
  std::size_t total = 0;
  for (std::uint64_t n = 0; n < 100; ++n) {
    EXPECT_EQ(make_oru(options, n), make_oru(options, n));
    EXPECT_NE(make_oru(options, n), make_oru(options, n + 1));
    total += make_oru(options, n).size();
  }
  EXPECT_GT(total / 100, 2200U);
  EXPECT_LT(total / 100, 2800U);
}

TEST(OruGenerator, SaysWhatItWasToldTo) {
  OruOptions options;
  options.facilities = {"ALPHA", "BETA", "GAMMA"};
  options.local_segment = true;
  for (std::uint64_t n = 0; n < 50; ++n) {
    const std::string bytes = make_oru(options, n);
    const auto message = hl7::Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->quirks().none());
    EXPECT_EQ(message->control_id(), oru_control_id(options, n));
    EXPECT_EQ(message->structure_id(), "ORU_R01");
    EXPECT_EQ(message->count("OBX"), 20U);
    EXPECT_EQ(message->count("ZLR"), 1U);
    EXPECT_EQ(message->segment(*message->find("PV1")).field(3).component(4).raw(), oru_facility(options, n));
    EXPECT_EQ(message->segment(*message->find("PID")).field(3).component(4).raw(), oru_facility(options, n));
  }
}

}  // namespace
}  // namespace smarthl7::testing
