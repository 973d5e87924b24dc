// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/file/file.h"

#include <filesystem>

#include "runtime/transport/file/local.h"
#include "runtime/transport/folder/from_options.h"

namespace smarthl7::transport::file {

namespace {

class FileTransport final : public Transport {
 public:
  [[nodiscard]] std::string_view name() const override { return "file"; }

  Result<std::unique_ptr<Source>> make_source(const Options& options, EnvSet envs, Receiver* receiver) const override {
    TRY(folder::SourceSettings settings, folder::read_source_settings(options));
    settings.where = settings.read;
    std::error_code none;
    settings.known_as = std::filesystem::weakly_canonical(std::filesystem::absolute(settings.read, none), none).string();
    return std::make_unique<folder::FolderSource>(std::move(settings), make_local_file_system(), std::move(envs), receiver);
  }

  Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const override {
    TRY(folder::DestinationSettings settings, folder::read_destination_settings(options));
    settings.where = options.get_text("write");
    return std::make_unique<folder::FolderDestination>(std::move(settings), make_local_file_system(), env);
  }
};

}  // namespace

std::unique_ptr<Transport> make_transport() { return std::make_unique<FileTransport>(); }

}  // namespace smarthl7::transport::file
