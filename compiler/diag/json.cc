// SPDX-License-Identifier: Apache-2.0
#include "compiler/diag/json.h"

#include <fmt/format.h>

#include <cstddef>

#include "compiler/source/source.h"

namespace smarthl7::diag {

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const source::CodePoint point = source::decode_utf8(text, at);
    if (!point.valid) {
      out += "\\ufffd";
    } else if (point.value == U'"' || point.value == U'\\') {
      out += '\\';
      out += text[at];
    } else if (point.value == U'\n') {
      out += "\\n";
    } else if (point.value < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
    } else {
      out.append(text.substr(at, point.length));
    }
    at += point.length;
  }
  return out + '"';
}

}  // namespace smarthl7::diag
