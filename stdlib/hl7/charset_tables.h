// SPDX-License-Identifier: Apache-2.0
// Tables of the single-byte character sets: 8859/1 to 9 and 8859/15, in this order, and windows-1252. Constants; any thread.
// Internal to this folder.
#pragma once

#include <array>

namespace smarthl7::hl7 {

extern const std::array<std::array<char16_t, 96>, 10> kIso8859;  // bytes A0 to FF; 0 is no character
extern const std::array<char16_t, 32> kWindows1252;              // bytes 80 to 9F

}  // namespace smarthl7::hl7
