// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/sqlite/database.h"

#include <sqlite3.h>

#include <utility>

namespace smarthl7::store::sqlite {

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(statement_);
    database_ = other.database_;
    statement_ = std::exchange(other.statement_, nullptr);
  }
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int at, std::int64_t value) {
  sqlite3_bind_int64(statement_, at, value);
  return *this;
}

Statement& Statement::bind_text(int at, std::string_view text) {
  sqlite3_bind_text(statement_, at, text.data() != nullptr ? text.data() : "", static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
  sqlite3_bind_blob(statement_, at, bytes.data() != nullptr ? bytes.data() : "", static_cast<int>(bytes.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_null(int at) {
  sqlite3_bind_null(statement_, at);
  return *this;
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto error = database_->failure("a statement failed", code);
  reset();
  return error;
}

Result<void> Statement::run() {
  for (;;) {
    TRY(const bool row, step());
    if (!row) return {};
  }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {bytes != nullptr ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Result<std::unique_ptr<Database>> Database::open(Vfs& vfs, const std::string& path, std::string_view synchronous) {
  std::unique_ptr<Database> database(new Database(vfs, path));
  const int code = sqlite3_open_v2(path.c_str(), &database->handle_,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs.name().c_str());
  if (code != SQLITE_OK) return database->failure("cannot open", code);
  sqlite3_extended_result_codes(database->handle_, 1);
  TRY_VOID(
      database->execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA journal_mode=WAL;"
                        "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384; PRAGMA trusted_schema=OFF;"));
  TRY_VOID(database->execute("PRAGMA synchronous=" + std::string(synchronous)));
  sqlite3_wal_hook(
      database->handle_,
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Database*>(self)->wal_frames_ = static_cast<std::uint64_t>(frames);
        return SQLITE_OK;
      },
      database.get());
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<void> Database::execute(std::string_view sql) {
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure("a statement failed", code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  Statement statement;
  statement.database_ = this;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement.statement_, nullptr);
  if (code != SQLITE_OK) return failure("cannot prepare a statement", code);
  return statement;
}

Result<void> Database::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure("cannot checkpoint", code);
  wal_frames_ = 0;
  return {};
}

std::unexpected<Error> Database::failure(std::string_view what, int code) {
  std::string text =
      path_ + ": " + std::string(what) + ": " + (handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code));
  ErrorCode kind = ErrorCode::io;
  if ((code & 0xFF) == SQLITE_FULL) kind = ErrorCode::full;
  if ((code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB) kind = ErrorCode::corrupt;
  if (auto cause = vfs_.take_error()) {
    if (kind == ErrorCode::io && (cause->code == ErrorCode::full || cause->code == ErrorCode::refused)) kind = cause->code;
    return fail(kind, std::move(text), std::move(*cause));
  }
  return fail(kind, std::move(text));
}

}  // namespace smarthl7::store::sqlite
