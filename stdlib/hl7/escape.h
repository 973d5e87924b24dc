// SPDX-License-Identifier: Apache-2.0
// Escape sequences of HL7 v2 (2.5.1 chapter 2.7) for given delimiters. decode() turns \F\ \S\ \T\ \R\ \E\ \P\ and
// \Xdd..\ into the bytes they stand for; formatting and character set sequences (\H\ \N\ \.br\ \C..\ \M..\ \Z..\) are kept
// as written, and so is what is no sequence at all. encode() is its inverse: decode(encode(x)) == x for every byte string.
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/hl7/delimiters.h"

namespace smarthl7::hl7 {

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

}  // namespace smarthl7::hl7
