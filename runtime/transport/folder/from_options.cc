// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/from_options.h"

namespace smarthl7::transport::folder {

namespace {

std::string folder_of(const Options& options, std::string_view name) {
  std::string folder(options.get_text(name));
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

}  // namespace

Result<SourceSettings> read_source_settings(const Options& options, SourceSettings given) {
  SourceSettings settings = std::move(given);
  settings.read = folder_of(options, "read");
  settings.pattern = options.get_text("pattern", settings.pattern);
  settings.order = options.get_text("order", "name") == "time" ? FileOrder::time : FileOrder::name;
  settings.stable = options.get_duration("stable", settings.stable);
  settings.every = options.get_duration("every", settings.every);
  if (options.get_text("done") != "delete") settings.done = folder_of(options, "done");
  settings.failed = folder_of(options, "failed");
  settings.answers = folder_of(options, "answers");
  settings.lock = options.get_text("lock");
  if (!is_lock_name(settings.lock))
    return fail(ErrorCode::invalid, "option `lock` takes at most 32 letters, digits, - and _: it becomes a part of file names");
  settings.envelope_matters = options.get_text("envelope", "refuse") == "refuse";
  settings.largest = options.get_size("largest", settings.largest);
  if (settings.read.empty() || settings.failed.empty())
    return fail(ErrorCode::invalid, "a source of files needs the folders `read` and `failed`");
  return settings;
}

Result<DestinationSettings> read_destination_settings(const Options& options) {
  DestinationSettings settings;
  auto [folder, name] = split_path(options.get_text("write"));
  settings.folder = std::move(folder);
  TRY(settings.naming, Naming::parse(name));
  return settings;
}

}  // namespace smarthl7::transport::folder
