// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/probe/framing.h"

#include <algorithm>

#include "runtime/transport/mllp/frame.h"

namespace smarthl7::app::probe {

using transport::mllp::kEndBlock;
using transport::mllp::kStartBlock;

Framing look_at_frame(std::string_view bytes, bool ended) {
  Framing out;
  const std::size_t start = bytes.find(kStartBlock);
  if (start == std::string_view::npos) {
    const std::size_t header = bytes.find("MSH");
    out.no_start = header != std::string_view::npos;
    out.noise = out.no_start ? header : bytes.size();
    out.whole = ended;
    const std::size_t end = std::min(bytes.find(kEndBlock), bytes.size());
    if (out.no_start && header < end) out.content = bytes.substr(header, end - header);
    out.used = bytes.size();
    return out;
  }
  out.noise = start;
  const std::string_view rest = bytes.substr(start + 1);
  const std::size_t end = rest.find(kEndBlock);
  out.content = rest.substr(0, end);
  out.start_inside = out.content.find(kStartBlock) != std::string_view::npos;
  if (end == std::string_view::npos) {
    out.no_end = ended;
    out.whole = ended;
    out.used = bytes.size();
    return out;
  }
  const bool more = end + 1 < rest.size();
  out.no_return = more ? rest[end + 1] != '\r' : ended;
  out.whole = more || ended;
  const bool line_end = more && (rest[end + 1] == '\r' || rest[end + 1] == '\n');
  out.used = start + 1 + end + 1 + (line_end ? 1 : 0);
  return out;
}

std::string_view looks_like(std::string_view bytes) {
  if (bytes.size() >= 2 && (bytes[0] == '\x16' || bytes[0] == '\x15') && bytes[1] == '\x03') return "TLS";
  if (bytes.starts_with("HTTP/")) return "HTTP";
  if (bytes.starts_with("SSH-")) return "SSH";
  if (bytes.starts_with(kStartBlock)) return "a frame";
  const bool text =
      std::ranges::all_of(bytes, [](char c) { return c == '\r' || c == '\n' || c == '\t' || (c >= ' ' && c != 127); });
  return text ? "text" : "bytes";
}

}  // namespace smarthl7::app::probe
