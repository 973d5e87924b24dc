// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/intake_keeper.h"

namespace smarthl7::transport {

namespace {
constexpr std::size_t kLeastPart = std::size_t{256} << 10;  // what is written to the file at a time
}

bool IntakeKeeper::must_move(std::size_t held) {
  if (memory_ == nullptr) return false;
  if (spool_ != nullptr ? held >= kLeastPart : held > memory_->limits().in_memory) return true;
  if (held <= grown_) return false;
  if (!memory_->grow(held - grown_)) return true;
  grown_ = held;
  return false;
}

Result<void> IntakeKeeper::move(const std::string& part) {
  if (part.empty()) return {};
  if (spool_ == nullptr) {
    TRY(spool_, memory_->spool());
  }
  TRY_VOID(spool_->append(part));
  memory_->shrink(grown_);
  grown_ = 0;
  return {};
}

bool IntakeKeeper::has_room(std::size_t rest) {
  if (place_ == nullptr) place_ = std::make_unique<IntakeMemory::Place>(*memory_, spool_->size() + rest);
  return place_->taken();
}

Result<std::string> IntakeKeeper::bring_back(std::string_view rest) {
  Result<std::string> whole = spool_->read(rest);
  spool_.reset();
  return whole;
}

void IntakeKeeper::done() {
  if (grown_ > 0) memory_->shrink(grown_);
  grown_ = 0;
  spool_.reset();
  place_.reset();
}

}  // namespace smarthl7::transport
