// SPDX-License-Identifier: Apache-2.0
// The state's prepared statements. Internal to state.cc, apply.cc and ask.cc; lives and dies with its State.
#pragma once

#include "runtime/store/sqlite/database.h"
#include "runtime/store/state.h"

namespace smarthl7::store {

struct State::Statements {
  sqlite::Statement save_position, save_keys_position, add_name, save_destination;
  sqlite::Statement add_message, update_message, message;
  sqlite::Statement add_queued, remove_queued, update_queued, set_released, queued, queue_page;
  sqlite::Statement add_dead, add_ambiguity, add_audit, add_run, remove_run, save_segment;
  sqlite::Statement close_letter, edit_letter, add_request, hold, release, resolve;

  static Result<std::unique_ptr<Statements>> prepare(sqlite::Database& database);
};

/// Begins at once; undone unless commit() succeeds.
class Transaction {
 public:
  static Result<Transaction> begin(sqlite::Database& database) {
    TRY_VOID(database.execute("BEGIN"));
    return Transaction(database);
  }
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
  }
  Result<void> commit() {
    TRY_VOID(database_->execute("COMMIT"));
    database_ = nullptr;
    return {};
  }

 private:
  explicit Transaction(sqlite::Database& database) : database_(&database) {}
  sqlite::Database* database_;
};

[[nodiscard]] std::string encode_keys(const std::vector<std::uint64_t>& keys);
[[nodiscard]] std::vector<std::uint64_t> decode_keys(std::string_view bytes);

enum MessageRowFlag : std::uint32_t { kRowRejected = 1, kRowDuplicate = 2, kRowConflict = 4, kRowReplay = 8 };

}  // namespace smarthl7::store
