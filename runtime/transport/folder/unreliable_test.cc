// SPDX-License-Identifier: Apache-2.0
// Source and destination over a file system that is far away: connections that end at the worst moment, logins that are
// refused, a server that never answers. What a real server does stands in runtime/transport/sftp.
#include <gmock/gmock.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/env/testing/manual_executor.h"
#include "runtime/transport/folder/destination.h"
#include "runtime/transport/folder/source.h"

namespace smarthl7::transport::folder {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// What lies there, and what goes wrong; shared with the file system, which its owner destroys.
struct Far {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::string> files;
  ErrorCode login = ErrorCode::io;  // refused: it is
  bool renewed = false;
  int reached = 0;
  bool rename_is_lost = false;  // done, and the connection ends before it is said
  bool rename_fails = false;    // said, and not done
  bool silent = false;          // until interrupted
  bool waiting = false;
};

class FarWriter final : public FileWriter {
 public:
  FarWriter(Far& far, std::string name) : far_(far), name_(std::move(name)) {}
  Result<void> write(std::string_view bytes) override {
    const std::lock_guard lock(far_.mutex);
    far_.files[name_] += bytes;
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  Far& far_;
  std::string name_;
};

class FarReader final : public FileReader {
 public:
  explicit FarReader(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = bytes_.copy(into.data(), into.size(), at_);
    at_ += count;
    return count;
  }
  Result<FileFacts> facts() override { return FileFacts{"", bytes_.size(), 1, 0, true}; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

class FarFileSystem final : public FileSystem {
 public:
  explicit FarFileSystem(Far& far) : far_(far) {}
  env::Task<Result<void>> reach(env::Env /*env*/) override {
    const std::lock_guard lock(far_.mutex);
    ++far_.reached;
    if (far_.login == ErrorCode::refused) co_return fail(ErrorCode::refused, "the password is wrong");
    co_return Result<void>{};
  }
  bool renewed() override {
    const std::lock_guard lock(far_.mutex);
    return std::exchange(far_.renewed, false);
  }
  void interrupt() override {
    const std::lock_guard lock(far_.mutex);
    far_.silent = false;
    far_.changed.notify_all();
  }
  Result<std::vector<FileFacts>> list(const std::string& /*folder*/) override {
    std::unique_lock lock(far_.mutex);
    if (far_.silent) {
      far_.waiting = true;
      far_.changed.wait(lock, [this] { return !far_.silent; });
      return fail(ErrorCode::closed, "the connection was cut");
    }
    return std::vector<FileFacts>{};
  }
  Result<std::unique_ptr<FileReader>> open(const std::string& /*folder*/, const std::string& name) override {
    const std::lock_guard lock(far_.mutex);
    if (!far_.files.contains(name)) return fail(ErrorCode::not_found, "it is not there");
    return std::make_unique<FarReader>(far_.files[name]);
  }
  Result<std::unique_ptr<FileWriter>> create(const std::string& /*folder*/, const std::string& name) override {
    const std::lock_guard lock(far_.mutex);
    far_.files[name].clear();
    return std::make_unique<FarWriter>(far_, name);
  }
  Result<void> move(const std::string& /*folder*/, const std::string& name, const std::string& /*to_folder*/,
                    const std::string& to_name) override {
    const std::lock_guard lock(far_.mutex);
    if (far_.files.contains(to_name)) return fail(ErrorCode::exists, "there is one");
    if (far_.rename_fails) return fail(ErrorCode::io, "the disk is full");
    far_.files[to_name] = far_.files[name];
    far_.files.erase(name);
    if (far_.rename_is_lost) return fail(ErrorCode::closed, "the connection ended");
    return {};
  }
  Result<void> replace(const std::string& folder, const std::string& name, const std::string& to_name) override {
    return move(folder, name, folder, to_name);
  }
  Result<void> remove(const std::string& /*folder*/, const std::string& name) override {
    const std::lock_guard lock(far_.mutex);
    far_.files.erase(name);
    return {};
  }
  Result<void> sync(const std::string& /*folder*/) override { return {}; }
  Result<void> check(const std::string& /*folder*/) override { return {}; }

 private:
  Far& far_;
};

class Nobody final : public Receiver {
 public:
  env::Task<Reply> on_message(Received /*received*/) override { co_return Reply{}; }
};

env::Task<void> send_one(Destination* destination, Result<void>* connected, Sent* sent, bool* done) {
  *connected = co_await destination->connect(kNever);
  if (*connected) {
    SharedBytes message(std::string("MSH|^~\\&|A|B|C|D|2026||ADT^A01|M1|P|2.5\r"));
    *sent = co_await destination->send(std::move(message), kNever);
  }
  *done = true;
}
env::Task<void> start(Source* source) { co_await source->start(); }
env::Task<void> stop(Source* source, SteadyTime deadline, bool* stopped) {
  co_await source->stop(deadline);
  *stopped = true;
}

class Unreliable : public ::testing::Test {
 protected:
  env::Env env() { return {executor_, reactor_->network(), *disk_, *clock_, *random_}; }
  bool until(const std::function<bool()>& holds, std::chrono::nanoseconds step = 10ms) {
    for (int i = 0; i < 3000; ++i) {
      executor_.advance(step);
      if (holds()) return true;
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  Sent send(Destination& destination) {
    Sent sent;
    bool done = false;
    executor_.post([&] { gate_.spawn(send_one(&destination, &connected_, &sent, &done)); });
    EXPECT_TRUE(until([&] { return done; }));
    return sent;
  }
  std::unique_ptr<Destination> make_destination() {
    DestinationSettings settings;
    settings.where = settings.folder = "far";
    settings.naming = *Naming::parse("{MSH-10}.hl7");
    return std::make_unique<FolderDestination>(std::move(settings), std::make_unique<FarFileSystem>(far_), env());
  }
  std::unique_ptr<Source> make_source() {
    SourceSettings settings;
    settings.where = settings.read = "far";
    settings.failed = "failed";
    settings.every = 1s;
    auto source =
        std::make_unique<FolderSource>(std::move(settings), std::make_unique<FarFileSystem>(far_), EnvSet{env()}, &nobody_);
    executor_.post([this, at = source.get()] { gate_.spawn(start(at)); });
    return source;
  }
  int reached() {
    const std::lock_guard lock(far_.mutex);
    return far_.reached;
  }

  Far far_;
  Nobody nobody_;
  env::ManualExecutor executor_;
  std::unique_ptr<env::RealReactor> reactor_ = env::make_reactor();
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<env::Random> random_ = env::make_real_random();
  Result<void> connected_;
  env::Gate gate_;
};

TEST_F(Unreliable, ARenameThatNobodyConfirmedIsInDoubtAndThenFound) {
  const auto destination = make_destination();
  far_.rename_is_lost = true;
  Sent sent = send(*destination);
  EXPECT_EQ(sent.outcome, Sent::Outcome::unknown);
  EXPECT_FALSE(destination->connected());
  far_.rename_is_lost = false;
  sent = send(*destination);
  EXPECT_EQ(sent.outcome, Sent::Outcome::accepted);
  EXPECT_THAT(sent.detail, HasSubstr("was there already, with the same bytes"));
  EXPECT_EQ(far_.files.size(), 1U);
}

TEST_F(Unreliable, ARenameThatWasRefusedIsNotSent) {
  const auto destination = make_destination();
  far_.rename_fails = true;
  Sent sent = send(*destination);
  EXPECT_EQ(sent.outcome, Sent::Outcome::not_sent);
  far_.rename_fails = false;
  sent = send(*destination);
  EXPECT_EQ(sent.outcome, Sent::Outcome::accepted);
  EXPECT_EQ(sent.detail, "written as M1.hl7");
}

TEST_F(Unreliable, ALoginThatIsRefusedIsSaidToTheLane) {
  const auto destination = make_destination();
  far_.login = ErrorCode::refused;
  send(*destination);
  ASSERT_FALSE(connected_);
  EXPECT_EQ(connected_.error().code, ErrorCode::refused);
}

TEST_F(Unreliable, ALoginThatIsRefusedIsNotTriedAgainAndAgain) {
  far_.login = ErrorCode::refused;
  const auto source = make_source();
  ASSERT_TRUE(until([&] { return reached() == 1; }));
  ASSERT_TRUE(until([&] { return !source->stats().trouble.empty(); }));
  for (int second = 0; second < 290; ++second) executor_.advance(1s);
  EXPECT_EQ(reached(), 1);
  executor_.advance(20s);
  EXPECT_EQ(reached(), 2);
  ASSERT_TRUE(until([&] { return !source->stats().trouble.empty(); }));
  far_.login = ErrorCode::io;
  far_.renewed = true;
  executor_.advance(5s);
  EXPECT_EQ(reached(), 3) << "another login: at once";
  ASSERT_TRUE(until([&] { return source->stats().trouble.empty(); }));
  bool stopped = false;
  executor_.post([&] { gate_.spawn(stop(source.get(), kNever, &stopped)); });
  EXPECT_TRUE(until([&] { return stopped; }));
}

TEST_F(Unreliable, AServerThatNeverAnswersDoesNotHoldUpTheEnd) {
  far_.silent = true;
  const auto source = make_source();
  ASSERT_TRUE(until([&] {
    const std::lock_guard lock(far_.mutex);
    return far_.waiting;
  }));
  bool stopped = false;
  const SteadyTime deadline = executor_.now() + 3s;
  executor_.post([&] { gate_.spawn(stop(source.get(), deadline, &stopped)); });
  executor_.advance(2s);
  EXPECT_FALSE(stopped) << "it had time left";
  EXPECT_TRUE(until([&] { return stopped; }));
  EXPECT_GE(executor_.now(), deadline);
}

}  // namespace
}  // namespace smarthl7::transport::folder
