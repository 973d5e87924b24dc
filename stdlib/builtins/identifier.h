// SPDX-License-Identifier: Apache-2.0
// What the functions on identifiers share: digits, and the NHS number (NHS Data Dictionary: ten digits, weights 10 to 2, the
// check digit is 11 less the sum modulo 11, where 11 counts as 0 and 10 is no number). Pure functions; any thread; no failure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace smarthl7::builtins {

[[nodiscard]] inline bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The ten digits of an NHS number with or without blanks or hyphens, if it is one.
[[nodiscard]] inline std::optional<std::array<char, 10>> nhs_digits(std::string_view text) {
  const bool parted = text.size() == 12 && (text[3] == ' ' || text[3] == '-') && text[7] == text[3];
  if (!parted && text.size() != 10) return std::nullopt;
  std::array<char, 10> digits{};
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (parted && (at == 3 || at == 7)) continue;
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    digits[count++] = text[at];
  }
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += (10 - static_cast<int>(i)) * (digits[i] - '0');
  const int check = (11 - sum % 11) % 11;
  if (check == 10 || check != digits[9] - '0') return std::nullopt;
  return digits;
}

}  // namespace smarthl7::builtins
