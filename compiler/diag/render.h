// SPDX-License-Identifier: Apache-2.0
// Diagnostics for people (source line with carets) and for programs (JSON), and the application of their fixes.
// Pure functions of a diagnostic and its SourceSet; any thread. Lines and columns count from 1, columns in code points.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"

namespace smarthl7::diag {

enum class Colours : bool { no, yes };

/// As in `error[E0312]: ...` with the place, the line, carets and help; ends with a line break.
[[nodiscard]] std::string render_human(const Diagnostic& diagnostic, const source::SourceSet& sources,
                                       Colours colours = Colours::no);
/// The same picture of a place that is no diagnostic's: `head`, the line, carets with the label.
[[nodiscard]] std::string render_place(std::string_view head, Span span, std::string label, const source::SourceSet& sources,
                                       Colours colours = Colours::no);
/// One JSON object, without line break.
[[nodiscard]] std::string render_json(const Diagnostic& diagnostic, const source::SourceSet& sources);
/// A JSON array, one object a line; ends with a line break.
[[nodiscard]] std::string render_json(std::span<const Diagnostic> diagnostics, const source::SourceSet& sources);

/// The file's bytes with the edits of this file applied. A fix that overlaps an earlier one is left out.
[[nodiscard]] std::string apply_fixes(const source::SourceFile& file, std::span<const Fix> fixes);
/// The first fix of each diagnostic.
[[nodiscard]] std::vector<Fix> first_fixes(std::span<const Diagnostic> diagnostics);

}  // namespace smarthl7::diag
