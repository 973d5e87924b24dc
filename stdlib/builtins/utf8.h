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
/// The same, into `out`, which has room for as many bytes as the text.
void change_case(std::string_view text, Case to, char* out);

/// What code_of() gives for a byte that begins no valid character.
inline constexpr char32_t kNoCharacter = 0xFFFFFFFFU;
/// The code point of the character at the beginning of text (text is not empty).
[[nodiscard]] char32_t code_of(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
/// A-Z, a-z, and from U+00C0 on all but signs, punctuation, symbols and other things that no name is written with.
[[nodiscard]] bool is_letter(char32_t code);
/// Controls of C0 and C1, what has no width or turns the writing's direction, and bytes that are no UTF-8.
[[nodiscard]] bool is_unprintable(char32_t code);

}  // namespace smarthl7::builtins
