// SPDX-License-Identifier: Apache-2.0
// The one list of diagnostic codes. A code is never reused; each has a golden test and an explain page.
// Ranges: E01 syntax, E02 names, E03 paths, E04 types and fallibility, E05 flow, E06 PHI, E07 delivery and
// security, W warnings. Add a line to SMARTHL7_CODES in its range; nothing else. Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace smarthl7::diag {

enum class Severity : std::uint8_t { error, warning };

// X(code, severity, one line for lists: what is wrong, lower case)
#define SMARTHL7_CODES(X)                                                            \
  X(E0101, error, "something is missing")                                            \
  X(E0102, error, "a word or sign that cannot stand here")                           \
  X(E0103, error, "nested too deeply")                                               \
  X(E0104, error, "a `{` without its `}`")                                           \
  X(E0105, error, "a string without its end")                                        \
  X(E0106, error, "an unknown escape in a string")                                   \
  X(E0107, error, "the file is not UTF-8")                                           \
  X(E0108, error, "a declaration that does not begin in column 1")                   \
  X(E0109, error, "an operator that cannot be chained or mixed like this")           \
  X(E0110, error, "a number or an index that is out of range")                       \
  X(E0111, error, "an option without a value")                                       \
  X(E0112, error, "an index where none can stand")                                   \
  X(E0113, error, "a keyword is used as a name")                                     \
  X(E0114, error, "a break between a word and what belongs to it")                   \
  X(E0120, error, "a path written with dots, as in other tools")                     \
  X(E0121, error, "a path with a dash before its component")                         \
  X(E0122, error, "`&&`, `||` or `!` instead of `and`, `or`, `not`")                 \
  X(E0123, error, "`if` instead of `when`")                                          \
  X(E0124, error, "a string in single quotes")                                       \
  X(E0125, error, "a `;` at the end of a statement")                                 \
  X(E0126, error, "a comment that begins with `#`")                                  \
  X(E0127, error, "a pattern between slashes")                                       \
  X(E0128, error, "`=` in a condition")                                              \
  /* E02 names: resolve */                                                           \
  /* E03 paths: check */                                                             \
  /* E04 types and fallibility: check */                                             \
  /* E05 flow: check */                                                              \
  /* E06 PHI: check */                                                               \
  /* E07 delivery and security: check */                                             \
  /* W warnings */

enum class Code : std::uint16_t {
#define SMARTHL7_CODE_NAME(code, severity, title) code,
  SMARTHL7_CODES(SMARTHL7_CODE_NAME)
#undef SMARTHL7_CODE_NAME
};

struct CodeInfo {
  Code code;
  std::string_view name;  // "E0101"
  Severity severity;
  std::string_view title;
};

/// Every code, in the order of the list.
[[nodiscard]] std::span<const CodeInfo> all_codes();
[[nodiscard]] const CodeInfo& info(Code code);
[[nodiscard]] std::string_view name_of(Code code);
[[nodiscard]] std::string_view name_of(Severity severity);
[[nodiscard]] std::optional<Code> code_named(std::string_view name);

}  // namespace smarthl7::diag
