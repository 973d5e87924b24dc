// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/line_diff.h"

#include <algorithm>
#include <cstddef>

namespace smarthl7::lsp {
namespace {

/// More differences than this are one hunk.
constexpr int kMostEdits = 1500;

/// The pairs of equal lines of a longest common subsequence, backwards; false if there are too many differences.
bool common_lines(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b,
                  std::vector<std::pair<int, int>>& pairs) {
  const int n = static_cast<int>(a.size());
  const int m = static_cast<int>(b.size());
  const int most = std::min(n + m, kMostEdits);
  std::vector<int> furthest(static_cast<std::size_t>(2 * most + 2), 0);
  const auto at = [&](int k) -> int& { return furthest[static_cast<std::size_t>(k + most)]; };
  std::vector<std::vector<int>> trace;
  for (int d = 0; d <= most; ++d) {
    trace.push_back(furthest);
    for (int k = -d; k <= d; k += 2) {
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      int x = down ? (d == 0 ? 0 : at(k + 1)) : at(k - 1) + 1;
      int y = x - k;
      while (x < n && y < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(y)]) ++x, ++y;
      at(k) = x;
      if (x < n || y < m) continue;
      // Back along the way that led here.
      for (int back = d; back >= 0; --back) {
        const auto& before = trace[static_cast<std::size_t>(back)];
        const auto was = [&](int diagonal) { return before[static_cast<std::size_t>(diagonal + most)]; };
        const int diagonal = x - y;
        const bool came_down = diagonal == -back || (diagonal != back && was(diagonal - 1) < was(diagonal + 1));
        const int from_x = back == 0 ? 0 : came_down ? was(diagonal + 1) : was(diagonal - 1);
        const int from_y = back == 0 ? 0 : from_x - (came_down ? diagonal + 1 : diagonal - 1);
        while (x > from_x && y > from_y && (back == 0 || x - 1 >= from_x + (came_down ? 0 : 1)) &&
               (back == 0 || y - 1 >= from_y + (came_down ? 1 : 0))) {
          --x, --y;
          pairs.emplace_back(x, y);
        }
        x = from_x;
        y = from_y;
      }
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::vector<Hunk> differences(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after) {
  std::vector<std::pair<int, int>> pairs;
  if (!common_lines(before, after, pairs)) {
    pairs.clear();
  } else {
    std::reverse(pairs.begin(), pairs.end());
  }
  pairs.emplace_back(static_cast<int>(before.size()), static_cast<int>(after.size()));
  std::vector<Hunk> hunks;
  std::uint32_t old_at = 0;
  std::uint32_t new_at = 0;
  for (const auto& [old_line, new_line] : pairs) {
    const auto old_end = static_cast<std::uint32_t>(old_line);
    const auto new_end = static_cast<std::uint32_t>(new_line);
    if (old_end > old_at || new_end > new_at) hunks.push_back({old_at, old_end, new_at, new_end});
    old_at = old_end + 1;
    new_at = new_end + 1;
  }
  return hunks;
}

}  // namespace smarthl7::lsp
