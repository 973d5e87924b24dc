// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/live_tables.h"

#include <algorithm>

#include "stdlib/base/assert.h"

namespace smarthl7::eval {

LiveTables::Reader::Reader(LiveTables& tables) : tables_(tables) {
  const std::lock_guard lock(tables_.mutex_);
  tables_.readers_.push_back(this);
}

LiveTables::Reader::~Reader() {
  const std::lock_guard lock(tables_.mutex_);
  std::erase(tables_.readers_, this);
}

// A hazard pointer: what is held is said first, then looked whether it is still the present one. Either replace() sees that it
// is held, or this sees the new set.
const TableSet& LiveTables::Reader::pin() {
  if (const TableSet* const held = held_.load(std::memory_order_relaxed); held != nullptr) return *held;
  for (;;) {
    const TableSet* const seen = tables_.current_.load(std::memory_order_acquire);
    held_.store(seen, std::memory_order_seq_cst);
    if (tables_.current_.load(std::memory_order_seq_cst) == seen) return *seen;
  }
}

void LiveTables::replace(plan::Id table, std::shared_ptr<const TableVersion> version) {
  SMARTHL7_ASSERT(old_ == nullptr, "the set before this one is settled");
  auto fresh = std::make_unique<TableSet>(*current_.load());
  fresh->tables[table] = std::move(version);
  const std::lock_guard lock(mutex_);
  old_.reset(current_.exchange(fresh.release(), std::memory_order_seq_cst));
}

bool LiveTables::settle() {
  const std::lock_guard lock(mutex_);
  const auto holds = [this](const Reader* reader) { return reader->held_.load(std::memory_order_seq_cst) == old_.get(); };
  if (old_ != nullptr && std::ranges::none_of(readers_, holds)) old_.reset();
  return old_ == nullptr;
}

std::shared_ptr<const TableVersion> LiveTables::version(plan::Id table) const {
  const std::lock_guard lock(mutex_);
  return current_.load(std::memory_order_seq_cst)->tables[table];
}

}  // namespace smarthl7::eval
