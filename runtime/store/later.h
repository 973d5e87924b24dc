// SPDX-License-Identifier: Apache-2.0
// The guard against older over newer: which later messages of the same ordering key, or about the same patient, went or wait to
// go to the destination of a replay. One object is fed from the journal (the past, on the state's thread) and one by the writer
// (what comes while the person's act is prepared), so nothing slips through between; no index is kept for it.
// Ordering keys are compared where both deliveries have them; else the identities of the bodies are. What names nobody is
// compared with what names nobody, as in the lanes. Threads: one at a time. Failure: none; past its bounds it says so.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/store/acts.h"
#include "runtime/store/lanes.h"

namespace smarthl7::store {

inline constexpr std::size_t kMostLater = 100;             // are listed for one letter
inline constexpr std::uint64_t kMostLookedAt = 1'000'000;  // messages, for one request
inline constexpr std::uint32_t kRecordsInOneStep = 2048;   // then others get their turn at the state

struct Subject {  // what would be replayed
  DestinationId destination = 0;
  MessageId age = 0;  // later is what is younger
  std::vector<std::uint64_t> keys;
  std::vector<std::uint64_t> people;
};

class LaterSearch {
 public:
  /// Positions are those of `subjects`.
  explicit LaterSearch(std::vector<Subject> subjects);

  [[nodiscard]] bool concerns(DestinationId destination) const { return destinations_.contains(destination); }
  /// Must the body be looked at, to know whom a delivery with these keys is about?
  [[nodiscard]] bool needs_people(DestinationId destination, std::span<const std::uint64_t> keys) const;

  void came(DestinationId destination, DeliveryId delivery, MessageId age, std::span<const std::uint64_t> keys,
            std::span<const std::uint64_t> people);
  void ended(DeliveryId delivery, OutcomeKind kind);
  /// Takes back what came of these messages and later: their group was refused.
  void forget_from(MessageId message);

  struct Found {
    std::vector<Later> later;
    bool more = false;
  };
  [[nodiscard]] Found found(std::size_t subject) const;

  std::uint64_t looked_at = 0;
  bool incomplete = false;  // the bound was reached, or a part of the journal is no longer kept

 private:
  struct Candidate {
    bool delivered = false;
    std::vector<std::uint32_t> of;
  };
  void hit(std::uint32_t subject, DeliveryId delivery, MessageId age);
  [[nodiscard]] static std::uint64_t mix(DestinationId destination, std::uint64_t key) {
    return (key ^ destination) * 0x9E3779B97F4A7C15ULL;
  }

  std::vector<Subject> subjects_;
  std::unordered_map<DestinationId, bool> destinations_;  // true: some of its subjects have no keys
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_key_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_person_;
  std::unordered_map<DeliveryId, Candidate, DeliveryIdHash> candidates_;
  std::vector<std::size_t> counts_;             // of a subject's candidates that did not die
  std::vector<std::vector<DeliveryId>> lists_;  // ... and all of them, in commit order
  std::vector<bool> more_;
};

}  // namespace smarthl7::store
