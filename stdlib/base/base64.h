// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 section 4). Reading passes over blanks and line ends (RFC 2045) and takes padding or its absence; anything
// else is refused with its place. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smarthl7 {

/// Appends the encoded bytes, padded, without line ends.
void append_base64(std::string_view bytes, std::string& out);

/// Appends the bytes. npos: done. Else the offset of the first character that cannot be right; `out` is then as it was.
[[nodiscard]] std::size_t read_base64(std::string_view text, std::string& out);

}  // namespace smarthl7
