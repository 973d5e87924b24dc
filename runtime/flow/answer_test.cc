// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/answer.h"

#include <gtest/gtest.h>

namespace smarthl7::flow {
namespace {

constexpr std::string_view kHeader = "MSH|^~\\&|SINK|SITE|HUB|HUB|20260101||ACK^R01^ACK|1|P|2.5.1\r";

std::string answer(std::string_view msa, std::string_view err = {}) {
  std::string text(kHeader);
  text += "MSA|" + std::string(msa) + "\r";
  if (!err.empty()) text += "ERR|" + std::string(err) + "\r";
  return text;
}

AnswerKind kind(const std::string& bytes, const AnswerPolicy& policy = {}) { return classify(bytes, "ID1", policy).kind; }

TEST(Classify, AcceptsBothKindsOfAcceptance) {
  EXPECT_EQ(kind(answer("AA|ID1")), AnswerKind::accepted);
  EXPECT_EQ(kind(answer("CA|ID1")), AnswerKind::accepted);
}

TEST(Classify, WithoutACodeAnErrorMayPassAndARejectIsForNow) {
  EXPECT_EQ(kind(answer("AE|ID1")), AnswerKind::refused);
  EXPECT_EQ(kind(answer("CE|ID1")), AnswerKind::refused);
  EXPECT_EQ(kind(answer("AR|ID1")), AnswerKind::refused_for_now);
  EXPECT_EQ(kind(answer("CR|ID1")), AnswerKind::refused_for_now);
}

TEST(Classify, TheErrorConditionSpeaksFirst) {
  for (const std::string_view code : {"100", "101", "102", "103", "104", "200", "201", "202", "203", "204", "205"}) {
    EXPECT_EQ(kind(answer("AE|ID1", "|PID^1^3|" + std::string(code) + "^x^HL70357|E")), AnswerKind::refused_for_good) << code;
    EXPECT_EQ(kind(answer("AR|ID1", "|PID^1^3|" + std::string(code) + "^x^HL70357|E")), AnswerKind::refused_for_good) << code;
  }
  EXPECT_EQ(kind(answer("AE|ID1", "||207^x^HL70357|E")), AnswerKind::refused_for_now);
  EXPECT_EQ(kind(answer("AR|ID1", "||206^x^HL70357|E")), AnswerKind::refused_for_now);
  EXPECT_EQ(kind(answer("AE|ID1||||207")), AnswerKind::refused_for_now) << "MSA-6 before 2.5";
  EXPECT_EQ(kind(answer("AR|ID1||||103")), AnswerKind::refused_for_good);
}

TEST(Classify, ADestinationMaySayOtherwiseWhereNoConditionSpeaks) {
  AnswerPolicy policy;
  policy.on_ae = plan::Refusal::for_now;
  policy.on_ar = plan::Refusal::for_good;
  EXPECT_EQ(kind(answer("AE|ID1"), policy), AnswerKind::refused_for_now);
  EXPECT_EQ(kind(answer("AR|ID1"), policy), AnswerKind::refused_for_good);
  EXPECT_EQ(kind(answer("AE|ID1", "||103^x|E"), policy), AnswerKind::refused_for_good);
}

TEST(Classify, MatchesByControlIdPrefixOrOrder) {
  const std::string sent = "0123456789012345678901234567890";
  AnswerPolicy prefix;
  prefix.match = plan::Match::id_prefix;
  AnswerPolicy order;
  order.match = plan::Match::order;
  const std::string cut = answer("AA|" + sent.substr(0, 20));
  EXPECT_EQ(classify(cut, sent, {}).kind, AnswerKind::mismatched);
  EXPECT_EQ(classify(cut, sent, prefix).kind, AnswerKind::accepted);
  EXPECT_EQ(classify(answer("AA|" + sent.substr(0, 19)), sent, prefix).kind, AnswerKind::mismatched);
  EXPECT_EQ(classify(answer("AA|"), sent, prefix).kind, AnswerKind::mismatched);
  EXPECT_EQ(classify(answer("AA|"), sent, order).kind, AnswerKind::accepted);
  EXPECT_EQ(kind(answer("AA|ID2")), AnswerKind::mismatched);
  EXPECT_EQ(kind(answer("AE|ID2", "||103^x|E")), AnswerKind::mismatched) << "a refusal of another message refuses nothing";
}

TEST(Classify, WhatIsNoAnswerIsGarbage) {
  EXPECT_EQ(kind("HTTP/1.1 200 OK"), AnswerKind::garbage);
  EXPECT_EQ(kind(""), AnswerKind::garbage);
  EXPECT_EQ(kind(std::string(kHeader)), AnswerKind::garbage);
  EXPECT_EQ(kind(answer("OK|ID1")), AnswerKind::garbage);
}

TEST(ControlId, IsReadFromTheFirstLineOnly) {
  EXPECT_EQ(control_id_of("MSH|^~\\&|A|B|C|D|2026||ORU^R01|X-1|P|2.5.1\rPID|1\r"), "X-1");
  EXPECT_EQ(control_id_of("\xEF\xBB\xBFMSH|^~\\&|A|B|C|D|2026||ORU^R01|X-1\r"), "X-1");
  EXPECT_EQ(control_id_of("MSH|^~\\&|A|B\rPID|1|2|3|4|5|6|7|8|9|10\r"), "");
  EXPECT_EQ(control_id_of("MS"), "");
  EXPECT_EQ(control_id_of(""), "");
}

}  // namespace
}  // namespace smarthl7::flow
