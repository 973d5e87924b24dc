// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "runtime/store/codec.h"
#include "runtime/store/format.h"

namespace smarthl7::store {

namespace {

constexpr std::string_view kMagic = "SH7DATA\n";
constexpr std::size_t kSize = 64;

Result<void> write_manifest(env::Disk& disk, const std::string& path, const Manifest& manifest) {
  std::string bytes;
  ByteWriter out(bytes);
  out.bytes(kMagic);
  out.u32(kFormatVersion);
  out.bytes({reinterpret_cast<const char*>(manifest.hash_key.data()), manifest.hash_key.size()});
  bytes.resize(kSize - 4, '\0');
  out.u32(crc32c(bytes));
  const std::string draft = path + ".new";
  {
    TRY(auto file, disk.open(draft, env::OpenMode::create));
    TRY_VOID(file->truncate(0));
    TRY_VOID(file->write_at(0, std::string_view(bytes)));
    TRY_VOID(file->sync_now());
  }
  TRY_VOID(disk.rename(draft, path));
  TRY_VOID(disk.sync_folder(path.substr(0, path.rfind('/'))));
  return {};
}

Result<Manifest> read_manifest(env::Disk& disk, const std::string& path) {
  TRY(auto file, disk.open(path, env::OpenMode::read));
  std::string bytes(kSize, '\0');
  TRY(const std::size_t got, file->read_at(0, bytes));
  if (got != kSize || !bytes.starts_with(kMagic))
    return fail(ErrorCode::corrupt, path + ": offset 0: this is not a data folder's manifest");
  ByteReader check(std::string_view(bytes).substr(kSize - 4));
  if (check.u32() != crc32c(std::string_view(bytes).substr(0, kSize - 4)))
    return fail(ErrorCode::corrupt, path + ": offset 0: the data folder's manifest is damaged");
  ByteReader in(std::string_view(bytes).substr(kMagic.size()));
  const std::uint32_t version = in.u32();
  if (version > kFormatVersion)
    return fail(ErrorCode::version,
                fmt::format("{}: the data folder has format {}, this program knows up to {}", path, version, kFormatVersion));
  Manifest manifest;
  const std::string_view key = in.bytes(manifest.hash_key.size());
  std::memcpy(manifest.hash_key.data(), key.data(), key.size());
  // What is written from here on may be more than an older program reads: it is told so, and not that something is damaged.
  if (version < kFormatVersion) TRY_VOID(write_manifest(disk, path, manifest));
  return manifest;
}

}  // namespace

Result<Manifest> read_or_make_manifest(env::Env& environment, const std::string& folder) {
  env::Disk& disk = environment.disk;
  const std::string path = folder + "/manifest";
  TRY(const bool there, disk.exists(path));
  if (there) return read_manifest(disk, path);
  TRY(const auto names, disk.list(folder));
  for (const std::string& name : names)
    if (name.starts_with("journal-")) return fail(ErrorCode::corrupt, path + ": is missing, but the folder has a journal");

  Manifest manifest;
  for (std::size_t i = 0; i < manifest.hash_key.size(); i += 8) {
    const std::uint64_t word = environment.random.next();
    std::memcpy(manifest.hash_key.data() + i, &word, 8);
  }
  TRY_VOID(write_manifest(disk, path, manifest));
  return manifest;
}

}  // namespace smarthl7::store
