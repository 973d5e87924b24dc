// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace smarthl7::transport::mllp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Told {
  std::vector<std::string> frames;
  BadFrame bad = BadFrame::none;
  std::uint64_t noise = 0;
  std::uint64_t tolerated = 0;
  friend bool operator==(const Told&, const Told&) = default;
};

Told decode(std::string_view bytes, std::size_t chunk, FrameDecoder::Rules rules = {}, bool end_of_stream = true,
            std::size_t* parts = nullptr) {
  FrameDecoder decoder(rules);
  Told told;
  std::string taken;  // of the frame that is being read
  const auto drain = [&] {
    while (true) {
      const auto step = decoder.next();
      if (step == FrameDecoder::Step::bad) told.bad = decoder.bad();
      if (step != FrameDecoder::Step::frame) return;
      told.frames.push_back(taken + decoder.take_message());
      taken.clear();
    }
  };
  while (!bytes.empty() && told.bad == BadFrame::none) {
    const auto room = decoder.room();
    const std::size_t count = std::min({bytes.size(), chunk, room.size()});
    std::memcpy(room.data(), bytes.data(), count);
    decoder.filled(count);
    bytes.remove_prefix(count);
    drain();
    if (parts == nullptr) continue;
    const std::size_t pending = decoder.pending_bytes();
    const std::string part = decoder.take_part();
    EXPECT_EQ(decoder.pending_bytes(), pending);
    if (!part.empty()) ++*parts;
    taken += part;
  }
  if (end_of_stream) {
    decoder.take_end();
    drain();
  }
  told.noise = decoder.noise_bytes();
  told.tolerated = decoder.tolerated_endings();
  return told;
}

std::string frame(std::string_view message) { return std::string(kStart) + std::string(message) + std::string(kEnd); }

TEST(Frame, messages_in_a_row) {
  const Told told = decode(frame("MSH|1") + frame("MSH|2"), 1000);
  EXPECT_THAT(told.frames, ElementsAre("MSH|1", "MSH|2"));
  EXPECT_EQ(told.noise, 0U);
  EXPECT_EQ(told.tolerated, 0U);
}

TEST(Frame, an_empty_frame_is_a_frame) { EXPECT_THAT(decode(frame(""), 1).frames, ElementsAre("")); }

TEST(Frame, bytes_outside_are_dropped_and_counted) {
  const Told told = decode("\r\nhello" + frame("MSH|1") + "\n\n" + frame("MSH|2") + "x", 3);
  EXPECT_THAT(told.frames, ElementsAre("MSH|1", "MSH|2"));
  EXPECT_EQ(told.noise, 10U);
}

TEST(Frame, a_start_inside_is_never_merged) {
  const Told told = decode(std::string(kStart) + "MSH|half" + frame("MSH|whole"), 1000);
  EXPECT_THAT(told.frames, IsEmpty());
  EXPECT_EQ(told.bad, BadFrame::start_inside);
}

TEST(Frame, missing_return_is_tolerated_where_the_end_is_certain) {
  const std::string bytes = "\x0bMSH|1\x1c\x0bMSH|2\x1c\n\x0bMSH|3\x1c";
  const Told told = decode(bytes, 1000);
  EXPECT_THAT(told.frames, ElementsAre("MSH|1", "MSH|2", "MSH|3"));
  EXPECT_EQ(told.tolerated, 3U);
  EXPECT_EQ(decode(bytes, 1000, {.tolerant_end = false}).bad, BadFrame::no_return);
  EXPECT_THAT(decode(bytes, 1000, {}, false).frames, ElementsAre("MSH|1", "MSH|2"));  // the third may still get its return
}

TEST(Frame, an_end_block_in_the_middle_of_a_message_does_not_cut_it) {
  const Told told = decode("\x0bMSH|1\rOBX|\x1c|5" + std::string(kEnd), 1000);
  EXPECT_THAT(told.frames, IsEmpty());
  EXPECT_EQ(told.bad, BadFrame::no_return);
}

TEST(Frame, size_limit_counts_the_message_only) {
  EXPECT_THAT(decode(frame("12345678"), 3, {.largest = 8}).frames, ElementsAre("12345678"));
  EXPECT_EQ(decode(frame("123456789"), 3, {.largest = 8}).bad, BadFrame::too_large);
  EXPECT_EQ(decode(std::string(kStart) + std::string(100000, 'x'), 4096, {.largest = 50000}).bad, BadFrame::too_large);
}

TEST(Frame, large_messages_come_whole_in_any_chunks) {
  std::string large(300000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('A' + i * 7 % 40);
  const std::string bytes =
      frame("MSH|small") + frame(large) + frame("MSH|after") + frame(large.substr(0, 9000)) + frame(large.substr(0, 8100));
  for (const std::size_t chunk : {1UL, 7UL, 511UL, 4096UL, 8191UL, 8192UL, 65536UL, 1000000UL}) {
    const Told told = decode(bytes, chunk);
    ASSERT_THAT(told.frames, ElementsAre("MSH|small", large, "MSH|after", large.substr(0, 9000), large.substr(0, 8100)))
        << chunk;
    EXPECT_EQ(told.noise, 0U);
  }
}

TEST(Frame, chunks_make_no_difference) {
  std::uint32_t state = 3;
  const auto random = [&state] { return (state = state * 1664525U + 1013904223U) >> 8; };
  const std::string_view alphabet("\x0b\x1c\r\nMSH|", 8);
  for (int round = 0; round < 4000; ++round) {
    std::string bytes;
    const std::size_t length = random() % 60;
    while (bytes.size() < length) {
      if (random() % 4 == 0)
        bytes += frame("MSH|" + std::string(random() % 20, 'x'));
      else
        bytes += alphabet[random() % alphabet.size()];
    }
    const FrameDecoder::Rules rules{.largest = random() % 3 == 0 ? 12U : 1000U, .tolerant_end = random() % 2 == 0};
    const Told whole = decode(bytes, bytes.size() + 1, rules);
    for (std::size_t chunk = 1; chunk < 9; ++chunk)
      ASSERT_EQ(decode(bytes, chunk, rules), whole) << testing::PrintToString(bytes);
  }
}

TEST(Frame, states_that_a_source_asks_for) {
  FrameDecoder decoder;
  const auto feed = [&](std::string_view bytes) {
    const auto room = decoder.room();
    std::memcpy(room.data(), bytes.data(), bytes.size());
    decoder.filled(bytes.size());
    return decoder.next();
  };
  EXPECT_TRUE(decoder.empty());
  EXPECT_EQ(feed("\x0bMSH"), FrameDecoder::Step::need_more);
  EXPECT_TRUE(decoder.inside());
  EXPECT_FALSE(decoder.empty());
  EXPECT_EQ(decoder.pending_bytes(), 3U);
  EXPECT_FALSE(decoder.ended_without_return());
  EXPECT_EQ(feed("\x1c"), FrameDecoder::Step::need_more);
  EXPECT_TRUE(decoder.ended_without_return());
  EXPECT_EQ(feed("\r"), FrameDecoder::Step::frame);
  EXPECT_TRUE(decoder.empty());
}

TEST(Frame, headers_are_known) {
  for (const char* text : {"MSH|", "FHS|", "BHS|", "\xEF\xBB\xBFMSH|", "\r\nMSH|"}) EXPECT_TRUE(has_header(text)) << text;
  for (const char* text : {"", "PID|1", "msh|", " MSH|", "MS"}) EXPECT_FALSE(has_header(text)) << text;
}

TEST(Frame, what_cannot_be_framed_is_known) {
  EXPECT_TRUE(can_be_framed("MSH|^~\\&|\r"));
  EXPECT_FALSE(can_be_framed("MSH|\x0b"));
  EXPECT_FALSE(can_be_framed("MSH|\x1c"));
}

TEST(Frame, what_comes_does_not_depend_on_parts_that_were_taken) {
  std::string large(40000, 'a');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 26);
  const std::string bytes = "noise" + frame("MSH|" + large) + frame("MSH|small") + frame("MSH|2" + large) +
                            std::string(kStart) + "MSH|3" + large + kEndBlock;
  for (const std::size_t chunk : {1U, 7U, 511U, 4096U, 100000U}) {
    std::size_t parts = 0;
    const Told told = decode(bytes, chunk, {}, true, &parts);
    EXPECT_EQ(told, decode(bytes, chunk)) << chunk;
    EXPECT_EQ(told.frames.size(), 4U);
    EXPECT_GE(parts, chunk < 100000 ? 3U : 0U) << chunk;
  }
}

TEST(Frame, a_frame_of_taken_parts_is_too_large_all_the_same) {
  const std::string bytes = frame("MSH|" + std::string(60000, 'a'));
  for (const std::size_t largest : {59999U, 60003U, 60004U}) {
    std::size_t parts = 0;
    const FrameDecoder::Rules rules{.largest = largest};
    const Told told = decode(bytes, 1000, rules, true, &parts);
    EXPECT_EQ(told, decode(bytes, 1000, rules)) << largest;
    EXPECT_EQ(told.bad, largest < 60004 ? BadFrame::too_large : BadFrame::none);
    EXPECT_GT(parts, 1U);
  }
}

}  // namespace
}  // namespace smarthl7::transport::mllp
