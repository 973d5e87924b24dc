// SPDX-License-Identifier: Apache-2.0
// The part of the standard library that is written in the route language, as texts of the executable: `std.retry` is the
// file retry.route beside this. The compiler parses a module like a file of the author's.
// Views into read-only data, valid for ever; any thread; no failure.
#pragma once

#include <span>
#include <string_view>

#include "stdlib/base/digest.h"

namespace smarthl7::route {

struct Module {
  std::string_view name;  // "std.retry"
  std::string_view text;
};

/// By name.
[[nodiscard]] std::span<const Module> modules();

/// Names that the language reserves for modules which this version does not have.
[[nodiscard]] std::span<const std::string_view> planned_modules();

/// SHA-256 over names and texts of all modules.
[[nodiscard]] Sha256 digest();

}  // namespace smarthl7::route
