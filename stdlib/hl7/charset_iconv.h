// SPDX-License-Identifier: Apache-2.0
// The multi-byte character sets that the C library's iconv converts. Each thread keeps its own converters, opened once.
// Failure: what cannot be converted ends the conversion there; a set that the library does not have converts nothing.
// Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smarthl7::hl7 {

enum class External : std::uint8_t { gb18030, big5, euc_jp, euc_kr, euc_tw, euc_cn };
inline constexpr std::size_t kExternalCount = 6;

/// Appends as much as can be converted; the number of bytes taken.
[[nodiscard]] std::size_t external_to_utf8(External set, std::string_view bytes, std::string& out);
[[nodiscard]] std::size_t utf8_to_external(External set, std::string_view text, std::string& out);
[[nodiscard]] bool has_external(External set);

}  // namespace smarthl7::hl7
