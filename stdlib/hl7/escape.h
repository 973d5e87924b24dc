// SPDX-License-Identifier: Apache-2.0
// Escape sequences of HL7 v2 (2.5.1 chapter 2.7) for given delimiters. EscapeTokens walks over a value and tells texts and
// every kind of sequence apart. decode() turns \F\ \S\ \T\ \R\ \E\ \P\ and \Xdd..\ into the bytes they stand for; formatting
// and character set sequences (\H\ \N\ \.br\ \C..\ \M..\ \Z..\) are kept as written, and so is what is no sequence at all.
// encode() is its inverse: decode(encode(x)) == x for every byte string. plain_text() is what a person would read.
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/delimiters.h"

namespace smarthl7::hl7 {

enum class EscapeKind : std::uint8_t {
  text,              // no sequence
  delimiter,         // \F\ \S\ \T\ \R\ \E\ \P\: see Token::character
  hexadecimal,       // \X0D0A\: value is "0D0A"
  highlight,         // \H\ .
  normal,            // \N\ .
  single_byte_set,   // \C2D41\: value is "2D41"
  multi_byte_set,    // \M2442\, \M242844\ .
  local,             // \Z..\: value is what follows the Z
  line_break,        // \.br\ .
  space,             // \.sp\, \.sp3\: value is the number or empty
  fill,              // \.fi\ .
  no_fill,           // \.nf\ .
  indent,            // \.in+4\: value is the number
  temporary_indent,  // \.ti-2\ .
  skip,              // \.sk5\ .
  center,            // \.ce\ .
  stray,             // an escape character that begins no sequence known; value and raw are that character
};

struct EscapeToken {
  EscapeKind kind = EscapeKind::text;
  std::string_view raw;    // as written; all raws in a row are the value that was given
  std::string_view value;  // see the kinds; of a text the text
  char character = 0;      // of a delimiter: which character
  friend bool operator==(const EscapeToken&, const EscapeToken&) = default;
};

/// for (EscapeToken token; tokens.next(token);)
class EscapeTokens {
 public:
  /// Views point into raw.
  EscapeTokens(std::string_view raw, const Delimiters& delimiters) : rest_(raw), delimiters_(delimiters) {}
  [[nodiscard]] bool next(EscapeToken& token);

 private:
  std::string_view rest_;
  Delimiters delimiters_;
};

/// Appends the bytes of `\X..\` digits (a token's value).
void append_hexadecimal(std::string_view digits, std::string& out);

/// "line break", "hexadecimal data".
[[nodiscard]] std::string_view name_of(EscapeKind kind);

struct DecodeNotes {
  bool kept = false;       // a formatting or character set sequence was kept as written
  bool malformed = false;  // an escape character that begins no sequence was kept as written
};

/// The decoded value: `raw` itself where there is nothing to decode, else a view of `buffer`.
[[nodiscard]] std::string_view decode(std::string_view raw, const Delimiters& delimiters, std::string& buffer,
                                      DecodeNotes* notes = nullptr);
[[nodiscard]] std::string decoded(std::string_view raw, const Delimiters& delimiters);

/// Appends the encoded text to `out`. CR, LF and the two bytes that frame a message (VT, FS) become \X..\, and the text
/// that is just two quotes is written so that it is not null. False, with `out` as it was, if these delimiters have no
/// escape character and the text needs one.
[[nodiscard]] bool encode(std::string_view text, const Delimiters& delimiters, std::string& out);

/// Appends what a person would read: sequences decoded, formatting followed as far as text can (line breaks, blanks, indents),
/// highlighting and character set switches left out. Local sequences and strays stand as written.
void append_plain_text(std::string_view raw, const Delimiters& delimiters, std::string& out);

/// Was this value cut off by its sender (2.7 chapter 2.5.5.2: the truncation character at its end)?
[[nodiscard]] bool is_truncated(std::string_view raw, const Delimiters& delimiters);

}  // namespace smarthl7::hl7
