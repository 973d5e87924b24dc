// SPDX-License-Identifier: Apache-2.0
// Texts that change from one character set to another (ISO/IEC 2022; HL7 chapter 2.7.2 and MSH-20): ESC and a designation, or
// the same designation in hexadecimal between escape characters (\C2D41\, \M2442\). A designation holds until the next one of
// its half or the end of the segment. Pure functions; any thread. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/hl7/charset.h"

namespace smarthl7::hl7 {

inline constexpr char32_t kNoCharacter = 0xFFFFFFFF;

/// The character of a byte of a single-byte set; kNoCharacter if it has none.
[[nodiscard]] char32_t single_byte_character(Charset set, unsigned char byte);
[[nodiscard]] bool single_byte_of(Charset set, char32_t code, char& byte);

/// A view of buffer.
[[nodiscard]] std::string_view switched_to_utf8(const TextEncoding& encoding, std::string_view bytes, std::string& buffer,
                                                Misfits& misfits);
/// Appends to out; false at a character that neither the base nor an alternate has.
[[nodiscard]] bool switched_from_utf8(const TextEncoding& encoding, std::string_view text, std::string& out,
                                      std::size_t& unfit);

/// Is this, without ESC, a designation that is known ("(B", "$B", "-A")? What `\C2842\` holds in hexadecimal.
[[nodiscard]] bool is_known_designation(std::string_view designation);

}  // namespace smarthl7::hl7
