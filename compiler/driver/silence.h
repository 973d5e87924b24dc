// SPDX-License-Identifier: Apache-2.0
// Warnings that the author takes for good: the comment `// allow W0401 because the analyser sends this code`, at the end of the
// line or on a line of its own above it. A reason is needed, an error cannot be silenced, and a comment that silences nothing
// is itself a warning, so that none outlives what it was for. Pure function; any thread.
#pragma once

#include <span>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::driver {

struct Spoken {
  std::vector<diag::Diagnostic> diagnostics;  // by file and place, with what is wrong with the comments
  std::vector<diag::Silenced> silenced;
};

/// `diagnostics` of these files, as Sink::sorted() gives them. `complete`: every check has run, so a comment that silences
/// nothing is reported.
[[nodiscard]] Spoken silence(std::vector<diag::Diagnostic> diagnostics, std::span<const syntax::ParsedFile> files,
                             const source::SourceSet& sources, bool complete);

}  // namespace smarthl7::driver
