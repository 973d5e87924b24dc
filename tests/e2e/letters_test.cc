// SPDX-License-Identifier: Apache-2.0
// What people do, as they do it: the commands against the real hub, with receivers that refuse, over kills and restarts.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kRoutes = std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/letters.route";

std::string update(const std::string& id, const std::string& patient, const std::string& facility = "MERCY") {
  return "MSH|^~\\&|ADT|" + facility + "|HUB|H|20260101120000||ADT^A08^ADT_A01|" + id +
         "|P|2.5.1\rEVN|A08|20260101120000\rPID|1||" + patient + "^^^MERCY^MR||DOE^JO||19700101|F\rPV1|1|I\r";
}

class Letters : public ::testing::Test {
 protected:
  void SetUp() override {
    hub_ = std::make_unique<Hub>(SMARTHL7_PROGRAM, kRoutes, folder_.path(),
                                 std::map<std::string, std::string>{{"hub_port", std::to_string(port_)},
                                                                    {"out_port", std::to_string(out_.port())},
                                                                    {"spare_port", std::to_string(spare_.port())}});
    run();
  }
  void run() {
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  std::string send(const std::string& message) {
    Line line;
    std::string answer;
    if (!line.connect(port_)) return "not connected";
    if (!line.write_frame(message) || !line.read_frame(answer, 10)) return "no answer";
    return answer;
  }
  void take(const std::string& message) { ASSERT_THAT(send(message), HasSubstr("\rMSA|AA|")); }
  /// Given up by `out`.
  void kill(const std::string& id, const std::string& patient) {
    refuse(id, true);
    take(update(id, patient));
    ASSERT_TRUE(eventually(20s, [&] { return hub_->queued() == 0; }));
    refuse(id, false);
  }
  void deliver(const std::string& message) {
    take(message);
    ASSERT_TRUE(eventually(20s, [&] { return hub_->queued() == 0; }));
  }
  void refuse(const std::string& id, bool refused) {
    const std::lock_guard lock(mutex_);
    if (refused) {
      refused_.insert(id);
    } else {
      refused_.erase(id);
    }
  }
  Finished command(std::vector<std::string> words) {
    words.insert(words.begin(), SMARTHL7_PROGRAM);
    words.insert(words.end(), {"--data", hub_->data()});
    return run_command(words);
  }
  Behaviour answer(const std::string& id) {
    const std::lock_guard lock(mutex_);
    if (refused_.contains(id)) return {answer_to(id, "AE", "ERR||PID^1^3|204^Unknown key identifier^HL70357|E\r")};
    return {answer_to(id, "AA")};
  }
  boost::json::value destination(const std::string& name) {
    const auto status = hub_->ask({"status"});
    for (const auto& one : status.at("destinations").as_array())
      if (one.at("name").as_string() == name.c_str()) return one;
    return {};
  }
  std::size_t open_letters() { return hub_->ask({"dead", "list"}).at("dead").as_array().size(); }

  ScratchFolder folder_{"letters"};
  std::mutex mutex_;
  std::set<std::string> refused_;
  unsigned short port_ = free_port();
  ScriptedReceiver out_{0, [this](const std::string& id, int) { return answer(id); }};
  ScriptedReceiver spare_{0, [](const std::string& id, int) { return Behaviour{answer_to(id, "AA")}; }};
  std::unique_ptr<Hub> hub_;
};

TEST_F(Letters, AnOldUpdateDoesNotGoOverANewerOneUnlessAPersonSaysSo) {
  kill("OLD", "4711");
  deliver(update("OTHER", "4712"));
  deliver(update("NEW", "4711"));

  const auto refused = command({"dead", "replay", "1"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("1.0: not replayed: later messages about the same went there since (out): 3\n"));
  EXPECT_THAT(refused.output, HasSubstr("--despite-order"));
  EXPECT_EQ(open_letters(), 1U);
  EXPECT_THAT(out_.arrivals(), ElementsAre("OLD", "OTHER", "NEW"));

  const auto done = command({"dead", "replay", "1", "--despite-order", "--reason", "the newer one was wrong"});
  EXPECT_EQ(done.code, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("1.0: replayed to out as message 4, despite 1 later message: 3\n"));
  ASSERT_TRUE(eventually(20s, [&] { return out_.count() == 4; }));
  EXPECT_THAT(out_.arrivals(), ElementsAre("OLD", "OTHER", "NEW", "OLD"));
  EXPECT_EQ(out_.messages().back(), update("OLD", "4711"));  // the same bytes, so the same control id
  EXPECT_EQ(open_letters(), 0U);

  const std::string told = "despite 1 later message: the newer one was wrong";
  EXPECT_THAT(command({"trace", "1"}).output,
              AllOf(HasSubstr("replayed"), HasSubstr("unix uid " + std::to_string(::getuid())), HasSubstr(told)));
  EXPECT_THAT(command({"trace", "4"}).output, HasSubstr("a replay of message 1, delivery 0"));
  EXPECT_THAT(command({"dead", "list", "--all-states"}).output,
              AllOf(HasSubstr("replayed as 4"), HasSubstr("the newer one was wrong")));
  EXPECT_THAT(command({"dead", "show", "1"}).output, AllOf(HasSubstr("refused for good"), HasSubstr("replayed as message 4")));
  const auto again = command({"dead", "replay", "1"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.output, HasSubstr("it was replayed as message 4 already"));
}

TEST_F(Letters, AReplaySurvivesAKillAndIsDoneOnceForItsRequest) {
  kill("DEAD", "1");
  ASSERT_EQ(command({"hold", "out", "--reason", "so that it waits"}).code, 0);
  const auto first = command({"dead", "replay", "1", "--request", "ticket-9"});
  EXPECT_EQ(first.code, 0) << first.output;
  hub_->kill_now();
  run();
  const auto second = command({"dead", "replay", "1", "--request", "ticket-9"});
  EXPECT_EQ(second.code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("replayed to out as message 2, by an earlier call of this request"));
  EXPECT_EQ(out_.count(), 1U);  // still held
  ASSERT_EQ(command({"release", "out"}).code, 0);
  ASSERT_TRUE(eventually(20s, [&] { return hub_->queued() == 0; }));
  EXPECT_THAT(out_.arrivals(), ElementsAre("DEAD", "DEAD"));
}

TEST_F(Letters, AllOfThemGoInOrderAndThoseThatDoNotAreNamed) {
  for (const char* id : {"A", "B", "C"}) kill(id, id);
  deliver(update("B2", "B"));
  const auto done = command({"dead", "replay", "--all", "--destination", "out"});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.output, AllOf(HasSubstr("1.0: replayed"), HasSubstr("2.0: not replayed"), HasSubstr("3.0: replayed"),
                                 HasSubstr("2 replayed, 1 not")));
  ASSERT_TRUE(eventually(20s, [&] { return out_.count() == 6; }));
  EXPECT_THAT(out_.arrivals(), ElementsAre("A", "B", "C", "B2", "A", "C"));
  EXPECT_EQ(command({"dead", "drop", "2", "--reason", "B2 says it all"}).code, 0);
  EXPECT_EQ(open_letters(), 0U);
  EXPECT_THAT(command({"dead", "list", "--all-states"}).output, HasSubstr("B2 says it all"));
  EXPECT_EQ(command({"dead", "drop", "--all"}).code, 2);                   // no reason
  EXPECT_EQ(command({"dead", "replay"}).code, 2);                          // nothing named
  EXPECT_EQ(command({"dead", "replay", "1", "--to", "nowhere"}).code, 1);  // no such destination
  EXPECT_EQ(command({"dead", "list", "--since", "yesterday"}).code, 1);    // no moment
  EXPECT_EQ(hub_->ask({"dead", "list", "--all-states", "--since", "1h"}).at("dead").as_array().size(), 3U);
  EXPECT_EQ(hub_->ask({"dead", "list", "--all-states", "--flow", "updates"}).at("dead").as_array().size(), 3U);
}

TEST_F(Letters, AnEditedBodyIsWhatTheReceiverGetsAndAllBodiesStay) {
  kill("BAD", "WRONG");
  const std::string fixed = update("BAD", "RIGHT");
  std::string by_hand = fixed;
  std::ranges::replace(by_hand, '\r', '\n');  // as an editor writes it
  const std::string file = folder_.path() + "/fixed.hl7";
  std::ofstream(file, std::ios::binary) << by_hand;
  const auto edited = command({"dead", "edit", "1", "--body", file, "--reason", "typing error"});
  EXPECT_EQ(edited.code, 0);
  EXPECT_THAT(edited.output, HasSubstr("changed: PID-3"));
  EXPECT_EQ(command({"dead", "show", "1", "--body"}).output, fixed);
  EXPECT_EQ(run_command({SMARTHL7_PROGRAM, "body", "1", "--data", hub_->data()}).output, update("BAD", "WRONG"));
  ASSERT_EQ(command({"dead", "replay", "1"}).code, 0);
  ASSERT_TRUE(eventually(20s, [&] { return out_.count() == 2; }));
  EXPECT_EQ(out_.messages().back(), fixed);
  EXPECT_THAT(command({"trace", "1"}).output, HasSubstr("changed PID-3: typing error"));
  std::ofstream(file, std::ios::binary | std::ios::trunc) << "no message";
  EXPECT_EQ(command({"dead", "edit", "1", "--body", file, "--reason", "x"}).code, 1);
}

TEST_F(Letters, WhatAFlowEndedAndWhatWasDeliveredGoWhereAPersonSays) {
  deliver(update("ENDED", "7", "NOWHERE"));
  EXPECT_THAT(command({"dead", "list"}).output, AllOf(HasSubstr("a facility that nobody serves"), HasSubstr("ADT^A08")));
  EXPECT_THAT(command({"dead", "replay", "1"}).output, HasSubstr("say where to with --to"));
  EXPECT_EQ(command({"dead", "replay", "1", "--to", "spare"}).code, 0);
  ASSERT_TRUE(eventually(20s, [&] { return spare_.count() == 1; }));
  EXPECT_EQ(open_letters(), 0U);
  deliver(update("DONE", "8"));
  EXPECT_EQ(command({"replay", "--message", "3"}).code, 0);
  ASSERT_TRUE(eventually(20s, [&] { return out_.count() == 2; }));
  EXPECT_THAT(out_.arrivals(), ElementsAre("DONE", "DONE"));
  EXPECT_EQ(command({"replay", "--message", "3", "--to", "spare", "--json"}).code, 0);
  ASSERT_TRUE(eventually(20s, [&] { return spare_.count() == 2; }));
  EXPECT_EQ(command({"replay", "--message", "99"}).code, 1);
}

TEST_F(Letters, AHeldDestinationTakesNothingAndAHeldSourceCloses) {
  ASSERT_EQ(command({"hold", "out", "--reason", "their database moves"}).code, 0);
  take(update("ONE", "1"));
  take(update("TWO", "2", "SPARE"));
  ASSERT_TRUE(eventually(20s, [&] { return spare_.count() == 1; }));
  EXPECT_EQ(destination("out").at("state").as_string(), "held");
  EXPECT_EQ(destination("out").at("queued").to_number<int>(), 1);
  EXPECT_THAT(command({"status"}).output, HasSubstr("held by a person: their database moves"));
  EXPECT_EQ(hub_->stop(), 0);
  run();
  EXPECT_EQ(destination("out").at("state").as_string(), "held");
  EXPECT_THAT(command({"hold"}).output, HasSubstr("their database moves"));
  EXPECT_EQ(out_.count(), 0U);
  ASSERT_EQ(command({"release", "out"}).code, 0);
  ASSERT_TRUE(eventually(20s, [&] { return out_.count() == 1; }));
  EXPECT_TRUE(hub_->ask({"ambiguous"}).at("ambiguous").as_array().empty());  // it was never sent before

  ASSERT_EQ(command({"hold", "feed", "--reason", "wrong data comes"}).code, 0);
  EXPECT_EQ(send(update("THREE", "3")), "not connected");
  EXPECT_THAT(command({"status"}).output, HasSubstr("feed: closed, held by a person: wrong data comes"));
  hub_->kill_now();
  run();
  EXPECT_EQ(send(update("THREE", "3")), "not connected");
  ASSERT_EQ(command({"release", "feed"}).code, 0);
  take(update("THREE", "3"));
  ASSERT_EQ(command({"hold", "feed", "--reason", "again"}).code, 0);  // while it is used
  ASSERT_EQ(command({"release", "feed"}).code, 0);
  take(update("FOUR", "4"));
  EXPECT_EQ(command({"hold", "nobody", "--reason", "x"}).code, 1);
  EXPECT_EQ(command({"hold", "out", "--lane", "7", "--reason", "x"}).code, 1);
  EXPECT_EQ(command({"hold", "out"}).code, 2);
  const auto audit = run_command({"/usr/bin/curl", "-s", "--unix-socket", hub_->data() + "/admin.sock", "http://hub/v1/audit"});
  EXPECT_THAT(audit.output, AllOf(HasSubstr("held"), HasSubstr("released"), HasSubstr("feed: wrong data comes")));
}

TEST_F(Letters, TheLedgerIsHandedOverAndSettled) {
  ScriptedReceiver* const slow = &out_;
  refuse("none", true);
  {  // sent, and killed before the answer is durable: the receiver answers, the hub does not live to hear it
    hub_->stop();
    hub_->start({"SMARTHL7_CRASH_AT=between_answer_and_outcome:1"});
    ASSERT_TRUE(hub_->ready());
    take(update("DOUBT", "5"));
    ASSERT_TRUE(eventually(20s, [&] { return hub_->process().poll() != -1; }));
    run();
    ASSERT_TRUE(eventually(20s, [&] { return slow->count() == 2; }));
  }
  ASSERT_TRUE(eventually(20s, [&] { return hub_->queued() == 0; }));
  EXPECT_EQ(destination("out").at("ambiguous").to_number<int>(), 1);
  const auto listed = command({"ambiguous", "list", "--destination", "out", "--format", "csv"});
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.output, AllOf(HasSubstr("control_id,type,sent_at,found_at,destination,message\r\nDOUBT,ADT^A08,"),
                                   HasSubstr(",out,1\r\n"), Not(HasSubstr("DOE"))));
  EXPECT_THAT(command({"ambiguous"}).output, HasSubstr("DOUBT"));
  EXPECT_EQ(command({"ambiguous", "resolve", "--destination", "out", "--outcome", "maybe", "--reason", "x"}).code, 2);
  EXPECT_EQ(command({"ambiguous", "resolve", "--destination", "spare", "--outcome", "unknown", "--reason", "x"}).code, 1);
  const auto settled =
      command({"ambiguous", "resolve", "--destination", "out", "--outcome", "seen-once", "--reason", "they looked"});
  EXPECT_EQ(settled.code, 0);
  EXPECT_THAT(settled.output, HasSubstr("1 deliveries to out: seen-once"));
  EXPECT_TRUE(hub_->ask({"ambiguous"}).at("ambiguous").as_array().empty());
  EXPECT_EQ(destination("out").at("ambiguous").to_number<int>(), 0);
  EXPECT_THAT(command({"ambiguous", "list", "--all"}).output, AllOf(HasSubstr("seen-once"), HasSubstr("they looked")));
  EXPECT_THAT(command({"trace", "1"}).output, HasSubstr("seen-once: they looked"));
}

TEST_F(Letters, TheAdminInterfaceAnswersWithHonestCodes) {
  kill("A", "1");
  deliver(update("A2", "1"));
  const auto post = [&](const std::string& path, const std::string& body) {
    return run_command({"/usr/bin/curl", "-s", "-w", "%{http_code}", "--unix-socket", hub_->data() + "/admin.sock", "-d", body,
                        "http://hub" + path})
        .output;
  };
  EXPECT_THAT(post("/v1/dead/replay", "{\"letters\":[\"1\"]}"), AllOf(HasSubstr("\"refused\":1"), ::testing::EndsWith("409")));
  EXPECT_THAT(post("/v1/dead/replay", "{\"letters\":[\"1\"],\"despite-order\":true}"),
              ::testing::EndsWith("400"));  // misspelled
  EXPECT_THAT(post("/v1/dead/replay", "{}"), ::testing::EndsWith("400"));
  EXPECT_THAT(post("/v1/dead/replay", "letters=1"), ::testing::EndsWith("400"));
  EXPECT_THAT(post("/v1/dead/drop", "{\"letters\":[\"1\"],\"reason\":\" \"}"), ::testing::EndsWith("400"));
  EXPECT_THAT(post("/v1/hold", "{\"name\":\"x\",\"reason\":\"y\"}"), ::testing::EndsWith("404"));
  EXPECT_THAT(post("/v1/status", "{}"), ::testing::EndsWith("405"));
  EXPECT_THAT(post("/elsewhere", "{}"), ::testing::EndsWith("404"));
  EXPECT_THAT(post("/v1/messages/2/replay", "{\"to\":\"spare\",\"reason\":\"look\"}"),
              AllOf(HasSubstr("\"replayed\":1"), ::testing::EndsWith("200")));
  EXPECT_THAT(post("/v1/dead/replay", "{\"letters\":[1],\"despite_order\":true}"), ::testing::EndsWith("200"));
}

}  // namespace
}  // namespace smarthl7::testing
