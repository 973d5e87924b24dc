// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/charset_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stdlib/hl7/missing_header.h"

namespace smarthl7::hl7 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string message_in(std::string_view set, std::string_view rest, std::string_view handling = {}) {
  std::string bytes = "MSH|^~\\&|A|B|C|D|20261123||ADT^A01^ADT_A01|1|P|2.5.1||||||" + std::string(set);
  if (!handling.empty()) bytes.append("||").append(handling);
  return bytes.append("\r").append(rest);
}

Message parsed(std::string_view bytes) {
  auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  return std::move(*message);
}

TextEncoding encoding_of(std::string_view set, std::string_view handling = {}, Charset configured = Charset::utf8,
                         std::string_view rest = {}) {
  const std::string bytes = message_in(set, rest, handling);
  return text_encoding(parsed(bytes), configured);
}

std::vector<std::string> findings_of(std::string_view bytes, Charset configured = Charset::utf8) {
  const Message message = parsed(bytes);
  std::vector<Finding> findings;
  check_charset(message, text_encoding(message, configured), findings);
  std::vector<std::string> texts;
  for (const Finding& one : findings) {
    EXPECT_EQ(one.severity, Severity::warning);
    texts.push_back(one.segment_name + "-" + std::to_string(one.location.field) + ": " + one.text);
  }
  return texts;
}

TEST(CharsetMessage, WhatMsh18Declares) {
  EXPECT_EQ(encoding_of("").base, Charset::utf8);
  EXPECT_FALSE(encoding_of("").declared);
  EXPECT_EQ(encoding_of("", {}, Charset::iso8859_1).base, Charset::iso8859_1);
  EXPECT_EQ(encoding_of("UNICODE UTF-8", {}, Charset::iso8859_1).base, Charset::utf8);
  EXPECT_TRUE(encoding_of("8859/1").declared);
  EXPECT_EQ(encoding_of(" 8859/1 ").base, Charset::iso8859_1);
  EXPECT_TRUE(encoding_of("EBCDIC", {}, Charset::iso8859_1).unknown_name);
  EXPECT_EQ(encoding_of("EBCDIC", {}, Charset::iso8859_1).base, Charset::iso8859_1);
  EXPECT_EQ(encoding_of("\"\"").base, Charset::utf8);
  EXPECT_EQ(describe(encoding_of("8859/1~8859/2~8859/5")), "8859/1 with 8859/2, 8859/5");
}

TEST(CharsetMessage, RepetitionsAndMsh20) {
  const TextEncoding japanese = encoding_of("~ISO IR87~ISO IR159", "ISO 2022-1994");
  EXPECT_EQ(describe(japanese), "ASCII with ISO IR87, ISO IR159");
  EXPECT_EQ(japanese.switching, Switching::iso2022);
  EXPECT_EQ(encoding_of("~ISO IR87", "2.3").switching, Switching::hl7);
  EXPECT_EQ(encoding_of("~ISO IR87", {}, Charset::utf8, "PID|\x1B$B;3\x1B(B\r").switching, Switching::iso2022);
  EXPECT_EQ(encoding_of("~ISO IR87").switching, Switching::hl7);
  EXPECT_EQ(describe(encoding_of("ISO IR87", "ISO 2022-1994")), "ASCII with ISO IR87") << "what it is reached from is ASCII";
  EXPECT_EQ(encoding_of("8859/1").switching, Switching::none);
  EXPECT_EQ(describe(encoding_of("~ISO IR87", {}, Charset::iso_ir14)), "ISO IR14 with ISO IR87");
  EXPECT_FALSE(encoding_of("BIG-5").delimiters_are_safe());
  EXPECT_FALSE(encoding_of("GB 18030-2000").delimiters_are_safe());
  EXPECT_TRUE(encoding_of("KS X 1001").delimiters_are_safe());
}

TEST(CharsetMessage, FindingsNameFieldAndByte) {
  EXPECT_THAT(findings_of(message_in("8859/1", "PID|1||7||M\xFCller\r")), IsEmpty());
  EXPECT_THAT(findings_of(message_in("ASCII", "PID|1||7||M\xFCller^Zo\xEB|x\xFF\r")),
              ElementsAre("PID-5: text in ASCII; byte 2 is in no character of it",
                          "PID-6: text in ASCII; byte 2 is in no character of it"));
  EXPECT_THAT(findings_of(message_in("", "PID|1||7||M\xFCller\r")),
              ElementsAre("PID-5: text in UNICODE UTF-8; byte 2 is in no character of it"));
  EXPECT_THAT(findings_of(message_in("KLINGON", "")),
              ElementsAre("MSH-18: a character set of table 0211; read as UNICODE UTF-8"));
  EXPECT_EQ(findings_of(message_in("UNICODE UTF-16", "PID|1\r")).size(), 1U);
  EXPECT_THAT(findings_of(message_in("8859/1", "PID|1||7||\\M2442\\;3\\C2842\\\r")),
              ElementsAre("PID-5: no \\C..\\, since MSH-18 names one character set only",
                          "PID-5: no \\M..\\, since MSH-18 names one character set only"));
  EXPECT_THAT(findings_of(message_in("~ISO IR87", "PID|1||7||\\M2442\\;3\\C2842\\\r", "2.3")), IsEmpty());
  EXPECT_THAT(findings_of(message_in("8859/1", "NTE|1||C:\\Code\\Main\r")), IsEmpty()) << "a path, not a switch";
  EXPECT_EQ(findings_of(message_in("BIG-5", "PID|1||7||\xB3\x5C\xFF\r")).size(), 1U);
}

TEST(CharsetMessage, CountsEveryByteThatDoesNotFit) {
  const auto count = [](std::string_view bytes) {
    const Message message = parsed(bytes);
    return count_misfits(message, text_encoding(message));
  };
  EXPECT_EQ(count(message_in("ASCII", "PID|\xFC\xFC|\xE4\r")), 3U);
  EXPECT_EQ(count(message_in("8859/1", "PID|\xFC\xFC|\xE4\r")), 0U);
  EXPECT_EQ(count(message_in("", "PID|\xC3\xBC|\xE4\r")), 1U);
  EXPECT_EQ(count(message_in("", "PID|plain\r")), 0U);
}

struct Converted {
  Conversion result{};
  std::string bytes;
  std::string why;
};
Converted convert(std::string_view bytes, Charset to) {
  const Message message = parsed(bytes);
  Converted done;
  Finding why;
  done.result = convert_message(message, text_encoding(message), to, name_of(to), done.bytes, why);
  if (done.result == Conversion::impossible)
    done.why = why.segment_name + "-" + std::to_string(why.location.field) + ": " + why.text;
  return done;
}

TEST(CharsetMessage, Conversion) {
  const std::string latin = message_in("8859/1", "PID|1||7||M\xFCller\r\nNTE|1||\\XFC\\ \\T\\\n");
  const std::string unicode = message_in("UNICODE UTF-8", "PID|1||7||M\xC3\xBCller\r\nNTE|1||\\XC3BC\\ \\T\\\n");
  EXPECT_EQ(convert(latin, Charset::utf8).bytes, unicode) << "terminators and escapes stay";
  EXPECT_EQ(convert(unicode, Charset::iso8859_1).bytes, latin);
  EXPECT_EQ(convert(latin, Charset::iso8859_1).result, Conversion::unchanged);
  EXPECT_EQ(convert(message_in("", "PID|1\r"), Charset::ascii).bytes, message_in("ASCII", "PID|1\r"));
  EXPECT_EQ(convert(latin, Charset::ascii).why,
            "PID-5: text that ASCII can hold; the character at byte 2 cannot be written in it");
  EXPECT_EQ(convert(message_in("ASCII", "PID|1||7||M\xFCller\r"), Charset::utf8).why,
            "PID-5: text in ASCII; byte 2 is in no character of it");
  EXPECT_EQ(convert(message_in("UNICODE UTF-8", "PID|1||\xC3\xBC\xE2\x82\xAC\r"), Charset::iso8859_1).why,
            "PID-3: text that 8859/1 can hold; the character at byte 3 cannot be written in it");
  EXPECT_EQ(convert(message_in("UNICODE UTF-8", "PID|1||山\r"), Charset::iso_ir87).bytes,
            message_in("~ISO IR87", "PID|1||\x1B$B;3\x1B(B\r", "ISO 2022-1994"));
  EXPECT_EQ(convert(message_in("~ISO IR87", "PID|1||\x1B$B;3\x1B(B\r", "ISO 2022-1994"), Charset::iso_ir87).result,
            Conversion::converted)
      << "looked at, since there are other ways to write it";
  EXPECT_EQ(convert(message_in("BIG-5", "PID|1||\xB3\x5C\r"), Charset::utf8).bytes, message_in("UNICODE UTF-8", "PID|1||許\r"));
}

TEST(CharsetMessage, AnEscByteIsNoTextWhereSetsAreSwitched) {
  for (const std::string_view sent : {"PID|1||a\x1B$B;3\xFD\r", "PID|1||a\x1BZ;3\xFD\r"}) {
    const Converted done = convert(message_in("8859/9", sent), Charset::iso_ir159);
    EXPECT_EQ(done.result, Conversion::impossible);
    EXPECT_EQ(done.why, "PID-3: text that ASCII with ISO IR159 can hold; the character at byte 2 cannot be written in it");
    EXPECT_EQ(convert(message_in("8859/9", sent), Charset::utf8).result, Conversion::converted);
  }
  EXPECT_EQ(convert(message_in("8859/9", "PID|1||a\xFD\r"), Charset::iso_ir159).result, Conversion::converted);
}

TEST(CharsetMessage, NamesWithDelimitersAreEscaped) {
  const std::string begin = "MSH|^~\\-|A||||||ADT|1|P|2.5||||||";
  const std::string latin = begin + "8859/1\rPID|1||M\xFCller\r";
  const std::string unicode = begin + "UNICODE UTF\\T\\8\rPID|1||M\xC3\xBCller\r";
  EXPECT_EQ(convert(latin, Charset::utf8).bytes, unicode);
  EXPECT_EQ(text_encoding(parsed(unicode), Charset::ascii).base, Charset::utf8);
  EXPECT_EQ(convert(unicode, Charset::iso8859_1).bytes, latin);
  EXPECT_EQ(convert(begin + "\rPID|1||\xE5\xB1\xB1\r", Charset::iso_ir87).bytes,
            begin + "~ISO IR87||ISO 2022\\T\\1994\rPID|1||\x1B$B;3\x1B(B\r");
  EXPECT_EQ(convert("MSH|-|A||||||ADT|1|P|2.5\rPID|1||M\xC3\xBCller\r", Charset::windows_1252).bytes,
            "MSH|-|A||||||ADT|1|P|2.5||||||windows\\S\\1252\rPID|1||M\xFCller\r");
}

TEST(CharsetMessage, BytesOfUtf16AreKnown) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes : {"\xFF\xFEM\0S\0H\0"sv, "M\0S\0H\0|\0"sv, "\0M\0S\0H"sv, "\0\0\0M"sv, "\xFE\xFF\0M"sv}) {
    EXPECT_TRUE(looks_like_utf16_or_32(bytes));
    EXPECT_FALSE(Message::parse(bytes));
  }
  EXPECT_FALSE(looks_like_utf16_or_32("MSH|^~\\&|"));
  EXPECT_EQ(missing_header_text("PID|1\r"), "a message starts with MSH");
  EXPECT_EQ(missing_header_text("\xFF\xFEM\0S\0H\0"sv),
            "a message starts with MSH; this one is in UTF-16 or UTF-32, which cannot be read: send it in UTF-8 "
            "(MSH-18 UNICODE UTF-8)");
}

}  // namespace
}  // namespace smarthl7::hl7
