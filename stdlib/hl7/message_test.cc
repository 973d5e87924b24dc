// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/message.h"

#include <gtest/gtest.h>

#include "tests/support/oru_generator.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

Message parsed(std::string_view bytes) {
  auto message = Message::parse(SharedBytes(std::string(bytes)));
  EXPECT_TRUE(message) << (message ? "" : message.error().text);
  return message ? std::move(*message) : Message();
}

constexpr std::string_view kSmall =
    "MSH|^~\\&|APP|FAC|HUB|REG|20260301||ORU^R01^ORU_R01|C1|P|2.5.1\r"
    "PID|1||123^^^MERCY&1.2&ISO^MR~456^^^X||SMITH&VON^JOHN|\"\"||^^\r"
    "OBX|1|NM|718-7||13.5\r"
    "OBX|2|NM|4544-3||41\r";

TEST(Message, FindsSegmentsFieldsAndParts) {
  const Message message = parsed(kSmall);
  EXPECT_TRUE(message.quirks().none());
  ASSERT_EQ(message.segment_count(), 4U);
  EXPECT_EQ(message.segment(1).name(), "PID");
  EXPECT_EQ(message.count("OBX"), 2U);
  EXPECT_EQ(message.find("OBX", 2), 3U);
  EXPECT_FALSE(message.find("OBX", 3));
  const SegmentView pid = message.segment(1);
  EXPECT_EQ(pid.field_count(), 8U);
  const FieldView ids = pid.field(3);
  EXPECT_EQ(ids.raw(), "123^^^MERCY&1.2&ISO^MR~456^^^X");
  EXPECT_EQ(ids.repetition_count(), 2U);
  EXPECT_EQ(ids.repetition(2).component(4).raw(), "X");
  EXPECT_EQ(ids.repetition(1).component_count(), 5U);
  EXPECT_EQ(ids.component(4).subcomponent(2).raw(), "1.2");
  EXPECT_EQ(ids.component(4).subcomponent_count(), 3U);
  EXPECT_EQ(ids.component(4).text(), "MERCY");
  EXPECT_TRUE(ids.repetition(3).absent());
  EXPECT_EQ(pid.field(5).text(), "SMITH");
  EXPECT_TRUE(pid.field(99).absent());
  EXPECT_TRUE(pid.field(0).absent());
}

TEST(Message, AbsentNullAndPresentAreDifferent) {
  const Message message = parsed(kSmall);
  const SegmentView pid = message.segment(1);
  EXPECT_EQ(pid.field(2).state(), State::absent);
  EXPECT_EQ(pid.field(6).state(), State::null);
  EXPECT_EQ(pid.field(5).state(), State::present);
  EXPECT_EQ(pid.field(8).state(), State::absent);  // delimiters alone say nothing
}

TEST(Message, HeaderFieldsAreCountedFromTheSeparator) {
  const Message message = parsed(kSmall);
  EXPECT_EQ(message.header(1).raw(), "|");
  EXPECT_EQ(message.header(2).raw(), "^~\\&");
  EXPECT_EQ(message.header(2).repetition_count(), 1U);
  EXPECT_EQ(message.segment(0).field_count(), 12U);
  EXPECT_EQ(message.sending_application(), "APP");
  EXPECT_EQ(message.receiving_facility(), "REG");
  EXPECT_EQ(message.message_code(), "ORU");
  EXPECT_EQ(message.trigger_event(), "R01");
  EXPECT_EQ(message.structure_id(), "ORU_R01");
  EXPECT_EQ(message.control_id(), "C1");
  EXPECT_EQ(message.version(), "2.5.1");
  EXPECT_EQ(message.character_set(), "");
  EXPECT_EQ(parsed("MSH|^~\\&|||||||ADT^A04|7|P|2.5.1\r").structure_id(), "ADT_A01");
}

TEST(Message, LocationsReachEveryLevel) {
  const Message message = parsed(kSmall);
  EXPECT_EQ(message.raw({1, 0, 0, 0, 0}), message.segment(1).raw());
  EXPECT_EQ(message.raw({1, 3, 0, 0, 0}), "123^^^MERCY&1.2&ISO^MR~456^^^X");
  EXPECT_EQ(message.raw({1, 3, 2, 0, 0}), "456^^^X");
  EXPECT_EQ(message.raw({1, 3, 0, 4, 0}), "MERCY&1.2&ISO");
  EXPECT_EQ(message.raw({1, 3, 1, 4, 3}), "ISO");
  EXPECT_EQ(message.raw({1, 5, 0, 0, 2}), "VON");
  EXPECT_EQ(message.text({1, 3, 0, 4, 0}), "MERCY");
  EXPECT_EQ(message.raw({9, 3, 0, 0, 0}), "");
  EXPECT_EQ(message.raw({0, 2, 1, 1, 0}), "^~\\&");
  EXPECT_EQ(message.state({0, 2, 0, 0, 0}), State::present);
  EXPECT_EQ(message.raw(Location{}), "");
}

TEST(Message, DelimitersComeFromTheHeader) {
  const Message odd = parsed("MSH$%*!@$A$B\rPID$1$$1%2@3*4\r");
  EXPECT_EQ(odd.delimiters(), (Delimiters{'$', '%', '*', '!', '@', 0}));
  EXPECT_EQ(odd.segment(1).field(3).repetition(1).component(2).subcomponent(2).raw(), "3");
  const Message five = parsed("MSH|^~\\&#|A\r");
  EXPECT_EQ(five.delimiters().truncation, '#');
  EXPECT_FALSE(five.quirks().has(Quirk::extra_encoding_characters));
  const Message six = parsed("MSH|^~\\&#@|A\r");
  EXPECT_TRUE(six.quirks().has(Quirk::extra_encoding_characters));
  EXPECT_EQ(six.header(3).raw(), "A");
  const Message two = parsed("MSH|^~|A\rPID|a&b\r");
  EXPECT_TRUE(two.quirks().has(Quirk::missing_encoding_characters));
  EXPECT_EQ(two.delimiters(), Delimiters{});
  const Message clash = parsed("MSH|&~|A\r");  // the usual subcomponent separator already separates components
  EXPECT_EQ(clash.delimiters().component, '&');
  EXPECT_EQ(clash.delimiters().subcomponent, 0);
  EXPECT_EQ(parsed("MSH||A\r").delimiters(), Delimiters{});
}

TEST(Message, WhatCannotBeAMessageIsAnError) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes :
       {""sv, "\r\n\r\n"sv, "M"sv, "MSH"sv, "MSH\r"sv, "PID|1\r"sv, "msh|^~\\&|\r"sv, "MSHA^~\\&A\r"sv, "MSH\0^~\\&\0"sv,
        "MSH|^^\\&|\r"sv, "MSH|^~\\^|\r"sv, "MSH|A~\\&|\r"sv, "MSH|^~\\ |\r"sv, "MSH|^~\"&|\r"sv, "\xFF\xFEM\0S\0H\0|\0"sv,
        "MSH|^\xC3\\&|\r"sv, "MSH|^\0\\&|\r"sv, "FHS|^~\\&|\rMSH|^~\\&|\r"sv, " MSH|^~\\&|\r"sv}) {
    const auto message = Message::parse(bytes);
    ASSERT_FALSE(message) << bytes;
    EXPECT_EQ(message.error().code, ErrorCode::invalid);
    EXPECT_FALSE(message.error().text.empty());
  }
}

TEST(Message, TerminatorsAndMarksAreToleratedAndReported) {
  const auto with = [](std::string_view terminator) {
    return "MSH|^~\\&|||||||||||2.5.1|" + std::string(terminator) + "PID|1" + std::string(terminator);
  };
  EXPECT_TRUE(parsed(with("\r")).quirks().none());
  const Message feeds = parsed(with("\n"));
  EXPECT_TRUE(feeds.quirks().has(Quirk::lf_terminator));
  EXPECT_FALSE(feeds.quirks().has(Quirk::mixed_terminators));
  const Message both = parsed(with("\r\n"));
  EXPECT_TRUE(both.quirks().has(Quirk::crlf_terminator));
  EXPECT_FALSE(both.quirks().has(Quirk::empty_segment));
  EXPECT_FALSE(both.quirks().has(Quirk::mixed_terminators));
  EXPECT_EQ(both.segment_count(), 2U);
  EXPECT_EQ(both.segment(1).raw(), "PID|1");
  EXPECT_TRUE(parsed("MSH|^~\\&|A\rPID|1\nPV1|1\r").quirks().has(Quirk::mixed_terminators));
  EXPECT_TRUE(parsed("MSH|^~\\&|A\rPID|1\r\nPV1|1\r").quirks().has(Quirk::mixed_terminators));
  const Message gaps = parsed("MSH|^~\\&|A\r\rPID|1\n\r");
  EXPECT_TRUE(gaps.quirks().has(Quirk::empty_segment));
  EXPECT_EQ(gaps.segment_count(), 2U);
  EXPECT_TRUE(parsed("MSH|^~\\&|A").quirks().has(Quirk::no_final_terminator));
  const std::string marked = "\xEF\xBB\xBF" + with("\r");
  const Message mark = parsed(marked);
  EXPECT_TRUE(mark.quirks().has(Quirk::byte_order_mark));
  EXPECT_EQ(mark.segment(0).name(), "MSH");
}

TEST(Message, OddContentIsReported) {
  using namespace std::string_view_literals;
  const Message nul = parsed("MSH|^~\\&|A\0B\r"sv);
  EXPECT_TRUE(nul.quirks().has(Quirk::nul_byte));
  EXPECT_EQ(nul.header(3).raw(), "A\0B"sv);
  const Message names = parsed("MSH|^~\\&|A\rpid|1\rPI|1\rwhat is this\r1AB|\r|||\r");
  EXPECT_TRUE(names.quirks().has(Quirk::bad_segment_name));
  EXPECT_EQ(names.segment_count(), 6U);
  EXPECT_EQ(names.segment(2).name(), "PI");
  EXPECT_EQ(names.segment(3).name(), "what is this");
  EXPECT_EQ(names.segment(3).field_count(), 0U);
  EXPECT_EQ(names.segment(5).name(), "");
  EXPECT_EQ(names.segment(5).field_count(), 3U);
  EXPECT_EQ(names.find("PI"), 2U);
  EXPECT_TRUE(parsed("MSH|^~\\&|A\rMSH|^~\\&|B\r").quirks().has(Quirk::second_header));
  EXPECT_TRUE(parsed("MSH|^~\\&|A\r").quirks().has(Quirk::short_header));
}

TEST(Message, ResetUsesTheSameBuffersAndKeepsSharedBytesAlive) {
  Message message;
  for (std::uint64_t n = 0; n < 20; ++n) {
    ASSERT_TRUE(message.reset(SharedBytes(testing::make_oru({}, n))));
    EXPECT_EQ(message.control_id(), testing::oru_control_id({}, n));
    EXPECT_EQ(message.count("OBX"), 20U);
  }
  EXPECT_FALSE(message.reset(std::string_view("nothing")));
  EXPECT_EQ(message.segment_count(), 0U);
  EXPECT_EQ(message.bytes(), "");
}

/// The index by the plainest means: for comparison.
void expect_same_as_naive(std::string_view bytes, const Message& message) {
  std::vector<std::string_view> lines;
  std::size_t begin = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (std::size_t at = begin; at <= bytes.size(); ++at) {
    if (at < bytes.size() && bytes[at] != '\r' && bytes[at] != '\n') continue;
    if (at > begin) lines.push_back(bytes.substr(begin, at - begin));
    begin = at + 1;
  }
  ASSERT_EQ(message.segment_count(), lines.size());
  for (std::uint32_t index = 0; index < message.segment_count(); ++index) {
    const SegmentView segment = message.segment(index);
    ASSERT_EQ(segment.raw(), lines[index]);
    std::string_view rest = lines[index];
    std::vector<std::string_view> parts;
    for (;;) {
      const std::size_t end = rest.find(message.delimiters().field);
      parts.push_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    ASSERT_EQ(segment.name(), parts[0]);
    const bool header = parts[0] == "MSH" || parts[0] == "FHS" || parts[0] == "BHS";
    const std::size_t shift = header ? 1 : 0;
    ASSERT_EQ(segment.field_count(), parts.size() - 1 + (parts.size() > 1 ? shift : 0));
    for (std::size_t number = 1 + shift; number <= segment.field_count(); ++number) {
      ASSERT_EQ(segment.field(number).raw(), parts[number - shift]);
    }
  }
}

TEST(Message, BothScansAgreeWithThePlainestIndexOnRandomBytes) {
  testing::Seeded draw(20260301);
  constexpr std::string_view kAlphabet = "|||^~\\&\r\r\n\r\nABCMSHPID123\"\xC3\xA9";
  Message fast;
  Message portable;
  std::size_t messages = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = round % 7 == 0 ? "\xEF\xBB\xBFMSH|^~\\&" : "MSH|^~\\&";
    const std::size_t size = draw() % 400;
    for (std::size_t n = 0; n < size; ++n) {
      bytes.push_back(draw() % 50 == 0 ? static_cast<char>(draw()) : kAlphabet[draw() % kAlphabet.size()]);
    }
    const bool taken = static_cast<bool>(fast.reset(bytes, best_scan()));
    ASSERT_EQ(static_cast<bool>(portable.reset(bytes, ScanKind::portable)), taken);
    if (!taken) continue;
    ++messages;
    ASSERT_EQ(fast.quirks(), portable.quirks());
    ASSERT_NO_FATAL_FAILURE(expect_same_as_naive(bytes, fast));
    ASSERT_NO_FATAL_FAILURE(expect_same_as_naive(bytes, portable));
  }
  EXPECT_GT(messages, 1000U);
}

TEST(Message, LongAndDenseMessagesGrowTheBuffers) {
  std::string bytes = "MSH|^~\\&";
  for (int n = 0; n < 3000; ++n) bytes += "|||||||||||||||||\rA|";
  Message fast;
  Message portable;
  ASSERT_TRUE(fast.reset(bytes));
  ASSERT_TRUE(portable.reset(bytes, ScanKind::portable));
  expect_same_as_naive(bytes, fast);
  expect_same_as_naive(bytes, portable);
}

}  // namespace
}  // namespace smarthl7::hl7
