// SPDX-License-Identifier: Apache-2.0
// The tree of a route file, for the whole language.
// Nodes live in the arena of their ParsedFile and are immutable after parsing. Texts are views into the source or
// the arena: SourceSet and ParsedFile outlive every node. Each node has a Span and a NodeId, dense over the files
// parsed with one running `first_id`, so passes keep their facts in vectors beside the tree. Any thread may read.
// What could not be read is there as an error node or marked `poisoned`; it was reported, so later passes stay silent.
// Switch over `kind` without default, then `node.as<PathExpr>()`.
#pragma once

#include <memory>
#include <memory_resource>
#include <vector>

#include "compiler/source/source.h"
#include "compiler/syntax/ast_declaration.h"  // IWYU pragma: export
#include "compiler/syntax/ast_expression.h"   // IWYU pragma: export
#include "compiler/syntax/ast_item.h"         // IWYU pragma: export
#include "compiler/syntax/ast_node.h"         // IWYU pragma: export
#include "compiler/syntax/ast_step.h"         // IWYU pragma: export

namespace smarthl7::syntax {

/// `// text` or `/// text`, for the formatter; in order.
struct Comment {
  Span span;
  bool doc = false;
};

/// One file as read. Owns its nodes, together with its copies; the nodes stay where they are.
struct ParsedFile {
  const source::SourceFile* source = nullptr;
  List<Declaration> declarations;
  std::vector<Comment> comments;
  NodeId first_id = 0;
  NodeId end_id = 0;        // one past the last NodeId of this file: the next file's first_id
  bool has_errors = false;  // syntax errors were reported
  std::shared_ptr<std::pmr::monotonic_buffer_resource> arena;
};

}  // namespace smarthl7::syntax
