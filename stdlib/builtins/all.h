// SPDX-License-Identifier: Apache-2.0
// The builtin functions of the route language: the one explicit list. A new function is a file of its own, a line here and a
// line in all.cc. Constants; any thread.
#pragma once

#include <span>
#include <string_view>

#include "stdlib/builtins/function.h"

namespace smarthl7::builtins {

extern const Function kAbs;
extern const Function kContains;
extern const Function kDigits;
extern const Function kEndsWith;
extern const Function kLeft;
extern const Function kLength;
extern const Function kLower;
extern const Function kMax;
extern const Function kMin;
extern const Function kNumber;
extern const Function kPadLeft;
extern const Function kReplace;
extern const Function kRight;
extern const Function kRound;
extern const Function kStartsWith;
extern const Function kSubstring;
extern const Function kText;
extern const Function kTrim;
extern const Function kUpper;

/// All of them, sorted by name.
[[nodiscard]] std::span<const Function* const> all_functions();
/// Null if there is none of that name.
[[nodiscard]] const Function* find_function(std::string_view name);

}  // namespace smarthl7::builtins
