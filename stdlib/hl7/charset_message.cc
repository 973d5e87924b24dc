// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/charset_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/charset_switch.h"
#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::uint16_t kCharacterSet = 18;  // MSH-18
constexpr std::uint16_t kHandling = 20;      // MSH-20

[[nodiscard]] std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

[[nodiscard]] bool is_reached_by_switch(Charset set) { return set == Charset::iso_ir87 || set == Charset::iso_ir159; }

void add_alternate(Charset set, TextEncoding& encoding) {
  if (encoding.alternate_count == encoding.alternates.size()) return;
  encoding.alternates[encoding.alternate_count++] = set;
}

/// Where a byte of an indexed message stands: its segment and field, and its number (from 1) in that field.
struct Spot {
  Location place;
  std::size_t byte = 0;
  std::string_view before;  // of the field
};

[[nodiscard]] Spot spot_of(const Message& message, std::size_t offset) {
  Spot spot;
  const std::uint32_t count = message.segment_count();
  std::uint32_t index = 0;
  while (index + 1 < count && message.extent(index).next <= offset) ++index;
  if (count == 0) return spot;
  spot.place.segment = index;
  const auto marks = message.segment(index).marks();
  std::size_t begin = message.extent(index).begin;
  std::uint16_t field = 0;
  for (std::size_t n = 0; n + 1 < marks.size() && marks[n] < offset; ++n) {
    begin = marks[n] + std::size_t{1};
    field = static_cast<std::uint16_t>(n + 1);
  }
  if (field > 0 && is_header(message.segment_key(index))) ++field;
  spot.place.field = field;
  spot.byte = offset - begin + 1;
  spot.before = message.bytes().substr(begin, offset - begin);
  return spot;
}

[[nodiscard]] Finding misfit_finding(const Message& message, const Location& place, std::size_t byte,
                                     const TextEncoding& encoding) {
  return finding_at(message, place, Severity::warning, condition::kDataType,
                    fmt::format("text in {}; byte {} is in no character of it", describe(encoding), byte));
}

void check_fields(const Message& message, const TextEncoding& encoding, std::vector<Finding>& findings, std::size_t most) {
  std::string buffer;
  std::size_t added = 0;
  for (std::uint32_t index = 0; index < message.segment_count() && added < most; ++index) {
    const SegmentView segment = message.segment(index);
    Misfits misfits;
    static_cast<void>(to_utf8(encoding, segment.raw(), buffer, &misfits));
    if (misfits.count == 0) continue;
    if (!encoding.delimiters_are_safe()) {
      findings.push_back(misfit_finding(message, {index, 0, 0, 0, 0}, misfits.first + 1, encoding));
      ++added;
      continue;
    }
    const std::size_t fields = segment.field_count();
    for (std::size_t n = is_header(segment.key()) ? 3 : 1; n <= fields && added < most; ++n) {
      static_cast<void>(to_utf8(encoding, segment.raw_field(n), buffer, &misfits));
      if (misfits.count == 0) continue;
      findings.push_back(misfit_finding(message, {index, static_cast<std::uint16_t>(std::min<std::size_t>(n, 0xFFFF)), 0, 0, 0},
                                        misfits.first + 1, encoding));
      ++added;
    }
  }
}

[[nodiscard]] int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// The bytes of `\X..\` that begins at text; false if it is none.
[[nodiscard]] bool read_hex(std::string_view text, char escape, std::string& bytes, std::size_t& size) {
  bytes.clear();
  if (text.size() < 5 || text[1] != 'X') return false;
  const std::size_t close = text.find(escape, 2);
  if (close == std::string_view::npos || close % 2 != 0 || close == 2) return false;
  for (std::size_t at = 2; at < close; at += 2) {
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return false;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  size = close + 1;
  return true;
}

void append_hex(std::string_view bytes, char escape, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  out.append({escape, 'X'});
  for (const char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15U]);
  }
  out.push_back(escape);
}

/// Bytes above ASCII that are written in hexadecimal are text of the set too. What is none (binary data, say) stays.
void convert_hex(const TextEncoding& from, const TextEncoding& to, char escape, std::string& text) {
  if (escape == 0) return;
  const char begins[2] = {escape, 'X'};
  std::size_t at = text.find(std::string_view(begins, 2));
  if (at == std::string::npos) return;
  std::string result;
  std::string bytes;
  std::string as_text;
  std::string encoded;
  std::size_t done = 0;
  for (; at != std::string::npos; at = text.find(std::string_view(begins, 2), at)) {
    std::size_t size = 0;
    if (!read_hex(std::string_view(text).substr(at), escape, bytes, size)) {
      ++at;
      continue;
    }
    Misfits misfits;
    if (!is_ascii(bytes) || from.switching != Switching::none) {
      const std::string_view read = to_utf8(from, bytes, as_text, &misfits);
      const auto written = misfits.count == 0 ? from_utf8(to, read, encoded) : std::nullopt;
      if (written) {
        result.append(text, done, at - done);
        append_hex(*written, escape, result);
        done = at + size;
      }
    }
    at += size;
  }
  if (done == 0) return;
  result.append(text, done);
  text = std::move(result);
}

[[nodiscard]] Finding unfit_finding(const Message& text, std::size_t offset, const TextEncoding& to, const TextEncoding* from) {
  const Spot spot = spot_of(text, offset);
  std::size_t byte = spot.byte;
  std::string buffer;
  if (from != nullptr) {
    if (const auto sent = from_utf8(*from, spot.before, buffer)) byte = sent->size() + 1;
  }
  return finding_at(text, spot.place, Severity::error, condition::kDataType,
                    fmt::format("text that {} can hold; the character at byte {} cannot be written in it", describe(to), byte));
}

}  // namespace

TextEncoding text_encoding(const Message& message, Charset configured) {
  TextEncoding encoding;
  encoding.base = configured;
  const FieldView declared = message.header(kCharacterSet);
  if (!declared.raw().empty()) {
    const std::size_t count = std::min<std::size_t>(declared.repetition_count(), encoding.alternates.size() + 1);
    for (std::size_t n = 1; n <= count; ++n) {
      std::string unescaped;
      std::string_view name = trimmed(declared.repetition(n).text());
      if (message.delimiters().escape != 0 && name.find(message.delimiters().escape) != std::string_view::npos) {
        unescaped = decoded(name, message.delimiters());
        name = unescaped;
      }
      if (name.empty() || name == "\"\"") continue;
      const auto found = find_charset(name);
      if (!found) {
        encoding.unknown_name = true;
        continue;
      }
      if (n > 1) {
        add_alternate(*found, encoding);
        continue;
      }
      encoding.base = *found;
      encoding.declared = true;
    }
  }
  if (is_reached_by_switch(encoding.base)) {  // named first: what it is reached from is ASCII
    add_alternate(encoding.base, encoding);
    encoding.base = Charset::ascii;
  }
  if (encoding.alternate_count == 0) return encoding;
  if (!encoding.declared && encoding.base == Charset::utf8) encoding.base = Charset::ascii;  // where switches begin and end
  encoding.escape = message.delimiters().escape;
  const std::string handling(trimmed(decoded(message.header(kHandling).text(), message.delimiters())));
  const bool as_hl7 = handling == "2.3" || (handling.empty() && message.bytes().find('\x1B') == std::string_view::npos);
  encoding.switching = as_hl7 && encoding.escape != 0 ? Switching::hl7 : Switching::iso2022;
  return encoding;
}

std::uint64_t count_misfits(const Message& message, const TextEncoding& encoding) {
  const std::string_view bytes = message.bytes();
  if (encoding.switching == Switching::none && is_ascii(bytes)) return 0;
  if (encoding.base == Charset::utf8 && encoding.switching == Switching::none) return utf8_misfits(bytes).count;
  std::string buffer;
  Misfits misfits;
  static_cast<void>(to_utf8(encoding, bytes, buffer, &misfits));
  return misfits.count;
}

void check_charset(const Message& message, const TextEncoding& encoding, std::vector<Finding>& findings, std::size_t most) {
  const auto about_header = [&](std::uint16_t field, std::uint16_t code, Severity severity, std::string text) {
    findings.push_back(finding_at(message, {0, field, 0, 0, 0}, severity, code, std::move(text)));
  };
  if (encoding.unknown_name) {
    about_header(kCharacterSet, condition::kTableValue, Severity::warning,
                 fmt::format("a character set of table 0211; read as {}", name_of(encoding.base)));
  }
  if (!can_carry_messages(encoding.base)) {
    about_header(
        kCharacterSet, condition::kTableValue, Severity::warning,
        fmt::format("a character set in which MSH and the frame can be found; {} is none, and these bytes are not in it",
                    name_of(encoding.base)));
  }
  const char escape = message.delimiters().escape;
  const bool switches = encoding.switching != Switching::none;
  if (count_misfits(message, encoding) > 0) check_fields(message, encoding, findings, most);
  if (switches || escape == 0) return;
  for (const char kind : {'C', 'M'}) {
    const char begins[2] = {escape, kind};
    const std::size_t at = message.bytes().find(std::string_view(begins, 2));
    if (at == std::string_view::npos) continue;
    const std::size_t close = message.bytes().find(escape, at + 1);
    if (close == std::string_view::npos || (close - at != 6 && close - at != 8)) continue;
    findings.push_back(finding_at(message, spot_of(message, at).place, Severity::warning, condition::kDataType,
                                  fmt::format("no \\{}..\\, since MSH-18 names one character set only", kind)));
  }
}

bool looks_like_utf16_or_32(std::string_view bytes) {
  using namespace std::string_view_literals;
  for (const std::string_view mark :
       {"\xFE\xFF"sv, "\xFF\xFE"sv, "\0\0\xFE\xFF"sv, "\0M\0S\0H"sv, "M\0S\0H\0"sv, "\0\0\0M"sv, "M\0\0\0S"sv}) {
    if (bytes.starts_with(mark)) return true;
  }
  return false;
}

void message_to_utf8(const Message& message, const TextEncoding& encoding, std::string& out, Misfits* misfits) {
  std::string buffer;
  const std::string_view text = to_utf8(encoding, message.bytes(), buffer, misfits);
  out.assign(text);
  convert_hex(encoding, TextEncoding{}, message.delimiters().escape, out);
}

std::optional<Finding> message_from_utf8(const Message& text, const TextEncoding& encoding, std::string& out) {
  std::string whole(text.bytes());
  convert_hex(TextEncoding{}, encoding, text.delimiters().escape, whole);
  std::string buffer;
  std::size_t unfit = 0;
  if (const auto bytes = from_utf8(encoding, whole, buffer, &unfit)) {
    out.append(*bytes);
    return std::nullopt;
  }
  Message index;
  if (!index.reset(std::string_view(whole))) return unfit_finding(text, 0, encoding, nullptr);
  return unfit_finding(index, unfit, encoding, nullptr);
}

Conversion convert_message(const Message& message, const TextEncoding& from, Charset to, std::string_view name,
                           std::string& out, Finding& why) {
  const bool plain = from.switching == Switching::none && from.base != Charset::iso_ir14 && is_ascii(message.bytes());
  std::string declared;
  bool can_be_named = encode(name, message.delimiters(), declared);
  std::string handling;
  if (is_reached_by_switch(to)) {  // from ASCII, which the empty first repetition is
    can_be_named =
        can_be_named && message.delimiters().repetition != 0 && encode("ISO 2022-1994", message.delimiters(), handling);
    declared.insert(declared.begin(), message.delimiters().repetition);
  }
  const bool named = message.header(kCharacterSet).raw() == declared && message.header(kHandling).raw() == handling;
  const bool has_hex =
      message.delimiters().escape != 0 && message.bytes().find(message.delimiters().escape) != std::string_view::npos;
  if (named &&
      ((plain && !has_hex) || (from.base == to && from.switching == Switching::none && count_misfits(message, from) == 0))) {
    return Conversion::unchanged;
  }
  TextEncoding target;
  target.base = to;
  if (is_reached_by_switch(to)) {
    target.base = Charset::ascii;
    add_alternate(to, target);
    target.switching = Switching::iso2022;
  }
  std::string text;
  Misfits misfits;
  std::string buffer;
  text.assign(to_utf8(from, message.bytes(), buffer, &misfits));
  if (misfits.count > 0) {
    const Spot spot = spot_of(message, misfits.first);
    why = misfit_finding(message, spot.place, spot.byte, from);
    return Conversion::impossible;
  }
  convert_hex(from, target, message.delimiters().escape, text);
  Message index;
  if (!index.reset(std::string_view(text))) {
    why = finding_at(message, {0, 0, 0, 0, 0}, Severity::error, condition::kInternalError, "a message that can be converted");
    return Conversion::impossible;
  }
  Editor editor(index);
  if (!can_be_named || !editor.set_raw({0, kCharacterSet, 0, 0, 0}, declared)) {
    why = finding_at(message, {0, kCharacterSet, 0, 0, 0}, Severity::error, condition::kDataType,
                     "a message with all delimiters in MSH-2");
    return Conversion::impossible;
  }
  if (!handling.empty()) {
    static_cast<void>(editor.set_raw({0, kHandling, 0, 0, 0}, handling));
  } else if (!index.header(kHandling).raw().empty()) {
    editor.clear({0, kHandling, 0, 0, 0});
  }
  std::string edited;
  editor.write(edited);
  std::size_t unfit = 0;
  auto bytes = from_utf8(target, edited, buffer, &unfit);
  // ESC is a character of most sets, but only a beginning of switches where sets are switched.
  const std::size_t escape = target.switching == Switching::none ? std::string::npos : edited.find('\x1B');
  if (escape != std::string::npos) {
    unfit = bytes ? escape : std::min(unfit, escape);
    bytes.reset();
  }
  if (!bytes) {
    Message result;
    const bool indexed = result.reset(std::string_view(edited)).has_value();
    why = unfit_finding(indexed ? result : index, indexed ? unfit : 0, target, &from);
    return Conversion::impossible;
  }
  out.assign(*bytes);
  return Conversion::converted;
}

}  // namespace smarthl7::hl7
