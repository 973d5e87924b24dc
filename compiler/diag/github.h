// SPDX-License-Identifier: Apache-2.0
// Diagnostics as workflow commands of GitHub Actions, one line each: printed in a job's log, they become annotations beside the
// changed lines of a pull request. Pure function; any thread; no failure.
#pragma once

#include <span>
#include <string>

#include "compiler/diag/diagnostic.h"

namespace smarthl7::diag {

[[nodiscard]] std::string render_github(std::span<const Diagnostic> diagnostics, const source::SourceSet& sources);

}  // namespace smarthl7::diag
