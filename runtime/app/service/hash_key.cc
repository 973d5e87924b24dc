// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/hash_key.h"

#include <cstring>

namespace smarthl7::app {

Result<HashKey> load_or_make_hash_key(env::Disk& disk, env::Random& random, const std::string& folder) {
  const std::string path = folder + "/hash.key";
  HashKey key{};
  const std::span<char> bytes(reinterpret_cast<char*>(key.data()), key.size());
  TRY(const bool there, disk.exists(path));
  if (there) {
    TRY(const auto file, disk.open(path, env::OpenMode::read));
    TRY(const std::size_t got, file->read_at(0, bytes));
    if (got != key.size()) return fail(ErrorCode::corrupt, path + " is not a key: it must hold 16 bytes");
    return key;
  }
  for (std::size_t i = 0; i < key.size(); i += 8) {
    const std::uint64_t word = random.next();
    std::memcpy(key.data() + i, &word, 8);
  }
  {  // under another name first: a crash must not leave half a key
    TRY(const auto file, disk.open(path + ".new", env::OpenMode::create));
    TRY_VOID(file->truncate(0));
    TRY_VOID(file->write_at(0, std::string_view(bytes.data(), bytes.size())));
    TRY_VOID(file->sync_now());
  }
  TRY_VOID(disk.rename(path + ".new", path));
  TRY_VOID(disk.sync_folder(folder));
  return key;
}

}  // namespace smarthl7::app
