// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/sqlite/vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <span>
#include <utility>

namespace smarthl7::store::sqlite {

struct Vfs::Impl {
  env::Disk& disk;
  const env::Clock& clock;
  std::uint64_t random;
  std::string name;
  std::optional<Error> error;
  sqlite3_vfs table{};

  Impl(env::Disk& given_disk, const env::Clock& given_clock, std::uint64_t seed)
      : disk(given_disk), clock(given_clock), random(seed) {}

  int failed(const Error& what, int code) {
    error = what;
    return what.code == ErrorCode::full ? SQLITE_FULL : code;
  }
};

namespace {

struct OpenFile {
  sqlite3_file base;
  Vfs::Impl* vfs;
  env::File* file;
  std::string* remove_at_close;
  std::string* new_name;  // made by this opening: its name is durable with the first sync only
};

Vfs::Impl& impl_of(sqlite3_vfs* vfs) { return *static_cast<Vfs::Impl*>(vfs->pAppData); }
OpenFile& file_of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

int file_close(sqlite3_file* base) {
  OpenFile& open = file_of(base);
  delete open.file;
  if (open.remove_at_close != nullptr) {
    static_cast<void>(open.vfs->disk.remove(*open.remove_at_close));
    delete open.remove_at_close;
  }
  delete open.new_name;
  return SQLITE_OK;
}

int file_read(sqlite3_file* base, void* into, int size, sqlite3_int64 offset) {
  OpenFile& open = file_of(base);
  const std::span<char> target(static_cast<char*>(into), static_cast<std::size_t>(size));
  const auto got = open.file->read_at(static_cast<std::uint64_t>(offset), target);
  if (!got) return open.vfs->failed(got.error(), SQLITE_IOERR_READ);
  if (*got == target.size()) return SQLITE_OK;
  std::memset(target.data() + *got, 0, target.size() - *got);
  return SQLITE_IOERR_SHORT_READ;
}

int file_write(sqlite3_file* base, const void* from, int size, sqlite3_int64 offset) {
  OpenFile& open = file_of(base);
  const auto done = open.file->write_at(static_cast<std::uint64_t>(offset),
                                        std::string_view(static_cast<const char*>(from), static_cast<std::size_t>(size)));
  return done ? SQLITE_OK : open.vfs->failed(done.error(), SQLITE_IOERR_WRITE);
}

int file_truncate(sqlite3_file* base, sqlite3_int64 size) {
  OpenFile& open = file_of(base);
  const auto done = open.file->truncate(static_cast<std::uint64_t>(size));
  return done ? SQLITE_OK : open.vfs->failed(done.error(), SQLITE_IOERR_TRUNCATE);
}

int file_sync(sqlite3_file* base, int /*flags*/) {
  OpenFile& open = file_of(base);
  auto done = open.file->sync_now();
  // A log whose content is durable and whose name is not would be gone after a power cut, amid its way into the database.
  if (done && open.new_name != nullptr) done = open.vfs->disk.sync_folder(open.new_name->substr(0, open.new_name->rfind('/')));
  if (done) {
    delete std::exchange(open.new_name, nullptr);
    return SQLITE_OK;
  }
  open.vfs->failed(done.error(), SQLITE_IOERR_FSYNC);
  return SQLITE_IOERR_FSYNC;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  OpenFile& open = file_of(base);
  const auto got = open.file->size();
  if (!got) return open.vfs->failed(got.error(), SQLITE_IOERR_FSTAT);
  *size = static_cast<sqlite3_int64>(*got);
  return SQLITE_OK;
}

int file_lock(sqlite3_file*, int) { return SQLITE_OK; }
int file_check_lock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int file_sector_size(sqlite3_file*) { return 4096; }
int file_device(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

constexpr sqlite3_io_methods kMethods = [] {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;
  methods.xClose = file_close;
  methods.xRead = file_read;
  methods.xWrite = file_write;
  methods.xTruncate = file_truncate;
  methods.xSync = file_sync;
  methods.xFileSize = file_size;
  methods.xLock = file_lock;
  methods.xUnlock = file_lock;
  methods.xCheckReservedLock = file_check_lock;
  methods.xFileControl = file_control;
  methods.xSectorSize = file_sector_size;
  methods.xDeviceCharacteristics = file_device;
  return methods;
}();

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  Vfs::Impl& impl = impl_of(vfs);
  OpenFile& open = file_of(base);
  open.base.pMethods = nullptr;
  if (name == nullptr) return SQLITE_CANTOPEN;  // temporary files are kept in memory (temp_store)
  auto mode = env::OpenMode::read_write;
  if ((flags & SQLITE_OPEN_CREATE) != 0) mode = env::OpenMode::create;
  if ((flags & SQLITE_OPEN_READONLY) != 0) mode = env::OpenMode::read;
  const auto there = impl.disk.exists(name);
  if (!there) return impl.failed(there.error(), SQLITE_CANTOPEN);
  auto file = impl.disk.open(name, mode);
  if (!file) return impl.failed(file.error(), SQLITE_CANTOPEN);
  open.vfs = &impl;
  open.file = file->release();
  open.remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0 ? new std::string(name) : nullptr;
  open.new_name = *there ? nullptr : new std::string(name);
  open.base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  Vfs::Impl& impl = impl_of(vfs);
  const auto there = impl.disk.exists(name);
  if (!there) return impl.failed(there.error(), SQLITE_IOERR_DELETE);
  if (!*there) return SQLITE_IOERR_DELETE_NOENT;
  if (const auto done = impl.disk.remove(name); !done) return impl.failed(done.error(), SQLITE_IOERR_DELETE);
  if (sync_folder == 0) return SQLITE_OK;
  const std::string path = name;
  const auto synced = impl.disk.sync_folder(path.substr(0, path.rfind('/')));
  return synced ? SQLITE_OK : impl.failed(synced.error(), SQLITE_IOERR_DIR_FSYNC);
}

int vfs_access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* result) {
  Vfs::Impl& impl = impl_of(vfs);
  const auto there = impl.disk.exists(name);
  if (!there) return impl.failed(there.error(), SQLITE_IOERR_ACCESS);
  *result = *there ? 1 : 0;
  return SQLITE_OK;
}

int vfs_full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  const std::size_t length = std::strlen(name);
  if (length + 1 > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, name, length + 1);
  return SQLITE_OK;
}

int vfs_randomness(sqlite3_vfs* vfs, int size, char* out) {
  Vfs::Impl& impl = impl_of(vfs);
  for (int i = 0; i < size; ++i) {
    impl.random += 0x9E3779B97F4A7C15ULL;
    std::uint64_t word = impl.random;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
    out[i] = static_cast<char>(word >> 56);
  }
  return size;
}

int vfs_sleep(sqlite3_vfs*, int micros) { return micros; }  // nobody else holds the file: there is nothing to wait for

int vfs_time64(sqlite3_vfs* vfs, sqlite3_int64* out) {
  const auto micros = impl_of(vfs).clock.wall().time_since_epoch().count();
  *out = 210866760000000LL + micros / 1000;  // milliseconds since the Julian epoch
  return SQLITE_OK;
}

int vfs_time(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 millis = 0;
  vfs_time64(vfs, &millis);
  *out = static_cast<double>(millis) / 86400000.0;
  return SQLITE_OK;
}

int vfs_last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

Vfs::Vfs(env::Disk& disk, const env::Clock& clock, std::uint64_t seed) : impl_(std::make_unique<Impl>(disk, clock, seed)) {
  static std::atomic<std::uint64_t> last{0};
  impl_->name = "smarthl7-" + std::to_string(++last);
  sqlite3_vfs& table = impl_->table;
  table.iVersion = 2;
  table.szOsFile = sizeof(OpenFile);
  table.mxPathname = 4096;
  table.zName = impl_->name.c_str();
  table.pAppData = impl_.get();
  table.xOpen = vfs_open;
  table.xDelete = vfs_delete;
  table.xAccess = vfs_access;
  table.xFullPathname = vfs_full_path;
  table.xRandomness = vfs_randomness;
  table.xSleep = vfs_sleep;
  table.xCurrentTime = vfs_time;
  table.xCurrentTimeInt64 = vfs_time64;
  table.xGetLastError = vfs_last_error;
  sqlite3_vfs_register(&table, 0);
}

Vfs::~Vfs() { sqlite3_vfs_unregister(&impl_->table); }

const std::string& Vfs::name() const { return impl_->name; }

std::optional<Error> Vfs::take_error() { return std::exchange(impl_->error, std::nullopt); }

}  // namespace smarthl7::store::sqlite
