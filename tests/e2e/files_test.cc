// SPDX-License-Identifier: Apache-2.0
// Files in and out of real folders through the real hub, on this machine's disk and over SFTP with OpenSSH's sshd: taken once
// whatever is killed, in flat memory, and nothing but files of the folder is ever touched. SMARTHL7_FILES, SMARTHL7_FILE_KILLS
// and SMARTHL7_BATCH_MB make it larger.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "tests/support/hub.h"
#include "tests/support/sftp_server.h"

namespace smarthl7::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kRoutes = std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/";

std::size_t wanted(const char* name, std::size_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

std::string result(const std::string& id, const std::string& from = "LAB", const std::string& patient = "4711") {
  const std::string identifier = patient.empty() ? "" : patient + "^^^L^MR";
  return "MSH|^~\\&|" + from + "|L|HUB|H|20260101120000||ORU^R01^ORU_R01|" + id + "|P|2.5.1\rPID|1||" + identifier +
         "||SECRETNAME^JO\rOBR|1|||GLU^Glucose^L|||20260101\rOBX|1|NM|GLU^Glucose^L||5|mmol/l|||||F\r";
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

class Files : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    for (const char* name : {"in", "done", "failed", "answers", "out"}) fs::create_directories(at(name));
    settings_ = {{"spool", folder_.path()}};
    std::string routes = kRoutes + "files.route";
    if (over_sftp()) routes = serve();
    hub_ = std::make_unique<Hub>(SMARTHL7_PROGRAM, routes, folder_.path(), settings_);
    run();
  }
  static bool over_sftp() { return GetParam() == std::string("sftp"); }
  /// A server for the same folders, and the route file beside its known_hosts.
  std::string serve() {
    server_ = std::make_unique<SftpServer>(folder_.path() + "/sshd");
    settings_.insert(
        {{"server", server_->address()}, {"login", server_->user()}, {"host_print", server_->fingerprint("ed25519")}});
    fs::create_directories(at("secrets"));
    std::ofstream(at("secrets") / "ed25519_key") << server_->key("ed25519");
    std::ofstream(at("secrets") / "rsa_key") << server_->key("rsa");
    std::ofstream(at("known_hosts")) << server_->known_hosts();
    fs::copy_file(kRoutes + "sftp.route", at("sftp.route"));
    return at("sftp.route");
  }
  void run() {
    hub_->start(
        {}, over_sftp() ? std::vector<std::string>{"--secrets", at("secrets"), "--drain", "3"} : std::vector<std::string>{});
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return fs::path(folder_.path()) / name; }
  [[nodiscard]] std::vector<std::string> names(const std::string& folder) const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(at(folder))) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(".smarthl7-")) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  void drop(const std::string& name, const std::string& bytes) const {
    std::ofstream(at("." + name), std::ios::binary) << bytes;
    fs::rename(at("." + name), at("in") / name);
  }
  /// All messages that the store has ever taken, rejects apart.
  std::uint64_t stored() { return number("messages"); }
  std::uint64_t number(const char* what) {
    const auto status = hub_->get("/v1/status");
    if (!status.is_object()) return ~std::uint64_t{0};
    return status.at("store").at(what).to_number<std::uint64_t>();
  }
  bool taken(std::size_t files, std::chrono::seconds within = 30s) {
    return eventually(within,
                      [&] { return names("in").empty() && names("done").size() + names("failed").size() / 2 >= files; });
  }

  ScratchFolder folder_{"files"};
  std::unique_ptr<SftpServer> server_;
  std::map<std::string, std::string> settings_;
  std::unique_ptr<Hub> hub_;
};

std::string name_of_test(const ::testing::TestParamInfo<const char*>& test) { return test.param; }

INSTANTIATE_TEST_SUITE_P(Over, Files, ::testing::Values("file", "sftp"), name_of_test);

TEST_P(Files, AMessageComesOutAsAFileAndIsAnswered) {
  drop("a.hl7", result("ONE"));
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 1; })) << hub_->log();
  ASSERT_TRUE(taken(1));
  EXPECT_THAT(names("out"), ElementsAre("ONE.hl7"));
  EXPECT_EQ(read(at("out") / "ONE.hl7"), result("ONE"));
  EXPECT_EQ(read(at("done") / "a.hl7"), result("ONE"));
  EXPECT_THAT(read(at("answers") / "a.hl7.ack"), HasSubstr("\rMSA|AA|ONE"));
}

TEST_P(Files, EachFileIsTakenOnceThoughTheHubIsKilled) {
  const std::size_t files = wanted("SMARTHL7_FILES", 300);
  const std::size_t kills = wanted("SMARTHL7_FILE_KILLS", 3);
  for (std::size_t i = 0; i < files; ++i) {
    const std::string id = "F" + std::to_string(100000 + i);
    drop(id + ".hl7", result(id));
  }
  std::mt19937 random(7);
  for (std::size_t kill = 1; kill <= kills; ++kill) {
    const std::size_t until = files * kill / (kills + 1);
    ASSERT_TRUE(eventually(600s, [&] { return names("done").size() >= until; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));
    hub_->kill_now();
    run();
  }
  ASSERT_TRUE(taken(files, 600s)) << hub_->log();
  ASSERT_TRUE(eventually(60s, [&] { return hub_->queued() == 0; }));
  EXPECT_EQ(stored(), files);
  EXPECT_EQ(number("rejected"), 0U);
  EXPECT_EQ(names("out").size(), files);
  EXPECT_EQ(names("answers").size(), files);
  for (const std::string& name : names("done")) ASSERT_EQ(read(at("out") / name), read(at("done") / name)) << name;
}

TEST_P(Files, ALargeBatchIsTakenOnceInFlatMemoryThoughTheHubIsKilled) {
  const std::size_t megabytes = wanted("SMARTHL7_BATCH_MB", 24);
  const std::string filler(700, 'x');
  std::size_t count = 0;
  {
    std::ofstream out(at(".big"), std::ios::binary);
    out << "FHS|^~\\&|LAB|L|HUB|H|20260101||||F1\rBHS|^~\\&|LAB|L|HUB|H|20260101||||B1\r";
    for (std::size_t bytes = 0; bytes < megabytes << 20; ++count) {
      const std::string one = result("B" + std::to_string(count), "BULK", count == 5 ? "" : "1") + "NTE|1||" + filler + "\r";
      out << one;
      bytes += one.size();
    }
    out << "BTS|" << count << "\rFTS|1\r";
  }
  fs::rename(at(".big"), at("in") / "big.hl7");
  std::uint64_t most = 0;
  const auto memory = [&] {
    std::ifstream in("/proc/" + std::to_string(hub_->process().id()) + "/status");
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("VmHWM:")) most = std::max<std::uint64_t>(most, std::strtoull(line.c_str() + 6, nullptr, 10));
  };
  for (const std::size_t part : {std::size_t{3}, std::size_t{2}}) {
    ASSERT_TRUE(eventually(600s, [&] { return stored() + 1 > count / part && stored() != ~std::uint64_t{0}; })) << hub_->log();
    memory();
    hub_->kill_now();
    run();
  }
  ASSERT_TRUE(taken(1, 900s)) << hub_->log();
  memory();
  EXPECT_EQ(stored(), count - 1);
  EXPECT_EQ(number("rejected"), 1U);
  const std::string answer = read(at("answers") / "big.hl7.ack");
  EXPECT_EQ(count_of(answer, "\rMSA|AA|B"), count - 1);
  EXPECT_EQ(count_of(answer, "\rMSA|AE|B5\r") + count_of(answer, "\rMSA|AE|B5|"), 1U);
  EXPECT_THAT(answer, AllOf(HasSubstr("FHS|^~\\&|HUB|H|LAB|L|"), HasSubstr("\rBTS|" + std::to_string(count) + "\rFTS|1\r")));
  EXPECT_LT(most, 400U << 10) << "KiB resident, with a file of " << megabytes << " MiB";
  RecordProperty("resident_kib", std::to_string(most));
  std::printf("%zu messages in %zu MiB, at most %llu KiB resident\n", count, megabytes, static_cast<unsigned long long>(most));
}

TEST_P(Files, OfTwoHubsOneTakesEachFile) {
  constexpr std::size_t kFiles = 150;
  hub_->stop();
  const auto route_for = [&](const std::string& hub) {
    std::string text = read(over_sftp() ? at("sftp.route") : fs::path(kRoutes + "files.route"));
    const auto option = text.find("stable");
    text.insert(option, "lock \"" + hub + "\"\n  ");
    fs::create_directories(at(hub));
    if (over_sftp()) fs::copy_file(at("known_hosts"), at(hub) / "known_hosts");
    std::ofstream(at(hub) / "hub.route", std::ios::binary) << text;
    return Hub(SMARTHL7_PROGRAM, at(hub) / "hub.route", at(hub), settings_);
  };
  Hub north = route_for("north");
  Hub south = route_for("south");
  const auto start = [&](Hub& hub) {
    hub.start({}, over_sftp() ? std::vector<std::string>{"--secrets", at("secrets")} : std::vector<std::string>{});
    ASSERT_TRUE(hub.ready()) << hub.log();
  };
  start(north);
  start(south);
  for (std::size_t i = 0; i < kFiles; ++i)
    drop("T" + std::to_string(1000 + i) + ".hl7", result("T" + std::to_string(1000 + i)));
  ASSERT_TRUE(eventually(60s, [&] { return names("done").size() >= kFiles / 3; })) << north.log() << south.log();
  north.kill_now();
  start(north);
  ASSERT_TRUE(taken(kFiles, 60s)) << north.log() << south.log();
  ASSERT_TRUE(eventually(60s, [&] { return north.queued() + south.queued() == 0; }));
  const auto stored_by = [](Hub& hub) { return hub.get("/v1/status").at("store").at("messages").to_number<std::uint64_t>(); };
  EXPECT_EQ(stored_by(north) + stored_by(south), kFiles);
  EXPECT_GT(stored_by(north), 0U);
  EXPECT_GT(stored_by(south), 0U);
  EXPECT_EQ(names("done").size(), kFiles);
  EXPECT_EQ(names("out").size(), kFiles);
  EXPECT_EQ(names("answers").size(), kFiles);
}

TEST_P(Files, AFileThatGrowsIsWaitedFor) {
  std::string all;
  {
    std::ofstream out(at("in") / "slow.hl7", std::ios::binary);
    for (int i = 0; i < 12; ++i) {
      const std::string one = result("G" + std::to_string(i));
      all += one;
      out << one.substr(0, 40) << std::flush;
      std::this_thread::sleep_for(60ms);
      out << one.substr(40) << std::flush;
    }
    EXPECT_EQ(stored(), 0U);
  }
  ASSERT_TRUE(taken(1));
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 12; }));
  EXPECT_EQ(stored(), 12U);
  EXPECT_EQ(read(at("done") / "slow.hl7"), all);
}

TEST_P(Files, WhatCannotBeTakenIsPutAsideWithItsReason) {
  const std::string lying = "BHS|^~\\&|LAB|L|HUB|H|20260101||||B1\r" + result("L1") + result("L2") + "BTS|3\r";
  drop("a.hl7", lying);
  drop("b.hl7", "SECRETNAME is not how a message begins\n");
  drop("c.hl7", "");
  drop("d.hl7", result("GOOD"));
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 1 && names("failed").size() == 6; }));
  EXPECT_THAT(names("failed"), ElementsAre("a.hl7", "a.hl7.reason", "b.hl7", "b.hl7.reason", "c.hl7", "c.hl7.reason"));
  EXPECT_EQ(read(at("failed") / "a.hl7"), lying);
  EXPECT_THAT(read(at("failed") / "a.hl7.reason"), HasSubstr("BTS-1 is the number of messages: there are 2"));
  EXPECT_THAT(read(at("failed") / "b.hl7.reason"), AllOf(HasSubstr("it is no HL7"), Not(HasSubstr("SECRETNAME"))));
  EXPECT_THAT(read(at("failed") / "c.hl7.reason"), HasSubstr("the file is empty"));
  EXPECT_EQ(stored(), 1U);
}

TEST_P(Files, LinksAndFoldersAreLeftAlone) {
  std::ofstream(at("outside"), std::ios::binary) << result("LINKED");
  fs::create_symlink(at("outside"), at("in") / "a.hl7");
  fs::create_directory(at("in") / "b.hl7");
  ASSERT_EQ(::mkfifo((at("in") / "c.hl7").c_str(), 0600), 0);
  drop("d.hl7", result("PLAIN"));
  drop("e.txt", result("OTHER"));
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 1; }));
  ASSERT_TRUE(eventually(5s, [&] { return names("done").size() == 1; }));
  EXPECT_THAT(names("in"), ElementsAre("a.hl7", "b.hl7", "c.hl7", "e.txt"));
  EXPECT_EQ(stored(), 1U);
  EXPECT_EQ(read(at("outside")), result("LINKED"));
  const auto sources = hub_->get("/v1/status").at("sources").as_array();
  EXPECT_EQ(sources.at(0).at("left_alone").to_number<int>(), 3);
  EXPECT_EQ(sources.at(0).at("files").to_number<int>(), 1);
}

TEST_P(Files, NamesNeverLeaveTheFolderAndNothingIsWrittenOver) {
  drop("a.hl7", result("../../evil"));
  drop("b.hl7", result("/etc/passwd"));
  drop("c.hl7", result(".hidden"));
  drop("d.hl7", result("SAME", "LAB", "1"));
  drop("e.hl7", result("SAME", "LAB", "2"));
  drop("f.hl7", result("SAME", "LAB", "1"));
  drop("g.hl7", result(std::string(400, 'L')));
  ASSERT_TRUE(taken(7));
  ASSERT_TRUE(eventually(20s, [&] { return hub_->queued() == 0; }));
  const std::vector<std::string> out = names("out");
  ASSERT_EQ(out.size(), 6U);
  EXPECT_EQ(out[0].size(), 180U);
  EXPECT_THAT(std::vector<std::string>(out.begin() + 1, out.end()),
              ElementsAre("SAME-2.hl7", "SAME.hl7", "_.._.._evil.hl7", "_.hidden.hl7", "_etc_passwd.hl7"));
  EXPECT_NE(read(at("out") / "SAME.hl7"), read(at("out") / "SAME-2.hl7"));
  EXPECT_FALSE(fs::exists(at("..") / "evil.hl7"));
}

TEST_P(Files, AFolderThatIsNotThereIsWaitedFor) {
  fs::rename(at("out"), at("away"));
  drop("a.hl7", result("ONE"));
  drop("b.hl7", result("TWO"));
  ASSERT_TRUE(taken(2));
  EXPECT_EQ(hub_->queued(), 2U);
  hub_->kill_now();
  run();
  fs::rename(at("away"), at("out"));
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 2; })) << hub_->log();

  fs::rename(at("done"), at("away"));  // taken, but it cannot be moved: not taken again
  drop("c.hl7", result("THREE"));
  ASSERT_TRUE(eventually(20s, [&] {
    const auto status = hub_->get("/v1/status");
    return status.is_object() && !status.at("sources").at(0).at("trouble").as_string().empty();
  }));
  EXPECT_EQ(stored(), 3U);
  hub_->kill_now();
  run();
  std::this_thread::sleep_for(1s);
  fs::rename(at("away"), at("done"));
  ASSERT_TRUE(taken(3));
  EXPECT_EQ(stored(), 3U);
  EXPECT_THAT(names("answers"), ElementsAre("a.hl7.ack", "b.hl7.ack", "c.hl7.ack"));
}

TEST_P(Files, AFileThatIsPutBackIsTakenAgain) {
  drop("a.hl7", result("AGAIN"));
  ASSERT_TRUE(taken(1));
  ASSERT_TRUE(eventually(5s, [&] { return stored() == 1; }));
  fs::rename(at("done") / "a.hl7", at("in") / "a.hl7");
  ASSERT_TRUE(eventually(20s, [&] { return stored() == 2; }));
  ASSERT_TRUE(taken(1));
}

// ---- a server that fails ---------------------------------------------------------------------------------------------------

class FilesOfAServer : public Files {
 protected:
  [[nodiscard]] std::string trouble() const {
    const auto status = hub_->get("/v1/status");
    return status.is_object() ? std::string(status.at("sources").at(0).at("trouble").as_string()) : std::string();
  }
};

INSTANTIATE_TEST_SUITE_P(Over, FilesOfAServer, ::testing::Values("sftp"), name_of_test);

TEST_P(FilesOfAServer, EachFileIsTakenOnceThoughTheServerIsKilled) {
  constexpr std::size_t kFiles = 200;
  constexpr std::size_t kKills = 6;
  for (std::size_t i = 0; i < kFiles; ++i) {
    const std::string id = "K" + std::to_string(1000 + i);
    drop(id + ".hl7", result(id));
  }
  std::mt19937 random(11);
  for (std::size_t kill = 1; kill <= kKills; ++kill) {
    ASSERT_TRUE(eventually(60s, [&] { return names("done").size() >= kFiles * kill / (kKills + 1); })) << hub_->log();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));
    if (kill % 2 == 0) {
      server_->kill_connections();
    } else {
      server_->kill_now();
      server_->start();
    }
  }
  ASSERT_TRUE(taken(kFiles, 120s)) << hub_->log();
  ASSERT_TRUE(eventually(60s, [&] { return hub_->queued() == 0; }));
  EXPECT_EQ(stored(), kFiles);
  EXPECT_EQ(names("out").size(), kFiles);
  EXPECT_EQ(names("answers").size(), kFiles);
  for (const std::string& name : names("done")) ASSERT_EQ(read(at("out") / name), read(at("done") / name)) << name;
}

TEST_P(FilesOfAServer, ALargeFileIsTakenOnceThoughTheServerIsKilledInTheMiddle) {
  std::string all;
  std::size_t count = 0;
  const std::string filler(900, 'x');
  for (; all.size() < 12U << 20; ++count) all += result("M" + std::to_string(count), "BULK", "1") + "NTE|1||" + filler + "\r";
  drop("big.hl7", all);
  for (const std::size_t part : {std::size_t{4}, std::size_t{2}}) {
    ASSERT_TRUE(eventually(60s, [&] { return stored() >= count / part && stored() != ~std::uint64_t{0}; })) << hub_->log();
    server_->kill_connections();
  }
  ASSERT_TRUE(taken(1, 60s)) << hub_->log();
  EXPECT_EQ(stored(), count);
  EXPECT_EQ(count_of(read(at("answers") / "big.hl7.ack"), "MSA|AA|M"), count);
  EXPECT_EQ(read(at("done") / "big.hl7"), all);
}

TEST_P(FilesOfAServer, ALargeMessageIsWrittenWholeThoughTheServerIsKilledInTheMiddle) {
  const std::string message = result("LARGE") + "NTE|1||" + std::string(24U << 20, 'x') + "\r";
  drop("a.hl7", message);
  const auto half_written = [&] {
    for (const auto& entry : fs::directory_iterator(at("out"))) {
      std::error_code gone;
      const auto size = fs::file_size(entry.path(), gone);
      if (entry.path().filename().string().starts_with(".smarthl7-") && !gone && size > 0 && size < message.size()) return true;
    }
    return false;
  };
  for (int kill = 0; kill < 3; ++kill) {
    ASSERT_TRUE(eventually(60s, half_written)) << hub_->log();
    server_->kill_connections();
  }
  ASSERT_TRUE(eventually(60s, [&] { return names("out").size() == 1; })) << hub_->log();
  EXPECT_THAT(names("out"), ElementsAre("LARGE.hl7"));
  EXPECT_TRUE(read(at("out") / "LARGE.hl7") == message);
  EXPECT_EQ(stored(), 1U);
}

TEST_P(FilesOfAServer, AServerThatHangsHoldsUpNeitherTheHubNorItsEnd) {
  drop("a.hl7", result("ONE"));
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 1; })) << hub_->log();
  ASSERT_TRUE(taken(1));
  server_->freeze();
  drop("b.hl7", result("TWO"));
  ASSERT_TRUE(eventually(20s, [&] { return trouble().find("does not answer") != std::string::npos; })) << trouble();
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 2; })) << hub_->log();  // over a new connection
  server_->freeze();
  drop("c.hl7", result("THREE"));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(hub_->stop(), 0);
  server_->thaw();
  run();
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 3; })) << hub_->log();
  EXPECT_EQ(stored(), 3U);
}

TEST_P(FilesOfAServer, AnotherHostKeyIsRefusedInBothDirections) {
  drop("a.hl7", result("ONE"));
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 1; })) << hub_->log();
  hub_->kill_now();
  std::ofstream(at("known_hosts")) << server_->known_hosts({"other"});
  drop("b.hl7", result("TWO"));
  run();
  ASSERT_TRUE(eventually(20s, [&] { return !trouble().empty(); }));
  EXPECT_THAT(trouble(), AllOf(HasSubstr("shows the host key ssh-ed25519 " + server_->fingerprint("ed25519")),
                               HasSubstr("`known_hosts` has another one")));
  EXPECT_THAT(names("in"), ElementsAre("b.hl7"));
  std::ofstream(at("known_hosts")) << server_->known_hosts();  // the hub sees it, and does not wait for its next turn
  ASSERT_TRUE(eventually(20s, [&] { return names("out").size() == 2; })) << hub_->log();
}

}  // namespace
}  // namespace smarthl7::testing
