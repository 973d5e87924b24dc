// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/view.h"

#include <algorithm>

namespace smarthl7::hl7 {
namespace {

/// Most values are a few bytes: a plain loop beats a call.
[[nodiscard]] std::size_t end_of_part(std::string_view raw, char separator, std::size_t begin) {
  if (raw.size() - begin > 64) return std::min(raw.find(separator, begin), raw.size());
  while (begin < raw.size() && raw[begin] != separator) ++begin;
  return begin;
}

}  // namespace

State state_of(std::string_view raw, const Delimiters& delimiters) {
  if (raw.empty()) return State::absent;
  if (raw.size() == 2 && raw[0] == '"' && raw[1] == '"') return State::null;
  for (const char c : raw) {
    const bool separates = c == delimiters.repetition || c == delimiters.component || c == delimiters.subcomponent;
    if (!separates || c == 0) return State::present;
  }
  return State::absent;
}

std::string_view part(std::string_view raw, char separator, std::size_t n, bool* found) {
  if (found != nullptr) *found = true;
  if (separator == 0 && n == 1) return raw;
  std::size_t begin = 0;
  for (std::size_t number = 1; separator != 0; ++number) {
    const std::size_t end = end_of_part(raw, separator, begin);
    if (number == n) return raw.substr(begin, end - begin);
    if (end == raw.size()) break;
    begin = end + 1;
  }
  if (found != nullptr) *found = false;
  return raw.substr(raw.size());
}

std::size_t part_count(std::string_view raw, char separator) {
  if (raw.empty()) return 0;
  if (separator == 0) return 1;
  return 1 + static_cast<std::size_t>(std::count(raw.begin(), raw.end(), separator));
}

}  // namespace smarthl7::hl7
