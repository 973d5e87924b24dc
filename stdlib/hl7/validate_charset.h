// SPDX-License-Identifier: Apache-2.0
// Validation of a message's bytes, before they are read as text: what the character set of MSH-18 (table 0211, chapter
// 2.14.9.18) cannot hold, or a set in which no message can be carried. Pure; any thread; no failure; findings hold no bytes.
#pragma once

#include <vector>

#include "stdlib/hl7/charset_message.h"
#include "stdlib/hl7/validate.h"

namespace smarthl7::hl7 {

/// For a message that count_misfits() found bytes in, or whose set cannot carry messages: else there is nothing to add, since
/// names of sets are codes, which the validator looks at.
/// `placement` is of this message, or of the same one as UTF-8; it gives the paths their groups.
void check_bytes(const Message& message, const TextEncoding& encoding, const Placement& placement, const Placer& placer,
                 Strictness strictness, std::vector<Finding>& findings, Tally& tally);

}  // namespace smarthl7::hl7
