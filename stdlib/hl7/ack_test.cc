// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/ack.h"

#include <gtest/gtest.h>

namespace smarthl7::hl7 {
namespace {

Message parsed(const std::string& bytes) {
  auto message = Message::parse(SharedBytes(bytes));
  EXPECT_TRUE(message);
  return message ? std::move(*message) : Message();
}

std::string header(std::string_view version, std::string_view rest = "") {
  return "MSH|^~\\&|LAB|NORTH^1.2^ISO|HUB|REGION|20260301||ORU^R01^ORU_R01|C\\T\\42|P^T|" + std::string(version) +
         std::string(rest) + "\r";
}

const std::vector<Finding> kFindings = {
    {Severity::warning, {2, 5, 1, 0, 0}, "OBX", 2, condition::kValueTooLong, "at most 5 characters"},
    {Severity::error, {1, 3, 2, 4, 1}, "PID", 1, condition::kTableValue, "a code of table 0363"},
    {Severity::error, Location{}, "OBR", 1, condition::kSegmentSequence, "segment OBR is required | in ORDER"},
};

std::string ack(const std::string& bytes, AckContent content) {
  const Message message = parsed(bytes);
  content.timestamp = "20260301120000+0000";
  content.control_id = "A1";
  std::string out;
  build_ack(message, content, out);
  return out;
}

TEST(Ack, EachVersionHasItsForm) {
  AckContent content{.code = AckCode::ae, .text = "not | taken", .findings = kFindings};
  EXPECT_EQ(ack(header("2.3"), content),
            "MSH|^~\\&|HUB|REGION|LAB|NORTH^1.2^ISO|20260301120000+0000||ACK^R01|A1|P^T|2.3\r"
            "MSA|AE|C\\T\\42|not \\F\\ taken|||103^Table value not found^HL70357\r"
            "ERR|PID^1^3^103&Table value not found&HL70357~OBR^1^^100&Segment sequence error&HL70357~"
            "OBX^2^5^104&Value too long&HL70357\r");
  EXPECT_EQ(ack(header("2.5.1"), content),
            "MSH|^~\\&|HUB|REGION|LAB|NORTH^1.2^ISO|20260301120000+0000||ACK^R01^ACK|A1|P^T|2.5.1\r"
            "MSA|AE|C\\T\\42|not \\F\\ taken\r"
            "ERR||PID^1^3^2^4^1|103^Table value not found^HL70357|E||||a code of table 0363\r"
            "ERR||OBR^1|100^Segment sequence error^HL70357|E||||segment OBR is required \\F\\ in ORDER\r"
            "ERR||OBX^2^5^1|104^Value too long^HL70357|W||||at most 5 characters\r");
  EXPECT_EQ(ack(header("2.8.2"), {.code = AckCode::aa, .text = "no place for it"}),
            "MSH|^~\\&|HUB|REGION|LAB|NORTH^1.2^ISO|20260301120000+0000||ACK^R01^ACK|A1|P^T|2.8.2\rMSA|AA|C\\T\\42\r");
  EXPECT_NE(ack(header("2.3.1"), content).find("|ACK^R01^ACK|"), std::string::npos);
  EXPECT_NE(ack(header("2.4"), content).find("\rERR|PID^1"), std::string::npos);
  EXPECT_NE(ack(header("2.5"), content).find("\rERR||PID^1"), std::string::npos);
  EXPECT_EQ(ack(header("2.1"), content).find("HL70357\rERR"), std::string::npos);  // no MSA-6 yet
}

TEST(Ack, EchoesTheSendersDelimitersAndSequenceNumber) {
  const std::string out = ack("MSH$%*!@$A@B$C$D$E$2026$$ADT%A01$77$P$2.5.1$12$$$$$UNICODE UTF-8\r",
                              {.code = AckCode::ar, .findings = kFindings, .most_findings = 1});
  EXPECT_EQ(out,
            "MSH$%*!@$D$E$A@B$C$20260301120000+0000$$ACK%A01%ACK$A1$P$2.5.1$$$$$$UNICODE UTF-8\r"
            "MSA$AR$77$$12\rERR$$PID%1%3%2%4%1$103%Table value not found%HL70357$E$$$$a code of table 0363\r");
}

TEST(Ack, SurvivesHeadersThatHoldNothing) {
  EXPECT_EQ(ack("MSH|^~\\&\r", {.code = AckCode::ae}), "MSH|^~\\&|||||20260301120000+0000||ACK|A1\rMSA|AE\r");
  EXPECT_EQ(ack("MSH|&~|A\r", {.code = AckCode::ae, .findings = kFindings, .most_findings = 1}),
            "MSH|&~|||A||20260301120000+0000||ACK|A1\rMSA|AE\rERR||PID&1&3&2&4&1|103&Table value not found&HL70357|E||||"
            "a code of table 0363\r");
  std::string out;
  build_ack_without_header("2.5.1", {.code = AckCode::ar, .timestamp = "2026", .control_id = "A1"}, out);
  EXPECT_EQ(out, "MSH|^~\\&|||||2026||ACK|A1|P|2.5.1\rMSA|AR\r");
  EXPECT_TRUE(parse_ack(out));
}

TEST(Ack, AtMostTenFindingsErrorsFirst) {
  std::vector<Finding> many(30, kFindings[0]);
  many.push_back(kFindings[1]);
  const std::string out = ack(header("2.5.1"), {.code = AckCode::ae, .findings = many, .with_texts = false});
  std::size_t errors = 0;
  for (std::size_t at = out.find("\rERR"); at != std::string::npos; at = out.find("\rERR", at + 1)) ++errors;
  EXPECT_EQ(errors, 10U);
  EXPECT_NE(out.find("\rERR||PID^1^3^2^4^1|103^Table value not found^HL70357|E\rERR||OBX"), std::string::npos);
}

TEST(Ack, TextsAreCutToTheirLength) {
  const std::string text(79, 'x');
  const std::string out = ack(header("2.5.1"), {.code = AckCode::ae, .text = text + "\xC3\xA9"});
  EXPECT_NE(out.find("|" + text + "\r"), std::string::npos);  // not half a character
}

TEST(Ack, KnowsAnAnswer) {
  EXPECT_TRUE(is_acknowledgement(parsed("MSH|^~\\&|||||||ACK|1|P|2.5.1\rMSA|AA|9\r")));
  EXPECT_TRUE(is_acknowledgement(parsed("MSH|^~\\&|||||||MCF^Q01|1|P|2.5.1\r")));
  EXPECT_TRUE(is_acknowledgement(parsed("MSH|^~\\&|||||||ORR^O02|1|P|2.5.1\rMSA|AA|9\r")));
  EXPECT_FALSE(is_acknowledgement(parsed(header("2.5.1"))));
  EXPECT_TRUE(is_enhanced_mode(parsed(header("2.5.1", "|||AL"))));
  EXPECT_TRUE(is_enhanced_mode(parsed(header("2.5.1", "||||NE"))));
  EXPECT_FALSE(is_enhanced_mode(parsed(header("2.5.1", "|||\"\""))));
}

TEST(Ack, ReadsWhatReceiversSend) {
  const auto plain =
      parse_ack("MSH|^~\\&|||||||ACK|1|P|2.5.1\rMSA|AE|C\\T\\1|wrong\rERR||PID^1^3|207^busy^HL70357|E\rERR||x|103\r");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->code, AckCode::ae);
  EXPECT_EQ(plain->control_id, "C&1");
  EXPECT_EQ(plain->text, "wrong");
  EXPECT_EQ(plain->error_codes, (std::vector<std::string>{"207", "103"}));
  const auto old = parse_ack("MSH|^~\\&\nMSA|AR|C1||||102^x\nERR|PID^1^3^101&missing&HL70357~^^^102\n");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->code, AckCode::ar);
  EXPECT_EQ(old->error_codes, (std::vector<std::string>{"101", "102"}));
  const auto user = parse_ack("MSH|^~\\&|\rMSA|CE\rERR||||E|||diagnosis|for people\r");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->text, "for people");
  EXPECT_EQ(user->control_id, "");
  const auto strange = parse_ack("MSH|^~\\&|\rMSA|OK|C");
  ASSERT_TRUE(strange);
  EXPECT_FALSE(strange->code);
  EXPECT_EQ(strange->control_id, "C");
  EXPECT_EQ(parse_ack("MSH|^~\\&|\rMSA|AA|\"\"\r")->control_id, "");
  EXPECT_EQ(parse_ack("MSH|^~\\&|\rMSA\r")->code, std::nullopt);
}

TEST(Ack, GarbageIsAnErrorWithoutContent) {
  for (const char* bytes : {"", "garbage", "MSA|AA|1\r", "MSH|^~\\&|A\rPID|SECRET\r", "\x1C\r", "HTTP/1.1 200 OK\r\n"}) {
    const auto answer = parse_ack(bytes);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().describe().find("SECRET"), std::string::npos);
  }
}

TEST(Ack, WhatWeBuildWeCanRead) {
  for (const char* version : {"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8.2", "", "9.9", "x"}) {
    const auto read = parse_ack(ack(header(version), {.code = AckCode::ae, .findings = kFindings}));
    ASSERT_TRUE(read) << version;
    EXPECT_EQ(read->code, AckCode::ae);
    EXPECT_EQ(read->control_id, "C&42");
    EXPECT_EQ(read->error_codes, (std::vector<std::string>{"103", "100", "104"})) << version;
  }
}

}  // namespace
}  // namespace smarthl7::hl7
