// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/charset.h"

#include <algorithm>
#include <cstring>

#include "stdlib/hl7/charset_iconv.h"
#include "stdlib/hl7/charset_switch.h"
#include "stdlib/hl7/charset_tables.h"
#include "stdlib/hl7/utf8.h"

namespace smarthl7::hl7 {
namespace {

struct Name {
  std::string_view name;  // capitals, letters and digits only
  Charset charset;
};

constexpr std::array kStandardNames = {
    std::string_view("ASCII"),          std::string_view("8859/1"),         std::string_view("8859/2"),
    std::string_view("8859/3"),         std::string_view("8859/4"),         std::string_view("8859/5"),
    std::string_view("8859/6"),         std::string_view("8859/7"),         std::string_view("8859/8"),
    std::string_view("8859/9"),         std::string_view("8859/15"),        std::string_view("UNICODE UTF-8"),
    std::string_view("UNICODE UTF-16"), std::string_view("UNICODE UTF-32"), std::string_view("ISO IR14"),
    std::string_view("ISO IR87"),       std::string_view("ISO IR159"),      std::string_view("GB 18030-2000"),
    std::string_view("KS X 1001"),      std::string_view("CNS 11643-1992"), std::string_view("BIG-5"),
    std::string_view("windows-1252")};
static_assert(kStandardNames.size() == kCharsetCount);

constexpr Name kNames[] = {
    {"ASCII", Charset::ascii},
    {"USASCII", Charset::ascii},
    {"ISOIR6", Charset::ascii},
    {"UNICODEUTF8", Charset::utf8},
    {"UTF8", Charset::utf8},
    {"UNICODE", Charset::utf8},  // of its forms the one that MLLP can carry
    {"UNICODEUTF16", Charset::utf16},
    {"UTF16", Charset::utf16},
    {"UTF16LE", Charset::utf16},
    {"UTF16BE", Charset::utf16},
    {"UNICODEUTF32", Charset::utf32},
    {"UTF32", Charset::utf32},
    {"ISOIR14", Charset::iso_ir14},
    {"JISX0201", Charset::iso_ir14},
    {"ISOIR87", Charset::iso_ir87},
    {"JISX0208", Charset::iso_ir87},
    {"ISOIR159", Charset::iso_ir159},
    {"JISX0212", Charset::iso_ir159},
    {"GB180302000", Charset::gb18030},
    {"GB18030", Charset::gb18030},
    {"KSX1001", Charset::ks_x_1001},
    {"EUCKR", Charset::ks_x_1001},
    {"CNS116431992", Charset::cns11643},
    {"CNS11643", Charset::cns11643},
    {"EUCTW", Charset::cns11643},
    {"BIG5", Charset::big5},
    {"WINDOWS1252", Charset::windows_1252},
    {"CP1252", Charset::windows_1252},
    {"LATIN1", Charset::iso8859_1},
    {"ISOIR100", Charset::iso8859_1},
};

[[nodiscard]] std::optional<Charset> iso8859_by_part(std::string_view part) {
  if (part.size() == 1 && part[0] >= '1' && part[0] <= '9') {
    return static_cast<Charset>(static_cast<unsigned>(Charset::iso8859_1) + static_cast<unsigned>(part[0] - '1'));
  }
  if (part == "15") return Charset::iso8859_15;
  return std::nullopt;
}

[[nodiscard]] bool is_8859(Charset set) { return set >= Charset::iso8859_1 && set <= Charset::iso8859_15; }

/// Sets of one byte a character, all of which have ASCII below 0x80 (ISO IR14 but for two places).
[[nodiscard]] bool is_single_byte(Charset set) {
  return set == Charset::ascii || is_8859(set) || set == Charset::iso_ir14 || set == Charset::windows_1252;
}

[[nodiscard]] std::optional<External> external_of(Charset set) {
  switch (set) {
    case Charset::gb18030: return External::gb18030;
    case Charset::big5: return External::big5;
    case Charset::ks_x_1001: return External::euc_kr;
    case Charset::cns11643: return External::euc_tw;
    default: return std::nullopt;
  }
}

void note(Misfits& misfits, std::size_t at) {
  if (misfits.count++ == 0) misfits.first = at;
}

void single_to_utf8(Charset set, std::string_view bytes, std::string& out, Misfits& misfits) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char32_t code = single_byte_character(set, static_cast<unsigned char>(bytes[at]));
    if (code != kNoCharacter) {
      append_character(code, out);
    } else {
      note(misfits, at);
      append_kept(bytes[at], out);
    }
  }
}

void external_text_to_utf8(External set, std::string_view bytes, std::string& out, Misfits& misfits) {
  for (std::size_t at = 0; at < bytes.size();) {
    at += external_to_utf8(set, bytes.substr(at), out);
    if (at == bytes.size()) return;
    note(misfits, at);
    append_kept(bytes[at], out);
    ++at;
  }
}

[[nodiscard]] bool single_from_utf8(Charset set, std::string_view text, std::string& out, std::size_t& unfit) {
  for (std::size_t at = 0; at < text.size();) {
    const Character c = character_at(text.substr(at));
    char byte = 0;
    if (c.size == 0) {
      unfit = at;
      if (!kept_at(text.substr(at), byte)) return false;
      out.push_back(byte);
      at += kKeptSize;
      continue;
    }
    if (!single_byte_of(set, c.code, byte)) {
      unfit = at;
      return false;
    }
    out.push_back(byte);
    at += c.size;
  }
  return true;
}

[[nodiscard]] bool external_from_utf8(External set, std::string_view text, std::string& out, std::size_t& unfit) {
  for (std::size_t at = 0; at < text.size();) {
    at += utf8_to_external(set, text.substr(at), out);
    char byte = 0;
    if (at == text.size()) break;
    if (!kept_at(text.substr(at), byte)) {
      unfit = at;
      return false;
    }
    out.push_back(byte);
    at += kKeptSize;
  }
  return true;
}

/// What is sent as UTF-8 goes out as it came; of a kept byte the byte itself.
[[nodiscard]] std::string_view utf8_from_utf8(std::string_view text, std::string& buffer) {
  std::size_t at = text.find('\xED');
  char byte = 0;
  while (at != std::string_view::npos && !kept_at(text.substr(at), byte)) at = text.find('\xED', at + 1);
  if (at == std::string_view::npos) return text;
  buffer.clear();
  std::size_t done = 0;
  while (at != std::string_view::npos) {
    if (kept_at(text.substr(at), byte)) {
      buffer.append(text, done, at - done);
      buffer.push_back(byte);
      done = at + kKeptSize;
      at = text.find('\xED', done);
    } else {
      at = text.find('\xED', at + 1);
    }
  }
  buffer.append(text, done);
  return buffer;
}

/// Is every text that is ASCII the same text in this set?
[[nodiscard]] bool keeps_ascii(const TextEncoding& encoding) {
  return encoding.switching == Switching::none && encoding.base != Charset::iso_ir14;
}

}  // namespace

std::optional<Charset> find_charset(std::string_view name) {
  std::array<char, 20> room{};
  std::size_t size = 0;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (!digit && !upper && !lower) {
      if (c == ' ' || c == '-' || c == '_' || c == '/') continue;
      return std::nullopt;
    }
    if (size == room.size()) return std::nullopt;
    room[size++] = lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  std::string_view plain(room.data(), size);
  for (const Name& known : kNames) {
    if (known.name == plain) return known.charset;
  }
  if (plain.starts_with("ISO")) plain.remove_prefix(3);
  if (plain.starts_with("8859")) return iso8859_by_part(plain.substr(4));
  return std::nullopt;
}

std::string_view name_of(Charset charset) { return kStandardNames[static_cast<std::size_t>(charset)]; }

std::string describe(const TextEncoding& encoding) {
  std::string text(name_of(encoding.base));
  for (std::size_t n = 0; n < encoding.alternate_count; ++n) {
    text.append(n == 0 ? " with " : ", ").append(name_of(encoding.alternates[n]));
  }
  return text;
}

bool is_in_table_0211(std::string_view name) {
  if (name == "UNICODE") return true;
  return name != name_of(Charset::windows_1252) && std::ranges::find(kStandardNames, name) != kStandardNames.end();
}

bool can_carry_messages(Charset charset) { return charset != Charset::utf16 && charset != Charset::utf32; }

bool is_available(Charset charset) {
  if (!can_carry_messages(charset)) return false;
  if (charset == Charset::iso_ir87 || charset == Charset::iso_ir159) return has_external(External::euc_jp);
  const auto external = external_of(charset);
  return !external || has_external(*external);
}

bool is_ascii(std::string_view bytes) {
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  constexpr std::size_t kBlock = 64;
  std::size_t at = 0;
  for (; at + kBlock <= bytes.size(); at += kBlock) {  // the compiler makes vectors of this
    std::uint64_t words[kBlock / 8];
    std::memcpy(words, bytes.data() + at, kBlock);
    std::uint64_t all = 0;
    for (const std::uint64_t word : words) all |= word;
    if ((all & kHighs) != 0) return false;
  }
  unsigned rest = 0;
  for (; at < bytes.size(); ++at) rest |= static_cast<unsigned char>(bytes[at]);
  return (rest & 0x80U) == 0;
}

Misfits utf8_misfits(std::string_view bytes) {
  Misfits misfits;
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::uint64_t word = 0;
    while (at + 8 <= bytes.size()) {
      std::memcpy(&word, bytes.data() + at, sizeof word);
      if ((word & kHighs) != 0) break;
      at += 8;
    }
    if (at == bytes.size()) break;
    const Character c = character_at(bytes.substr(at));
    if (c.size == 0) {
      note(misfits, at);
      ++at;
    } else {
      at += c.size;
    }
  }
  return misfits;
}

std::string spelled(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  while (!text.empty()) {
    const std::size_t good = std::min(utf8_misfits(text).first, text.size());
    out.append(text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) break;
    char byte = text[0];
    text.remove_prefix(kept_at(text, byte) ? kKeptSize : 1);
    const auto value = static_cast<unsigned char>(byte);
    out.append({'\\', 'x', digits[value >> 4U], digits[value & 15U]});
  }
  return out;
}

char32_t single_byte_character(Charset set, unsigned char byte) {
  if (byte < 0x80) {
    if (set == Charset::iso_ir14 && byte == 0x5C) return 0xA5;
    if (set == Charset::iso_ir14 && byte == 0x7E) return 0x203E;
    return byte;
  }
  char32_t code = 0;
  if (is_8859(set)) {
    if (byte < 0xA0) return byte;  // the C1 controls
    code = kIso8859[static_cast<std::size_t>(set) - static_cast<std::size_t>(Charset::iso8859_1)][byte - 0xA0U];
  } else if (set == Charset::windows_1252) {
    code = byte < 0xA0 ? kWindows1252[byte - 0x80U] : byte;
  } else if (set == Charset::iso_ir14 && byte >= 0xA1 && byte <= 0xDF) {
    code = 0xFF61U + (byte - 0xA1U);
  }
  return code == 0 ? kNoCharacter : code;
}

bool single_byte_of(Charset set, char32_t code, char& byte) {
  const auto found = [&](std::size_t value) {
    byte = static_cast<char>(value);
    return true;
  };
  if (code < 0x80) return !(set == Charset::iso_ir14 && (code == 0x5C || code == 0x7E)) && found(code);
  if (is_8859(set)) {
    if (code < 0xA0) return found(code);
    const auto& table = kIso8859[static_cast<std::size_t>(set) - static_cast<std::size_t>(Charset::iso8859_1)];
    const auto at = std::ranges::find(table, static_cast<char16_t>(code));
    return code <= 0xFFFF && at != table.end() && found(0xA0U + static_cast<std::size_t>(at - table.begin()));
  }
  if (set == Charset::windows_1252) {
    if (code >= 0xA0 && code <= 0xFF) return found(code);
    const auto at = std::ranges::find(kWindows1252, static_cast<char16_t>(code));
    return code <= 0xFFFF && at != kWindows1252.end() && found(0x80U + static_cast<std::size_t>(at - kWindows1252.begin()));
  }
  if (set == Charset::iso_ir14) {
    if (code == 0xA5) return found(0x5C);
    if (code == 0x203E) return found(0x7E);
    return code >= 0xFF61 && code <= 0xFF9F && found(code - 0xFF61U + 0xA1U);
  }
  return false;
}

std::string_view to_utf8(const TextEncoding& encoding, std::string_view bytes, std::string& buffer, Misfits* misfits) {
  Misfits ignored;
  Misfits& noted = misfits != nullptr ? *misfits : ignored;
  noted = {};
  if (keeps_ascii(encoding) && (encoding.base == Charset::utf8 ? misfits == nullptr : is_ascii(bytes))) return bytes;
  if (encoding.switching != Switching::none) return switched_to_utf8(encoding, bytes, buffer, noted);
  if (encoding.base == Charset::utf8 || !can_carry_messages(encoding.base)) {  // what parses as a message is no UTF-16
    if (misfits != nullptr) noted = utf8_misfits(bytes);
    return bytes;
  }
  buffer.clear();
  buffer.reserve(bytes.size() + bytes.size() / 8 + 16);
  if (const auto external = external_of(encoding.base)) {
    external_text_to_utf8(*external, bytes, buffer, noted);
  } else {
    single_to_utf8(is_single_byte(encoding.base) ? encoding.base : Charset::ascii, bytes, buffer, noted);
  }
  return buffer;
}

std::optional<std::string_view> from_utf8(const TextEncoding& encoding, std::string_view text, std::string& buffer,
                                          std::size_t* unfit) {
  if (keeps_ascii(encoding) && is_ascii(text)) return text;
  std::size_t ignored = 0;
  std::size_t& where = unfit != nullptr ? *unfit : ignored;
  if (encoding.switching == Switching::none && (encoding.base == Charset::utf8 || !can_carry_messages(encoding.base))) {
    return utf8_from_utf8(text, buffer);
  }
  buffer.clear();
  bool fits = false;
  if (encoding.switching != Switching::none) {
    fits = switched_from_utf8(encoding, text, buffer, where);
  } else if (const auto external = external_of(encoding.base)) {
    fits = external_from_utf8(*external, text, buffer, where);
  } else {
    fits = single_from_utf8(is_single_byte(encoding.base) ? encoding.base : Charset::ascii, text, buffer, where);
  }
  if (!fits) return std::nullopt;
  return std::string_view(buffer);
}

}  // namespace smarthl7::hl7
