// SPDX-License-Identifier: Apache-2.0
// The folder source over real folders and a receiver that does what the test says.
#include "runtime/transport/file/file.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/env/testing/manual_executor.h"
#include "tests/support/process.h"

namespace smarthl7::transport::file {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string message(const std::string& id) { return "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|" + id + "|P|2.5\rPID|1\r"; }

/// Remembers like a store: what it kept stays kept.
class Keeper final : public Receiver {
 public:
  env::Task<Reply> on_message(Received received) override {
    Reply reply;
    EXPECT_TRUE(received.in_file.has_value());
    const InFile& where = *received.in_file;
    if (refuse_from != 0 && where.number >= refuse_from) interrupted = true;
    if (interrupted) {
      reply.kept = false;
      co_return reply;
    }
    notes.push_back(where.note);
    taken.emplace_back(received.message.view());
    progress[{where.place.high, where.place.low}] = where;
    reply.answer = SharedBytes("answer " + std::to_string(where.number) + "\r");
    if (where.keep_answer) answers[where.number] = reply.answer;
    co_return reply;
  }
  env::Task<Result<InFile>> progress_of(Hash128 place) override {
    interrupted = false;
    const auto at = progress.find({place.high, place.low});
    if (at != progress.end()) co_return at->second;
    co_return InFile{};
  }
  env::Task<Result<SharedBytes>> answer_in_file(InFile where) override { co_return answers[where.number]; }
  void file_gone(Hash128 place) override { progress.erase({place.high, place.low}); }

  std::uint64_t refuse_from = 0;
  bool interrupted = false;
  std::vector<std::string> taken;
  std::vector<std::string> notes;
  std::map<std::pair<std::uint64_t, std::uint64_t>, InFile> progress;
  std::map<std::uint64_t, SharedBytes> answers;
};

env::Task<void> start(Source* source) { co_await source->start(); }
env::Task<void> stop(Source* source, bool* stopped) {
  co_await source->stop(kNever);
  *stopped = true;
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"in", "done", "failed", "answers"}) fs::create_directories(at(name));
    options_.set_text("read", at("in").string() + "/");
    options_.set_text("done", at("done").string());
    options_.set_text("failed", at("failed").string());
    options_.set_text("answers", at("answers").string());
    options_.set_duration("stable", 1s);
    options_.set_duration("every", 100ms);
  }
  void TearDown() override { end(); }
  void begin() {
    const env::Env env{executor_, *network_, *disk_, *clock_, *random_};
    auto made = make_transport()->make_source(options_, {env}, &keeper_);
    ASSERT_TRUE(made) << made.error().describe();
    source_ = std::move(*made);
    executor_.post([this] { gate_.spawn(start(source_.get())); });
  }
  void end() {
    if (!source_) return;
    bool stopped = false;
    executor_.post([this, &stopped] { gate_.spawn(stop(source_.get(), &stopped)); });
    ASSERT_TRUE(until([&] { return stopped; }));
    executor_.run();
    source_.reset();
  }
  bool until(const std::function<bool()>& holds) {
    for (int i = 0; i < 5000; ++i) {
      executor_.advance(20ms);
      if (holds()) return true;
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  void pass(std::chrono::nanoseconds length) {
    for (auto left = length; left.count() > 0; left -= 20ms) {
      executor_.advance(20ms);
      std::this_thread::sleep_for(1ms);
    }
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return fs::path(folder_.path()) / name; }
  void write(const std::string& name, const std::string& bytes) const { std::ofstream(at(name), std::ios::binary) << bytes; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(at(name), std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
  }
  [[nodiscard]] bool is_empty(const std::string& name) const { return fs::is_empty(at(name)); }

  smarthl7::testing::ScratchFolder folder_{"folder_source"};
  env::ManualExecutor executor_;
  std::unique_ptr<env::RealReactor> reactor_ = env::make_reactor();
  env::Network* network_ = &reactor_->network();
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<env::Random> random_ = env::make_real_random();
  Options options_;
  Keeper keeper_;
  env::Gate gate_;
  std::unique_ptr<Source> source_;
};

TEST_F(Folder, TakesFilesInTheOrderOfTheirNamesWhenTheyStandStill) {
  write("in/b.hl7", message("3"));
  write("in/a.hl7", message("1") + message("2"));
  begin();
  pass(500ms);
  EXPECT_THAT(keeper_.taken, IsEmpty());
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_THAT(keeper_.taken, ElementsAre(message("1"), message("2"), message("3")));
  EXPECT_THAT(keeper_.notes,
              ElementsAre("message 1 of 2 of \"a.hl7\"", "message 2 of 2 of \"a.hl7\"", "message 1 of 1 of \"b.hl7\""));
  EXPECT_EQ(read("answers/a.hl7.ack"), "answer 1\ranswer 2\r");
  ASSERT_TRUE(until([&] { return keeper_.progress.empty(); }));
}

TEST_F(Folder, TakesThemInTheOrderOfTheirTimes) {
  options_.set_text("order", "time");
  write("in/a.hl7", message("2"));
  write("in/b.hl7", message("1"));
  fs::last_write_time(at("in/b.hl7"), fs::file_time_type::clock::now() - 1h);
  begin();
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_THAT(keeper_.taken, ElementsAre(message("1"), message("2")));
}

TEST_F(Folder, GoesOnBehindTheLastMessageThatWasKept) {
  std::string all;
  for (int i = 1; i <= 300; ++i) all += message(std::to_string(i));
  write("in/a.hl7", all);
  keeper_.refuse_from = 200;
  begin();
  ASSERT_TRUE(until([&] { return keeper_.taken.size() == 199 && !source_->stats().trouble.empty(); }));
  EXPECT_EQ(read("in/a.hl7"), all);
  keeper_.refuse_from = 0;
  end();
  begin();
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  ASSERT_EQ(keeper_.taken.size(), 300U);
  EXPECT_EQ(keeper_.taken[199], message("200"));
  std::string answers;
  for (int i = 1; i <= 300; ++i) answers += "answer " + std::to_string(i) + "\r";
  EXPECT_EQ(read("answers/a.hl7.ack"), answers);
  EXPECT_TRUE(source_->stats().trouble.empty());
}

TEST_F(Folder, AFileThatChangedWhenHalfOfItWasTakenIsPutAside) {
  write("in/a.hl7", message("1") + message("2") + message("3"));
  keeper_.refuse_from = 3;
  begin();
  ASSERT_TRUE(until([&] { return keeper_.taken.size() == 2 && keeper_.interrupted; }));
  end();
  keeper_.refuse_from = 0;
  write("in/a.hl7", message("1") + message("2") + message("3") + message("4"));
  begin();
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_EQ(keeper_.taken.size(), 2U);
  EXPECT_THAT(read("failed/a.hl7.reason"), HasSubstr("of which 2 messages were taken: it changed meanwhile"));
  EXPECT_TRUE(fs::exists(at("failed/a.hl7")));
}

TEST_F(Folder, ABatchWithAWrongEnvelopeIsTakenIfToldTo) {
  options_.set_text("envelope", "take");
  write("in/a.hl7", "BHS|^~\\&|A|B|C|D|2026||||B1\r" + message("1") + "BTS|7\r");
  begin();
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_THAT(keeper_.notes, ElementsAre(HasSubstr("expected in its envelope: BTS-1 is the number of messages: there are 1")));
  EXPECT_THAT(read("answers/a.hl7.ack"),
              AllOf(HasSubstr("BHS|^~\\&|C|D|A|B|"), HasSubstr("answer 1\rBTS|1|BTS-1 is the number")));
}

TEST_F(Folder, AMessageThatIsTooLargePutsItsFileAside) {
  options_.set_number("largest", 1000);
  write("in/a.hl7", message("1") + message(std::string(2000, '2')));
  write("in/b.hl7", message("3"));
  begin();
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_THAT(keeper_.taken, ElementsAre(message("3")));
  EXPECT_THAT(read("failed/a.hl7.reason"), HasSubstr("larger than `largest`"));
}

TEST_F(Folder, FilesAreDeletedIfToldTo) {
  options_.set_text("done", "delete");
  write("in/a.hl7", message("1"));
  begin();
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_THAT(keeper_.taken, ElementsAre(message("1")));
  EXPECT_TRUE(is_empty("done"));
}

TEST_F(Folder, NothingIsWrittenOver) {
  write("done/a.hl7", "an older one");
  write("failed/b.hl7", "an older one");
  write("in/a.hl7", message("1"));
  write("in/b.hl7", "no message");
  begin();
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_EQ(read("done/a.hl7"), "an older one");
  EXPECT_EQ(read("done/a-2.hl7"), message("1"));
  EXPECT_EQ(read("failed/b.hl7"), "an older one");
  EXPECT_EQ(read("failed/b-2.hl7"), "no message");
  EXPECT_TRUE(fs::exists(at("failed/b-2.hl7.reason")));
}

TEST_F(Folder, AFolderThatIsMissingIsToldAndWaitedFor) {
  fs::remove(at("in"));
  begin();
  ASSERT_TRUE(until([&] { return !source_->stats().trouble.empty(); }));
  EXPECT_THAT(source_->stats().trouble, HasSubstr("cannot list"));
  fs::create_directory(at("in"));
  write("in/a.hl7", message("1"));
  ASSERT_TRUE(until([&] { return is_empty("in"); }));
  EXPECT_THAT(keeper_.taken, ElementsAre(message("1")));
  EXPECT_TRUE(until([&] { return source_->stats().files == 1; }));
  EXPECT_TRUE(until([&] { return source_->stats().trouble.empty(); }));
}

}  // namespace
}  // namespace smarthl7::transport::file
