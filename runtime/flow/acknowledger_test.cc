// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/acknowledger.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "runtime/sim/world.h"

namespace smarthl7::flow {
namespace {

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
    Acknowledger::Case what;
    what.verdict = verdict;
    what.elsewhere = elsewhere_;
    last_ = acknowledger_.acknowledge(message, what);
    return codes(last_);
  }
  /// "CA AA", with ", AA" for one that goes elsewhere.
  static std::string codes(const Answers& answers) {
    std::string all;
    const auto add = [&](std::string_view answer) {
      if (answer.empty()) return;
      if (!all.empty()) all += " ";
      all += hl7::name_of(*hl7::parse_ack(answer)->code);
    };
    const auto [first, second] = split_answers(answers.here.view());
    add(first);
    add(second);
    if (!answers.elsewhere.empty()) all += ",";
    add(answers.elsewhere.view());
    return all;
  }
  sim::World world_{1};
  sim::SimClock clock_{world_};
  sim::SimRandom random_{sim::Rng(1)};
  Acknowledger acknowledger_{clock_, random_};
  bool elsewhere_ = false;
  Answers last_;
};

TEST_F(Acknowledging, EchoesTheControlIdAndSwapsTheEnds) {
  const hl7::Message message = parse("");
  const SharedBytes ack = acknowledger_.acknowledge(message, {}).here;
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
    const SharedBytes ack = acknowledger_.acknowledge(message, {}).here;
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
  EXPECT_TRUE(acknowledger_.cannot_store(parse("", "ACK^R01")).here.empty());
  EXPECT_EQ(code(parse("AL|NE", "ACK^R01"), hl7::Verdict::accept), "CA");
}

TEST_F(Acknowledging, WhatCannotBeStoredIsToBeSentAgain) {
  const auto original = hl7::parse_ack(acknowledger_.cannot_store(parse("")).here.view());
  EXPECT_EQ(original->code, hl7::AckCode::ar);
  EXPECT_EQ(original->error_codes, std::vector<std::string>{"207"});
  const auto enhanced = hl7::parse_ack(acknowledger_.cannot_store(parse("AL|NE")).here.view());
  EXPECT_EQ(enhanced->code, hl7::AckCode::ce);
}

TEST_F(Acknowledging, BytesWithoutHeaderGetARejectWithoutId) {
  const auto ack = hl7::parse_ack(acknowledger_.no_header("PID|1").view());
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->code, hl7::AckCode::ar);
  EXPECT_EQ(ack->control_id, "");
  EXPECT_EQ(ack->text, "a message starts with MSH");
  using namespace std::string_view_literals;
  const auto utf16 = hl7::parse_ack(acknowledger_.no_header("M\0S\0H\0|\0"sv).view());
  EXPECT_EQ(utf16->code, hl7::AckCode::ar);
  EXPECT_TRUE(utf16->text.find("UTF-16") != std::string::npos) << utf16->text;
}

TEST_F(Acknowledging, BothAnswersAreKeptAsOneAndTellThemselvesApart) {
  EXPECT_EQ(code(parse("AL|AL"), hl7::Verdict::accept), "CA AA");
  EXPECT_TRUE(last_.commit);
  const auto [commit, application] = split_answers(last_.here.view());
  for (const std::string_view answer : {commit, application}) {
    const auto parsed = hl7::Message::parse(answer);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->accept_ack_type(), "NE") << "an answer asks for none";
    EXPECT_EQ(parsed->application_ack_type(), "NE");
    EXPECT_EQ(hl7::parse_ack(answer)->control_id, "ID1");
  }
  EXPECT_EQ(code(parse("AL|AL"), hl7::Verdict::error), "CA AE");
  EXPECT_EQ(code(parse("AL|AL"), hl7::Verdict::unfit), "CE");
  EXPECT_EQ(code(parse("AL|AL"), hl7::Verdict::reject), "CR");
  EXPECT_EQ(code(parse("NE|AL"), hl7::Verdict::reject), "AR");
  EXPECT_EQ(code(parse("NE|AL"), hl7::Verdict::accept), "AA");
  EXPECT_FALSE(last_.commit);
}

TEST_F(Acknowledging, WhatIsWrongWithTheContentSaysTheApplication) {
  const hl7::Message message = parse("AL|AL");
  const hl7::Finding finding = header_finding(message, 103, 9, "a code");
  Acknowledger::Case what{hl7::Verdict::error, std::span<const hl7::Finding>(&finding, 1)};
  const Answers answers = acknowledger_.acknowledge(message, what);
  const auto [commit, application] = split_answers(answers.here.view());
  EXPECT_TRUE(hl7::parse_ack(commit)->error_codes.empty());
  EXPECT_EQ(hl7::parse_ack(application)->error_codes, std::vector<std::string>{"103"});
  const Answers alone = acknowledger_.acknowledge(parse("AL|NE"), what);
  EXPECT_EQ(hl7::parse_ack(alone.here.view())->error_codes, std::vector<std::string>{"103"});
}

TEST_F(Acknowledging, TheApplicationsAnswerCanGoElsewhere) {
  elsewhere_ = true;
  EXPECT_EQ(code(parse("AL|AL"), hl7::Verdict::accept), "CA, AA");
  const auto first = hl7::Message::parse(last_.elsewhere.view());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->accept_ack_type(), "AL") << "kept and sent until its commit acknowledgement has come";
  EXPECT_EQ(first->application_ack_type(), "NE");
  const std::string id(first->control_id());
  EXPECT_EQ(id.size(), 20U);
  EXPECT_EQ(code(parse("AL|AL"), hl7::Verdict::error), "CA, AE");
  EXPECT_EQ(hl7::Message::parse(last_.elsewhere.view())->control_id(), id) << "of the same message";
  EXPECT_EQ(code(parse("NE|AL"), hl7::Verdict::accept), ", AA");
  EXPECT_EQ(code(parse(""), hl7::Verdict::accept), "AA") << "original mode has one answer, on the connection";
  EXPECT_EQ(codes(acknowledger_.cannot_store(parse("NE|AL"))), "AR") << "what is not stored cannot be sent later";
}

TEST_F(Acknowledging, WhatCannotBeStoredIsNeverSilence) {
  for (const char* modes : {"", "AL|NE", "NE|AL", "NE|NE", "SU|SU", "ER|ER", "|NE", "NE|"})
    EXPECT_FALSE(acknowledger_.cannot_store(parse(modes)).here.empty()) << modes;
}

}  // namespace
}  // namespace smarthl7::flow
