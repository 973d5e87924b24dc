// SPDX-License-Identifier: Apache-2.0
// What becomes of a message when its receiver misbehaves, read from its trace: the table that this prints stands in
// docs/evidence.md.
#include <gmock/gmock.h>

#include <memory>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/oru_generator.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Receivers : public ::testing::Test {
 protected:
  void run_hub(const std::string& route = "one.route") {
    hub_ = std::make_unique<Hub>(
        SMARTHL7_PROGRAM, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/" + route, folder_.path(),
        std::map<std::string, std::string>{{"hub_port", std::to_string(port_)}, {"out_port", std::to_string(out_)}});
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  void receive(ScriptedReceiver::Script script) { receiver_ = std::make_unique<ScriptedReceiver>(out_, std::move(script)); }

  /// Sends message n and returns the answer's code.
  std::string send(std::uint64_t n) {
    Line line;
    if (!line.connect(port_)) return "no connection";
    line.write_frame(make_oru({}, n));
    std::string answer;
    if (!line.read_frame(answer, 20)) return "no answer";
    return msa_of(answer).first;
  }

  /// Waits for the end of a message and returns its state; prints its trace.
  std::string outcome(std::uint64_t id, const char* what) {
    boost::json::value trace;
    const bool ended = eventually(60s, [&] {
      trace = hub_->ask({"trace", std::to_string(id)});
      return trace.is_object() && trace.at("state").as_string() != "queued";
    });
    events_.clear();
    std::printf("%s\n", what);
    if (!trace.is_object()) return "no trace";
    for (const auto& event : trace.at("events").as_array()) {
      const std::string name(event.at("what").as_string());
      const std::string detail(event.at("detail").as_string());
      std::printf("    %-12s %-8s %s\n", name.c_str(), event.at("where").as_string().c_str(), detail.c_str());
      if (name == "attempt" || name == "outcome" || name == "dead") events_.push_back(name + ": " + detail);
    }
    return ended ? std::string(trace.at("state").as_string()) : "still queued";
  }

  ScratchFolder folder_{"receivers"};
  unsigned short port_ = free_port();
  unsigned short out_ = free_port();
  std::unique_ptr<ScriptedReceiver> receiver_;
  std::unique_ptr<Hub> hub_;
  std::vector<std::string> events_;
};

TEST_F(Receivers, ErrorsWithoutACodeAreForGoodAfterThreeAttempts) {
  receive([](const std::string& id, int) { return Behaviour{answer_to(id, "AE")}; });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "AE, each time"), "dead");
  EXPECT_EQ(receiver_->arrivals().size(), 3U);
}

TEST_F(Receivers, RejectionsAreForNow) {
  receive([](const std::string& id, int time) { return Behaviour{answer_to(id, time < 5 ? "AR" : "AA")}; });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "AR four times, then AA"), "delivered");
  EXPECT_EQ(receiver_->arrivals().size(), 5U);
}

TEST_F(Receivers, Error207IsForNow) {
  receive([](const std::string& id, int time) {
    return Behaviour{time < 6 ? answer_to(id, "AE", "ERR|||207^Application internal error^HL70357|E\r") : answer_to(id, "AA")};
  });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "AE with ERR-3 207 five times, then AA"), "delivered");
  EXPECT_EQ(receiver_->arrivals().size(), 6U);
}

TEST_F(Receivers, AMissingFieldIsForGoodAtOnce) {
  receive([](const std::string& id, int) {
    return Behaviour{answer_to(id, "AE", "ERR||PID^1^5|101^Required field missing^HL70357|E\r")};
  });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "AE with ERR-3 101"), "dead");
  EXPECT_EQ(receiver_->arrivals().size(), 1U);
}

TEST_F(Receivers, SilenceIsSentAgain) {
  receive([](const std::string& id, int time) { return time < 3 ? Behaviour{} : Behaviour{answer_to(id, "AA")}; });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "no answer twice, then AA"), "delivered");
  EXPECT_EQ(receiver_->arrivals().size(), 3U);
}

TEST_F(Receivers, ALateAnswerIsNeverTakenForTheNextMessage) {
  receive([](const std::string& id, int time) { return Behaviour{answer_to(id, "AA"), time == 1 ? 900 : 0}; });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  ASSERT_EQ(send(2), "AA");
  EXPECT_EQ(outcome(1, "AA after 900 ms where 500 are waited, then at once"), "delivered");
  EXPECT_EQ(outcome(2, "the message behind it"), "delivered");
  const auto seen = receiver_->arrivals();
  EXPECT_EQ(std::count(seen.begin(), seen.end(), oru_control_id({}, 1)), 2);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), oru_control_id({}, 2)), 2);
}

TEST_F(Receivers, AnAnswerForAnotherMessageIsNotThisOnes) {
  receive([](const std::string& id, int time) { return Behaviour{answer_to(time == 1 ? "SOMETHINGELSE" : id, "AA")}; });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "AA for another message, then for this one"), "delivered");
  EXPECT_EQ(receiver_->arrivals().size(), 2U);
}

TEST_F(Receivers, TwoAnswersForOthersHoldTheLane) {
  receive([](const std::string&, int) { return Behaviour{answer_to("SOMETHINGELSE", "AA")}; });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  ASSERT_TRUE(eventually(30s, [&] {
    const auto status = hub_->ask({"status"});
    return status.is_object() && status.at("destinations").at(0).at("state").as_string() == "held";
  }));
  EXPECT_EQ(receiver_->arrivals().size(), 2U);
  const auto trace = hub_->ask({"trace", "1"});
  EXPECT_EQ(trace.at("state").as_string(), "queued");
}

TEST_F(Receivers, GarbageIsNoAnswer) {
  receive([](const std::string& id, int time) {
    return time == 1 ? Behaviour{"\x01\x02 this is not HL7"} : Behaviour{answer_to(id, "AA")};
  });
  run_hub();
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "garbage, then AA"), "delivered");
  EXPECT_EQ(receiver_->arrivals().size(), 2U);
}

TEST_F(Receivers, ATruncatedControlIdIsTakenWhereTheRouteSaysSo) {
  receive([](const std::string& id, int) { return Behaviour{answer_to(id.substr(0, 8), "AA")}; });
  run_hub("prefix.route");
  ASSERT_EQ(send(1), "AA");
  EXPECT_EQ(outcome(1, "MSA-2 cut to 8 characters, `match id prefix 8`"), "delivered");
  EXPECT_EQ(receiver_->arrivals().size(), 1U);
}

TEST_F(Receivers, UnreachableForLongerThanTheRetryStepsLosesNothing) {
  run_hub();
  for (std::uint64_t n = 1; n <= 5; ++n) ASSERT_EQ(send(n), "AA");
  std::this_thread::sleep_for(2s);  // ten of the longest pauses
  EXPECT_EQ(hub_->queued(), 5U);
  receive([](const std::string& id, int) { return Behaviour{answer_to(id, "AA")}; });
  for (std::uint64_t n = 1; n <= 5; ++n) EXPECT_EQ(outcome(n, n == 1 ? "nobody listens for 2 s" : "behind it"), "delivered");
  std::vector<std::string> expected;
  for (std::uint64_t n = 1; n <= 5; ++n) expected.push_back(oru_control_id({}, n));
  EXPECT_EQ(receiver_->arrivals(), expected);
}

}  // namespace
}  // namespace smarthl7::testing
