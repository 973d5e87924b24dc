// SPDX-License-Identifier: Apache-2.0
// What a receiver's bytes are as MLLP frames, with every way in which they are none named (the hub's own FrameDecoder drops
// and closes instead). Pure functions; any thread; no failure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smarthl7::app::probe {

struct Framing {
  bool whole = false;          // there is a frame, or nothing more will come to make one
  std::size_t noise = 0;       // bytes before VT, or all without one
  bool no_start = false;       // a message without VT before it
  bool start_inside = false;   // VT within the frame
  bool no_end = false;         // nothing came after VT ... that would end it
  bool no_return = false;      // FS without CR
  std::string_view content{};  // of the frame, or of what would be one
  std::size_t used = 0;        // bytes up to the end of the frame
};

/// `ended`: nothing more comes. The content is a part of `bytes`.
[[nodiscard]] Framing look_at_frame(std::string_view bytes, bool ended);
/// What bytes that nobody asked for look like: "TLS", "HTTP", "SSH", "a frame", "text", "bytes".
[[nodiscard]] std::string_view looks_like(std::string_view bytes);

}  // namespace smarthl7::app::probe
