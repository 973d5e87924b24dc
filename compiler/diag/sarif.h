// SPDX-License-Identifier: Apache-2.0
// Diagnostics as a SARIF log (Static Analysis Results Interchange Format 2.1.0, OASIS), as code scanning and review tools take
// it: each code is a rule with its page, each diagnostic a result with its fixes; what a comment silences is there, suppressed.
// Pure function of its arguments; any thread; no failure. Columns count code points, as `columnKind` says.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/diag/diagnostic.h"

namespace smarthl7::diag {

/// The page of a code, Markdown.
using PageOf = std::function<std::optional<std::string_view>(std::string_view code)>;

/// A whole log with one run; ends with a line break. Files are named as they were given, relative ones to the working folder.
[[nodiscard]] std::string render_sarif(std::span<const Diagnostic> diagnostics, std::span<const Silenced> silenced,
                                       const source::SourceSet& sources, std::string_view version, const PageOf& page_of);

}  // namespace smarthl7::diag
