// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/admin_token.h"

#include <fmt/format.h>

namespace smarthl7::app {

namespace {

constexpr std::size_t kDigits = 64;

}  // namespace

std::string admin_token_path(const std::string& data) { return data + "/admin.token"; }

Result<Secret> load_or_make_admin_token(env::Disk& disk, env::Random& random, const std::string& data, bool* made) {
  const std::string path = admin_token_path(data);
  TRY(const bool there, disk.exists(path));
  *made = !there;
  std::string token(kDigits, '\0');
  if (there) {
    TRY(const auto file, disk.open(path, env::OpenMode::read));
    TRY(const std::size_t got, file->read_at(0, token));
    if (got != kDigits || token.find_first_not_of("0123456789abcdef") != std::string::npos)
      return fail(ErrorCode::corrupt, path + " is no token: remove it, and the next start makes a new one");
    return Secret(std::move(token));
  }
  token.clear();
  while (token.size() < kDigits) token += fmt::format("{:016x}", random.next());
  {  // under another name first: a crash must not leave half a token
    TRY(const auto file, disk.open(path + ".new", env::OpenMode::create));
    TRY_VOID(file->truncate(0));
    TRY_VOID(file->write_at(0, token + "\n"));
    TRY_VOID(file->sync_now());
  }
  TRY_VOID(disk.rename(path + ".new", path));
  TRY_VOID(disk.sync_folder(data));
  return Secret(std::move(token));
}

}  // namespace smarthl7::app
