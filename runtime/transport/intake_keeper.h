// SPDX-License-Identifier: Apache-2.0
// Where the message that a connection is receiving lies (a frame of MLLP, the body of a request): in memory as long as it is
// small and there is room, else in a file. Counts what it takes against the hub's IntakeMemory and gives it back when the
// message is answered. Ownership: one per connection; borrows the memory, which may be null (no bounds). Threads: the
// connection's. Failure: Result where the disk is used; nothing of the message was answered then, and its sender sends it
// again.
#pragma once

#include <memory>
#include <string>

#include "runtime/transport/intake_memory.h"

namespace smarthl7::transport {

class IntakeKeeper {
 public:
  explicit IntakeKeeper(IntakeMemory* memory) : memory_(memory) {}
  IntakeKeeper(const IntakeKeeper&) = delete;
  IntakeKeeper& operator=(const IntakeKeeper&) = delete;
  ~IntakeKeeper() { done(); }

  /// After bytes came: counts them, and moves those of the message to a file if they are too many. `memory()` of the decoder is
  /// what it holds, `take_part()` takes out what is the message's.
  template <class Decoder>
  Result<void> keep(Decoder& decoder) {
    if (!must_move(decoder.memory())) return {};
    return move(decoder.take_part());
  }
  /// The message is whole, and the first part of it lies in a file.
  [[nodiscard]] bool spooled() const { return spool_ != nullptr; }
  /// Room for it, all of it, in memory. False: not yet; ask again.
  [[nodiscard]] bool has_room(std::size_t rest);
  /// Brings it back; `rest` is the part that is in memory.
  Result<std::string> bring_back(std::string_view rest);
  /// The message is answered, or lost with its connection.
  void done();

 private:
  [[nodiscard]] bool must_move(std::size_t held);
  Result<void> move(const std::string& part);

  IntakeMemory* const memory_;
  std::uint64_t grown_ = 0;  // counted as growing
  std::unique_ptr<IntakeMemory::Spool> spool_;
  std::unique_ptr<IntakeMemory::Place> place_;
};

}  // namespace smarthl7::transport
