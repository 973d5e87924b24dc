// SPDX-License-Identifier: Apache-2.0
// Characters in text that is UTF-8 most of the time: a byte that begins no valid sequence counts as one character, so ASCII and
// ISO 8859 texts are never refused and never changed. Pure functions; any thread; no failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stdlib/builtins/value.h"

namespace smarthl7::builtins {

/// Bytes of the character at the beginning of text (text is not empty).
[[nodiscard]] std::size_t character_size(std::string_view text);
[[nodiscard]] std::size_t character_count(std::string_view text);
/// Without the first n characters; empty if there are fewer.
[[nodiscard]] std::string_view without_first(std::string_view text, std::int64_t n);
/// The first n characters, or all.
[[nodiscard]] std::string_view first_of(std::string_view text, std::int64_t n);

enum class Case : unsigned char { upper, lower };
/// Letters A-Z, and the Latin letters U+00C0 to U+017E that have a partner of two bytes; all else stays.
[[nodiscard]] std::string_view change_case(std::string_view text, Case to, Arena& arena);

}  // namespace smarthl7::builtins
