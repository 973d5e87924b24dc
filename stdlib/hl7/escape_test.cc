// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/escape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stdlib/hl7/escape_check.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

const Delimiters kUsual;

std::string encoded(std::string_view text, const Delimiters& delimiters = kUsual) {
  std::string out;
  EXPECT_TRUE(encode(text, delimiters, out));
  return out;
}

TEST(Escape, DecodesDelimitersAndHex) {
  EXPECT_EQ(decoded("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", kUsual), "a|b^c&d~e\\f");
  EXPECT_EQ(decoded("line\\X0D0A\\next\\X41\\", kUsual), "line\r\nnextA");
  EXPECT_EQ(decoded("\\P\\", Delimiters{'|', '^', '~', '\\', '&', '#'}), "#");
  EXPECT_EQ(decoded("!F!", Delimiters{'$', '%', '*', '!', '@', 0}), "$");
}

TEST(Escape, KeepsFormattingAndWhatIsNoSequence) {
  std::string buffer;
  DecodeNotes notes;
  EXPECT_EQ(decode("\\H\\bold\\N\\ \\.br\\ \\C2842\\ \\M2842\\ \\Z1\\", kUsual, buffer, &notes),
            "\\H\\bold\\N\\ \\.br\\ \\C2842\\ \\M2842\\ \\Z1\\");
  EXPECT_TRUE(notes.kept);
  EXPECT_FALSE(notes.malformed);
  for (const std::string_view odd : {"C:\\temp\\new", "\\", "a\\", "\\\\", "\\X4\\", "\\XZZ\\", "\\X\\", "\\F", "\\P\\"}) {
    notes = {};
    EXPECT_EQ(decode(odd, kUsual, buffer, &notes), odd);
    EXPECT_TRUE(notes.malformed) << odd;
  }
}

TEST(Escape, PlainTextIsNotCopied) {
  const std::string_view raw = "plain";
  std::string buffer;
  EXPECT_EQ(decode(raw, kUsual, buffer).data(), raw.data());
}

TEST(Escape, EncodesWhatWouldChangeTheMessage) {
  EXPECT_EQ(encoded("a|b^c&d~e\\f"), "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f");
  EXPECT_EQ(encoded("a\r\nb\x0B\x1C"), "a\\X0D\\\\X0A\\b\\X0B\\\\X1C\\");
  EXPECT_EQ(encoded("\"\""), "\\X22\\\"");
  EXPECT_EQ(encoded("\""), "\"");
  EXPECT_EQ(encoded("#"), "#");
}

TEST(Escape, WithoutAnEscapeCharacterOnlyPlainTextCanBeWritten) {
  Delimiters none;
  none.escape = 0;
  std::string out = "before";
  EXPECT_TRUE(encode("plain \\ text", none, out));
  EXPECT_EQ(out, "beforeplain \\ text");
  EXPECT_FALSE(encode("a|b", none, out));
  EXPECT_FALSE(encode("a\rb", none, out));
  EXPECT_FALSE(encode("\"\"", none, out));
  EXPECT_EQ(out, "beforeplain \\ text");
  EXPECT_EQ(decoded("a\\F\\b", none), "a\\F\\b");
}

TEST(Escape, DecodingWhatWasEncodedGivesTheTextBack) {
  testing::Seeded draw(42);
  constexpr std::string_view kAlphabet = "|^~\\&#\r\n\"FSTREXHN.br0D\x0B\x1C";
  const Delimiters five{'|', '^', '~', '\\', '&', '#'};
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const std::size_t size = draw() % 12;
    for (std::size_t n = 0; n < size; ++n) {
      text.push_back(draw() % 3 == 0 ? static_cast<char>(draw()) : kAlphabet[draw() % kAlphabet.size()]);
    }
    for (const Delimiters& delimiters : {kUsual, five, Delimiters{'$', '%', '*', '!', '@', 0}}) {
      const std::string written = encoded(text, delimiters);
      ASSERT_EQ(decoded(written, delimiters), text);
      ASSERT_NE(written, "\"\"");
      for (const char c : written) {
        ASSERT_TRUE(c == delimiters.escape || !delimiters.has(c));
        ASSERT_TRUE(c != '\r' && c != '\n' && c != '\x0B' && c != '\x1C');
      }
    }
  }
}

std::vector<EscapeKind> kinds(std::string_view raw, const Delimiters& delimiters = kUsual) {
  std::vector<EscapeKind> all;
  EscapeTokens tokens(raw, delimiters);
  std::string together;
  for (EscapeToken token; tokens.next(token);) {
    all.push_back(token.kind);
    together += token.raw;
    EXPECT_FALSE(name_of(token.kind).empty());
  }
  EXPECT_EQ(together, raw);
  return all;
}

std::string plain(std::string_view raw) {
  std::string out;
  append_plain_text(raw, kUsual, out);
  return out;
}

TEST(EscapeTokens, EverySequenceOfTheStandardHasItsKind) {
  using enum EscapeKind;
  using ::testing::ElementsAre;
  const Delimiters newest{'|', '^', '~', '\\', '&', '#'};
  EXPECT_THAT(kinds("\\F\\\\S\\\\T\\\\R\\\\E\\\\P\\", newest),
              ElementsAre(delimiter, delimiter, delimiter, delimiter, delimiter, delimiter));
  EXPECT_THAT(kinds("a\\H\\b\\N\\"), ElementsAre(text, highlight, text, normal));
  EXPECT_THAT(kinds("\\X0D0A\\\\C2D41\\\\M2442\\\\M242844\\\\Z\\\\Zany thing\\"),
              ElementsAre(hexadecimal, single_byte_set, multi_byte_set, multi_byte_set, local, local));
  EXPECT_THAT(kinds("\\.br\\\\.sp\\\\.sp3\\\\.sp 3\\\\.fi\\\\.nf\\\\.in+4\\\\.ti-2\\\\.sk5\\\\.ce\\"),
              ElementsAre(line_break, space, space, space, fill, no_fill, indent, temporary_indent, skip, center));
  EscapeTokens tokens("\\.in+4\\\\F\\", kUsual);
  EscapeToken token;
  ASSERT_TRUE(tokens.next(token));
  EXPECT_EQ(token.value, "+4");
  ASSERT_TRUE(tokens.next(token));
  EXPECT_EQ(token.character, '|');
  EXPECT_FALSE(tokens.next(token));
}

TEST(EscapeTokens, WhatIsNoSequenceIsAStrayEscapeCharacter) {
  using enum EscapeKind;
  using ::testing::Contains;
  using ::testing::ElementsAre;
  for (const std::string_view odd : {"\\", "\\\\", "\\Q\\", "\\X0\\", "\\XGG\\", "\\C2D\\", "\\M24\\", "\\.xx\\", "\\.br2\\",
                                     "\\.in\\", "\\.sk\\", "\\.spx\\", "\\f\\", "\\P\\", "C:\\Chris\\M"}) {
    EXPECT_THAT(kinds(odd), Contains(stray)) << odd;
    EXPECT_EQ(decoded(odd, kUsual), odd);
  }
  EXPECT_THAT(kinds("a\\Q\\F\\"), ElementsAre(text, stray, text, delimiter)) << "a stray one hides no sequence";
  EXPECT_THAT(kinds("a\\F\\", Delimiters{'|', '^', '~', 0, '&', 0}), ElementsAre(text));
}

TEST(EscapeTokens, PlainText) {
  EXPECT_EQ(plain("\\H\\RESULT\\N\\ a\\T\\b"), "RESULT a&b");
  EXPECT_EQ(plain("one\\.br\\two\\.sp2\\three"), "one\ntwo\n\nthree");
  EXPECT_EQ(plain("\\.in+2\\one\\.br\\\\.ti-2\\two\\.br\\three"), "  one\ntwo\n  three");
  EXPECT_EQ(plain("a\\.sk3\\b\\.ce\\c"), "a   b\nc");
  EXPECT_EQ(plain("\\.nf\\a\\.fi\\\\X41\\\\Zx\\\\Q"), "aA\\Zx\\\\Q");
  EXPECT_LE(plain("\\.sp9999\\").size(), 200U);
}

TEST(EscapeTokens, Truncation) {
  const Delimiters newest{'|', '^', '~', '\\', '&', '#'};
  EXPECT_TRUE(is_truncated("a long te#", newest));
  EXPECT_FALSE(is_truncated("a long te\\P\\", newest)) << "the character itself";
  EXPECT_FALSE(is_truncated("a long te#", kUsual)) << "MSH-2 names none";
  EXPECT_EQ(encoded("#1", newest), "\\P\\1");
  EXPECT_EQ(encoded("#1"), "#1");
}

TEST(EscapeCheck, StrayEscapeCharactersAreReported) {
  const auto message = Message::parse("MSH|^~\\&|A|||||||1|P|2.5\rNTE|1||a\\F\\b\rNTE|2||ok\\T\\C:\\temp|\\Q\\\r");
  ASSERT_TRUE(message);
  std::vector<Finding> findings;
  check_escapes(*message, findings);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].location, (Location{2, 3, 0, 0, 0}));
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_EQ(findings[0].text, "an escape sequence, or \\E\\ for the character itself, at byte 8");
  EXPECT_EQ(findings[1].location.field, 4);
  findings.clear();
  check_escapes(*message, findings, 1);
  EXPECT_EQ(findings.size(), 1U);
}

}  // namespace
}  // namespace smarthl7::hl7
