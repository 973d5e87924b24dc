// SPDX-License-Identifier: Apache-2.0
// What evaluating a message against a plan says must happen. Pure data: the same plan, settings and message give byte-identical
// effects; the writer resolves those with a condition (dedup), flow/ commits them.
// Value type. Reasons may hold patient data and are kept under the message's rights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "stdlib/base/bytes.h"
#include "stdlib/base/digest.h"
#include "stdlib/base/time.h"
#include "stdlib/hl7/validate.h"

namespace smarthl7::eval {

/// Instead of ordering keys: what the message is about is not known, so it keeps its order towards every other. No hash has
/// this value (it would not harm: only bind more).
inline constexpr std::uint64_t kEveryKey = ~std::uint64_t{0} - 1;

struct Delivery {
  plan::Id destination = plan::kNone;
  plan::Id batch = plan::kNone;     // instead of a destination: it is collected there
  bool in_branch = false;           // of a copy: nobody waits for what comes of it
  bool urgent = false;              // one of the destination's `urgent by` paths says so
  std::vector<std::uint64_t> keys;  // hashes of the ordering keys, sorted, without repeats; empty: one queue; or kEveryKey
  std::optional<SharedBytes> body;  // nothing: as it was received; deliveries of one message share its bytes
};

struct Ending {
  bool dead = false;  // else dropped on purpose
  std::string reason;
  std::optional<SharedBytes> body;
};

struct Dedup {
  Hash128 key;
  Hash128 content;
  std::uint64_t window_seconds = 0;
  bool reject_conflict = false;
};

struct FlowEffects {
  plan::Id flow = plan::kNone;
  std::optional<Dedup> dedup;
  bool dedup_key_absent = false;  // counted
  std::vector<Delivery> deliveries;
  std::vector<Ending> endings;
  std::uint32_t findings = 0;  // of tolerant validation
};

enum class Verdict : std::uint8_t { accept, reject_error, reject };  // AA, AE, AR

struct TableUse {  // a table that reloads, and that a look-up of the message read
  plan::Id table = plan::kNone;
  std::uint64_t version = 0;  // TableVersion::number()
  WallTime since{};
};

struct Effects {
  Verdict verdict = Verdict::accept;
  std::string reason;                  // of a reject
  std::vector<hl7::Finding> findings;  // for ERR, in order
  std::vector<FlowEffects> flows;      // empty for a reject
  std::vector<TableUse> tables;        // of a reject too
  std::uint64_t misfits = 0;           // bytes that the message's character set cannot hold; they are kept
};

}  // namespace smarthl7::eval
