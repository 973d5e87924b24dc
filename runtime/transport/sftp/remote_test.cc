// SPDX-License-Identifier: Apache-2.0
// The remote file system against OpenSSH's sshd, and against AsyncSSH's server where that can do what sshd cannot here: take
// passwords, be without extensions, replace at a rename, give less than it was asked for.
#include "runtime/transport/sftp/remote.h"

#include <gmock/gmock.h>
#include <libssh/libssh.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/transport/renewals.h"
#include "tests/support/hub.h"
#include "tests/support/sftp_server.h"

namespace smarthl7::transport::sftp {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

env::Task<void> reach(folder::FileSystem* files, env::Env env, std::promise<Result<void>>* done) {
  Result<void> reached = co_await files->reach(env);
  done->set_value(std::move(reached));
}

class Remote : public ::testing::Test {
 protected:
  void SetUp() override {
    reactor_->start("remote");
    fs::create_directories(at("files"));
  }
  void TearDown() override { reactor_->stop(); }

  [[nodiscard]] fs::path at(const std::string& name) const { return fs::path(folder_.path()) / name; }
  [[nodiscard]] std::string files() const { return at("files"); }
  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(at("files") / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string get(const std::string& name) const {
    std::ifstream in(at("files") / name, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
  }
  static Options options_for(const testing::SftpServer& server, const std::string& key = "ed25519") {
    Options options;
    options.set_text("connect", server.address());
    options.set_text("user", server.user());
    options.set_secret("key", Secret(server.key(key)));
    options.set_text("known_hosts", server.known_hosts());
    options.set_duration("silence", 5s);
    return options;
  }
  std::unique_ptr<folder::FileSystem> open(const Options& options) {
    auto logins = Logins::make(options);
    EXPECT_TRUE(logins) << logins.error().describe();
    if (!logins) return nullptr;
    auto out = make_remote_file_system(std::move(*logins));
    connect(*out);
    return out;
  }
  Result<void> connect(folder::FileSystem& files) {
    std::promise<Result<void>> done;
    auto result = done.get_future();
    const env::Env env{reactor_->executor(), reactor_->network(), *disk_, *clock_, *random_};
    reactor_->executor().post([&] { gate_.spawn(reach(&files, env, &done)); });
    return result.get();
  }
  /// What the first call says to the login.
  std::string first_words(const Options& options) {
    const auto remote = open(options);
    const auto checked = remote->check(files());
    return checked ? "let in" : std::string(name_of(checked.error().code)) + ": " + checked.error().describe();
  }
  static std::string read_all(folder::FileReader& reader) {
    std::string out;
    std::string piece(70'001, '\0');  // no piece of the protocol fits into it
    for (;;) {
      const auto got = reader.read(piece);
      EXPECT_TRUE(got) << got.error().describe();
      if (!got || *got == 0) return out;
      out.append(piece, 0, *got);
    }
  }
  void write(folder::FileSystem& remote, const std::string& name, const std::string& bytes) const {
    auto out = remote.create(files(), name);
    ASSERT_TRUE(out) << out.error().describe();
    ASSERT_TRUE((*out)->write(bytes));
    const auto finished = (*out)->finish();
    ASSERT_TRUE(finished) << finished.error().describe();
  }
  static std::string some_bytes(std::size_t count) {
    std::string out(count, '\0');
    std::uint32_t state = 1;
    for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return out;
  }

  testing::ScratchFolder folder_{"remote"};
  std::unique_ptr<env::Disk> disk_ = env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<env::Random> random_ = env::make_real_random();
  env::Gate gate_;
  std::unique_ptr<env::RealReactor> reactor_ = env::make_reactor();
};

// ---- OpenSSH ---------------------------------------------------------------------------------------------------------------

TEST_F(Remote, DoesWhatAFolderNeeds) {
  const testing::SftpServer server(at("sshd"));
  const auto remote = open(options_for(server));
  ASSERT_TRUE(remote->check(files()));
  EXPECT_TRUE(remote->reached());
  write(*remote, "a", "one");
  EXPECT_EQ(get("a"), "one");
  put("b", "two");
  fs::create_symlink("b", at("files") / "link");
  fs::create_directory(at("files") / "sub");
  const auto listed = remote->list(files());
  ASSERT_TRUE(listed);
  std::vector<std::string> seen;
  for (const auto& one : *listed) seen.push_back(one.name + (one.regular ? " " + std::to_string(one.size) : " -"));
  EXPECT_THAT(seen, UnorderedElementsAre("a 3", "b 3", "link -", "sub -"));
  EXPECT_EQ(remote->open(files(), "link").error().code, ErrorCode::refused);
  EXPECT_EQ(remote->open(files(), "sub").error().code, ErrorCode::refused);
  EXPECT_EQ(remote->open(files(), "none").error().code, ErrorCode::not_found);

  EXPECT_EQ(remote->move(files(), "a", files(), "b").error().code, ErrorCode::exists);
  EXPECT_EQ(get("a") + get("b"), "onetwo");
  EXPECT_TRUE(remote->move(files(), "a", files() + "/sub", "c"));
  EXPECT_EQ(get("sub/c"), "one");
  EXPECT_EQ(remote->move(files(), "a", files(), "d").error().code, ErrorCode::not_found);
  put("e", "three");
  EXPECT_TRUE(remote->replace(files(), "e", "b"));
  EXPECT_EQ(get("b"), "three");
  EXPECT_TRUE(remote->remove(files(), "b"));
  EXPECT_TRUE(remote->remove(files(), "b"));
  EXPECT_FALSE(fs::exists(at("files") / "b"));

  put("stale", "an older one, left by a hub that was killed");
  write(*remote, "stale", "new");
  EXPECT_EQ(get("stale"), "new");
  EXPECT_EQ(remote->check(files() + "/missing").error().code, ErrorCode::not_found);
  EXPECT_FALSE(remote->check(files() + "/stale"));
  EXPECT_EQ(remote->list(files() + "/missing").error().code, ErrorCode::not_found);
}

TEST_F(Remote, LargeFilesComeAndGoWhole) {
  const testing::SftpServer server(at("sshd"));
  const auto remote = open(options_for(server));
  const std::string bytes = some_bytes(5'000'003);
  put("large", bytes);
  auto reader = remote->open(files(), "large");
  ASSERT_TRUE(reader) << reader.error().describe();
  EXPECT_EQ(read_all(**reader), bytes);
  write(*remote, "copy", bytes);
  EXPECT_EQ(get("copy"), bytes);
  for (const std::size_t size : {0U, 1U, 32768U, 32769U, 524288U}) {
    put("small", bytes.substr(0, size));
    auto small = remote->open(files(), "small");
    ASSERT_TRUE(small);
    EXPECT_EQ(read_all(**small), bytes.substr(0, size));
  }
}

/// As the answers to a large file are written while it is read.
TEST_F(Remote, AFileIsWrittenWhileAnotherIsRead) {
  const testing::SftpServer server(at("sshd"));
  const auto remote = open(options_for(server));
  const std::string bytes = some_bytes(12'000'003);
  put("large", bytes);
  auto reader = remote->open(files(), "large");
  ASSERT_TRUE(reader);
  auto writer = remote->create(files(), "copy");
  ASSERT_TRUE(writer);
  std::string piece(512 << 10, '\0');
  for (;;) {
    const auto got = (*reader)->read(piece);
    ASSERT_TRUE(got) << got.error().describe();
    if (*got == 0) break;
    const auto written = (*writer)->write(std::string_view(piece).substr(0, *got));
    ASSERT_TRUE(written) << written.error().describe();
  }
  ASSERT_TRUE((*writer)->finish());
  EXPECT_TRUE(get("copy") == bytes);
}

TEST_F(Remote, EachKindOfKeyIsLetIn) {
  const testing::SftpServer server(at("sshd"));
  for (const std::string kind : {"rsa", "ecdsa", "ed25519"})
    EXPECT_EQ(first_words(options_for(server, kind)), "let in") << kind;
  EXPECT_THAT(server.log(), AllOf(HasSubstr("Accepted publickey for " + server.user()), HasSubstr("RSA SHA256:"),
                                  HasSubstr("ECDSA SHA256:"), HasSubstr("ED25519 SHA256:")));
  Options locked = options_for(server, "locked");
  EXPECT_THAT(read_login(locked).error().describe(), HasSubstr("`passphrase` if it is encrypted"));
  locked.set_secret("passphrase", Secret("wrong"));
  EXPECT_THAT(read_login(locked).error().describe(),
              AllOf(HasSubstr("`passphrase` does not open it"), Not(HasSubstr("wrong"))));
  locked.set_secret("passphrase", Secret(testing::SftpServer::kPassphrase));
  EXPECT_EQ(first_words(locked), "let in");
}

TEST_F(Remote, AKeyThatIsNotKnownIsRefused) {
  const testing::SftpServer server(at("sshd"));
  EXPECT_THAT(first_words(options_for(server, "stranger")),
              AllOf(HasSubstr("refused: sftp://" + server.address() + " does not let " + server.user() +
                              " in: it does not know the key; it takes publickey")));
}

TEST_F(Remote, TheHostKeyIsJudged) {
  const testing::SftpServer server(at("sshd"));
  Options options = options_for(server);
  for (const std::string kind : {"rsa", "ecdsa", "ed25519"}) {  // the one that is known is asked for
    options.set_text("known_hosts", server.known_hosts({kind}));
    EXPECT_EQ(first_words(options), "let in") << kind;
  }
  options.set_text("known_hosts", server.known_hosts({"other", "ed25519"}));
  EXPECT_EQ(first_words(options), "let in");
  options.set_text("known_hosts", server.known_hosts({"other"}));
  EXPECT_THAT(first_words(options), AllOf(HasSubstr("refused: "), HasSubstr(server.fingerprint("ed25519")),
                                          HasSubstr("`known_hosts` has another one for [127.0.0.1]:")));
  options.set_text("known_hosts",
                   "elsewhere.example " + server.known_hosts({"rsa"}).substr(server.known_hosts({"rsa"}).find("ssh-rsa")));
  EXPECT_THAT(first_words(options), AllOf(HasSubstr("refused: "), HasSubstr("has no line for [127.0.0.1]:")));
  std::ofstream(at("hashed")) << server.known_hosts({"rsa", "ed25519"});
  ASSERT_EQ(testing::run_command({"/usr/bin/ssh-keygen", "-q", "-H", "-f", at("hashed")}).code, 0);
  std::ifstream hashed(at("hashed"));
  const std::string names_hidden(std::istreambuf_iterator<char>(hashed), {});
  ASSERT_THAT(names_hidden, AllOf(HasSubstr("|1|"), Not(HasSubstr("127.0.0.1"))));
  options.set_text("known_hosts", names_hidden);
  EXPECT_EQ(first_words(options), "let in");
  const std::string lines = server.known_hosts({"ed25519"});
  options.set_text("known_hosts", lines + "@revoked " + lines.substr(lines.find('[')));
  EXPECT_THAT(first_words(options), AllOf(HasSubstr("refused: "), HasSubstr("`known_hosts` revokes")));
  options.set_text("known_hosts", "# nothing\n");
  EXPECT_THAT(read_login(options).error().describe(), HasSubstr("holds no key"));

  Options pinned;
  pinned.set_text("connect", server.address());
  pinned.set_text("user", server.user());
  pinned.set_secret("key", Secret(server.key("ed25519")));
  pinned.set_text("host_key", server.fingerprint("ed25519"));
  EXPECT_EQ(first_words(pinned), "let in");
  pinned.set_text("host_key", server.fingerprint("other"));
  EXPECT_THAT(first_words(pinned),
              AllOf(HasSubstr("refused: "), HasSubstr("and `host_key` is " + server.fingerprint("other"))));
}

TEST_F(Remote, KeysAndKnownHostsAreRenewed) {
  const testing::SftpServer server(at("sshd"));
  const auto renewals = std::make_shared<Renewals>();
  Options options = options_for(server, "stranger");
  options.set_renewals(renewals);
  options.set_text("known_hosts", server.known_hosts({"other"}));
  const auto remote = open(options);
  EXPECT_THAT(remote->check(files()).error().describe(), HasSubstr("`known_hosts` has another one"));
  EXPECT_FALSE(remote->renewed());
  Options fresh = options_for(server, "stranger");
  ASSERT_TRUE(renewals->renew(fresh));
  EXPECT_TRUE(remote->renewed());
  EXPECT_FALSE(remote->renewed()) << "once";
  ASSERT_TRUE(connect(*remote));
  EXPECT_THAT(remote->check(files()).error().describe(), HasSubstr("does not know the key"));
  fresh.set_secret("key", Secret("half a key"));
  EXPECT_FALSE(renewals->renew(fresh)) << "what cannot be used changes nothing";
  fresh.set_secret("key", Secret(server.key("ecdsa")));
  ASSERT_TRUE(renewals->renew(fresh));
  ASSERT_TRUE(connect(*remote));
  EXPECT_TRUE(remote->check(files()));
}

TEST_F(Remote, NoDescriptorIsLeftBehind) {
  const testing::SftpServer server(at("sshd"));
  Options wrong = options_for(server);
  wrong.set_text("known_hosts", server.known_hosts({"other"}));
  const auto count = [] {
    const fs::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  EXPECT_THAT(first_words(wrong), HasSubstr("refused"));
  EXPECT_EQ(first_words(options_for(server)), "let in");
  const auto before = count();
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(first_words(wrong), HasSubstr("refused"));
    EXPECT_EQ(first_words(options_for(server)), "let in");
    EXPECT_TRUE(open(options_for(server)) != nullptr) << "connected, and nothing said";
  }
  EXPECT_EQ(count(), before);
}

TEST_F(Remote, AServerThatHangsIsLeft) {
  const testing::SftpServer server(at("sshd"));
  Options options = options_for(server);
  options.set_duration("silence", 1s);
  const auto remote = open(options);
  ASSERT_TRUE(remote->check(files()));
  server.freeze();
  const auto listed = remote->list(files());
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, ErrorCode::timeout);
  EXPECT_THAT(listed.error().describe(), HasSubstr("does not answer"));
  EXPECT_FALSE(remote->reached());
  EXPECT_EQ(remote->list(files()).error().code, ErrorCode::timeout);
  ASSERT_TRUE(connect(*remote));
  EXPECT_TRUE(remote->check(files())) << "over a new connection";
  server.thaw();
}

TEST_F(Remote, ACallThatWaitsCanBeEnded) {
  const testing::SftpServer server(at("sshd"));
  Options options = options_for(server);
  options.set_duration("silence", 1h);
  const auto remote = open(options);
  ASSERT_TRUE(remote->check(files()));
  server.freeze();
  std::thread later([&] {
    std::this_thread::sleep_for(100ms);
    reactor_->executor().post([&] { remote->interrupt(); });
  });
  const auto listed = remote->list(files());
  later.join();
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, ErrorCode::closed);
  server.thaw();
}

TEST_F(Remote, AConnectionThatEndedIsMadeAnew) {
  testing::SftpServer server(at("sshd"));
  const auto remote = open(options_for(server));
  auto out = remote->create(files(), "half");
  ASSERT_TRUE(out);
  server.kill_connections();
  EXPECT_TRUE(testing::eventually(10s, [&] { return !remote->reached(); }));
  const auto written = (*out)->write("bytes");
  const auto finished = (*out)->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::closed);
  out->reset();
  ASSERT_TRUE(connect(*remote));
  EXPECT_TRUE(remote->check(files()));
  server.kill_now();
  EXPECT_FALSE(remote->check(files()));
  EXPECT_FALSE(connect(*remote)) << "nobody listens";
}

TEST_F(Remote, ARefusalOfTheServerIsSaid) {
  const testing::SftpServer server(at("sshd"), {"ForceCommand internal-sftp -R"});
  const auto remote = open(options_for(server));
  put("a", "one");
  const auto made = remote->create(files(), "b");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().describe(), HasSubstr("the server does not allow it"));
  EXPECT_FALSE(remote->remove(files(), "a"));
  const auto moved = remote->move(files(), "a", files(), "c");
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::io);
  EXPECT_EQ(get("a"), "one");
  EXPECT_TRUE(remote->reached());
}

TEST_F(Remote, ADiskThatIsFullIsAFailureOfThisFileOnly) {
  const testing::SftpServer server(at("sshd"), {}, 64);
  const auto remote = open(options_for(server));
  auto out = remote->create(files(), "large");
  ASSERT_TRUE(out);
  const auto written = (*out)->write(some_bytes(200'000));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
  out->reset();
  write(*remote, "small", "bytes");
  EXPECT_EQ(get("small"), "bytes");
}

// ---- a server that is not OpenSSH ------------------------------------------------------------------------------------------

constexpr const char* kPassword = "correct horse";

class Foreign : public Remote {
 protected:
  /// `how`: "password", "prompts" (keyboard-interactive) or "anyone".
  void serve(const std::string& how) {
    const std::string key = at("foreign_key");
    fs::remove(key);
    const auto made = testing::run_command({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key});
    ASSERT_EQ(made.code, 0) << made.output;
    const std::string log = at("foreign.log");
    fs::remove(log);
    process_ = testing::Process(
        {"/usr/bin/python3", "-B", std::string(SMARTHL7_SOURCE_DIR) + "/tests/support/sftp_peer.py", key, kPassword, how}, log);
    std::string said;
    ASSERT_TRUE(testing::eventually(20s, [&] {
      std::ifstream in(log);
      return static_cast<bool>(in >> said >> port_) && said == "listening";
    }));
    std::ifstream in(key + ".pub");
    std::getline(in, public_key_);
  }
  [[nodiscard]] Options options_for_password(const std::string& password = kPassword) const {
    Options options;
    options.set_text("connect", "127.0.0.1:" + port_);
    options.set_text("user", "somebody");
    options.set_secret("password", Secret(password));
    options.set_text("known_hosts", "[127.0.0.1]:" + port_ + " " + public_key_ + "\n");
    return options;
  }

  testing::Process process_;
  std::string port_;
  std::string public_key_;
};

TEST_F(Foreign, APasswordIsShown) {
  for (const std::string how : {"password", "prompts"}) {
    serve(how);
    EXPECT_EQ(first_words(options_for_password()), "let in") << how;
    EXPECT_THAT(first_words(options_for_password("wrong battery")),
                AllOf(HasSubstr("refused: "), HasSubstr("does not let somebody in: it does not take the password"),
                      Not(HasSubstr("battery"))))
        << how;
  }
}

TEST_F(Foreign, AServerWithoutExtensionsThatReplacesAndGivesLittle) {
  serve("password");
  const auto remote = open(options_for_password());
  const std::string bytes = some_bytes(300'000);
  write(*remote, "a", bytes);
  EXPECT_TRUE(get("a") == bytes);
  auto reader = remote->open(files(), "a");
  ASSERT_TRUE(reader) << reader.error().describe();
  EXPECT_TRUE(read_all(**reader) == bytes);
  reader->reset();
  put("b", "two");
  EXPECT_EQ(remote->move(files(), "a", files(), "b").error().code, ErrorCode::exists);
  EXPECT_EQ(get("b"), "two");
  EXPECT_TRUE(remote->move(files(), "a", files(), "c"));
  EXPECT_TRUE(get("c") == bytes);
  EXPECT_TRUE(remote->replace(files(), "b", "c"));
  EXPECT_EQ(get("c"), "two");
  fs::create_symlink("c", at("files") / "link");
  const auto listed = remote->list(files());
  ASSERT_TRUE(listed);
  std::vector<std::string> seen;
  for (const auto& one : *listed) seen.push_back(one.name + (one.regular ? " file" : " -"));
  EXPECT_THAT(seen, UnorderedElementsAre("c file", "link -"));
  EXPECT_EQ(remote->open(files(), "link").error().code, ErrorCode::refused);
}

}  // namespace
}  // namespace smarthl7::transport::sftp
