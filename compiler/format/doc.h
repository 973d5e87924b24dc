// SPDX-License-Identifier: Apache-2.0
// What the formatter lays out: statements as cells and blocks, without knowing what they mean. Internal.
// doc.cc builds it from the tree; layout.cc writes it. Value types; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/ast.h"

namespace smarthl7::format {

// Places where a long line may break. None of these bytes occurs in UTF-8.
inline constexpr char kSoftBlank = '\xFF';   // one blank
inline constexpr char kSoftColumn = '\xFE';  // three blanks, before `else`
inline constexpr char kSoftFirst = '\xFD';   // one blank, the first to break

struct Doc;

/// `head { items }`, or a head alone.
struct Part {
  std::vector<std::string> cells;  // the head; neighbours of one class are aligned by cells
  bool block = false;
  syntax::Span block_span;
  std::vector<Doc> items;
};

struct Doc {
  syntax::Span span;
  std::string_view kind;  // neighbours of one kind are aligned; empty: never
  std::vector<Part> parts;
};

/// The declarations of a file.
[[nodiscard]] std::vector<Doc> build(const syntax::ParsedFile& file);

/// The text of the file; comments come from `file`.
[[nodiscard]] std::string lay_out(const syntax::ParsedFile& file, const std::vector<Doc>& docs);

}  // namespace smarthl7::format
