// SPDX-License-Identifier: Apache-2.0
// What a message asks of its receiver: MSH-15 and MSH-16 (HL7 2.5.1, 2.9.2 and table 0155), read from its first line and set
// in it. Setting touches these two fields only; every other byte stays as it is. Pure functions; any thread; no failure: what
// is not there is empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/plan/plan.h"

namespace smarthl7::flow {

struct Asked {  // as_sent: the field has no value
  plan::AckCondition accept = plan::AckCondition::as_sent;
  plan::AckCondition application = plan::AckCondition::as_sent;
  friend bool operator==(const Asked&, const Asked&) = default;
};

/// MSH-n of a message (n from 2), read from its first line only; empty if there is none.
[[nodiscard]] std::string_view header_field(std::string_view message, int number);

[[nodiscard]] Asked asked_of(std::string_view message);
/// Does it ask for any of the two, and so speak in enhanced mode?
[[nodiscard]] bool is_enhanced(const Asked& asked);
/// Is an acknowledgement due under this condition? In enhanced mode an empty field asks for nothing.
[[nodiscard]] bool wants(plan::AckCondition condition, bool accepted);
/// The message with MSH-15 and MSH-16 as said; as_sent leaves a field. Bytes without MSH come back as they are.
[[nodiscard]] std::string asking(std::string_view message, const Asked& wanted);

/// What comes back when a message asks so, and what of it is the delivery.
enum class Expect : std::uint8_t {
  answer,            // one comes: commit or application
  application_only,  // no commit acknowledgement, and the application's is waited for
  refusal_only,      // silence means that all is well
  nothing,           // whatever happens, nobody says so
};
[[nodiscard]] Expect expected(const Asked& asked, bool waits_for_application);

}  // namespace smarthl7::flow
