// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/commands/write_file.h"

#include "runtime/env/real/real.h"

namespace smarthl7::app {

Result<void> write_file(const std::string& path, std::string_view bytes) {
  const auto disk = env::make_real_disk();
  const std::string temporary = path + ".new";
  {
    TRY(const auto file, disk->open(temporary, env::OpenMode::create));
    TRY_VOID(file->truncate(0));
    TRY_VOID(file->write_at(0, bytes));
    TRY_VOID(file->sync_now());
  }
  return disk->rename(temporary, path);
}

}  // namespace smarthl7::app
