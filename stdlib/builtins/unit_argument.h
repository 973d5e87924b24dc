// SPDX-License-Identifier: Apache-2.0
// The parameters that name a unit: a literal is tried at compile time. Pure; any thread; no failure.
#pragma once

#include <string_view>

#include "stdlib/builtins/facts/unit.h"

namespace smarthl7::builtins {

[[nodiscard]] inline bool is_unit_text(std::string_view text) { return parse_unit(text).has_value(); }

}  // namespace smarthl7::builtins
