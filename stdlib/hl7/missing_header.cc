// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/missing_header.h"

#include "stdlib/hl7/charset_message.h"

namespace smarthl7::hl7 {

std::string_view missing_header_text(std::string_view bytes) {
  if (looks_like_utf16_or_32(bytes)) {
    return "a message starts with MSH; this one is in UTF-16 or UTF-32, which cannot be read: send it in UTF-8 "
           "(MSH-18 UNICODE UTF-8)";
  }
  return "a message starts with MSH";
}

}  // namespace smarthl7::hl7
