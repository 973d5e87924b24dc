// SPDX-License-Identifier: Apache-2.0
// "did you mean": the nearest known word. Pure; any thread; does not fail.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace smarthl7::diag {

/// Edits (insert, delete, replace, swap neighbours) from one word to the other, or `limit + 1` if more are needed.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The candidate within two edits that is nearest (the first of equals); of short words, not a wholly different one.
[[nodiscard]] std::optional<std::string_view> suggest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace smarthl7::diag
