// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/file/local.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace smarthl7::transport::file {

using folder::FileFacts;
using folder::FileReader;
using folder::FileWriter;

namespace {

/// Without the name: it may be a person's.
std::unexpected<Error> failed(const std::string& what, const std::string& folder, int error) {
  ErrorCode code = ErrorCode::io;
  if (error == ENOENT) code = ErrorCode::not_found;
  if (error == EEXIST) code = ErrorCode::exists;
  if (error == ENOSPC || error == EDQUOT) code = ErrorCode::full;
  char buffer[128];
  return fail(code, what + " " + folder + ": " + ::strerror_r(error, buffer, sizeof buffer));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }

 private:
  int number_;
};

FileFacts facts_of(const struct stat& facts, std::string name) {
  FileFacts out;
  out.name = std::move(name);
  out.size = static_cast<std::uint64_t>(facts.st_size);
  out.changed = static_cast<std::int64_t>(facts.st_mtim.tv_sec) * 1'000'000'000 + facts.st_mtim.tv_nsec;
  out.identity = static_cast<std::uint64_t>(facts.st_ino);
  out.regular = S_ISREG(facts.st_mode);
  return out;
}

class LocalReader final : public FileReader {
 public:
  LocalReader(Descriptor descriptor, std::string folder, std::string name)
      : descriptor_(std::move(descriptor)), folder_(std::move(folder)), name_(std::move(name)) {}

  Result<std::size_t> read(std::span<char> into) override {
    for (;;) {
      const ssize_t got = ::read(descriptor_.get(), into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return failed("cannot read a file of", folder_, errno);
    }
  }
  Result<FileFacts> facts() override {
    struct stat facts{};
    if (::fstat(descriptor_.get(), &facts) != 0) return failed("cannot look at a file of", folder_, errno);
    return facts_of(facts, name_);
  }

 private:
  Descriptor descriptor_;
  std::string folder_;
  std::string name_;
};

class LocalWriter final : public FileWriter {
 public:
  LocalWriter(Descriptor descriptor, std::string folder) : descriptor_(std::move(descriptor)), folder_(std::move(folder)) {}

  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(descriptor_.get(), bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return failed("cannot write a file of", folder_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
  }
  Result<void> finish() override {
    if (::fdatasync(descriptor_.get()) != 0) return failed("cannot sync a file of", folder_, errno);
    return {};
  }

 private:
  Descriptor descriptor_;
  std::string folder_;
};

class LocalFileSystem final : public folder::FileSystem {
 public:
  Result<std::vector<FileFacts>> list(const std::string& folder) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), &::closedir);
    if (!stream) return failed("cannot list", folder, errno);
    std::vector<FileFacts> out;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat facts{};
      if (::fstatat(::dirfd(stream.get()), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;  // it has just gone
        return failed("cannot look at a file of", folder, errno);
      }
      out.push_back(facts_of(facts, name));
    }
    if (errno != 0) return failed("cannot list", folder, errno);
    return out;
  }

  Result<std::unique_ptr<FileReader>> open(const std::string& folder, const std::string& name) override {
    Descriptor descriptor(::open(path(folder, name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!descriptor.open()) return failed("cannot open a file of", folder, errno);
    struct stat facts{};
    if (::fstat(descriptor.get(), &facts) != 0) return failed("cannot look at a file of", folder, errno);
    if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::refused, "what is to be read in " + folder + " is no regular file");
    return std::make_unique<LocalReader>(std::move(descriptor), folder, name);
  }

  Result<std::unique_ptr<FileWriter>> create(const std::string& folder, const std::string& name) override {
    const std::string at = path(folder, name);
    if (::unlink(at.c_str()) != 0 && errno != ENOENT) return failed("cannot write into", folder, errno);
    Descriptor descriptor(::open(at.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640));
    if (!descriptor.open()) return failed("cannot write into", folder, errno);
    return std::make_unique<LocalWriter>(std::move(descriptor), folder);
  }

  Result<void> move(const std::string& folder, const std::string& name, const std::string& to_folder,
                    const std::string& to_name) override {
    const std::string from = path(folder, name);
    const std::string to = path(to_folder, to_name);
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno == EXDEV) return fail(ErrorCode::io, to_folder + " and " + folder + " are not on one file system");
    if (errno != EINVAL && errno != ENOSYS) return failed("cannot move a file from " + folder + " to", to_folder, errno);
    // A file system without it: the second name first, and only if it is free; then the first one goes.
    if (::link(from.c_str(), to.c_str()) != 0) return failed("cannot move a file from " + folder + " to", to_folder, errno);
    if (::unlink(from.c_str()) != 0) return failed("cannot remove a file of", folder, errno);
    return {};
  }

  Result<void> replace(const std::string& folder, const std::string& name, const std::string& to_name) override {
    if (::rename(path(folder, name).c_str(), path(folder, to_name).c_str()) == 0) return {};
    return failed("cannot rename a file of", folder, errno);
  }

  Result<void> remove(const std::string& folder, const std::string& name) override {
    if (::unlink(path(folder, name).c_str()) == 0 || errno == ENOENT) return {};
    return failed("cannot remove a file of", folder, errno);
  }

  Result<void> sync(const std::string& folder) override {
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.open()) return failed("cannot open the folder", folder, errno);
    if (::fsync(descriptor.get()) != 0) return failed("cannot sync the folder", folder, errno);
    return {};
  }

  Result<void> check(const std::string& folder) override {
    struct stat facts{};
    if (::stat(folder.c_str(), &facts) != 0) return failed("cannot look at the folder", folder, errno);
    if (!S_ISDIR(facts.st_mode)) return fail(ErrorCode::io, folder + " is not a folder");
    return {};
  }

 private:
  static std::string path(const std::string& folder, const std::string& name) {
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
  }
};

}  // namespace

std::unique_ptr<folder::FileSystem> make_local_file_system() { return std::make_unique<LocalFileSystem>(); }

}  // namespace smarthl7::transport::file
