// SPDX-License-Identifier: Apache-2.0
// UTF-8, one character at a time (Unicode chapter 3.9, table 3-7): shortest form, no surrogates, up to U+10FFFF. A byte that
// was kept from another set stands as U+DC80 to U+DCFF, which is no UTF-8 and so is never met in what a sender wrote as such.
// Pure functions; any thread. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smarthl7::hl7 {

struct Character {
  char32_t code = 0;
  std::uint8_t size = 0;  // bytes; 0: no character begins here
};

/// The character at the beginning of text, which is not empty.
[[nodiscard]] inline Character character_at(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  const auto follows = [&](std::size_t at) { return at < text.size() && (byte(at) & 0xC0U) == 0x80U; };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xC2 || lead > 0xF4 || !follows(1)) return {};
  if (lead < 0xE0) return {((lead & 0x1FU) << 6U) | (byte(1) & 0x3FU), 2};
  if (!follows(2)) return {};
  if (lead < 0xF0) {
    const std::uint32_t code = ((lead & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    if (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, 3};
  }
  if (!follows(3)) return {};
  const std::uint32_t code =
      ((lead & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) | ((byte(2) & 0x3FU) << 6U) | (byte(3) & 0x3FU);
  if (code < 0x10000 || code > 0x10FFFF) return {};
  return {code, 4};
}

inline void append_character(char32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

/// A byte that no character of its set is.
inline void append_kept(char byte, std::string& out) {
  const auto value = static_cast<unsigned char>(byte);
  if (value < 0x80) {
    out.push_back(byte);
  } else {
    append_character(0xDC00U + value, out);
  }
}

inline constexpr std::size_t kKeptSize = 3;
/// Does a kept byte stand at the beginning of text? It is given in `byte`.
[[nodiscard]] inline bool kept_at(std::string_view text, char& byte) {
  if (text.size() < kKeptSize || static_cast<unsigned char>(text[0]) != 0xED) return false;
  const auto second = static_cast<unsigned char>(text[1]);
  const auto third = static_cast<unsigned char>(text[2]);
  if ((second != 0xB2 && second != 0xB3) || (third & 0xC0U) != 0x80U) return false;
  byte = static_cast<char>(((second & 0x03U) << 6U) | (third & 0x3FU));
  return true;
}

}  // namespace smarthl7::hl7
