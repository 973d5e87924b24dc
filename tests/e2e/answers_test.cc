// SPDX-License-Identifier: Apache-2.0
// What senders hear from the real hub: enhanced mode on one connection and on two, MFK, sequence numbers, batches; with the hub
// killed between the commit acknowledgement and the application's.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <memory>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Codes = std::pair<std::string, std::string>;

std::string oru(const std::string& id, const std::string& modes = "", const std::string& number = "", bool right = true) {
  return fmt::format(
      "MSH|^~\\&|LAB|NORTH|HUB|REGION|20260101120000||ORU^R01^ORU_R01|{}|P|2.5.1|{}||{}\rPID|1||{}||DOE^JO\r"
      "OBR|1|||GLU^Glucose^L\rOBX|1|NM|GLU^Glucose^L||5|mmol/L|||||F\r",
      id, number, modes, right ? "P1^^^NORTH^MR" : "");
}

class Answers : public ::testing::Test {
 protected:
  void SetUp() override {
    out_ = std::make_unique<ScriptedReceiver>();
    run_hub();
    connect();
  }
  void run_hub() {
    hub_ =
        std::make_unique<Hub>(SMARTHL7_PROGRAM, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/answers.route", folder_.path(),
                              std::map<std::string, std::string>{{"hub_port", std::to_string(port_)},
                                                                 {"apart_port", std::to_string(apart_port_)},
                                                                 {"out_port", std::to_string(out_->port())},
                                                                 {"ack_port", std::to_string(ack_port_)}});
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  void connect() {
    line_ = std::make_unique<Line>();
    apart_ = std::make_unique<Line>();
    ASSERT_TRUE(line_->connect(port_));
    ASSERT_TRUE(apart_->connect(apart_port_));
  }
  std::string read(Line& line) {
    std::string answer;
    return line.read_frame(answer, 20) ? answer : "nothing";
  }
  std::string ask(Line& line, const std::string& message) {
    EXPECT_TRUE(line.write_frame(message));
    return read(line);
  }
  std::int64_t counted(std::size_t source, const char* what) {
    const auto status = hub_->ask({"status"});
    return status.is_object() ? status.at("sources").at(source).at(what).to_number<std::int64_t>() : -1;
  }
  std::string trace_of(int id) {
    std::string text;
    const auto trace = hub_->ask({"trace", std::to_string(id)});
    if (!trace.is_object()) return "no trace";
    for (const auto& event : trace.at("events").as_array())
      text += std::string(event.at("what").as_string()) + ": " + std::string(event.at("detail").as_string()) + "\n";
    return text;
  }

  ScratchFolder folder_{"answers"};
  unsigned short port_ = free_port();
  unsigned short apart_port_ = free_port();
  unsigned short ack_port_ = free_port();
  std::unique_ptr<ScriptedReceiver> out_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<Line> line_;   // to `feed`
  std::unique_ptr<Line> apart_;  // to `apart`
};

TEST_F(Answers, BothComeOnTheSameConnectionAndAgainForACopy) {
  const std::string commit = ask(*line_, oru("M1", "AL|AL"));
  const std::string application = read(*line_);
  EXPECT_EQ(msa_of(commit), Codes("CA", "M1"));
  EXPECT_EQ(msa_of(application), Codes("AA", "M1"));
  hub_->kill_now();
  run_hub();
  connect();
  EXPECT_EQ(ask(*line_, oru("M1", "AL|AL")), commit) << "after kill -9 a copy gets the same bytes";
  EXPECT_EQ(read(*line_), application);
  EXPECT_TRUE(eventually(30s, [&] { return out_->count() >= 1; })) << "the kill may have come before its outcome was durable";
}

TEST_F(Answers, WrongContentIsStoredAndThenRefused) {
  EXPECT_EQ(msa_of(ask(*line_, oru("M1", "AL|AL", "", false))), Codes("CA", "M1"));
  const std::string application = read(*line_);
  EXPECT_EQ(msa_of(application), Codes("AE", "M1"));
  EXPECT_THAT(application, HasSubstr("\rERR||PID^1^3"));
  EXPECT_EQ(msa_of(ask(*line_, oru("M2", "AL|NE", "", false))), Codes("CE", "M2"));
  EXPECT_EQ(msa_of(ask(*line_, oru("M3", "NE|ER", "", false))), Codes("AE", "M3"));
  EXPECT_EQ(msa_of(ask(*line_, oru("M4"))), Codes("AA", "M4")) << "nothing else was in between";
}

TEST_F(Answers, TheApplicationsAnswerSurvivesAKillOnItsOwnWay) {
  EXPECT_EQ(msa_of(ask(*apart_, oru("M1", "AL|AL"))), Codes("CA", "M1"));
  EXPECT_EQ(msa_of(ask(*apart_, oru("M2", "AL|AL", "", false))), Codes("CA", "M2"));
  EXPECT_EQ(msa_of(ask(*apart_, oru("M3"))), Codes("AA", "M3")) << "original mode answers here";
  hub_->kill_now();
  run_hub();
  connect();
  EXPECT_EQ(msa_of(ask(*apart_, oru("M1", "AL|AL"))), Codes("CA", "M1"));
  ScriptedReceiver acks(ack_port_, [](const std::string& id, int) { return Behaviour{answer_to(id, "CA")}; });
  ASSERT_TRUE(eventually(30s, [&] { return acks.messages().size() >= 2 && hub_->queued() == 0; }));
  const auto came = acks.messages();
  ASSERT_EQ(came.size(), 2U) << "a copy makes no second one";
  EXPECT_EQ(msa_of(came[0]), Codes("AA", "M1"));
  EXPECT_EQ(msa_of(came[1]), Codes("AE", "M2"));
  EXPECT_THAT(came[0], HasSubstr("|P|2.5.1|||AL|NE\r")) << "it asks to be acknowledged";
  EXPECT_LE(control_id_of(came[0]).size(), 20U);
}

TEST_F(Answers, ACommitAcknowledgementOfOursIsConsumed) {
  ASSERT_TRUE(line_->write_frame("MSH|^~\\&|LAB|NORTH|HUB|REGION|2026||ACK^R01^ACK|X1|P|2.5.1|||NE|NE\rMSA|CA|Y1\r"));
  EXPECT_EQ(msa_of(ask(*line_, oru("M1"))), Codes("AA", "M1")) << "nothing was answered to it";
  EXPECT_EQ(counted(1, "consumed"), 1);
  EXPECT_EQ(counted(1, "rejected"), 0);
}

TEST_F(Answers, AMasterFileIsAnsweredRecordByRecord) {
  const auto mfn = [](const std::string& id, const std::string& name) {
    return "MSH|^~\\&|MF|HOSP|HUB|REGION|20260101120000||MFN^M02^MFN_M02|" + id +
           "|P|2.5.1\rMFI|PRA^Practitioner^HL70175||UPD|||AL\rMFE|MAD|C1||K1^DOE|CE\rSTF|K1||DOE^JO\rMFE|MUP|C2||K2^ROE|CE\r"
           "STF|K2||" +
           name + "\r";
  };
  const std::string taken = ask(*line_, mfn("F1", "ROE^AL"));
  EXPECT_EQ(msa_of(taken), Codes("AA", "F1"));
  EXPECT_THAT(taken, HasSubstr("||MFK^M02^MFK_M01|"));
  EXPECT_THAT(taken, HasSubstr("\rMFI|PRA^Practitioner^HL70175||UPD|||AL\rMFA|MAD|C1|"));
  EXPECT_THAT(taken, HasSubstr("|S|K1^DOE|CE\rMFA|MUP|C2|"));
  const std::string refused = ask(*line_, mfn("F2", ""));
  EXPECT_EQ(msa_of(refused), Codes("AE", "F2"));
  EXPECT_THAT(refused, HasSubstr("\rERR||STF^2^3"));
  EXPECT_THAT(refused, HasSubstr("\rMFA|MAD|C1||U^not posted: the message was refused|K1^DOE|CE\r"));
  EXPECT_THAT(refused, HasSubstr("\rMFA|MUP|C2||U^Required field missing|K2^ROE|CE\r"));
}

TEST_F(Answers, SequenceNumbersAreFollowed) {
  EXPECT_THAT(ask(*line_, oru("M1", "", "5")), HasSubstr("\rMSA|AA|M1||5\r"));
  EXPECT_THAT(ask(*line_, oru("M2", "", "9")), HasSubstr("\rMSA|AA|M2||9\r"));
  EXPECT_EQ(counted(1, "sequence_gaps"), 1);
  EXPECT_THAT(trace_of(2), HasSubstr("MSH-13 is 9, expected was 6"));
  EXPECT_THAT(ask(*apart_, oru("S1", "", "1")), HasSubstr("\rMSA|AA|S1||1\r"));
  EXPECT_THAT(ask(*apart_, oru("S3", "", "3")), HasSubstr("\rMSA|AE|S3||2\r")) << "`sequence refuse`";
  EXPECT_THAT(ask(*apart_, "MSH|^~\\&|LAB|NORTH|HUB|REGION|2026||ORU^R01^ORU_R01|S0|P|2.5.1|0\r"),
              HasSubstr("\rMSA|AA|S0||2\r"));
}

TEST_F(Answers, ABatchIsTakenWholeAndAnsweredByOne) {
  constexpr int kMessages = 300;
  std::string batch = "BHS|^~\\&|LAB|NORTH|HUB|REGION|20260101120000||night||B7\r";
  for (int i = 1; i <= kMessages; ++i) batch += oru("B" + std::to_string(i), "", "", i != 7);
  const std::string answer = ask(*line_, batch + "BTS|301\r");
  EXPECT_TRUE(answer.starts_with("BHS|^~\\&|HUB|REGION|LAB|NORTH|"));
  EXPECT_THAT(answer.substr(0, answer.find('\r')), ::testing::EndsWith("|B7"));
  EXPECT_THAT(answer, HasSubstr("\rMSA|AA|B1\r"));
  EXPECT_THAT(answer, HasSubstr("\rMSA|AE|B7\r"));
  EXPECT_THAT(answer, HasSubstr("\rMSA|AA|B300\r"));
  EXPECT_TRUE(answer.ends_with("\rBTS|300|BTS-1 is the number of messages: there are 300\r"))
      << answer.substr(answer.size() - 90);
  EXPECT_EQ(counted(1, "accepted"), kMessages - 1);
  EXPECT_EQ(counted(1, "batches"), 1);
  EXPECT_EQ(counted(1, "batch_findings"), 1);
  EXPECT_THAT(trace_of(3), HasSubstr("message 3 of 300: batch 1, message 3"));
  EXPECT_TRUE(eventually(30s, [&] { return out_->count() == kMessages - 1; }));
  const auto came = out_->arrivals();
  EXPECT_EQ(came.front(), "B1");
  EXPECT_EQ(came.back(), "B300");
  const std::string again = ask(*line_, batch + "BTS|301\r");
  EXPECT_THAT(again, HasSubstr("\rMSA|AA|B300\r"));
  EXPECT_EQ(counted(1, "duplicates"), kMessages - 1) << "a batch that comes again is taken once";
}

}  // namespace
}  // namespace smarthl7::testing
