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
  if (text.empty()) return {};
  char* const out = arena.take(text.size());
  change_case(text, to, out);
  return {out, text.size()};
}

void change_case(std::string_view text, Case to, char* out) {
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
}

char32_t code_of(std::string_view text) {
  const auto bits = [&](std::size_t at, unsigned mask) { return static_cast<char32_t>(byte(text[at]) & mask); };
  switch (character_size(text)) {
    case 2: return (bits(0, 0x1FU) << 6U) | bits(1, 0x3FU);
    case 3: return (bits(0, 0x0FU) << 12U) | (bits(1, 0x3FU) << 6U) | bits(2, 0x3FU);
    case 4: return (bits(0, 0x07U) << 18U) | (bits(1, 0x3FU) << 12U) | (bits(2, 0x3FU) << 6U) | bits(3, 0x3FU);
    default: return byte(text[0]) < 0x80 ? byte(text[0]) : kNoCharacter;
  }
}

bool is_utf8(std::string_view text) {
  for (; !text.empty(); text.remove_prefix(character_size(text))) {
    const char32_t code = code_of(text);
    if (code == kNoCharacter || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return false;
    if ((code < 0x800 && character_size(text) == 3) || (code < 0x10000 && character_size(text) == 4)) return false;
  }
  return true;
}

bool is_letter(char32_t code) {
  if (code < 0xC0) return (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z') || code == 0xAA || code == 0xBA;
  if (code == 0xD7 || code == 0xF7 || code == kNoCharacter) return false;
  if (code >= 0x2000 && code <= 0x2BFF) return false;  // punctuation, currencies, arrows, symbols
  if (code >= 0x3000 && code <= 0x3004) return false;  // blanks and stops of CJK
  if (code >= 0x3008 && code <= 0x3020) return false;  // its brackets
  if (code >= 0xD800 && code <= 0xF8FF) return false;  // surrogates, private use
  if (code >= 0xFE00 && code <= 0xFE6F) return false;  // variation selectors, small forms
  if (code >= 0xFEFF && code <= 0xFF20) return false;  // byte order mark, wide signs and digits
  return code < 0x1F000 || code >= 0x20000;            // pictures
}

bool is_unprintable(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
         (code >= 0xD800 && code <= 0xDFFF) || (code >= 0xFFF0 && code <= 0xFFFB) || code == kNoCharacter;
}

}  // namespace smarthl7::builtins
