// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/continuation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::string_view kHeader = "MSH|^~\\&|LAB|N|HUB|R|20261123||ORU^R01^ORU_R01|MSG00001|P|2.5.1\r";

std::vector<std::string> split(std::string_view bytes, std::size_t most) {
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  auto fragments = split_message(*message, most);
  EXPECT_TRUE(fragments) << fragments.error().text;
  return fragments ? *fragments : std::vector<std::string>{};
}

/// The joined message, or why not.
std::string join(const std::vector<std::string>& fragments, std::size_t most = 1 << 20) {
  FragmentJoiner joiner(most);
  for (const std::string& fragment : fragments) {
    const auto message = Message::parse(std::string_view(fragment));
    EXPECT_TRUE(message);
    const auto step = joiner.add(*message);
    if (!step) return "error: " + step.error().text;
    if (*step == FragmentJoiner::Step::whole) return joiner.take();
  }
  return "waiting";
}

TEST(Continuation, CutsAtTheEndOfASegment) {
  const std::string message = std::string(kHeader) + "PID|1||1001\rOBX|1|ST|a||first\rOBX|2|ST|a||second\r";
  const auto fragments = split(message, kHeader.size() + 48);
  ASSERT_EQ(fragments.size(), 2U);
  EXPECT_EQ(fragments[0], std::string(kHeader) + "PID|1||1001\rOBX|1|ST|a||first\rDSC|MSG00001-2|F\r");
  EXPECT_EQ(fragments[1],
            "MSH|^~\\&|LAB|N|HUB|R|20261123||ORU^R01^ORU_R01|MSG00001-2|P|2.5.1||MSG00001-2\rOBX|2|ST|a||second\r");
  EXPECT_EQ(join(fragments), message);
}

TEST(Continuation, CutsALongSegmentWithAdd) {
  const std::string message = std::string(kHeader) + "OBX|1|ED|a||" + std::string(60, 'x') + "|mm\r";
  const auto fragments = split(message, kHeader.size() + 60);
  ASSERT_EQ(fragments.size(), 4U);
  EXPECT_EQ(fragments[0], std::string(kHeader) + "OBX|1|ED|a|\rADD|\rDSC|MSG00001-2|F\r") << "before a field";
  EXPECT_TRUE(fragments[1].find("\rADD||xxx") != std::string::npos) << "within a long one";
  for (const std::string& fragment : fragments) EXPECT_LE(fragment.size(), kHeader.size() + 60);
  EXPECT_EQ(join(fragments), message);
}

TEST(Continuation, WhatFitsIsNotCut) {
  const std::string message = std::string(kHeader) + "PID|1\r";
  EXPECT_EQ(split(message, message.size()), std::vector{message});
  EXPECT_EQ(join({message}), message);
}

TEST(Continuation, OlderVersionsHaveNoStyle) {
  const std::string message = "MSH|^~\\&|A|||||| ORU^R01|1|P|2.3\rNTE|1||" + std::string(100, 'a') + "\r";
  EXPECT_NE(split(message, 100)[0].find("DSC|1-2\r"), std::string::npos);
}

TEST(Continuation, EveryMessageComesBackByteForByte) {
  testing::Seeded random(5);
  const std::vector<std::string_view> parts = {"PID|1||1001^^^A~1002",
                                               "OBX|1|TX|||",
                                               "\\F\\",
                                               "\\.br\\",
                                               "\xC3\xBC",
                                               "\xF0\x9F\x98\x80",
                                               "|",
                                               "ADD|more",
                                               "\r",
                                               "\n",
                                               "\r\n",
                                               "aaaaaaaaaaaaaaaaaaaaaaaa",
                                               "\xFF\xFF",
                                               "\\"};
  int cut = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string message(kHeader);
    for (std::uint64_t n = random.below(60); n > 0; --n) message += random.one_of(parts);
    const std::size_t most = kHeader.size() + 60 + random.below(100);
    const auto index = Message::parse(std::string_view(message));
    ASSERT_TRUE(index);
    const auto fragments = split_message(*index, most);
    ASSERT_TRUE(fragments) << fragments.error().text;
    for (const std::string& fragment : *fragments) EXPECT_LE(fragment.size(), most);
    ASSERT_EQ(join(*fragments), message);
    cut += fragments->size() > 1 ? 1 : 0;
  }
  EXPECT_GT(cut, 1000);
}

TEST(Continuation, PointersHoldNoDelimiter) {
  struct Case {
    std::string_view begin;
    std::string_view pointer;
  };
  constexpr std::array<Case, 4> kCases = {
      {{"MSH-^~\\&-A------ORU^R01-7-P-2.5\rNTE-1--", "\rDSC-7.2-F\r"},
       {"MSH.-_:+.A......ORU-R01.7.P.2\rNTE.1..", "\rDSC.7/2\r"},
       {"MSH|-._:+|A||||||ORU-R01|7|P|\rNTE|1||", "\rDSC|7/2|F\r"},
       {"MSH|^~\\&|A||||||ORU^R01|123456789012345\\T\\8901|P|2.5\rNTE|1||", "\rDSC|123456789012345\\T\\-2|F\r"}}};
  for (const auto& [begin, pointer] : kCases) {
    const std::string message = std::string(begin) + std::string(200, 'a') + "\r";
    const auto fragments = split(message, 150);
    ASSERT_GT(fragments.size(), 1U);
    EXPECT_TRUE(fragments[0].ends_with(pointer)) << fragments[0];
    EXPECT_EQ(join(fragments), message);
  }
  const std::string cut = "MSH|^~\\&|A||||||ORU^R01|1234567890123456\\T\\|P|2.5\rNTE|1||" + std::string(200, 'a') + "\r";
  EXPECT_TRUE(split(cut, 150)[0].ends_with("\rDSC|1234567890123456-2|F\r")) << "no half of an escape sequence";
}

TEST(Continuation, CharactersAndSequencesStayWhole) {
  std::string text;
  for (int n = 0; n < 40; ++n) text += "\xC3\xBC\\F\\\xF0\x9F\x98\x80";
  const std::string message = std::string(kHeader) + "NTE|1||" + text + "\r";
  for (std::size_t most = kHeader.size() + 55; most < kHeader.size() + 75; ++most) {
    const auto fragments = split(message, most);
    EXPECT_EQ(join(fragments), message);
    for (std::size_t n = 0; n + 1 < fragments.size(); ++n) {
      const std::size_t end = fragments[n].find("\rADD|\r");
      ASSERT_NE(end, std::string::npos);
      const std::string_view body = std::string_view(fragments[n]).substr(kHeader.size());
      EXPECT_EQ(std::ranges::count(body, '\\') % 2, 0);
      const std::size_t next = fragments[n + 1].find("\rADD|") + 5;
      EXPECT_NE(static_cast<unsigned char>(fragments[n + 1][next]) & 0xC0U, 0x80U);
    }
  }
}

TEST(Continuation, TheBeginningOfASegmentIsNoPointer) {
  const std::string sequence = "DSC\\Z" + std::string(100, 'z') + "\\";  // cut before the escape character
  for (const std::string_view segment : {std::string_view(sequence), std::string_view("DSCX"), std::string_view("DSC")}) {
    for (std::size_t blank = 0; blank < 40; ++blank) {
      const std::string message =
          std::string(kHeader) + "PID|1\r" + std::string(segment) + std::string(blank, '\r') + "NTE|1\r";
      const auto index = Message::parse(std::string_view(message));
      ASSERT_TRUE(index);
      for (std::size_t most = kHeader.size() + 40; most < message.size(); ++most) {
        const auto fragments = split_message(*index, most);
        if (segment == "DSC") {
          EXPECT_FALSE(fragments);
        } else if (fragments) {
          EXPECT_EQ(join(*fragments), message);
        }
      }
    }
  }
}

TEST(Continuation, WhatCannotBeSplit) {
  const auto error = [](std::string_view rest, std::size_t most) {
    const std::string bytes = std::string(kHeader) + std::string(rest) + "NTE|1||" + std::string(300, 'a') + "\r";
    const auto message = Message::parse(std::string_view(bytes));
    const auto fragments = split_message(*message, most);
    return fragments ? std::string() : fragments.error().text;
  };
  EXPECT_EQ(error("", 40), "a fragment of 40 bytes does not hold the header and its pointers");
  EXPECT_EQ(error("DSC|1\r", 200), "the message is a part of a continued one already (MSH-14 or DSC)");
  EXPECT_EQ(error("ADD|\r", 200), "the message holds an empty ADD, which marks the end of a fragment");
  EXPECT_EQ(error("ADD|more\r", 200), "");
}

TEST(Continuation, JoiningChecksOrderPointersAndAdd) {
  const std::string message =
      std::string(kHeader) + "OBX|1|TX|||" + std::string(200, 'x') + "\rNTE|1||" + std::string(90, 'y') + "\r";
  const auto fragments = split(message, 150);
  ASSERT_GT(fragments.size(), 4U);
  EXPECT_EQ(join({fragments[0], fragments[1]}), "waiting");
  EXPECT_EQ(join({fragments[1]}), "error: the fragment continues one that was not given (MSH-14)");
  const std::string order =
      "error: the fragment's MSH-14 is not the pointer (DSC-1) of the one before: one is missing, or the order is wrong";
  EXPECT_EQ(join({fragments[0], fragments[2]}), order);
  EXPECT_EQ(join({fragments[0], fragments[0]}), order);
  EXPECT_EQ(join({fragments[0], fragments[1]}, 100), "error: the fragments are more than 100 bytes");
  std::string other = fragments[1];
  other.replace(other.find("LAB"), 3, "LAX");
  EXPECT_EQ(join({fragments[0], other}),
            "error: the fragment has another sender, receiver, type or version than the one before");
  std::string without = fragments[1];
  without.replace(without.find("ADD"), 3, "ZZZ");
  EXPECT_EQ(join({fragments[0], without}), "error: a segment was cut, and the next fragment does not begin with ADD");
  const std::string header(kHeader);
  EXPECT_EQ(join({header + "DSC|1|F\rNTE|1\r"}), "error: a DSC stands before the end of the fragment");
  EXPECT_EQ(join({header + "DSC|\r"}), "error: DSC-1, the pointer to the next fragment, is empty");
  EXPECT_EQ(join({header + "DSC|1|I\r"}), "error: DSC-2 says that a query is continued (I), not a message (F)");
}

TEST(Continuation, FragmentsAreKnown) {
  const auto is = [](std::string_view rest) {
    const std::string bytes = std::string(kHeader) + std::string(rest);
    return is_fragment(*Message::parse(std::string_view(bytes)));
  };
  EXPECT_TRUE(is("DSC|7|F\r"));
  EXPECT_TRUE(is("DSC|7\r"));
  EXPECT_FALSE(is("DSC|7|I\r")) << "a query's";
  EXPECT_FALSE(is("DSC|\r"));
  EXPECT_FALSE(is("PID|1\r"));
  EXPECT_TRUE(is_fragment(*Message::parse("MSH|^~\\&|A|||||| ORU^R01|1|P|2.5||7\rPID|1\r")));
}

TEST(Continuation, AJoinerCanBeUsedAgain) {
  FragmentJoiner joiner;
  const std::string one = std::string(kHeader) + "PID|1\r";
  for (int round = 0; round < 2; ++round) {
    EXPECT_FALSE(joiner.waiting());
    const auto step = joiner.add(*Message::parse(std::string_view(one)));
    ASSERT_TRUE(step);
    EXPECT_EQ(*step, FragmentJoiner::Step::whole);
    EXPECT_FALSE(joiner.add(*Message::parse(std::string_view(one)))) << "it must be taken first";
    ASSERT_TRUE(joiner.add(*Message::parse(std::string_view(one))));
    EXPECT_EQ(joiner.take(), one);
  }
}

}  // namespace
}  // namespace smarthl7::hl7
