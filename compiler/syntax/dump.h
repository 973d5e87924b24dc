// SPDX-License-Identifier: Apache-2.0
// The tree as text, without spans, ids and brackets that change nothing: two files with one dump mean the same.
// For tests and for looking at a tree. Pure; any thread.
#pragma once

#include <string>

#include "compiler/syntax/ast.h"

namespace smarthl7::syntax {

/// One line a declaration or item, in brackets, indented.
[[nodiscard]] std::string dump(const ParsedFile& file);
[[nodiscard]] std::string dump(const Declaration& declaration);
[[nodiscard]] std::string dump(const Expr& expr);

}  // namespace smarthl7::syntax
