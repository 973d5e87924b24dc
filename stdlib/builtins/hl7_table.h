// SPDX-License-Identifier: Apache-2.0
// An HL7 table by its number as text, in the one edition that the dictionary has for all versions. Constants; any thread; an
// unknown table is empty.
#pragma once

#include <string_view>

#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::builtins {

/// "0001", "1".
[[nodiscard]] inline hl7::Table find_table(std::string_view number) {
  unsigned value = 0;
  if (number.empty() || number.size() > 4) return {};
  for (const char c : number) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return hl7::newest_version().table(static_cast<std::uint16_t>(value));
}

/// Of the parameters that name one.
[[nodiscard]] inline bool is_table(std::string_view number) { return static_cast<bool>(find_table(number)); }

}  // namespace smarthl7::builtins
