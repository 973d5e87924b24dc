// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compiler/format/format.h"
#include "compiler/lsp/features.h"
#include "compiler/lsp/line_diff.h"

namespace smarthl7::lsp {

json::value formatting(const View& view, const Range* range) {
  if (view.tree.has_errors) return nullptr;
  const std::string formatted = format::format(view.tree);
  const auto before = split_lines(view.text());
  const auto after = split_lines(formatted);
  json::array edits;
  std::uint32_t line = 0;
  std::uint32_t offset = 0;
  const auto offset_of = [&](std::uint32_t wanted) {
    for (; line < wanted; ++line) offset += static_cast<std::uint32_t>(before[line].size());
    return offset;
  };
  for (const Hunk& hunk : differences(before, after)) {
    if (range != nullptr && (hunk.old_end < range->start.line || hunk.old_begin > range->end.line)) continue;
    const std::uint32_t begin = offset_of(hunk.old_begin);
    const std::uint32_t end = offset_of(hunk.old_end);
    std::string text;
    for (std::uint32_t i = hunk.new_begin; i < hunk.new_end; ++i) text += after[i];
    edits.push_back(text_edit(view.range(begin, end), text));
  }
  return edits;
}

}  // namespace smarthl7::lsp
