// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/body_keeper.h"

namespace smarthl7::transport::https {

namespace {
constexpr std::size_t kLeastPart = std::size_t{256} << 10;  // what is written to the file at a time
}

Result<void> BodyKeeper::keep(RequestDecoder& decoder) {
  if (memory_ == nullptr) return {};
  const std::size_t held = decoder.memory();
  bool move = spool_ != nullptr ? held >= kLeastPart : held > memory_->limits().in_memory;
  if (!move && held > grown_) {
    if (memory_->grow(held - grown_))
      grown_ = held;
    else
      move = true;
  }
  if (!move) return {};
  const std::string part = decoder.take_part();
  if (part.empty()) return {};
  if (spool_ == nullptr) {
    TRY(spool_, memory_->spool());
  }
  TRY_VOID(spool_->append(part));
  memory_->shrink(grown_);
  grown_ = 0;
  return {};
}

bool BodyKeeper::has_room(std::size_t rest) {
  if (place_ == nullptr) place_ = std::make_unique<IntakeMemory::Place>(*memory_, spool_->size() + rest);
  return place_->taken();
}

Result<std::string> BodyKeeper::bring_back(std::string_view rest) {
  Result<std::string> whole = spool_->read(rest);
  spool_.reset();
  return whole;
}

void BodyKeeper::done() {
  if (grown_ > 0) memory_->shrink(grown_);
  grown_ = 0;
  spool_.reset();
  place_.reset();
}

}  // namespace smarthl7::transport::https
