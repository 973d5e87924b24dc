// SPDX-License-Identifier: Apache-2.0
// The little of JSON that diagnostics are written with. Pure functions; any thread; no failure.
#pragma once

#include <string>
#include <string_view>

namespace smarthl7::diag {

/// The text of a JSON string, with its quotes.
[[nodiscard]] std::string json_quote(std::string_view text);

/// `[a,b]` of what `element` gives for each entry.
template <class Range, class F>
[[nodiscard]] std::string json_array(const Range& range, F&& element) {
  std::string out = "[";
  for (const auto& entry : range) {
    if (out.size() > 1) out += ',';
    out += element(entry);
  }
  return out + ']';
}

}  // namespace smarthl7::diag
