// SPDX-License-Identifier: Apache-2.0
// How much memory the messages that are on their way in may take, of a whole hub, and where those go that do not fit. A message
// grows in memory while it is received; from a size on, or when the room for growing is used up, it grows in a file instead,
// and comes back into memory when it is whole and there is room for it. So memory is bounded however many senders send large
// messages, nobody waits in the middle of a message, and who waits with a whole one is served in order: that is back-pressure
// on his connection alone. Ownership: outlives all places and spools. Threads: any; a Spool by one at a time. Failure: Result
// where the disk is used. The files are of this process only and need no sync: what is in them was not acknowledged.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "runtime/env/env.h"

namespace smarthl7::transport {

struct IntakeLimits {
  std::uint64_t growing = 64ULL << 20;       // bytes of messages that are being received, together
  std::uint64_t whole = 192ULL << 20;        // bytes of messages that came back from files, together; one message always
  std::uint64_t in_memory = 1ULL << 20;      // a message that is larger grows in a file
  std::uint64_t disk_reserve = 64ULL << 20;  // free bytes that the files leave
};

struct IntakeMemoryStatus {
  std::uint64_t growing = 0;  // bytes, now
  std::uint64_t whole = 0;
  std::uint64_t waiting = 0;  // messages that wait for room
  std::uint64_t spooled = 0;  // messages that went through a file, ever
};

class IntakeMemory {
 public:
  /// Takes what is left of an earlier run out of the folder.
  static Result<std::unique_ptr<IntakeMemory>> open(env::Disk& disk, std::string folder, IntakeLimits limits);

  [[nodiscard]] const IntakeLimits& limits() const { return limits_; }
  [[nodiscard]] IntakeMemoryStatus status() const;

  /// So many bytes more of a message that is being received. False: there is no room.
  [[nodiscard]] bool grow(std::uint64_t bytes);
  void shrink(std::uint64_t bytes);

  /// Room for a whole message, from when it is there until this is destroyed.
  class Place {
   public:
    Place(IntakeMemory& memory, std::uint64_t bytes);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();
    /// False: others are before it, or there is no room yet.
    [[nodiscard]] bool taken();

   private:
    IntakeMemory& memory_;
    const std::uint64_t bytes_;
    bool taken_ = false;
  };

  /// A message that grows in a file, which goes with it.
  class Spool {
   public:
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    Result<void> append(std::string_view bytes);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// All of it, with `rest` behind it.
    Result<std::string> read(std::string_view rest);

   private:
    friend class IntakeMemory;
    Spool(IntakeMemory& memory, std::string path, std::unique_ptr<env::File> file);
    IntakeMemory& memory_;
    const std::string path_;
    std::unique_ptr<env::File> file_;
    std::uint64_t size_ = 0;
    std::uint64_t checked_ = 0;  // the disk had room when it was so large
  };
  Result<std::unique_ptr<Spool>> spool();

 private:
  IntakeMemory(env::Disk& disk, std::string folder, IntakeLimits limits);

  env::Disk& disk_;
  const std::string folder_;
  const IntakeLimits limits_;
  std::atomic<std::uint64_t> growing_{0};
  std::atomic<std::uint64_t> spooled_{0};
  mutable std::mutex mutex_;
  std::uint64_t whole_ = 0;         // under the mutex
  std::deque<const Place*> queue_;  // who waits, in order; under the mutex
};

}  // namespace smarthl7::transport
