// SPDX-License-Identifier: Apache-2.0
// A message for people: groups, segments, fields and parts with their paths, the standard's names and the meanings of codes.
// What could move a terminal is shown as \xNN. Pure function; any thread; no failure.
#pragma once

#include <string>

#include "stdlib/hl7/tree.h"

namespace smarthl7::app {

/// Appends the picture; `terminal`: with colours.
void draw_message(const hl7::Tree& tree, bool terminal, std::string& out);

}  // namespace smarthl7::app
