// SPDX-License-Identifier: Apache-2.0
// The real hub: a sender that waits for the delivery, one that is answered on receipt, messages that are split and collected in
// batches that another source of the hub takes; with kills in between.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <memory>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Codes = std::pair<std::string, std::string>;

std::string oru(const std::string& id, const std::vector<std::string>& panels = {"GLU"}) {
  std::string text = fmt::format(
      "MSH|^~\\&|LAB|NORTH|HUB|REGION|20260101120000||ORU^R01^ORU_R01|{}|P|2.5.1\rPID|1||P1^^^NORTH^MR||DOE^JO\r", id);
  for (std::size_t i = 0; i < panels.size(); ++i)
    text += fmt::format("OBR|{}|||{}^Panel^L|||20260101||||||||||||||||||F\rOBX|1|NM|{}^Value^L||5|mmol/L|||||F\r", i + 1,
                        panels[i], panels[i]);
  return text;
}

class Modes : public ::testing::Test {
 protected:
  void SetUp() override {
    out_ = std::make_unique<ScriptedReceiver>(0, [this](const std::string& id, int) {
      Behaviour behaviour;
      if (!silent_) behaviour.answer = answer_to(id, "AA");
      behaviour.close = silent_;
      return behaviour;
    });
    sink_ = std::make_unique<ScriptedReceiver>();
    run_hub();
  }
  void run_hub(const std::vector<std::string>& environment = {}) {
    hub_ = std::make_unique<Hub>(SMARTHL7_PROGRAM, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/modes.route", folder_.path(),
                                 std::map<std::string, std::string>{{"delivered_port", std::to_string(ports_[0])},
                                                                    {"receipt_port", std::to_string(ports_[1])},
                                                                    {"panels_port", std::to_string(ports_[2])},
                                                                    {"inbox_port", std::to_string(ports_[3])},
                                                                    {"out_port", std::to_string(out_->port())},
                                                                    {"sink_port", std::to_string(sink_->port())}});
    hub_->start(environment);
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  /// On a connection of its own.
  std::string ask(int port, const std::string& message, int seconds = 20) {
    Line line;
    EXPECT_TRUE(line.connect(ports_[port]));
    EXPECT_TRUE(line.write_frame(message));
    std::string answer;
    return line.read_frame(answer, seconds) ? answer : "nothing";
  }
  std::string trace_of(int id) {
    std::string text;
    const auto trace = hub_->ask({"trace", std::to_string(id)});
    if (!trace.is_object()) return "no trace";
    for (const auto& event : trace.at("events").as_array())
      text += fmt::format("{} {}: {}\n", std::string(event.at("what").as_string()), std::string(event.at("where").as_string()),
                          std::string(event.at("detail").as_string()));
    return text;
  }

  ScratchFolder folder_{"modes"};
  unsigned short ports_[4] = {free_port(), free_port(), free_port(), free_port()};
  std::atomic<bool> silent_{false};
  std::unique_ptr<ScriptedReceiver> out_;
  std::unique_ptr<ScriptedReceiver> sink_;
  std::unique_ptr<Hub> hub_;
};

TEST_F(Modes, ASenderMayWaitForTheDelivery) {
  EXPECT_EQ(msa_of(ask(0, oru("M1"))), Codes("AA", "M1"));
  EXPECT_EQ(out_->count(), 1U);
  silent_ = true;
  const std::string late = ask(0, oru("M2"));
  EXPECT_EQ(msa_of(late), Codes("AE", "M2"));
  EXPECT_THAT(late, HasSubstr("|207^"));
  silent_ = false;
  EXPECT_EQ(msa_of(ask(0, oru("M2"))), Codes("AA", "M2")) << "the copy waits for the first one";
  hub_->kill_now();
  run_hub();
  EXPECT_EQ(msa_of(ask(0, oru("M2"))), Codes("AA", "M2")) << "also after a kill";
  EXPECT_EQ(msa_of(ask(0, oru("M1"))), Codes("AA", "M1"));
  const std::size_t before = out_->count();
  EXPECT_EQ(msa_of(ask(0, oru("M3"))), Codes("AA", "M3"));
  EXPECT_EQ(out_->count(), before + 1) << "copies are not delivered again";
}

TEST_F(Modes, ASenderMayBeAnsweredOnReceipt) {
  EXPECT_EQ(msa_of(ask(1, oru("M1"))), Codes("AA", "M1"));
  EXPECT_TRUE(eventually(20s, [&] { return out_->count() == 1; }));
  std::string foreign = oru("M2");
  foreign.replace(foreign.find("ORU^R01^ORU_R01"), 15, "ADT^A01^ADT_A01");
  EXPECT_EQ(msa_of(ask(1, foreign)), Codes("AR", "M2"));
  EXPECT_THAT(hub_->log(), HasSubstr("contact oncall is not reached: its alerts are only logged"));
}

TEST_F(Modes, MessagesAreSplitCollectedAndTakenApartAgain) {
  EXPECT_EQ(msa_of(ask(2, oru("M1", {"GLU", "NA"}))), Codes("AA", "M1"));
  EXPECT_EQ(msa_of(ask(2, oru("MX", {"K", "BAD"}))), Codes("AE", "MX")) << "the whole message or nothing";
  EXPECT_EQ(sink_->count(), 0U) << "two of three are collected";
  hub_->kill_now();
  run_hub();
  EXPECT_EQ(msa_of(ask(2, oru("M1", {"GLU", "NA"}))), Codes("AA", "M1")) << "a copy adds nothing";
  EXPECT_EQ(hub_->stop(), 0);
  run_hub();
  EXPECT_EQ(msa_of(ask(2, oru("M2", {"K", "CL", "CA", "P"}))), Codes("AA", "M2"));
  ASSERT_TRUE(eventually(30s, [&] { return sink_->count() >= 6; })) << hub_->log();
  EXPECT_THAT(sink_->arrivals(), ElementsAre("M1.1", "M1.2", "M2.1", "M2.2", "M2.3", "M2.4"));
  EXPECT_THAT(trace_of(1), HasSubstr("outcome to_registry batch 1: accepted, attempts 1, answer in message "));
  const auto ledger = hub_->ask({"ambiguous"});
  ASSERT_TRUE(ledger.is_object());
  EXPECT_TRUE(ledger.at("ambiguous").as_array().empty()) << "what is collected was not sent";
}

TEST_F(Modes, AKillAroundTheBatchKeepsItInOnePiece) {
  for (const char* point : {"before_batch:1", "after_batch:1"}) {
    const std::size_t before = sink_->count();
    const std::string id = std::string("K") + point[0];
    EXPECT_EQ(hub_->stop(), 0);
    run_hub({std::string("SMARTHL7_CRASH_AT=") + point});
    ask(2, oru(id, {"A", "B", "C"}), 5);
    int code = -1;
    ASSERT_TRUE(eventually(60s, [&] { return (code = hub_->process().poll()) != -1; })) << point;
    EXPECT_EQ(code, 128 + SIGKILL);
    run_hub();
    ASSERT_TRUE(eventually(30s, [&] { return sink_->count() >= before + 3; })) << point << "\n" << hub_->log();
    EXPECT_EQ(sink_->arrivals().back(), id + ".3");
    EXPECT_EQ(sink_->count(), before + 3);
  }
}

}  // namespace
}  // namespace smarthl7::testing
