// SPDX-License-Identifier: Apache-2.0
// Character sets of HL7 (table 0211; MSH-18 and MSH-20, chapter 2.14.9.18): which one a text is in, and conversion from and to
// UTF-8. ASCII texts are never copied. Nothing is ever replaced: a byte that the set cannot hold is counted and kept (in the
// UTF-8 text it stands as U+DC80 to U+DCFF, which from_utf8 turns back into the byte); a character that the set does not have
// is refused with its place. Pure functions; any thread. Single-byte sets are tables here, multi-byte ones the C library's
// iconv.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smarthl7::hl7 {

enum class Charset : std::uint8_t {
  ascii,
  iso8859_1,
  iso8859_2,
  iso8859_3,
  iso8859_4,
  iso8859_5,
  iso8859_6,
  iso8859_7,
  iso8859_8,
  iso8859_9,
  iso8859_15,
  utf8,
  utf16,      // known by name, refused: MSH cannot be found in it, and MLLP cannot frame it
  utf32,      // likewise
  iso_ir14,   // JIS X 0201: ASCII with yen and overline, half-width katakana above 0xA0
  iso_ir87,   // JIS X 0208, reached by an ISO 2022 switch
  iso_ir159,  // JIS X 0212, likewise
  gb18030,
  ks_x_1001,  // with ASCII below 0x80 (EUC-KR); or reached by a switch
  cns11643,   // with ASCII below 0x80 (EUC-TW); or reached by a switch
  big5,
  windows_1252,  // not of table 0211: what many call 8859/1
};
inline constexpr std::size_t kCharsetCount = 22;

/// By its name of table 0211, or one of the spellings that are met ("UTF-8", "ISO-8859-1", "iso8859-15", "ISO-IR-87").
[[nodiscard]] std::optional<Charset> find_charset(std::string_view name);
/// The name of table 0211 ("8859/1", "UNICODE UTF-8"); "windows-1252" is in no table.
[[nodiscard]] std::string_view name_of(Charset charset);
[[nodiscard]] bool is_in_table_0211(std::string_view name);
/// False: messages cannot be carried in it (UTF-16, UTF-32).
[[nodiscard]] bool can_carry_messages(Charset charset);
/// False: this machine's C library does not have it.
[[nodiscard]] bool is_available(Charset charset);

/// Nothing but bytes below 0x80.
[[nodiscard]] bool is_ascii(std::string_view bytes);
/// Is this UTF-8 by Unicode's rules? The number of bytes that begin no character, and the first of them.
struct Misfits {
  std::uint64_t count = 0;
  std::size_t first = std::string_view::npos;  // offset in what was given
};
[[nodiscard]] Misfits utf8_misfits(std::string_view bytes);

/// How one set changes to another in the middle of a text (table 0356).
enum class Switching : std::uint8_t {
  none,
  iso2022,  // ESC and the designations of ISO 2022 ("ISO 2022-1994")
  hl7,      // \C..\ and \M..\ with the same designations in hexadecimal ("2.3", chapter 2.7.2)
};

/// UTF-8 in any case: bytes that are none, kept ones among them, are spelled `\xFC`. For texts that people and tools read.
[[nodiscard]] std::string spelled(std::string_view text);

/// What a message's text is in.
struct TextEncoding {
  Charset base = Charset::utf8;
  Switching switching = Switching::none;
  char escape = '\\';                   // with Switching::hl7
  std::array<Charset, 7> alternates{};  // in the order of MSH-18; those after alternate_count are nothing
  std::uint8_t alternate_count = 0;
  bool declared = false;      // MSH-18 said so; else it is what was configured
  bool unknown_name = false;  // MSH-18 names a set that is none

  /// Can a text be cut at delimiter bytes before it is converted? Not where they can be half of a character.
  [[nodiscard]] bool delimiters_are_safe() const {
    return switching == Switching::none && base != Charset::gb18030 && base != Charset::big5;
  }
  friend bool operator==(const TextEncoding&, const TextEncoding&) = default;
};

/// "8859/1"; "ASCII with ISO IR87".
[[nodiscard]] std::string describe(const TextEncoding& encoding);

/// As UTF-8: `bytes` itself where nothing has to be done, else a view of `buffer`. Bytes that the set cannot hold are kept as
/// U+DC80 to U+DCFF (of UTF-8: as they are).
[[nodiscard]] std::string_view to_utf8(const TextEncoding& encoding, std::string_view bytes, std::string& buffer,
                                       Misfits* misfits = nullptr);

/// From UTF-8; `text` itself or a view of `buffer`. Nothing if the set does not have a character: `unfit` is its offset in
/// text.
[[nodiscard]] std::optional<std::string_view> from_utf8(const TextEncoding& encoding, std::string_view text,
                                                        std::string& buffer, std::size_t* unfit = nullptr);

}  // namespace smarthl7::hl7
