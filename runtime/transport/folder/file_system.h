// SPDX-License-Identifier: Apache-2.0
// What a folder source or destination needs of the place where files lie: this machine's disk, an SFTP server. Calls block, so
// they are made from a Worker's thread.
// Ownership: a reader or writer is used up before its file system goes. Threads: one at a time; reach(), reached(), renewed()
// and interrupt() on the executor of the Env. Failure: Result; texts name the folder and never a file, whose name may hold a
// person's. ErrorCode::exists and not_found mean just that; after closed and timeout nobody knows whether it was done.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/env/env.h"
#include "runtime/env/task.h"
#include "stdlib/base/result.h"

namespace smarthl7::transport::folder {

struct FileFacts {
  std::string name;
  std::uint64_t size = 0;
  std::int64_t changed = 0;    // nanoseconds since 1970, as the file system tells it
  std::uint64_t identity = 0;  // another file of the same name has another one; 0: not told
  bool regular = true;         // false: a link, a folder, a pipe ...

  /// The bytes are the same, as far as one can see without reading them.
  [[nodiscard]] bool same_as(const FileFacts& other) const {
    return size == other.size && changed == other.changed && identity == other.identity && regular == other.regular;
  }
};

class FileReader {
 public:
  virtual ~FileReader() = default;
  /// The next bytes; 0 at the end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  /// Of the file that is open, now.
  virtual Result<FileFacts> facts() = 0;
};

class FileWriter {  // destroyed before finish(): the file is to be removed by whoever made it
 public:
  virtual ~FileWriter() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  /// The content is durable.
  virtual Result<void> finish() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Connects to where the files are, if that takes a connection and there is none; before other calls, while none is made.
  virtual env::Task<Result<void>> reach(env::Env env);
  /// There is a connection, as far as is known without asking the other end.
  [[nodiscard]] virtual bool reached() const { return true; }
  /// What it logs in with was replaced since this was asked last.
  [[nodiscard]] virtual bool renewed() { return false; }
  /// Ends the call that waits for another machine: it fails.
  virtual void interrupt() {}
  /// Everything in the folder, in no order; `.` and `..` apart.
  virtual Result<std::vector<FileFacts>> list(const std::string& folder) = 0;
  /// A regular file only; a link is not followed.
  virtual Result<std::unique_ptr<FileReader>> open(const std::string& folder, const std::string& name) = 0;
  /// Makes it; what stood there under this name goes.
  virtual Result<std::unique_ptr<FileWriter>> create(const std::string& folder, const std::string& name) = 0;
  /// ErrorCode::exists: there is one of that name already, and nothing was done.
  virtual Result<void> move(const std::string& folder, const std::string& name, const std::string& to_folder,
                            const std::string& to_name) = 0;
  /// The same, in place of what stands there.
  virtual Result<void> replace(const std::string& folder, const std::string& name, const std::string& to_name) = 0;
  virtual Result<void> remove(const std::string& folder, const std::string& name) = 0;
  /// Names that were made, moved and removed there are durable.
  virtual Result<void> sync(const std::string& folder) = 0;
  /// It is there, and a folder.
  virtual Result<void> check(const std::string& folder) = 0;
};

inline env::Task<Result<void>> FileSystem::reach(env::Env /*env*/) { co_return Result<void>{}; }

}  // namespace smarthl7::transport::folder
