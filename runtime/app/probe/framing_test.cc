// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/probe/framing.h"

#include <gtest/gtest.h>

namespace smarthl7::app::probe {
namespace {

using namespace std::string_view_literals;

TEST(ProbeFraming, a_right_frame_has_nothing_wrong) {
  const Framing f = look_at_frame("\x0bMSH|x\r\x1c\r"sv, false);
  EXPECT_TRUE(f.whole);
  EXPECT_EQ(f.content, "MSH|x\r");
  EXPECT_EQ(f.used, 9U);
  EXPECT_FALSE(f.no_start || f.start_inside || f.no_end || f.no_return || f.noise > 0);
}

TEST(ProbeFraming, half_a_frame_waits_until_it_ends) {
  for (const auto part : {"\x0bMSH|x\r"sv, "\x0bMSH|x\r\x1c"sv, "\x0b"sv, ""sv}) EXPECT_FALSE(look_at_frame(part, false).whole);
  EXPECT_TRUE(look_at_frame("\x0bMSH|x\r"sv, true).no_end);
  EXPECT_TRUE(look_at_frame("\x0bMSH|x\r\x1c"sv, true).no_return);
}

TEST(ProbeFraming, each_defect_is_named) {
  EXPECT_EQ(look_at_frame("junk\x0bMSH|x\r\x1c\r"sv, false).noise, 4U);
  EXPECT_TRUE(look_at_frame("\x0bMSH|x\r\x1c\n"sv, false).no_return);
  EXPECT_TRUE(look_at_frame("\x0bMSH|\x0b|x\r\x1c\r"sv, false).start_inside);
  const Framing bare = look_at_frame("MSH|x\rMSA|AA|1\r\x1c\r"sv, true);
  EXPECT_TRUE(bare.no_start);
  EXPECT_EQ(bare.content, "MSH|x\rMSA|AA|1\r");
  EXPECT_FALSE(look_at_frame("nothing of ours"sv, true).no_start);
}

TEST(ProbeFraming, says_what_bytes_look_like) {
  EXPECT_EQ(looks_like("\x16\x03\x01"sv), "TLS");
  EXPECT_EQ(looks_like("HTTP/1.1 400 Bad Request\r\n"sv), "HTTP");
  EXPECT_EQ(looks_like("SSH-2.0-OpenSSH_9.2"sv), "SSH");
  EXPECT_EQ(looks_like("\x0bMSH"sv), "a frame");
  EXPECT_EQ(looks_like("220 ready\r\n"sv), "text");
  EXPECT_EQ(looks_like("\x80\x00"sv), "bytes");
}

}  // namespace
}  // namespace smarthl7::app::probe
