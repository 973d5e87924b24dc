// SPDX-License-Identifier: Apache-2.0
// What the option `pattern` of folder connectors means: `*` any characters, `?` one, everything else itself; a name that begins
// with a dot only fits a pattern that does. check and runtime share it. Pure functions; any thread; no failure.
#pragma once

#include <string_view>

namespace smarthl7 {

[[nodiscard]] bool fits_pattern(std::string_view name, std::string_view pattern);
/// Is there a name that fits both?
[[nodiscard]] bool patterns_meet(std::string_view a, std::string_view b);

}  // namespace smarthl7
