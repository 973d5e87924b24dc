// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/name_pattern.h"

#include <vector>

namespace smarthl7 {

bool fits_pattern(std::string_view name, std::string_view pattern) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;  // of the pattern, that was tried last ...
  std::size_t tried = 0;                      // ... and up to where in the name
  while (at < name.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      tried = at;
    } else if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == name[at])) {
      ++in;
      ++at;
    } else if (star != std::string_view::npos) {
      in = star + 1;
      at = ++tried;
    } else {
      return false;
    }
  }
  while (in < pattern.size() && pattern[in] == '*') ++in;
  return in == pattern.size();
}

bool patterns_meet(std::string_view a, std::string_view b) {
  // reach[i][j]: some name fits the first i of `a` and the first j of `b`.
  std::vector<std::vector<bool>> reach(a.size() + 1, std::vector<bool>(b.size() + 1, false));
  reach[0][0] = true;
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (!reach[i][j]) continue;
      const bool star_a = i < a.size() && a[i] == '*';
      const bool star_b = j < b.size() && b[j] == '*';
      if (star_a) reach[i + 1][j] = true;
      if (star_b) reach[i][j + 1] = true;
      if (star_a && j < b.size()) reach[i][j + 1] = true;
      if (star_b && i < a.size()) reach[i + 1][j] = true;
      if (i < a.size() && j < b.size() && (a[i] == b[j] || a[i] == '?' || b[j] == '?')) reach[i + 1][j + 1] = true;
    }
  }
  return reach[a.size()][b.size()];
}

}  // namespace smarthl7
