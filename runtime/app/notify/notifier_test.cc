// SPDX-License-Identifier: Apache-2.0
// What is written, and what happens when nobody can be reached. Real servers that are reached: tests/e2e/alerts_test.cc.
#include "runtime/app/notify/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>

namespace smarthl7::app {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Notice notice() {
  Notice notice;
  notice.alert = "unreachable of mercy";
  notice.began = WallTime(std::chrono::seconds(1'795'452'000));
  notice.at = notice.began + 5min;
  notice.text = "lanes: 1; \"refused\"";
  notice.hub = "hub1";
  notice.environment = "production";
  notice.contacts = {"oncall"};
  return notice;
}

TEST(Notice, IsADocument) {
  const auto document = boost::json::parse(to_json(notice()));
  EXPECT_EQ(document.at("alert").as_string(), "unreachable of mercy");
  EXPECT_EQ(document.at("state").as_string(), "firing");
  EXPECT_EQ(document.at("since").as_string(), "2026-11-23T16:40:00.000000Z");
  EXPECT_EQ(document.at("text").as_string(), "lanes: 1; \"refused\"");
  EXPECT_EQ(document.at("hub").as_string(), "hub1");
}

TEST(Notice, IsAMailWhoseHeadersNobodyElseWrites) {
  Notice evil = notice();
  evil.over = true;
  evil.alert = "a\r\nBcc: everybody@example.org";
  evil.text = "x\r\n.\r\nMAIL FROM:<x>";
  const std::string mail = to_mail(evil, "hub@hub.example", "oncall@hub.example");
  EXPECT_THAT(mail, HasSubstr("From: SmartHL7 <hub@hub.example>\r\nTo: <oncall@hub.example>\r\nSubject: [hub1] a"));
  EXPECT_THAT(mail, Not(HasSubstr("\nBcc")));
  EXPECT_THAT(mail, Not(HasSubstr("\n.\r")));
  EXPECT_THAT(mail, HasSubstr("Date: Mon, 23 Nov 2026 16:45:00 +0000\r\n"));
  EXPECT_THAT(mail, EndsWith("\r\n"));
}

TEST(Notice, HasAKeyOfItsEpisodeAndState) {
  Notice over = notice();
  over.over = true;
  over.at += 1h;
  Notice again = notice();
  again.at += 1h;
  EXPECT_EQ(again.key(), notice().key());
  EXPECT_NE(over.key(), notice().key());
  EXPECT_THAT(over.key(), Not(HasSubstr(" ")));
}

TEST(Notifier, TriesAgainAndThenSaysWhoWasNotReached) {
  NotifierSetup setup;
  setup.contacts.push_back({"oncall", "", "http://127.0.0.1:1/nobody"});
  setup.first_pause = 1ms;
  setup.give_up_after = 20ms;
  std::promise<std::string> ended;
  int tries = 0;
  setup.done = [&](const Notice& of, bool over, const std::string& problem) {
    EXPECT_EQ(of.key(), notice().key());
    EXPECT_THAT(problem, HasSubstr("oncall: "));
    ++tries;
    if (over) ended.set_value(problem);
  };
  Notifier notifier(std::move(setup));
  EXPECT_TRUE(notifier.reaches({"oncall"}));
  EXPECT_FALSE(notifier.reaches({"another"}));
  EXPECT_TRUE(notifier.tell(notice()));
  EXPECT_THAT(ended.get_future().get(), Not(IsEmpty()));
  EXPECT_GE(tries, 2);
}

TEST(Notifier, GivesUpAtOnceWhatCanNeverWork) {
  NotifierSetup setup;
  setup.contacts.push_back({"oncall", "", "gopher://127.0.0.1/"});
  std::promise<std::string> ended;
  setup.done = [&](const Notice& /*of*/, bool over, const std::string& problem) {
    EXPECT_TRUE(over);
    ended.set_value(problem);
  };
  Notifier notifier(std::move(setup));
  EXPECT_TRUE(notifier.tell(notice()));
  EXPECT_THAT(ended.get_future().get(), HasSubstr("oncall: "));
}

TEST(Notifier, AMailAddressNeedsAServer) {
  NotifierSetup setup;
  setup.contacts.push_back({"oncall", "oncall@hub.example", ""});
  setup.done = [](const Notice& /*of*/, bool /*over*/, const std::string& /*problem*/) {};
  const Notifier notifier(std::move(setup));
  EXPECT_FALSE(notifier.reaches({"oncall"}));
}

}  // namespace
}  // namespace smarthl7::app
