// SPDX-License-Identifier: Apache-2.0
// One SQLite connection and its statements, with our errors. Ownership: statements die before their database, the database
// before its Vfs. Threads: one at a time. Failure: Result; `full` and `corrupt` keep their codes, the disk's own error is the
// cause.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/store/sqlite/vfs.h"
#include "stdlib/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace smarthl7::store::sqlite {

class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(int at, std::int64_t value);
  Statement& bind(int at, std::uint64_t value) { return bind(at, static_cast<std::int64_t>(value)); }
  Statement& bind(int at, std::uint32_t value) { return bind(at, static_cast<std::int64_t>(value)); }
  Statement& bind(int at, int value) { return bind(at, static_cast<std::int64_t>(value)); }
  /// The bytes must live until the statement has run.
  Statement& bind_text(int at, std::string_view text);
  Statement& bind_blob(int at, std::string_view bytes);
  Statement& bind_null(int at);

  /// Runs to the end and is ready for the next use.
  Result<void> run();
  /// One row further: true if there is one. After false or an error it is reset.
  Result<bool> step();
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  class Database* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  /// WAL, exclusive, synchronous as given ("NORMAL": a power cut may take the last transactions but never the consistency).
  static Result<std::unique_ptr<Database>> open(Vfs& vfs, const std::string& path, std::string_view synchronous);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Result<void> execute(std::string_view sql);
  Result<Statement> prepare(std::string_view sql);
  /// Moves the WAL into the database and empties it; both are on the medium when this returns.
  Result<void> checkpoint();
  [[nodiscard]] std::uint64_t wal_frames() const { return wal_frames_; }
  [[nodiscard]] std::unexpected<Error> failure(std::string_view what, int code);

 private:
  friend class Statement;
  Database(Vfs& vfs, std::string path) : vfs_(vfs), path_(std::move(path)) {}
  Vfs& vfs_;
  std::string path_;
  sqlite3* handle_ = nullptr;
  std::uint64_t wal_frames_ = 0;
};

}  // namespace smarthl7::store::sqlite
