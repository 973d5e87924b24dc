// SPDX-License-Identifier: Apache-2.0
// UUIDs as text and bytes (RFC 4122 section 3: read in either case, written in small letters). Pure functions; any thread; what
// is no UUID is nullopt.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/hex.h"

namespace smarthl7::builtins {

using Uuid = std::array<unsigned char, 16>;
inline constexpr std::size_t kUuidText = 36;

[[nodiscard]] constexpr bool is_uuid_hyphen(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

[[nodiscard]] inline std::optional<Uuid> read_uuid(std::string_view text) {
  if (text.size() != kUuidText) return std::nullopt;
  Uuid uuid{};
  std::size_t digit = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_uuid_hyphen(at)) {
      if (text[at] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[at]);
    if (value < 0) return std::nullopt;
    uuid[digit / 2] = static_cast<unsigned char>(uuid[digit / 2] * 16 + value);
    ++digit;
  }
  return uuid;
}

inline void put_uuid(const Uuid& uuid, Builder& out) {
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.put('-');
    out.put(kHexDigits[uuid[i] >> 4U]);
    out.put(kHexDigits[uuid[i] & 15U]);
  }
}

}  // namespace smarthl7::builtins
