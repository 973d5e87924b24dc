// SPDX-License-Identifier: Apache-2.0
// The real hub tells a real HTTP server and a real mail server of an alert, once, over a kill; and shows it wherever it is
// asked.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "tests/support/hub.h"
#include "tests/support/line.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kName = "OSTRANDER";  // of the patient: must show nowhere

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class Alerts : public ::testing::Test {
 protected:
  void SetUp() override {
    sink_ = Process(
        {"/usr/bin/env", "python3", "-B", std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/notice_sink.py", notices_path()},
        folder_.path() + "/sink.log");
    ASSERT_TRUE(eventually(20s, [&] { return port_of("smtp ") != 0; })) << read_all(folder_.path() + "/sink.log");
    hub_ = std::make_unique<Hub>(
        SMARTHL7_PROGRAM, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/alerts.route", folder_.path(),
        std::map<std::string, std::string>{{"lab_port", std::to_string(lab_port_)}, {"out_port", std::to_string(free_port())}});
    run_hub();
  }
  void run_hub() {
    hub_->start({}, {"--contact", fmt::format("oncall=http://127.0.0.1:{}/hub", port_of("http ")), "--contact",
                     "oncall=mailto:oncall@hub.example", "--mail-server", fmt::format("smtp://127.0.0.1:{}", port_of("smtp ")),
                     "--mail-from", "smarthl7@hub.example"});
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  [[nodiscard]] std::string notices_path() const { return folder_.path() + "/notices"; }
  [[nodiscard]] int port_of(const std::string& what) const {
    std::istringstream lines(read_all(folder_.path() + "/sink.log"));
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(what)) return std::stoi(line.substr(what.size()));
    return 0;
  }
  [[nodiscard]] std::vector<boost::json::value> notices(const std::string& way) const {
    std::vector<boost::json::value> found;
    std::istringstream lines(read_all(notices_path()));
    for (std::string line; std::getline(lines, line);) {
      const auto one = boost::json::parse(line);
      if (one.at("way").as_string() == way) found.push_back(one);
    }
    return found;
  }
  [[nodiscard]] boost::json::value alert(const std::string& name) const {
    const auto all = hub_->get("/v1/alerts");
    if (!all.is_object()) return nullptr;
    for (const auto& one : all.at("alerts").as_array())
      if (one.at("name").as_string() == name) return one;
    return nullptr;
  }
  [[nodiscard]] bool fires(const std::string& name) const {
    const auto one = alert(name);
    return one.is_object() && one.at("state").as_string() == "firing" && one.at("telling").as_string().empty();
  }
  std::string send(const std::string& id) const {
    Line line;
    EXPECT_TRUE(line.connect(lab_port_));
    EXPECT_TRUE(line.write_frame(fmt::format(
        "MSH|^~\\&|LAB|NORTH|HUB|REGION|20260101120000||ORU^R01^ORU_R01|{}|P|2.5.1\rPID|1||P1||{}^JO\r", id, kName)));
    std::string answer;
    return line.read_frame(answer, 20) ? answer : "nothing";
  }

  ScratchFolder folder_{"alerts"};
  unsigned short lab_port_ = free_port();
  Process sink_;
  std::unique_ptr<Hub> hub_;
};

TEST_F(Alerts, ReachAPagerAndAMailboxOnceOverAKill) {
  EXPECT_TRUE(alert("away").is_object());
  EXPECT_EQ(alert("away").at("state").as_string(), "fine");
  EXPECT_THAT(send("M1"), HasSubstr("MSA|AA|M1"));
  ASSERT_TRUE(eventually(40s, [&] { return notices("page").size() == 2 && notices("mail").size() == 1; }))
      << read_all(notices_path()) << hub_->log();
  ASSERT_TRUE(eventually(20s, [&] { return fires("away"); })) << boost::json::serialize(hub_->get("/v1/alerts"));

  const auto pages = notices("page");
  EXPECT_EQ(pages[0].at("status").as_int64(), 503);
  EXPECT_EQ(pages[1].at("status").as_int64(), 204) << "tried again";
  EXPECT_EQ(pages[0].at("key").as_string(), pages[1].at("key").as_string());
  EXPECT_EQ(pages[1].at("path").as_string(), "/hub");
  EXPECT_EQ(pages[1].at("type").as_string(), "application/json");
  const auto& document = pages[1].at("document");
  EXPECT_EQ(document.at("alert").as_string(), "away");
  EXPECT_EQ(document.at("state").as_string(), "firing");
  EXPECT_THAT(std::string(document.at("text").as_string()), HasSubstr("unreachable of out is "));
  const std::string mail(notices("mail")[0].at("text").as_string());
  EXPECT_THAT(mail, HasSubstr("away: firing"));
  EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated"));
  EXPECT_EQ(notices("mail")[0].at("sender").as_string(), "smarthl7@hub.example");
  EXPECT_EQ(notices("mail")[0].at("to").at(0).as_string(), "oncall@hub.example");

  hub_->kill_now();
  run_hub();
  EXPECT_TRUE(fires("away")) << "remembered";
  EXPECT_THAT(send("M2"), HasSubstr("MSA|AA|M2"));
  EXPECT_TRUE(eventually(30s, [&] {  // it is not reached in this run either
    const auto status = hub_->get("/v1/status");
    return status.is_object() && status.at("destinations").at(0).at("unreachable").as_int64() > 30;
  }));
  EXPECT_EQ(notices("page").size(), 2U) << "said once";
  EXPECT_EQ(notices("mail").size(), 1U);
  EXPECT_EQ(alert("quiet").at("state").as_string(), "fine");

  const Finished listed = run_command({SMARTHL7_PROGRAM, "alerts", "--data", hub_->data()});
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.output, HasSubstr("firing"));
  EXPECT_THAT(listed.output, HasSubstr("oncall"));
  const Finished status = run_command({SMARTHL7_PROGRAM, "status", "--data", hub_->data()});
  EXPECT_THAT(status.output, HasSubstr("away"));
  EXPECT_THAT(hub_->log(), HasSubstr("alert away fires: unreachable of out is "));
  for (const std::string& text :
       {read_all(notices_path()), hub_->log(), listed.output, status.output, read_all(hub_->data() + "/alerts")})
    EXPECT_THAT(text, Not(HasSubstr(kName)));
  EXPECT_EQ(hub_->stop(), 0);
}

}  // namespace
}  // namespace smarthl7::testing
