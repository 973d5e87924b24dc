// SPDX-License-Identifier: Apache-2.0
#include "runtime/env/real/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include "runtime/env/real/real.h"

namespace smarthl7::env {

namespace {

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

 private:
  int number_;
};

class RealFile final : public File {
 public:
  RealFile(Descriptor descriptor, std::string path, std::shared_ptr<DiskCounters> counters)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), counters_(std::move(counters)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(descriptor_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno("cannot read " + path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    return write_at(offset, std::span<const std::string_view>(&bytes, 1));
  }

  Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    constexpr std::size_t kBatch = 256;
    std::array<iovec, kBatch> batch;
    std::size_t next = 0;
    std::size_t skip = 0;  // bytes of pieces[next] that are written already
    while (next < pieces.size()) {
      std::size_t count = 0;
      std::size_t from = skip;
      for (std::size_t i = next; i < pieces.size() && count < kBatch; ++i, from = 0) {
        if (pieces[i].size() == from) continue;
        batch[count++] = {const_cast<char*>(pieces[i].data()) + from, pieces[i].size() - from};
      }
      if (count == 0) return {};
      const ssize_t wrote = ::pwritev(descriptor_.get(), batch.data(), static_cast<int>(count), static_cast<off_t>(offset));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return fail_errno("cannot write " + path_, errno);
      counters_->bytes_written.fetch_add(static_cast<std::uint64_t>(wrote), std::memory_order_relaxed);
      offset += static_cast<std::uint64_t>(wrote);
      auto left = static_cast<std::size_t>(wrote);
      while (next < pieces.size() && left >= pieces[next].size() - skip) {
        left -= pieces[next].size() - skip;
        skip = 0;
        ++next;
      }
      skip += left;
    }
    return {};
  }

  Task<Result<void>> sync() override { co_return sync_now(); }

  Result<void> sync_now() override {
    if (failed_) return fail(ErrorCode::stopped, "an earlier sync of " + path_ + " failed; it is not tried again");
    counters_->syncs.fetch_add(1, std::memory_order_relaxed);
    if (::fdatasync(descriptor_.get()) == 0) return {};
    const int error = errno;
    failed_ = true;
    return fail_errno("cannot sync " + path_, error);
  }

  Result<std::uint64_t> size() override {
    struct stat facts{};
    if (::fstat(descriptor_.get(), &facts) != 0) return fail_errno("cannot stat " + path_, errno);
    return static_cast<std::uint64_t>(facts.st_size);
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0) return fail_errno("cannot truncate " + path_, errno);
    return {};
  }

  void preallocate(std::uint64_t size) override {
    static_cast<void>(::fallocate(descriptor_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)));
  }

 private:
  Descriptor descriptor_;
  std::string path_;
  std::shared_ptr<DiskCounters> counters_;
  bool failed_ = false;
};

class RealLock final : public DiskLock {
 public:
  explicit RealLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::read: return O_RDONLY;
    case OpenMode::read_write: return O_RDWR;
    case OpenMode::create: return O_RDWR | O_CREAT;
    case OpenMode::create_new: return O_RDWR | O_CREAT | O_EXCL;
  }
  SMARTHL7_UNREACHABLE("every mode is above");
}

}  // namespace

RealDisk::RealDisk() : counters_(std::make_shared<DiskCounters>()) {}

Result<std::unique_ptr<File>> RealDisk::open(const std::string& path, OpenMode mode) {
  Descriptor descriptor(::open(path.c_str(), flags_of(mode) | O_CLOEXEC, 0600));
  if (descriptor.get() < 0) return fail_errno("cannot open " + path, errno);
  return std::make_unique<RealFile>(std::move(descriptor), path, counters_);
}

Result<bool> RealDisk::exists(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return fail_errno("cannot stat " + path, errno);
}

Result<std::vector<std::string>> RealDisk::list(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), &::closedir);
  if (!stream) return fail_errno("cannot list " + folder, errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    if (entry->d_type == DT_REG) {
      names.emplace_back(entry->d_name);
    } else if (entry->d_type == DT_UNKNOWN) {
      struct stat facts{};
      if (::fstatat(::dirfd(stream.get()), entry->d_name, &facts, 0) == 0 && S_ISREG(facts.st_mode))
        names.emplace_back(entry->d_name);
    }
  }
  if (errno != 0) return fail_errno("cannot list " + folder, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> RealDisk::make_folder(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      const int error = errno;
      struct stat facts{};  // a parent on a read-only file system may exist all the same
      if (::stat(part.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return fail_errno("cannot make folder " + part, error);
    }
    if (end == std::string::npos) break;
  }
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return fail_errno("cannot stat " + path, errno);
  if (!S_ISDIR(facts.st_mode)) return fail(ErrorCode::exists, path + " is not a folder");
  return {};
}

Result<void> RealDisk::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return fail_errno("cannot remove " + path, errno);
  return {};
}

Result<void> RealDisk::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno("cannot rename " + from + " to " + to, errno);
  return {};
}

Result<void> RealDisk::sync_folder(const std::string& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0) return fail_errno("cannot open folder " + path, errno);
  if (::fsync(descriptor.get()) != 0) return fail_errno("cannot sync folder " + path, errno);
  return {};
}

Result<std::unique_ptr<DiskLock>> RealDisk::lock(const std::string& path) {
  Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (descriptor.get() < 0) return fail_errno("cannot open " + path, errno);
  if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail(ErrorCode::exists, path + " is held by another process");
    return fail_errno("cannot lock " + path, errno);
  }
  return std::make_unique<RealLock>(std::move(descriptor));
}

Result<std::uint64_t> RealDisk::free_bytes(const std::string& folder) {
  struct statvfs facts{};
  if (::statvfs(folder.c_str(), &facts) != 0) return fail_errno("cannot ask for the free space of " + folder, errno);
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

std::unique_ptr<Disk> make_real_disk() { return std::make_unique<RealDisk>(); }

}  // namespace smarthl7::env
