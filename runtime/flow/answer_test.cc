// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/answer.h"

#include <gtest/gtest.h>

#include <set>

#include "runtime/sim/world.h"

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

class Acknowledging : public ::testing::Test {
 protected:
  static hl7::Message parse(std::string_view modes, std::string_view type = "ORU^R01") {
    bytes() = "MSH|^~\\&|LAB|SITE|HUB|CITY|2026||" + std::string(type) + "|ID1|P|2.5.1|||" + std::string(modes) + "\rPID|1\r";
    return std::move(*hl7::Message::parse(bytes()));
  }
  static std::string& bytes() {
    static std::string storage;
    return storage;
  }
  std::string code(const hl7::Message& message, hl7::Verdict verdict) {
    const SharedBytes ack = acknowledger_.acknowledge(message, verdict, {});
    if (ack.empty()) return "";
    return std::string(hl7::name_of(*hl7::parse_ack(ack.view())->code));
  }
  sim::World world_{1};
  sim::SimClock clock_{world_};
  sim::SimRandom random_{sim::Rng(1)};
  Acknowledger acknowledger_{clock_, random_};
};

TEST_F(Acknowledging, EchoesTheControlIdAndSwapsTheEnds) {
  const hl7::Message message = parse("");
  const SharedBytes ack = acknowledger_.acknowledge(message, hl7::Verdict::accept, {});
  const auto parsed = hl7::Message::parse(ack.view());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->receiving_application(), "LAB");
  EXPECT_EQ(parsed->sending_application(), "HUB");
  EXPECT_EQ(parsed->version(), "2.5.1");
  EXPECT_EQ(hl7::parse_ack(ack.view())->control_id, "ID1");
}

TEST_F(Acknowledging, ControlIdsOfAcknowledgementsDiffer) {
  const hl7::Message message = parse("");
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    const SharedBytes ack = acknowledger_.acknowledge(message, hl7::Verdict::accept, {});
    ids.emplace(hl7::Message::parse(ack.view())->control_id());
  }
  EXPECT_EQ(ids.size(), 100U);
}

TEST_F(Acknowledging, FollowsTheSendersMode) {
  EXPECT_EQ(code(parse(""), hl7::Verdict::accept), "AA");
  EXPECT_EQ(code(parse(""), hl7::Verdict::error), "AE");
  EXPECT_EQ(code(parse("AL|NE"), hl7::Verdict::accept), "CA");
  EXPECT_EQ(code(parse("ER|NE"), hl7::Verdict::accept), "");
  EXPECT_EQ(code(parse("ER|NE"), hl7::Verdict::reject), "CR");
}

TEST_F(Acknowledging, AnAnswerIsNeverAnsweredInOriginalMode) {
  EXPECT_EQ(code(parse("", "ACK^R01"), hl7::Verdict::accept), "");
  EXPECT_TRUE(acknowledger_.cannot_store(parse("", "ACK^R01")).empty());
  EXPECT_EQ(code(parse("AL|NE", "ACK^R01"), hl7::Verdict::accept), "CA");
}

TEST_F(Acknowledging, WhatCannotBeStoredIsToBeSentAgain) {
  const auto original = hl7::parse_ack(acknowledger_.cannot_store(parse("")).view());
  EXPECT_EQ(original->code, hl7::AckCode::ar);
  EXPECT_EQ(original->error_codes, std::vector<std::string>{"207"});
  const auto enhanced = hl7::parse_ack(acknowledger_.cannot_store(parse("AL|NE")).view());
  EXPECT_EQ(enhanced->code, hl7::AckCode::ce);
}

TEST_F(Acknowledging, BytesWithoutHeaderGetARejectWithoutId) {
  const auto ack = hl7::parse_ack(acknowledger_.no_header().view());
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->code, hl7::AckCode::ar);
  EXPECT_EQ(ack->control_id, "");
}

}  // namespace
}  // namespace smarthl7::flow
