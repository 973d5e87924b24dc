// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/escape.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace smarthl7::hl7
