// SPDX-License-Identifier: Apache-2.0
// Both ends of an acknowledgement. Acknowledger writes ours, in the sender's version and mode, for a verdict; classify()
// reads a receiver's and says what it means for the message that was sent.
// Acknowledger: one per reactor, borrows its clock and randomness. classify(): pure, any thread. No failure: whatever bytes
// a receiver answers fall into one of the kinds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/plan/plan.h"
#include "runtime/env/env.h"
#include "stdlib/base/bytes.h"
#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::flow {

// ---- ours -----------------------------------------------------------------------------------------------------------------

class Acknowledger {
 public:
  Acknowledger(env::Clock& clock, env::Random& random) : clock_(clock), random_(random) {}

  /// Empty if the sender's mode asks for none.
  [[nodiscard]] SharedBytes acknowledge(const hl7::Message& message, hl7::Verdict verdict,
                                        std::span<const hl7::Finding> findings);
  /// The store cannot take it now: AR 207, CE in enhanced mode; the sender keeps it and tries again.
  [[nodiscard]] SharedBytes cannot_store(const hl7::Message& message);
  /// For bytes that have no header to answer to: AR with empty MSA-2.
  [[nodiscard]] SharedBytes no_header();

 private:
  [[nodiscard]] SharedBytes build(const hl7::Message* message, hl7::AckCode code, std::span<const hl7::Finding> findings);

  env::Clock& clock_;
  env::Random& random_;
};

/// A finding about a field of MSH: an error condition of table 0357 and a text without values.
[[nodiscard]] hl7::Finding header_finding(const hl7::Message& message, std::uint16_t code, std::uint16_t field,
                                          std::string text);

// ---- theirs ---------------------------------------------------------------------------------------------------------------

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
  std::string code;     // "AA", "AE" ...
  std::string detail;   // codes and texts as the receiver gave them; may hold PHI
  SharedBytes bytes{};  // the answer itself, if one came; set by the one who read it
  bool here = false;    // it came on the connection of its message
};

struct AnswerPolicy {
  plan::Match match = plan::Match::id;
  std::uint32_t match_prefix = 20;
  plan::Refusal on_ae = plan::Refusal::by_default;
  plan::Refusal on_ar = plan::Refusal::by_default;
};

inline constexpr std::uint32_t kRefusedForGoodAfter = 3;  // attempts that end in AE without a code

[[nodiscard]] Answer classify(std::string_view answer, std::string_view control_id, const AnswerPolicy& policy);

/// MSH-10 of a message, read from its first line only; empty if there is none.
[[nodiscard]] std::string_view control_id_of(std::string_view message);

}  // namespace smarthl7::flow
