// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/sftp/sftp.h"

#include <filesystem>

#include "runtime/transport/folder/from_options.h"
#include "runtime/transport/sftp/remote.h"

namespace smarthl7::transport::sftp {

namespace {

constexpr auto kPace = std::chrono::seconds(10);  // a look takes a few round trips, and times of SFTP are whole seconds

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
    settings.stable = settings.every = kPace;
    TRY(settings, folder::read_source_settings(options, std::move(settings)));
    settings.where = place(*login, settings.read);
    settings.known_as = "sftp://" + login->user + "@" + login->at.text() + "/" +
                        std::filesystem::path(settings.read).lexically_normal().string();
    return std::make_unique<folder::FolderSource>(std::move(settings), make_remote_file_system(std::move(logins)),
                                                  std::move(envs), receiver);
  }

  Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const override {
    TRY(std::shared_ptr<Logins> logins, Logins::make(options));
    const std::shared_ptr<const Login> login = logins->now();
    TRY(folder::DestinationSettings settings, folder::read_destination_settings(options));
    settings.where = place(*login, options.get_text("write"));
    return std::make_unique<folder::FolderDestination>(std::move(settings), make_remote_file_system(std::move(logins)), env);
  }
};

}  // namespace

std::unique_ptr<Transport> make_transport() { return std::make_unique<SftpTransport>(); }

}  // namespace smarthl7::transport::sftp
