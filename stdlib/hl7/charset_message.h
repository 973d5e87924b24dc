// SPDX-License-Identifier: Apache-2.0
// The character set of a whole message: what MSH-18 and MSH-20 declare (chapter 2.14.9.18, 2.14.9.20), whether its bytes keep
// to it, and its conversion to another set. A message is never changed in place. Findings name the field and the byte, never a
// value. Pure functions; any thread. Failure: what cannot be converted is a Finding, and nothing is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

/// What the message declares; `configured` where MSH-18 is silent or names what is no set. (HL7 says ASCII there; UTF-8, which
/// holds all of ASCII, is what is mostly sent.) A first repetition of MSH-18 that is empty is silent too.
[[nodiscard]] TextEncoding text_encoding(const Message& message, Charset configured = Charset::utf8);

/// Bytes that the message's set cannot hold. Nothing but a look at the bytes where all are ASCII.
[[nodiscard]] std::uint64_t count_misfits(const Message& message, const TextEncoding& encoding);

/// A warning for each field with such bytes (102, at most `most`), for an MSH-18 that names no set or one that cannot be
/// carried (UTF-16, UTF-32: 103), and for switches of sets that MSH-18 does not announce. Warnings, since nothing is lost.
void check_charset(const Message& message, const TextEncoding& encoding, std::vector<Finding>& findings,
                   std::size_t most = 100);

/// Do these bytes begin like a message in UTF-16 or UTF-32, in which no MSH can be found?
[[nodiscard]] bool looks_like_utf16_or_32(std::string_view bytes);

/// The message in UTF-8, MSH-18 as it was; bytes that the set cannot hold are kept as to_utf8() does. \X..\ sequences are
/// converted with the text around them. For sets whose characters can hold delimiter bytes this is the way to find the fields.
void message_to_utf8(const Message& message, const TextEncoding& encoding, std::string& out, Misfits* misfits = nullptr);

/// Back: appends to out. `text` is an indexed message in UTF-8. Gives the place of a character that the set does not have.
[[nodiscard]] std::optional<Finding> message_from_utf8(const Message& text, const TextEncoding& encoding, std::string& out);

/// The message in another set, with MSH-18 = `name` (table 0211) and MSH-20 to match.
/// converted: out is replaced; unchanged: the message is what was wanted already; impossible: where and why.
enum class Conversion : std::uint8_t { converted, unchanged, impossible };
[[nodiscard]] Conversion convert_message(const Message& message, const TextEncoding& from, Charset to, std::string_view name,
                                         std::string& out, Finding& why);

}  // namespace smarthl7::hl7
