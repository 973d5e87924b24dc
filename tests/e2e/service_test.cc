// SPDX-License-Identifier: Apache-2.0
// The service as its operators and bad senders meet it: wrong bytes, wrong routes, ports and folders in use, broken files, no
// room.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/oru_generator.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kRoutes = std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/one.route";

class Service : public ::testing::Test {
 protected:
  std::unique_ptr<Hub> make_hub(const std::string& folder = "") {
    return std::make_unique<Hub>(
        SMARTHL7_PROGRAM, kRoutes, folder.empty() ? folder_.path() : folder,
        std::map<std::string, std::string>{{"hub_port", std::to_string(port_)}, {"out_port", std::to_string(sink_.port())}});
  }
  void run_hub() {
    hub_ = make_hub();
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  std::string ask(Line& line, const std::string& message) {
    std::string answer;
    if (!line.write_frame(message)) return "not written";
    if (!line.read_frame(answer, 10)) return "no answer";
    return answer;
  }
  boost::json::value source() { return hub_->ask({"status"}).at("sources").at(0); }

  ScratchFolder folder_{"service"};
  unsigned short port_ = free_port();
  ScriptedReceiver sink_;
  std::unique_ptr<Hub> hub_;
};

std::string with(std::string message, const std::string& from, const std::string& to) {
  const auto at = message.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return message.replace(at, from.size(), to);
}

TEST_F(Service, AnswersWrongMessagesAsHl7SaysAndTheConnectionLivesOn) {
  run_hub();
  Line line;
  ASSERT_TRUE(line.connect(port_));
  const std::string good = make_oru({}, 1);
  EXPECT_THAT(ask(line, "PID|1||123\r"), AllOf(HasSubstr("\rMSA|AR\r"), Not(HasSubstr("|123"))));
  EXPECT_THAT(ask(line, "MSH"), HasSubstr("\rMSA|AR"));
  EXPECT_THAT(ask(line, with(good, oru_control_id({}, 1), "")), AllOf(HasSubstr("\rMSA|AE\r"), HasSubstr("|101^")));
  EXPECT_THAT(ask(line, with(good, "|P|2.5.1", "|P|9.9")), AllOf(HasSubstr("\rMSA|AR|"), HasSubstr("203")));
  EXPECT_THAT(ask(line, with(good, "ORU^R01^ORU_R01", "ADT^A01^ADT_A01")), AllOf(HasSubstr("\rMSA|AR|"), HasSubstr("20")));
  EXPECT_THAT(ask(line, with(good, "MSH|^~\\&|", "MSH|^^^^|")), AnyOf(HasSubstr("\rMSA|AR"), HasSubstr("\rMSA|AE")));
  EXPECT_THAT(ask(line, with(good, "|||F|||", "|||Q|||")),
              AllOf(HasSubstr("\rMSA|AE|"), HasSubstr("OBX^1^11"), HasSubstr("103^")));
  std::string nul = good;
  nul.insert(nul.find("PV1"), std::string("NTE|1|L|a\0b\r", 12));
  const std::string to_nul = ask(line, nul);
  EXPECT_THAT(to_nul, HasSubstr("\rMSA|A"));
  EXPECT_THAT(ask(line, make_oru({}, 2)), HasSubstr("\rMSA|AA|" + oru_control_id({}, 2)));
  ASSERT_TRUE(eventually(20s, [&] { return sink_.count() >= 1; }));
  EXPECT_GE(source().at("rejected").to_number<int>(), 6);
}

TEST_F(Service, DropsAndCountsBytesOutsideOfFrames) {
  run_hub();
  Line line;
  ASSERT_TRUE(line.connect(port_));
  ASSERT_TRUE(line.write_frame(make_oru({}, 1)));
  std::string answer;
  ASSERT_TRUE(line.read_frame(answer, 10));
  Line noisy;
  ASSERT_TRUE(noisy.connect(port_));
  ASSERT_TRUE(noisy.write_raw("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_THAT(ask(noisy, make_oru({}, 2)), HasSubstr("\rMSA|AA|"));
  EXPECT_EQ(source().at("noise_bytes").to_number<int>(), 18);
}

TEST_F(Service, AStartInsideOfAFrameClosesAndNeverMerges) {
  run_hub();
  Line line;
  ASSERT_TRUE(line.connect(port_));
  const std::string message = make_oru({}, 1);
  ASSERT_TRUE(line.write_raw("\x0b" + message.substr(0, 700)));
  ASSERT_TRUE(line.write_raw("\x0b" + message + "\x1c\r"));
  std::string answer;
  EXPECT_FALSE(line.read_frame(answer, 10));
  EXPECT_EQ(sink_.count(), 0U);
  EXPECT_EQ(source().at("bad_frames").to_number<int>(), 1);
}

TEST_F(Service, ListsTracesAndRecordsReads) {
  run_hub();
  Line line;
  ASSERT_TRUE(line.connect(port_));
  const std::string message = make_oru({}, 1);
  ASSERT_THAT(ask(line, message), HasSubstr("\rMSA|AA|"));
  ASSERT_THAT(ask(line, message), HasSubstr("\rMSA|AA|"));  // a resend
  ASSERT_TRUE(eventually(20s, [&] { return hub_->queued() == 0; }));
  EXPECT_EQ(sink_.count(), 1U);
  const auto listed = hub_->ask({"messages", "--control-id", oru_control_id({}, 1)});
  ASSERT_FALSE(listed.at("messages").as_array().empty());
  const auto body = run_command({SMARTHL7_PROGRAM, "body", "1", "--data", hub_->data()});
  EXPECT_EQ(body.code, 0);
  EXPECT_EQ(body.output, message);
  const auto trace = hub_->ask({"trace", "1"});
  std::vector<std::string> events;
  for (const auto& event : trace.at("events").as_array()) events.emplace_back(event.at("what").as_string());
  EXPECT_THAT(events, ::testing::IsSupersetOf({"received", "stored", "read"}));
  EXPECT_EQ(hub_->ask({"trace", oru_control_id({}, 1)}).at("id").to_number<int>(), 1);
  EXPECT_EQ(run_command({SMARTHL7_PROGRAM, "trace", "4711", "--data", hub_->data()}).code, 1);
}

TEST_F(Service, EndsWithoutLossOnSigterm) {
  run_hub();
  Line line;
  ASSERT_TRUE(line.connect(port_));
  for (std::uint64_t n = 1; n <= 50; ++n) ASSERT_THAT(ask(line, make_oru({}, n)), HasSubstr("\rMSA|AA|"));
  EXPECT_EQ(hub_->stop(), 0) << hub_->log();
  hub_->start();
  ASSERT_TRUE(hub_->ready());
  ASSERT_TRUE(eventually(20s, [&] { return hub_->queued() == 0; }));
  EXPECT_EQ(sink_.count(), 50U);  // nothing was in doubt, so nothing was sent twice
  EXPECT_TRUE(hub_->ask({"ambiguous"}).at("ambiguous").as_array().empty());
}

TEST_F(Service, NamesWhatKeepsItFromStarting) {
  run_hub();
  auto second = make_hub();
  second->start();
  EXPECT_EQ(second->process().wait(), 3);
  EXPECT_THAT(second->log(), HasSubstr("another process"));
  const ScratchFolder other("other");
  auto same_port = make_hub(other.path());
  same_port->start();
  EXPECT_EQ(same_port->process().wait(), 3);
  EXPECT_THAT(same_port->log(), AllOf(HasSubstr("feed"), HasSubstr("in use")));
  hub_->stop();

  const std::string wrong = folder_.path() + "/wrong.route";
  std::ofstream(wrong) << "language 1\nflow f {\n  from nowhere\n}\n";
  const auto run = run_command({SMARTHL7_PROGRAM, "run", wrong, "--data", folder_.path() + "/d2"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.output, AllOf(HasSubstr("error[E0"), HasSubstr("nowhere")));
  const auto unset = run_command({SMARTHL7_PROGRAM, "run", kRoutes, "--data", folder_.path() + "/d3"});
  EXPECT_NE(unset.code, 0);
  EXPECT_THAT(unset.output, HasSubstr("hub_port"));
}

TEST_F(Service, RefusesAPlanOfAnotherVersion) {
  const std::string plan = folder_.path() + "/one.plan";
  ASSERT_EQ(run_command({SMARTHL7_PROGRAM, "compile", kRoutes, "-o", plan}).code, 0);
  EXPECT_EQ(run_command({SMARTHL7_PROGRAM, "plan", "show", plan}).code, 0);
  std::fstream file(plan, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  bytes[8] = static_cast<char>(bytes[8] + 1);  // the schema version follows the eight bytes of the magic
  file.seekp(0);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  const auto run = run_command({SMARTHL7_PROGRAM, "run", plan, "--data", folder_.path() + "/d"});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.output, HasSubstr("version"));
}

TEST_F(Service, NamesTheFileAndPlaceOfACorruptStore) {
  run_hub();
  {
    Line line;
    ASSERT_TRUE(line.connect(port_));
    for (std::uint64_t n = 1; n <= 20; ++n) ASSERT_THAT(ask(line, make_oru({}, n)), HasSubstr("\rMSA|AA|"));
  }
  hub_->kill_now();
  std::string journal;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(hub_->data()))
    if (entry.is_regular_file() && entry.path().string().find("state") == std::string::npos && entry.file_size() > 20'000)
      journal = entry.path();
  ASSERT_NE(journal, "");
  {
    std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(9'000);
    file.write("damaged!", 8);
  }
  hub_->start();
  EXPECT_EQ(hub_->process().wait(), 3);
  EXPECT_THAT(hub_->log(), AllOf(HasSubstr(std::filesystem::path(journal).filename().string()), HasSubstr("damaged")));
}

TEST_F(Service, SaysTryAgainWhenTheDiskIsFullAndLosesNothing) {
  // A file system of its own in a mount namespace of its own, with room for the reserve and a little.
  const std::string data = folder_.path() + "/small";
  std::filesystem::create_directory(data);
  const std::string script = "mount -t tmpfs -o size=90m tmpfs '" + data + "' && exec '" + std::string(SMARTHL7_PROGRAM) +
                             "' run '" + kRoutes + "' --data '" + data + "/data' --admin unix:" + folder_.path() +
                             "/admin.sock --set hub_port=" + std::to_string(port_) +
                             " --set out_port=" + std::to_string(sink_.port());
  Process process({"/usr/bin/unshare", "-rm", "/bin/sh", "-c", script}, folder_.path() + "/small.log");
  Line line;
  ASSERT_TRUE(eventually(30s, [&] { return line.connect(port_); }));
  std::uint64_t taken = 0;
  std::string answer;
  // Large ones: the less room there is, the longer each waits for its answer.
  const std::string note = "NTE|1|L|" + std::string(700 << 10, 'x') + "\r";
  for (std::uint64_t n = 1; n <= 200; ++n) {
    answer = ask(line, make_oru({}, n) + note);
    if (answer.find("\rMSA|AA|") == std::string::npos) break;
    ++taken;
  }
  EXPECT_GT(taken, 10U);
  EXPECT_THAT(answer, AllOf(HasSubstr("\rMSA|AR|"), HasSubstr("207")));
  EXPECT_TRUE(eventually(20s, [&] { return sink_.count() == taken; }));
  EXPECT_EQ(process.poll(), -1) << "the hub must live on";
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(Service, NamesAReadOnlyDisk) {
  const std::string data = folder_.path() + "/sealed";
  std::filesystem::create_directory(data);
  const std::string script = "mount -t tmpfs -o ro tmpfs '" + data + "' && exec '" + std::string(SMARTHL7_PROGRAM) + "' run '" +
                             kRoutes + "' --data '" + data + "/data' --set hub_port=" + std::to_string(port_) +
                             " --set out_port=" + std::to_string(sink_.port());
  const auto run = run_command({"/usr/bin/unshare", "-rm", "/bin/sh", "-c", script});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.output, AllOf(HasSubstr(data), HasSubstr("Read-only file system")));
}

}  // namespace
}  // namespace smarthl7::testing
