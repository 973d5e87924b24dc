// SPDX-License-Identifier: Apache-2.0
// The one format of route files: no options, idempotent, keeps comments and groups of lines, never changes meaning.
// A file with syntax errors comes back as it is. Pure; any thread.
#pragma once

#include <string>

#include "compiler/syntax/ast.h"

namespace smarthl7::format {

/// Longest line, in code points, where a break is possible.
inline constexpr std::size_t kLineWidth = 100;

[[nodiscard]] std::string format(const syntax::ParsedFile& file);

}  // namespace smarthl7::format
