// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/sftp.h"

#include <filesystem>

#include "runtime/transport/folder/destination.h"
#include "runtime/transport/folder/source.h"
#include "runtime/transport/sftp/remote.h"

namespace smarthl7::transport::sftp {

namespace {

std::string folder_of(const Options& options, std::string_view name) {
  std::string folder(options.get_text(name));
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

/// A path that does not begin with a slash is below the folder where the server puts the user.
std::string place(const Login& login, std::string_view path) {
  return login.text() + (path.starts_with('/') ? "" : "/~/") + std::string(path);
}

class SftpTransport final : public Transport {
 public:
  [[nodiscard]] std::string_view name() const override { return "sftp"; }

  Result<std::unique_ptr<Source>> make_source(const Options& options, EnvSet envs, Receiver* receiver) const override {
    TRY(std::shared_ptr<Logins> logins, Logins::make(options));
    const std::shared_ptr<const Login> login = logins->now();
    folder::SourceSettings settings;
    settings.read = folder_of(options, "read");
    settings.where = place(*login, settings.read);
    settings.known_as = "sftp://" + login->user + "@" + login->at.text() + "/" +
                        std::filesystem::path(settings.read).lexically_normal().string();
    settings.pattern = options.get_text("pattern", settings.pattern);
    settings.order = options.get_text("order", "name") == "time" ? folder::FileOrder::time : folder::FileOrder::name;
    settings.stable = options.get_duration("stable", std::chrono::seconds(10));
    settings.every = options.get_duration("every", std::chrono::seconds(10));
    if (options.get_text("done") != "delete") settings.done = folder_of(options, "done");
    settings.failed = folder_of(options, "failed");
    settings.answers = folder_of(options, "answers");
    settings.lock = options.get_text("lock");
    if (!folder::is_lock_name(settings.lock))
      return fail(ErrorCode::invalid,
                  "option `lock` takes at most 32 letters, digits, - and _: it becomes a part of file names");
    settings.envelope_matters = options.get_text("envelope", "refuse") == "refuse";
    settings.largest = options.get_size("largest", settings.largest);
    if (settings.read.empty() || settings.failed.empty())
      return fail(ErrorCode::invalid, "an sftp source needs the folders `read` and `failed`");
    return std::make_unique<folder::FolderSource>(std::move(settings), make_remote_file_system(std::move(logins)),
                                                  std::move(envs), receiver);
  }

  Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const override {
    TRY(std::shared_ptr<Logins> logins, Logins::make(options));
    const std::shared_ptr<const Login> login = logins->now();
    folder::DestinationSettings settings;
    auto [folder, name] = folder::split_path(options.get_text("write"));
    settings.where = place(*login, options.get_text("write"));
    settings.folder = std::move(folder);
    TRY(settings.naming, folder::Naming::parse(name));
    return std::make_unique<folder::FolderDestination>(std::move(settings), make_remote_file_system(std::move(logins)), env);
  }
};

}  // namespace

std::unique_ptr<Transport> make_transport() { return std::make_unique<SftpTransport>(); }

}  // namespace smarthl7::transport::sftp
