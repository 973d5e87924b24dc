// SPDX-License-Identifier: Apache-2.0
// Writes what the hub answers to its senders, in the sender's version and mode: which answers there are for a verdict says
// stdlib/route/ack.h, what they look like stdlib/hl7/ack.h.
// One per reactor; borrows its clock and randomness. No failure.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/env/env.h"
#include "stdlib/base/bytes.h"
#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::flow {

/// What a message is answered with.
struct Answers {
  SharedBytes here;       // on the connection that it came on: one answer or two, see split_answers(); empty: silence
  SharedBytes elsewhere;  // the application's answer, where the source sends those to a destination
  bool commit = false;    // `here` begins with a commit acknowledgement
};

/// The answers that stand in `here`: the second is empty if there is one. They are stored as one, so that a resend gets both.
[[nodiscard]] std::pair<std::string_view, std::string_view> split_answers(std::string_view here);

class Acknowledger {
 public:
  Acknowledger(env::Clock& clock, env::Random& random) : clock_(clock), random_(random) {}

  struct Case {
    hl7::Verdict verdict = hl7::Verdict::accept;
    std::span<const hl7::Finding> findings = {};
    bool only_commit = false;                                // the application's answer is somebody else's to give
    bool elsewhere = false;                                  // application acknowledgements go to a destination
    hl7::Charset charset = hl7::Charset::utf8;               // of our words, where MSH-18 is silent
    std::optional<std::string_view> expected_sequence = {};  // MSA-4 where it is not an echo of MSH-13
  };
  [[nodiscard]] Answers acknowledge(const hl7::Message& message, const Case& what);
  /// The store cannot take it now: AR 207, CE in enhanced mode; the sender keeps it and tries again.
  [[nodiscard]] Answers cannot_store(const hl7::Message& message);
  /// For bytes that have no header to answer to: AR with empty MSA-2.
  [[nodiscard]] SharedBytes no_header(std::string_view bytes);

 private:
  env::Clock& clock_;
  env::Random& random_;
};

/// A finding about a field of MSH: an error condition of table 0357 and a text without values.
[[nodiscard]] hl7::Finding header_finding(const hl7::Message& message, std::uint16_t code, std::uint16_t field,
                                          std::string text);

}  // namespace smarthl7::flow
