// SPDX-License-Identifier: Apache-2.0
// The rows that look-ups read: those that the plan fixes, and those of tables that are read again while the hub runs. All of
// them together are one TableSet, which does not change; a reload makes a new set of the old tables but one and swaps it in by
// one pointer. A message sees one set from its first look-up to its verdict.
// Ownership: LiveTables owns the present set, and the one before it until its last reader has left it, which settle() looks
// for: whoever replaces waits for that, so there are two versions of a table at most. Threads: replace() and settle() from one;
// version() from any; pin() and unpin() of a reader from its own, without a lock or a shared count. Failure: none.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "stdlib/base/digest.h"
#include "stdlib/base/time.h"
#include "stdlib/tables/table.h"

namespace smarthl7::eval {

struct TableVersion {
  tables::Table rows;
  Sha256 digest{};   // of the file
  WallTime since{};  // in use; of a fixed table: nothing
  /// What people see of it: the first eight bytes of the digest.
  [[nodiscard]] std::uint64_t number() const {
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) number = (number << 8U) | digest[static_cast<std::size_t>(i)];
    return number;
  }
};

struct TableSet {
  std::vector<std::shared_ptr<const TableVersion>> tables;  // by Plan::tables
};

class LiveTables {
 public:
  explicit LiveTables(TableSet first) : current_(new TableSet(std::move(first))) {}
  LiveTables(const LiveTables&) = delete;
  LiveTables& operator=(const LiveTables&) = delete;
  ~LiveTables() { delete current_.load(); }

  class Reader {
   public:
    explicit Reader(LiveTables& tables);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The set of now, which stays until unpin(). Again: the same one.
    [[nodiscard]] const TableSet& pin();
    void unpin() { held_.store(nullptr, std::memory_order_release); }

   private:
    friend class LiveTables;
    LiveTables& tables_;
    alignas(64) std::atomic<const TableSet*> held_ = nullptr;
  };

  /// From now on messages see this version of the table. Only when settle() has said true since the last one.
  void replace(plan::Id table, std::shared_ptr<const TableVersion> version);
  /// Frees what was replaced if no message sees it any more (it takes as long as a verdict); true: nothing is left to free.
  [[nodiscard]] bool settle();
  [[nodiscard]] std::shared_ptr<const TableVersion> version(plan::Id table) const;

 private:
  std::atomic<const TableSet*> current_;
  std::unique_ptr<const TableSet> old_;  // was replaced, and somebody may see it
  mutable std::mutex mutex_;             // guards the list, and that the set is not freed under version()
  std::vector<const Reader*> readers_;
};

}  // namespace smarthl7::eval
