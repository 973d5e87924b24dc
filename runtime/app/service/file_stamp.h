// SPDX-License-Identifier: Apache-2.0
// What tells a new file from an old one of the same name, without reading it: a link that points elsewhere is a new one. Value
// type; any thread. Failure: none; a file that is not there has the stamp of nothing.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace smarthl7::app {

struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t seconds = 0, nanoseconds = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

inline FileStamp stamp_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

}  // namespace smarthl7::app
