// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/ack_text.h"

#include "stdlib/hl7/charset_message.h"

namespace smarthl7::hl7 {

std::string in_set_of(const Message& asked, std::string escaped, std::string_view instead, Charset configured) {
  constexpr char kEsc = '\x1B';  // where sets are switched it is no text
  if (is_ascii(escaped) && escaped.find(kEsc) == std::string::npos) return escaped;
  const TextEncoding encoding = text_encoding(asked, configured);
  const bool readable = !encoding.unknown_name && is_available(encoding.base) && utf8_misfits(escaped).count == 0;
  std::string buffer;
  const auto bytes = readable ? from_utf8(encoding, escaped, buffer) : std::nullopt;
  return std::string(bytes ? *bytes : instead);
}

}  // namespace smarthl7::hl7
