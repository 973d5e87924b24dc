// SPDX-License-Identifier: Apache-2.0
// Where the body that a connection is receiving lies: in memory as long as it is small and there is room, else in a file.
// Counts what it takes against the hub's IntakeMemory and gives it back when the message is answered. Internal to this folder.
// Ownership: one per connection; borrows the memory, which may be null (no bounds). Threads: the connection's. Failure: Result
// where the disk is used; the request is refused then, and its sender sends it again.
#pragma once

#include <memory>
#include <string>

#include "runtime/transport/https/request.h"
#include "runtime/transport/intake_memory.h"

namespace smarthl7::transport::https {

class BodyKeeper {
 public:
  explicit BodyKeeper(IntakeMemory* memory) : memory_(memory) {}
  BodyKeeper(const BodyKeeper&) = delete;
  BodyKeeper& operator=(const BodyKeeper&) = delete;
  ~BodyKeeper() { done(); }

  /// After bytes came: counts them, and moves the body's to a file if they are too many.
  Result<void> keep(RequestDecoder& decoder);
  /// The body is whole, and the first part of it lies in a file.
  [[nodiscard]] bool spooled() const { return spool_ != nullptr; }
  /// Room for it, all of it, in memory. False: not yet; ask again.
  [[nodiscard]] bool has_room(std::size_t rest);
  /// Brings it back; `rest` is the part that is in memory.
  Result<std::string> bring_back(std::string_view rest);
  /// The message is answered, or lost with its connection.
  void done();

 private:
  IntakeMemory* const memory_;
  std::uint64_t grown_ = 0;  // counted as growing
  std::unique_ptr<IntakeMemory::Spool> spool_;
  std::unique_ptr<IntakeMemory::Place> place_;
};

}  // namespace smarthl7::transport::https
