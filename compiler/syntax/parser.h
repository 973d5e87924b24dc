// SPDX-License-Identifier: Apache-2.0
// Reads a route file into its tree. Never throws for what a file holds and always returns a tree; mistakes go to
// the sink, and what could be read around them is in the tree. The file must outlive the result. Any thread.
#pragma once

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::syntax {

/// Deepest nesting of blocks, brackets and interpolations.
inline constexpr unsigned kMaxDepth = 200;

/// NodeIds run from first_id; give the last file's end_id to keep them dense over a project.
[[nodiscard]] ParsedFile parse(const source::SourceFile& file, diag::Sink& sink, NodeId first_id = 0);

}  // namespace smarthl7::syntax
