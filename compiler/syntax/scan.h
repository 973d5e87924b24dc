// SPDX-License-Identifier: Apache-2.0
// Tokens: each scan_x looks at [at, stop) and returns the end of the token, or null. No state, no PEGTL; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace smarthl7::syntax {

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
[[nodiscard]] constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
[[nodiscard]] constexpr bool is_word(char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '_'; }
[[nodiscard]] constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

[[nodiscard]] bool is_reserved(std::string_view word);

/// A declared name: begins in lower case, not reserved. (Capitals inside are reported later.)
[[nodiscard]] const char* scan_name(const char* at, const char* stop);
/// A name, or names joined by dots; after a dot every word is allowed.
[[nodiscard]] const char* scan_dotted(const char* at, const char* stop);
/// Any word that begins with a letter, reserved or not.
[[nodiscard]] const char* scan_word(const char* at, const char* stop);
/// Letters, digits and underscores: `0105`, `ST`.
[[nodiscard]] const char* scan_code(const char* at, const char* stop);
/// A word in capitals: `PID`, `ORU_R01`.
[[nodiscard]] const char* scan_upper(const char* at, const char* stop);
/// `12`, `0.5`; not if a letter follows.
[[nodiscard]] const char* scan_number(const char* at, const char* stop);
/// `12`; not if a letter or a dot and a digit follow.
[[nodiscard]] const char* scan_whole(const char* at, const char* stop);
/// `{ MSH PID {OBR [{OBX}]} }`: braces with balanced braces inside; not past a line that begins in column 1.
[[nodiscard]] const char* scan_structure(const char* at, const char* stop);
/// `30s`, `0.5s`, `64MiB`.
[[nodiscard]] const char* scan_unit(const char* at, const char* stop);
/// `2.5.1`.
[[nodiscard]] const char* scan_version(const char* at, const char* stop);
/// `2.5.1`, `2.3`, `2`.
[[nodiscard]] const char* scan_any_version(const char* at, const char* stop);
/// `ORU^R01`, `ORU^R01^ORU_R01`.
[[nodiscard]] const char* scan_event(const char* at, const char* stop);
/// `p99`, `p99.9`.
[[nodiscard]] const char* scan_quantile(const char* at, const char* stop);
/// An infix operator of the expressions that has a value on both sides; `&&` and `||` too.
[[nodiscard]] const char* scan_binary(const char* at, const char* stop);
/// `not`, and `!`.
[[nodiscard]] const char* scan_not(const char* at, const char* stop);
/// `present`, `absent`, `null`.
[[nodiscard]] const char* scan_test(const char* at, const char* stop);
/// A comparison as alerts have it.
[[nodiscard]] const char* scan_comparison(const char* at, const char* stop);
/// `true`, `false`.
[[nodiscard]] const char* scan_boolean(const char* at, const char* stop);
/// A connective of the options.
[[nodiscard]] const char* scan_connective(const char* at, const char* stop);
/// The end of `text`, if it stands here as a whole word (or, for signs, as it is).
[[nodiscard]] const char* scan_text(const char* at, const char* stop, std::string_view text);

/// A declaration's head at the begin of a line, such as `flow NAME {`.
[[nodiscard]] bool is_declaration_head(const char* at, const char* stop);
/// One of the words that begin a declaration.
[[nodiscard]] bool is_declaration_word(std::string_view word);

}  // namespace smarthl7::syntax
