// SPDX-License-Identifier: Apache-2.0
// What a receiver answered, and what that means for the message that was sent. Ours to senders: acknowledger.h.
// Pure; any thread. No failure: whatever bytes a receiver answers fall into one of the kinds.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/plan/plan.h"
#include "stdlib/base/bytes.h"
#include "stdlib/hl7/ack.h"

namespace smarthl7::flow {

enum class AnswerKind : std::uint8_t {
  accepted,
  refused,  // AE without a finer code: for good after a few attempts
  refused_for_good,
  refused_for_now,
  mismatched,  // the answer to another message
  garbage,     // not an answer
  none,        // nothing came
};
[[nodiscard]] std::string_view name_of(AnswerKind kind);

struct Answer {
  AnswerKind kind = AnswerKind::none;
  std::string code;                         // "AA", "AE" ...
  std::string detail;                       // codes and texts as the receiver gave them; may hold PHI
  SharedBytes bytes{};                      // the answer itself, if one came; set by the one who read it
  bool here = false;                        // it came on the connection of its message
  std::chrono::nanoseconds retry_after{0};  // refused for now: not before that
};

struct AnswerPolicy {
  plan::Match match = plan::Match::id;
  std::uint32_t match_prefix = 20;
  plan::Refusal on_ae = plan::Refusal::by_default;
  plan::Refusal on_ar = plan::Refusal::by_default;
};

inline constexpr std::uint32_t kRefusedForGoodAfter = 3;  // attempts that end in AE without a code

/// Is the answer's reference the id of what was sent, as far as the receiver repeats it?
[[nodiscard]] bool is_own(std::string_view answered, std::string_view sent, const AnswerPolicy& policy);
/// What its code and error conditions mean.
[[nodiscard]] AnswerKind kind_of(const hl7::Ack& ack, const AnswerPolicy& policy);
[[nodiscard]] std::string detail_of(const hl7::Ack& ack);

[[nodiscard]] Answer classify(std::string_view answer, std::string_view control_id, const AnswerPolicy& policy);

/// MSH-10 of a message, read from its first line only; empty if there is none.
[[nodiscard]] std::string_view control_id_of(std::string_view message);

}  // namespace smarthl7::flow
