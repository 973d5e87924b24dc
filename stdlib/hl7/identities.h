// SPDX-License-Identifier: Apache-2.0
// Whom a message is about, as far as two messages can be compared by it: the identifiers of PID-2, PID-3, PID-4 and MRG-1..7
// (HL7 2.5.1 chapter 3.4.2 and 3.4.9), each with its assigning authority. Types of identifiers are left out: the same number of
// the same authority is taken for the same person. Pure function; any thread. Failure: none; bytes that are no message are
// about nobody.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::hl7 {

/// Hashes, sorted, each once; of all messages of a batch. To be compared while the program runs, not to be kept: the hash has
/// no secret key.
[[nodiscard]] std::vector<std::uint64_t> patient_identities(std::string_view bytes);

/// Places where two messages differ, without their values: "PID-3, OBX[2]-5". Segments are compared in order; from where their
/// names part on, "and what follows". Empty: nothing differs.
[[nodiscard]] std::string differing_fields(std::string_view before, std::string_view after);

}  // namespace smarthl7::hl7
