// SPDX-License-Identifier: Apache-2.0
// The acknowledgement table: what is answered to a message, by verdict and by what the sender asks for in MSH-15 and MSH-16
// (HL7 2.5.1 chapter 2.9.2 and 2.9.3, table 0155). Nothing else decides that. The rows are ack.csv beside this, put into the
// executable when it is built; docs/hl7/acknowledgements.md shows them.
// Constant data and pure functions; any thread; no failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::route {

/// A value of table 0155, or that there is none.
enum class AckAsked : std::uint8_t { empty, always, never, on_error, on_success };

/// What MSH-15 or MSH-16 asks for, in upper or lower case. Null asks for nothing. A value that is none of the table's asks for
/// an answer in words that nobody knows: an answer too many is better than one too few.
[[nodiscard]] AckAsked ack_asked(std::string_view value);

/// Is the message one to be taken, or itself somebody's answer (MSH-9.1 ACK or MCF, or an MSA)?
enum class AckOf : std::uint8_t { message, answer };

struct AckAnswers {
  std::optional<hl7::AckCode> commit;       // CA, CE, CR: goes first
  std::optional<hl7::AckCode> application;  // AA, AE, AR
  friend bool operator==(const AckAnswers&, const AckAnswers&) = default;
};

[[nodiscard]] AckAnswers ack_answers(AckOf of, hl7::Verdict verdict, AckAsked commit, AckAsked application);
[[nodiscard]] AckAnswers ack_answers(const hl7::Message& message, hl7::Verdict verdict);

}  // namespace smarthl7::route
