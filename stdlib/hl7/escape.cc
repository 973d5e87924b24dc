// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/escape.h"

#include <cstddef>

namespace smarthl7::hl7 {
namespace {

enum class Sequence { bytes, kept, none };

[[nodiscard]] int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

[[nodiscard]] bool append_hex(std::string_view digits, std::string& out) {
  if (digits.empty() || digits.size() % 2 != 0) return false;
  for (const char c : digits) {
    if (hex_digit(c) < 0) return false;
  }
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    out.push_back(static_cast<char>(hex_digit(digits[at]) * 16 + hex_digit(digits[at + 1])));
  }
  return true;
}

[[nodiscard]] char single_letter(char letter, const Delimiters& delimiters) {
  switch (letter) {
    case 'F': return delimiters.field;
    case 'S': return delimiters.component;
    case 'T': return delimiters.subcomponent;
    case 'R': return delimiters.repetition;
    case 'E': return delimiters.escape;
    case 'P': return delimiters.truncation;
    default: return 0;
  }
}

/// What stands between two escape characters.
[[nodiscard]] Sequence read_sequence(std::string_view body, const Delimiters& delimiters, std::string& out) {
  if (body.empty()) return Sequence::none;
  if (body.size() == 1) {
    if (const char c = single_letter(body[0], delimiters); c != 0) {
      out.push_back(c);
      return Sequence::bytes;
    }
    return body[0] == 'H' || body[0] == 'N' ? Sequence::kept : Sequence::none;
  }
  switch (body[0]) {
    case 'X': return append_hex(body.substr(1), out) ? Sequence::bytes : Sequence::none;
    case '.':
    case 'C':
    case 'M':
    case 'Z': return Sequence::kept;
    default: return Sequence::none;
  }
}

[[nodiscard]] char letter_for(char c, const Delimiters& delimiters) {
  if (c == delimiters.field) return 'F';
  if (c == delimiters.component) return 'S';
  if (c == delimiters.subcomponent) return 'T';
  if (c == delimiters.repetition) return 'R';
  if (c == delimiters.escape) return 'E';
  if (c == delimiters.truncation) return 'P';
  return 0;
}

[[nodiscard]] bool must_be_hex(char c) { return c == '\r' || c == '\n' || c == '\x0B' || c == '\x1C'; }

void append_escaped_byte(char c, char escape, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.append({escape, 'X', digits[byte >> 4U], digits[byte & 15U], escape});
}

}  // namespace

std::string_view decode(std::string_view raw, const Delimiters& delimiters, std::string& buffer, DecodeNotes* notes) {
  const char escape = delimiters.escape;
  std::size_t at = escape == 0 ? std::string_view::npos : raw.find(escape);
  if (at == std::string_view::npos) return raw;
  DecodeNotes ignored;
  DecodeNotes& noted = notes != nullptr ? *notes : ignored;
  buffer.clear();
  std::size_t done = 0;
  while (at != std::string_view::npos) {
    buffer.append(raw, done, at - done);
    const std::size_t close = raw.find(escape, at + 1);
    const bool closed = close != std::string_view::npos;
    const Sequence kind = closed ? read_sequence(raw.substr(at + 1, close - at - 1), delimiters, buffer) : Sequence::none;
    if (kind == Sequence::none) {
      noted.malformed = true;
      buffer.push_back(escape);
      done = at + 1;
    } else {
      if (kind == Sequence::kept) {
        noted.kept = true;
        buffer.append(raw, at, close + 1 - at);
      }
      done = close + 1;
    }
    at = raw.find(escape, done);
  }
  buffer.append(raw, done, raw.size() - done);
  return buffer;
}

std::string decoded(std::string_view raw, const Delimiters& delimiters) {
  std::string buffer;
  return std::string(decode(raw, delimiters, buffer));
}

bool encode(std::string_view text, const Delimiters& delimiters, std::string& out) {
  const char escape = delimiters.escape;
  const std::size_t before = out.size();
  const auto give_up = [&] {
    out.resize(before);
    return false;
  };
  if (text == "\"\"") {
    if (escape == 0) return false;
    append_escaped_byte('"', escape, out);
    out.push_back('"');
    return true;
  }
  for (const char c : text) {
    const char letter = c == 0 ? '\0' : letter_for(c, delimiters);
    if (letter == 0 && !must_be_hex(c)) {
      out.push_back(c);
      continue;
    }
    if (escape == 0) return give_up();
    if (letter != 0) {
      out.append({escape, letter, escape});
    } else {
      append_escaped_byte(c, escape, out);
    }
  }
  return true;
}

}  // namespace smarthl7::hl7
