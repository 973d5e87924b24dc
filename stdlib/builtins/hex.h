// SPDX-License-Identifier: Apache-2.0
// Hexadecimal digits, for the functions that read and write bytes. Pure functions; any thread; no failure.
#pragma once

#include <string_view>

namespace smarthl7::builtins {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

/// 0 to 15; -1 for what is no hexadecimal digit.
[[nodiscard]] constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace smarthl7::builtins
