// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/ack_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/charset_message.h"

namespace smarthl7::hl7 {
namespace {

std::string in_set(std::string_view declared, std::string text, Charset configured = Charset::utf8) {
  const std::string bytes = "MSH|^~\\&|A||||||ADT|1|P|2.5||||||" + std::string(declared) + "\r";
  const auto asked = Message::parse(std::string_view(bytes));
  EXPECT_TRUE(asked);
  return in_set_of(*asked, std::move(text), "PID-5", configured);
}

TEST(AckText, IsInTheSetOfWhoAsked) {
  EXPECT_EQ(in_set("8859/1", "für \\T\\"), "f\xFCr \\T\\");
  EXPECT_EQ(in_set("UNICODE UTF-8", "für"), "für");
  EXPECT_EQ(in_set("", "für"), "für") << "what is read where nothing is declared";
  EXPECT_EQ(in_set("", "für", Charset::iso8859_15), "f\xFCr");
  EXPECT_EQ(in_set("8859/5", "пациент"), "\xDF\xD0\xE6\xD8\xD5\xDD\xE2");
  EXPECT_EQ(in_set("BIG-5", "許"), "\xB3\x5C") << "the second byte is no escape character";
  EXPECT_EQ(in_set("~ISO IR87||ISO 2022-1994", "山"), "\x1B$B;3\x1B(B");
  EXPECT_EQ(in_set("~ISO IR87||2.3", "山"), "\\M2442\\;3\\C2842\\") << "as MSH-20 says";
  for (const std::string_view set : {"", "ASCII", "8859/1", "ISO IR14", "~ISO IR87", "KLINGON"}) {
    EXPECT_EQ(in_set(set, "plain \\F\\"), "plain \\F\\") << set;
  }
}

TEST(AckText, WhatTheSetCannotHoldIsReplacedAsAWhole) {
  EXPECT_EQ(in_set("ASCII", "für"), "PID-5");
  EXPECT_EQ(in_set("8859/1", "10 €"), "PID-5");
  EXPECT_EQ(in_set("KLINGON", "für"), "PID-5") << "nobody knows what it would be read as";
  EXPECT_EQ(in_set("UNICODE UTF-16", "für"), "PID-5");
  EXPECT_EQ(in_set("UNICODE UTF-8", "f\xFCr"), "PID-5") << "no UTF-8";
  EXPECT_EQ(in_set("8859/1", "f\xED\xB3\xBCr"), "PID-5") << "a kept byte";
  EXPECT_EQ(in_set("~ISO IR87", "a\x1B(B"), "PID-5") << "a switch that the text does not mean";
}

TEST(AckText, StandsInAcknowledgements) {
  Finding finding;
  finding.text = "für | Müller";
  finding.path = "PID-5";
  const auto ack = [&](std::string_view version, std::string_view set, Charset configured = Charset::utf8) {
    const std::string bytes = fmt::format("MSH|^~\\&|A||||||ADT|1|P|{}||||||{}\r", version, set);
    const auto asked = Message::parse(std::string_view(bytes));
    std::string out;
    build_ack(*asked, {.code = AckCode::ae, .text = finding.text, .findings = {&finding, 1}, .charset = configured}, out);
    return out.substr(out.find("MSA|"));
  };
  const std::string err = "\rERR|||102^Data type error^HL70357|E|||PID-5|";
  EXPECT_EQ(ack("2.5.1", "8859/1"), "MSA|AE|1|f\xFCr \\F\\ M\xFCller" + err + "f\xFCr \\F\\ M\xFCller\r");
  EXPECT_EQ(ack("2.5.1", "", Charset::iso8859_1), ack("2.5.1", "8859/1"));
  EXPECT_EQ(ack("2.5.1", "UNICODE UTF-8"), "MSA|AE|1|für \\F\\ Müller" + err + "für \\F\\ Müller\r");
  EXPECT_EQ(ack("2.5.1", "ASCII"), "MSA|AE|1" + err + "PID-5\r");
  EXPECT_EQ(ack("2.3", "ASCII").substr(0, 9), "MSA|AE|1|");
  EXPECT_TRUE(is_ascii(ack("2.3", "ASCII")));
}

}  // namespace
}  // namespace smarthl7::hl7
