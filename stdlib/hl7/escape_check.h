// SPDX-License-Identifier: Apache-2.0
// Finds escape characters of a message that begin no sequence (2.5.1 chapter 2.7): they are kept as they are everywhere, and
// reported here. Pure function; any thread; no failure. Costs one search where a message has no escape character.
#pragma once

#include <cstddef>
#include <vector>

#include "stdlib/hl7/finding.h"

namespace smarthl7::hl7 {

/// A warning (102) for each field with such a character, at most `most`.
void check_escapes(const Message& message, std::vector<Finding>& findings, std::size_t most = 100);

}  // namespace smarthl7::hl7
