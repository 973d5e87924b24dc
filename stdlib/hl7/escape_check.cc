// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/escape_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {

void check_escapes(const Message& message, std::vector<Finding>& findings, std::size_t most) {
  const char escape = message.delimiters().escape;
  if (escape == 0) return;
  std::size_t added = 0;
  for (std::uint32_t index = 0; index < message.segment_count() && added < most; ++index) {
    const SegmentView segment = message.segment(index);
    if (segment.raw().find(escape) == std::string_view::npos) continue;
    const std::size_t fields = segment.field_count();
    for (std::size_t n = is_header(segment.key()) ? 3 : 1; n <= fields && added < most; ++n) {
      const std::string_view raw = segment.raw_field(n);
      if (raw.find(escape) == std::string_view::npos) continue;
      EscapeTokens tokens(raw, message.delimiters());
      EscapeToken token;
      bool stray = false;
      while (!stray && tokens.next(token)) stray = token.kind == EscapeKind::stray;
      if (!stray) continue;
      const auto byte = static_cast<std::size_t>(token.raw.data() - raw.data()) + 1;
      const Location place{index, static_cast<std::uint16_t>(std::min<std::size_t>(n, 0xFFFF)), 0, 0, 0};
      findings.push_back(finding_at(message, place, Severity::warning, condition::kDataType,
                                    fmt::format("an escape sequence, or \\E\\ for the character itself, at byte {}", byte)));
      ++added;
    }
  }
}

}  // namespace smarthl7::hl7
