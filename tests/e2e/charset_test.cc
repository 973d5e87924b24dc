// SPDX-License-Identifier: Apache-2.0
// Character sets through the real hub: a sender in 8859/1 and receivers that want that, and UTF-8; a sender that lies.
#include <gmock/gmock.h>

#include <memory>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string kRoutes = std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/charset.route";

Behaviour take(const std::string& id, int) { return {.answer = answer_to(id, "AA")}; }

class Charsets : public ::testing::Test {
 protected:
  void SetUp() override {
    hub_ = std::make_unique<Hub>(SMARTHL7_PROGRAM, kRoutes, folder_.path(),
                                 std::map<std::string, std::string>{{"hub_port", std::to_string(port_)},
                                                                    {"same_port", std::to_string(same_.port())},
                                                                    {"unicode_port", std::to_string(unicode_.port())}});
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
    ASSERT_TRUE(line_.connect(port_));
  }
  std::string send(const std::string& id, const std::string& set, const std::string& name) {
    std::string answer;
    if (!line_.write_frame(message(id, set, name))) return "not written";
    if (!line_.read_frame(answer, 10)) return "no answer";
    return answer;
  }
  static std::string message(const std::string& id, const std::string& set, const std::string& name) {
    return "MSH|^~\\&|A|B|C|D|20261123101500||ADT^A01^ADT_A01|" + id + "|P|2.5.1" + (set.empty() ? "" : "||||||" + set) +
           "\rEVN|A01|20261123101500\rPID|1||1001^^^MERCY^MR||" + name + "\rPV1|1|I\r";
  }
  static bool arrived(const ScriptedReceiver& receiver, std::size_t count) {
    return eventually(20s, [&] { return receiver.count() >= count; });
  }
  boost::json::value source() { return hub_->ask({"status"}).at("sources").at(0); }

  ScratchFolder folder_{"charset"};
  unsigned short port_ = free_port();
  ScriptedReceiver same_{0, take};
  ScriptedReceiver unicode_{0, take};
  std::unique_ptr<Hub> hub_;
  Line line_;
};

TEST_F(Charsets, TheUmlautArrivesInTheReceiversSet) {
  ASSERT_THAT(send("1", "8859/1", "M\xFCller^Zo\xEB"), HasSubstr("\rMSA|AA|1"));
  ASSERT_THAT(send("2", "", "M\xFCller^Zo\xEB"), HasSubstr("\rMSA|AA|2"));
  ASSERT_THAT(send("3", "UNICODE UTF-8", "M\xC3\xBCller^Zo\xC3\xAB"), HasSubstr("\rMSA|AA|3"));
  ASSERT_TRUE(arrived(same_, 3));
  ASSERT_TRUE(arrived(unicode_, 3));
  EXPECT_THAT(same_.messages(),
              ::testing::ElementsAre(message("1", "8859/1", "M\xDCLLER^Zo\xEB"), message("2", "", "M\xDCLLER^Zo\xEB"),
                                     message("3", "UNICODE UTF-8", "M\xC3\x9CLLER^Zo\xC3\xAB")));
  EXPECT_THAT(unicode_.messages(), ::testing::ElementsAre(message("1", "UNICODE UTF-8", "M\xC3\x9CLLER^Zo\xC3\xAB"),
                                                          message("2", "UNICODE UTF-8", "M\xC3\x9CLLER^Zo\xC3\xAB"),
                                                          message("3", "UNICODE UTF-8", "M\xC3\x9CLLER^Zo\xC3\xAB")));
  EXPECT_EQ(source().at("charset_mismatches").to_number<int>(), 0);
}

TEST_F(Charsets, ASenderThatLiesIsCountedAndItsBytesAreKept) {
  ASSERT_THAT(send("1", "ASCII", "M\xFCller^Zo\xEB"), HasSubstr("\rMSA|AA|1"));
  ASSERT_TRUE(arrived(same_, 1));
  EXPECT_THAT(same_.messages(), ::testing::ElementsAre(message("1", "ASCII", "M\xFCLLER^Zo\xEB")));
  EXPECT_EQ(source().at("charset_mismatches").to_number<int>(), 1);
  EXPECT_EQ(source().at("charset_mismatched_bytes").to_number<int>(), 2);
  // What cannot be converted is in the dead letters, with its place.
  const auto dead = hub_->ask({"dead", "list"});
  ASSERT_FALSE(dead.is_null());
  EXPECT_THAT(boost::json::serialize(dead),
              HasSubstr("cannot be sent to unicode: PID-5: text in ASCII; byte 2 is in no character of it"));
  EXPECT_EQ(unicode_.count(), 0U);
}

}  // namespace
}  // namespace smarthl7::testing
