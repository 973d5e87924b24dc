// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/utf8.h"

#include <algorithm>

namespace smarthl7::builtins {
namespace {

unsigned char byte(char c) { return static_cast<unsigned char>(c); }

bool continues(std::string_view text, std::size_t from, std::size_t to) {
  if (text.size() < to) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(to),
                     [](char c) { return (byte(c) & 0xC0U) == 0x80U; });
}

/// Latin-1 Supplement and Latin Extended-A. Letters come in pairs; the two halves of the block differ in which one is even.
unsigned other_case(unsigned c, Case to) {
  if (c == 0xFF || c == 0x178) return to == Case::upper ? 0x178 : 0xFF;
  if (c >= 0xC0 && c <= 0xFE && c != 0xD7 && c != 0xF7 && c != 0xDF) return to == Case::upper ? c & ~0x20U : c | 0x20U;
  const bool even_is_upper = (c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) || (c >= 0x14A && c <= 0x177);
  const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if (even_is_upper) return to == Case::upper ? c & ~1U : c | 1U;
  if (odd_is_upper) return to == Case::upper ? (c - 1) | 1U : c + (c & 1U);
  return c;
}

}  // namespace

std::size_t character_size(std::string_view text) {
  const unsigned char lead = byte(text[0]);
  if (lead < 0xC2) return 1;
  if (lead < 0xE0) return continues(text, 1, 2) ? 2 : 1;
  if (lead < 0xF0) return continues(text, 1, 3) ? 3 : 1;
  if (lead < 0xF5) return continues(text, 1, 4) ? 4 : 1;
  return 1;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(character_size(text));
  return count;
}

std::string_view without_first(std::string_view text, std::int64_t n) {
  for (; n > 0 && !text.empty(); --n) text.remove_prefix(character_size(text));
  return text;
}

std::string_view first_of(std::string_view text, std::int64_t n) {
  return text.substr(0, text.size() - without_first(text, n).size());
}

std::string_view change_case(std::string_view text, Case to, Arena& arena) {
  char* const out = arena.take(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_size(text.substr(at));
    if (size == 2) {
      const unsigned before = ((byte(text[at]) & 0x1FU) << 6U) | (byte(text[at + 1]) & 0x3FU);
      const unsigned after = other_case(before, to);
      out[at] = static_cast<char>(0xC0U | (after >> 6U));
      out[at + 1] = static_cast<char>(0x80U | (after & 0x3FU));
    } else if (size == 1) {
      const char c = text[at];
      if (to == Case::upper) {
        out[at] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      } else {
        out[at] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
    } else {
      std::copy_n(text.data() + at, size, out + at);
    }
    at += size;
  }
  return {out, text.size()};
}

}  // namespace smarthl7::builtins
