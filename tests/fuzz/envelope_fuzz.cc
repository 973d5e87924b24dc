// SPDX-License-Identifier: Apache-2.0
// Any bytes as a document with a message in it, and as a message to be wrapped: what goes in comes out.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "stdlib/base/base64.h"
#include "stdlib/hl7/envelope.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(hl7::parse_envelope(bytes).has_value());
  std::string decoded;
  if (read_base64(bytes, decoded) == std::string_view::npos) {
    std::string encoded;
    append_base64(decoded, encoded);
    std::string again;
    require(read_base64(encoded, again) == std::string_view::npos && again == decoded);
  }
  for (const char* place : {"json:/a/0", "json:", "xml:m", "xml:a/b"}) {
    auto envelope = hl7::parse_envelope(place);
    require(envelope.has_value());
    for (const bool base64 : {false, true}) {
      envelope->base64 = base64;
      std::string buffer;
      static_cast<void>(hl7::unwrap(bytes, *envelope, buffer, 1U << 20U).has_value());
      std::string document;
      if (!hl7::wrap(bytes, *envelope, document)) {
        require(!base64 && document.empty());
        continue;
      }
      const auto back = hl7::unwrap(document, *envelope, buffer);
      require(back.has_value() && *back == bytes);
    }
  }
  auto cdata = hl7::parse_envelope("xml:m");
  cdata->cdata = true;
  std::string document;
  if (hl7::wrap(bytes, *cdata, document)) {
    std::string buffer;
    const auto back = hl7::unwrap(document, *cdata, buffer);
    require(back.has_value());
    std::string expected;  // XML reads CR LF and CR as LF
    for (std::size_t at = 0; at < size; ++at) {
      if (bytes[at] == '\r') {
        expected += '\n';
        if (at + 1 < size && bytes[at + 1] == '\n') ++at;
      } else {
        expected += bytes[at];
      }
    }
    require(*back == expected);
  }
  return 0;
}
