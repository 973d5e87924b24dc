// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smarthl7 {
namespace {

TEST(Networks, hold_what_is_in_them) {
  const Networks some = Networks::parse("10.0.0.0/8, 192.0.2.7, 172.16.0.0/12 fd00::/8").value();
  for (const char* in : {"10.255.1.2:40112", "192.0.2.7:1", "172.31.255.255:9", "[fd12::7]:2575", "[::ffff:10.0.0.1]:5"})
    EXPECT_TRUE(some.hold(in)) << in;
  for (const char* out : {"11.0.0.1:1", "192.0.2.8:1", "172.32.0.1:1", "[fe80::1]:1", "[::1]:1", "unix uid 0", ""})
    EXPECT_FALSE(some.hold(out)) << out;
}

TEST(Networks, everybody_of_a_family) {
  EXPECT_TRUE(Networks::parse("0.0.0.0/0").value().hold("203.0.113.9:1"));
  EXPECT_FALSE(Networks::parse("0.0.0.0/0").value().hold("[2001:db8::1]:1"));
  EXPECT_TRUE(Networks::parse("::/0").value().hold("[2001:db8::1]:1"));
}

TEST(Networks, slips_are_named) {
  for (const auto& [text, said] : {std::pair{"10.0.0.1/8", "bits beyond its prefix"},
                                   {"10.0.0.0/33", "0 to 32 bits"},
                                   {"10.0.0.0/", "0 to 32 bits"},
                                   {"10.0.0", "not an address"},
                                   {"lab.example", "not an address"},
                                   {"fd00::/129", "0 to 128 bits"},
                                   {" , ", "no address"}}) {
    const auto parsed = Networks::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_THAT(parsed.error().text, ::testing::HasSubstr(said));
  }
}

}  // namespace
}  // namespace smarthl7
