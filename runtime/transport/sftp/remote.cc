// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/remote.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "runtime/env/descriptor.h"
#include "runtime/transport/sftp/remote_file.h"
#include "runtime/transport/sftp/session.h"

namespace smarthl7::transport::sftp {

using folder::FileFacts;
using folder::FileReader;
using folder::FileWriter;

namespace {

class RemoteFileSystem final : public folder::FileSystem {
 public:
  explicit RemoteFileSystem(std::shared_ptr<Logins> logins) : logins_(std::move(logins)) {}
  ~RemoteFileSystem() override {
    drop();
    if (fresh_ >= 0) ::close(fresh_);
  }

  env::Task<Result<void>> reach(env::Env env) override {
    if (session_ != nullptr && watch_.open()) co_return Result<void>{};
    drop();
    abandon_.requested = false;
    login_ = logins_->now();
    const SteadyTime deadline = env.executor.now() + login_->connect_within;
    Result<std::unique_ptr<env::Stream>> stream = co_await env.network.connect_unless(login_->at, deadline, &abandon_);
    if (!stream) co_return std::unexpected(std::move(stream).error());
    Result<int> descriptor = env::release_descriptor(**stream);
    if (!descriptor) co_return std::unexpected(std::move(descriptor).error());
    if (fresh_ >= 0) ::close(fresh_);
    fresh_ = *descriptor;
    watch_.guard(fresh_);
    co_return Result<void>{};
  }

  [[nodiscard]] bool reached() const override { return has_session_ && watch_.open(); }

  [[nodiscard]] bool renewed() override { return logins_->renewed(); }

  void interrupt() override {
    abandon_.request();
    watch_.cut();
  }

  Result<std::vector<FileFacts>> list(const std::string& folder) override {
    TRY(Session* const session, session_now());
    std::unique_ptr<sftp_dir_struct, int (*)(sftp_dir)> stream(nullptr, &sftp_closedir);
    const auto failed = [&]() -> std::unexpected<Error> { return std::unexpected(session->error("cannot list " + folder)); };
    std::vector<FileFacts> out;
    {
      const Watch::Call call = session->call();
      stream.reset(sftp_opendir(session->channel(), folder.c_str()));
      if (stream == nullptr) return failed();
    }
    for (;;) {
      const Watch::Call call = session->call();
      const Attributes one(sftp_readdir(session->channel(), stream.get()), &sftp_attributes_free);
      if (one == nullptr) break;
      const std::string name = one->name == nullptr ? "" : one->name;
      if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) continue;
      out.push_back(facts_of(*one, name));
    }
    if (sftp_dir_eof(stream.get()) == 0) return failed();
    const Watch::Call call = session->call();
    stream.reset();
    return out;
  }

  Result<std::unique_ptr<FileReader>> open(const std::string& folder, const std::string& name) override {
    TRY(Session* const session, session_now());
    const Watch::Call call = session->call();
    const std::string at = path(folder, name);
    const Attributes facts(sftp_lstat(session->channel(), at.c_str()), &sftp_attributes_free);
    if (facts == nullptr) return std::unexpected(session->error("cannot look at a file of " + folder));
    if (!facts_of(*facts, name).regular)
      return fail(ErrorCode::refused, "what is to be read in " + folder + " is no regular file");
    sftp_file file = sftp_open(session->channel(), at.c_str(), O_RDONLY, 0);
    if (file == nullptr) return std::unexpected(session->error("cannot open a file of " + folder));
    return make_reader(session_, file, folder, name);
  }

  Result<std::unique_ptr<FileWriter>> create(const std::string& folder, const std::string& name) override {
    TRY(Session* const session, session_now());
    const std::string at = path(folder, name);
    const auto make = [&] {
      const Watch::Call call = session->call();
      return sftp_open(session->channel(), at.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0640);
    };
    sftp_file file = make();
    if (file == nullptr) {  // most often none of that name is there
      const Error first = session->error("cannot write into " + folder);
      if (is_gone(first)) return std::unexpected(first);
      TRY_VOID(remove(folder, name));
      file = make();
    }
    if (file == nullptr) return std::unexpected(session->error("cannot write into " + folder));
    return make_writer(session_, file, folder);
  }

  /// Version 3 says that a rename fails if there is a file of that name. OpenSSH keeps to it, others are asked before.
  Result<void> move(const std::string& folder, const std::string& name, const std::string& to_folder,
                    const std::string& to_name) override {
    TRY(Session* const session, session_now());
    const std::string from = path(folder, name);
    const std::string to = path(to_folder, to_name);
    const std::string what = "cannot move a file from " + folder + " to " + to_folder;
    const auto there = [&] {
      const Watch::Call call = session->call();
      const Attributes found(sftp_lstat(session->channel(), to.c_str()), &sftp_attributes_free);
      return found != nullptr;
    };
    if (!session->is_openssh() && there()) return fail(ErrorCode::exists, what + ": there is one already");
    {
      const Watch::Call call = session->call();
      if (sftp_rename(session->channel(), from.c_str(), to.c_str()) == 0) return {};
    }
    Error error = session->error(what);
    if (is_gone(error) || error.code == ErrorCode::not_found) return std::unexpected(std::move(error));
    if (there()) return fail(ErrorCode::exists, what + ": there is one already");
    return std::unexpected(std::move(error));
  }

  Result<void> replace(const std::string& folder, const std::string& name, const std::string& to_name) override {
    TRY_VOID(remove(folder, to_name));
    return move(folder, name, folder, to_name);
  }

  Result<void> remove(const std::string& folder, const std::string& name) override {
    TRY(Session* const session, session_now());
    const Watch::Call call = session->call();
    if (sftp_unlink(session->channel(), path(folder, name).c_str()) == 0) return {};
    Error error = session->error("cannot remove a file of " + folder);
    if (error.code == ErrorCode::not_found) return {};
    return std::unexpected(std::move(error));
  }

  /// SFTP has nothing for it.
  Result<void> sync(const std::string& /*folder*/) override { return {}; }

  Result<void> check(const std::string& folder) override {
    TRY(Session* const session, session_now());
    const Watch::Call call = session->call();
    const Attributes facts(sftp_stat(session->channel(), folder.c_str()), &sftp_attributes_free);
    if (facts == nullptr) return std::unexpected(session->error("cannot look at the folder " + folder));
    if (facts->type != SSH_FILEXFER_TYPE_DIRECTORY) return fail(ErrorCode::io, folder + " is not a folder");
    return {};
  }

 private:
  static bool is_gone(const Error& error) { return error.code == ErrorCode::closed || error.code == ErrorCode::timeout; }
  static std::string path(const std::string& folder, const std::string& name) {
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
  }

  void drop() {
    has_session_ = false;
    session_.reset();
  }

  /// The session, made over the connection that reach() left here.
  Result<Session*> session_now() {
    if (session_ == nullptr && fresh_ >= 0) {
      auto made = Session::open(std::exchange(fresh_, -1), *login_, watch_);
      if (!made) watch_.cut();
      if (!made) return std::unexpected(std::move(made).error());
      session_ = std::move(*made);
      has_session_ = true;
    }
    if (session_ == nullptr) return fail(ErrorCode::closed, "there is no connection to " + logins_->now()->text());
    return session_.get();
  }

  const std::shared_ptr<Logins> logins_;
  std::shared_ptr<const Login> login_;  // of the connection
  Watch watch_;
  env::Abandon abandon_;
  int fresh_ = -1;  // connected, and nothing was said over it yet
  std::shared_ptr<Session> session_;
  std::atomic<bool> has_session_{false};
};

}  // namespace

std::unique_ptr<folder::FileSystem> make_remote_file_system(std::shared_ptr<Logins> logins) {
  return std::make_unique<RemoteFileSystem>(std::move(logins));
}

}  // namespace smarthl7::transport::sftp
