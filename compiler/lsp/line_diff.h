// SPDX-License-Identifier: Apache-2.0
// The lines in which two texts differ, as few as can be (Myers, "An O(ND) Difference Algorithm", 1986), so that formatting
// leaves cursors and marks of an editor where they are. Pure; any thread; texts that differ very much give one hunk.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace smarthl7::lsp {

/// Lines [old_begin, old_end) become lines [new_begin, new_end).
struct Hunk {
  std::uint32_t old_begin = 0;
  std::uint32_t old_end = 0;
  std::uint32_t new_begin = 0;
  std::uint32_t new_end = 0;

  friend bool operator==(const Hunk&, const Hunk&) = default;
};
[[nodiscard]] std::vector<Hunk> differences(const std::vector<std::string_view>& before,
                                            const std::vector<std::string_view>& after);
/// Lines with their line breaks.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

}  // namespace smarthl7::lsp
