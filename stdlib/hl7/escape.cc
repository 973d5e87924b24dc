// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/escape.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

[[nodiscard]] bool is_hex(std::string_view digits) {
  return !digits.empty() && digits.size() % 2 == 0 && std::ranges::all_of(digits, [](char c) { return hex_digit(c) >= 0; });
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

/// "3", "+4", "-2", blanks around.
[[nodiscard]] bool is_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 4 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

[[nodiscard]] std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

struct Command {
  std::string_view name;
  EscapeKind kind;
  bool takes_number;
  bool needs_number;
};
constexpr Command kCommands[] = {{"br", EscapeKind::line_break, false, false}, {"sp", EscapeKind::space, true, false},
                                 {"fi", EscapeKind::fill, false, false},       {"nf", EscapeKind::no_fill, false, false},
                                 {"in", EscapeKind::indent, true, true},       {"ti", EscapeKind::temporary_indent, true, true},
                                 {"sk", EscapeKind::skip, true, true},         {"ce", EscapeKind::center, false, false}};

/// `.sp3`
[[nodiscard]] EscapeKind command_kind(std::string_view body, std::string_view& value) {
  for (const Command& command : kCommands) {
    if (body.substr(1, 2) != command.name) continue;
    value = trimmed(body.substr(3));
    if (value.empty() ? command.needs_number : !command.takes_number || !is_number(value)) break;
    return command.kind;
  }
  return EscapeKind::stray;
}

/// What stands between two escape characters.
[[nodiscard]] EscapeKind kind_of(std::string_view body, const Delimiters& delimiters, std::string_view& value,
                                 char& character) {
  if (body.empty()) return EscapeKind::stray;
  if (body.size() == 1) {
    character = single_letter(body[0], delimiters);
    if (character != 0) return EscapeKind::delimiter;
    if (body[0] == 'H') return EscapeKind::highlight;
    if (body[0] == 'N') return EscapeKind::normal;
  }
  value = body.substr(1);
  switch (body[0]) {
    case 'X': return is_hex(value) ? EscapeKind::hexadecimal : EscapeKind::stray;
    case 'C': return is_hex(value) && value.size() == 4 ? EscapeKind::single_byte_set : EscapeKind::stray;
    case 'M': return is_hex(value) && (value.size() == 4 || value.size() == 6) ? EscapeKind::multi_byte_set : EscapeKind::stray;
    case 'Z': return EscapeKind::local;
    case '.': return command_kind(body, value);
    default: return EscapeKind::stray;
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

bool EscapeTokens::next(EscapeToken& token) {
  if (rest_.empty()) return false;
  const char escape = delimiters_.escape;
  const std::size_t begin = escape == 0 ? std::string_view::npos : rest_.find(escape);
  std::size_t size = std::min(begin, rest_.size());
  token = {EscapeKind::text, rest_.substr(0, size), rest_.substr(0, size), 0};
  if (size == 0) {
    const std::size_t close = rest_.find(escape, 1);
    size = 1;
    token.kind = EscapeKind::stray;
    if (close != std::string_view::npos) {
      token.kind = kind_of(rest_.substr(1, close - 1), delimiters_, token.value, token.character);
      if (token.kind != EscapeKind::stray) size = close + 1;
    }
    token.raw = rest_.substr(0, size);
    if (token.kind == EscapeKind::stray) token.value = token.raw;
  }
  rest_.remove_prefix(size);
  return true;
}

void append_hexadecimal(std::string_view digits, std::string& out) {
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    out.push_back(static_cast<char>(hex_digit(digits[at]) * 16 + hex_digit(digits[at + 1])));
  }
}

std::string_view name_of(EscapeKind kind) {
  switch (kind) {
    case EscapeKind::text: return "text";
    case EscapeKind::delimiter: return "a delimiter";
    case EscapeKind::hexadecimal: return "hexadecimal data";
    case EscapeKind::highlight: return "highlighting";
    case EscapeKind::normal: return "end of highlighting";
    case EscapeKind::single_byte_set: return "a single-byte character set";
    case EscapeKind::multi_byte_set: return "a multi-byte character set";
    case EscapeKind::local: return "a local sequence";
    case EscapeKind::line_break: return "line break";
    case EscapeKind::space: return "vertical space";
    case EscapeKind::fill: return "word wrap on";
    case EscapeKind::no_fill: return "word wrap off";
    case EscapeKind::indent: return "indent";
    case EscapeKind::temporary_indent: return "temporary indent";
    case EscapeKind::skip: return "blanks";
    case EscapeKind::center: return "centred line";
    case EscapeKind::stray: return "no sequence";
  }
  return {};
}

std::string_view decode(std::string_view raw, const Delimiters& delimiters, std::string& buffer, DecodeNotes* notes) {
  if (delimiters.escape == 0 || raw.find(delimiters.escape) == std::string_view::npos) return raw;
  DecodeNotes ignored;
  DecodeNotes& noted = notes != nullptr ? *notes : ignored;
  buffer.clear();
  EscapeTokens tokens(raw, delimiters);
  for (EscapeToken token; tokens.next(token);) {
    switch (token.kind) {
      case EscapeKind::delimiter: buffer.push_back(token.character); break;
      case EscapeKind::hexadecimal: append_hexadecimal(token.value, buffer); break;
      case EscapeKind::text: buffer.append(token.raw); break;
      default: (token.kind == EscapeKind::stray ? noted.malformed : noted.kept) = true; buffer.append(token.raw);
    }
  }
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

namespace {

/// Lines with an indent; a blank line where one is asked for.
class PlainText {
 public:
  explicit PlainText(std::string& out) : out_(out) {}
  void text(std::string_view piece) {
    if (piece.empty()) return;
    if (at_line_begin_) out_.append(static_cast<std::size_t>(std::max(0, indent_ + temporary_)), ' ');
    at_line_begin_ = false;
    out_.append(piece);
  }
  void new_lines(int count) {
    out_.append(static_cast<std::size_t>(std::clamp(count, 1, kMost)), '\n');
    at_line_begin_ = true;
    temporary_ = 0;
  }
  void blanks(int count) {
    if (count > 0) text(std::string(static_cast<std::size_t>(std::min(count, kMost)), ' '));
  }
  void indent(int count) { indent_ = std::clamp(count, -kMost, kMost); }
  void temporary(int count) { temporary_ = std::clamp(count, -kMost, kMost); }

 private:
  static constexpr int kMost = 200;  // a value asks for 9999 lines in nine bytes
  std::string& out_;
  bool at_line_begin_ = true;
  int indent_ = 0;
  int temporary_ = 0;
};

[[nodiscard]] int number_of(std::string_view text, int otherwise) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void append_plain_text(std::string_view raw, const Delimiters& delimiters, std::string& out) {
  PlainText plain(out);
  std::string bytes;
  EscapeTokens tokens(raw, delimiters);
  for (EscapeToken token; tokens.next(token);) {
    switch (token.kind) {
      case EscapeKind::text:
      case EscapeKind::local:
      case EscapeKind::stray: plain.text(token.raw); break;
      case EscapeKind::delimiter: plain.text(std::string_view(&token.character, 1)); break;
      case EscapeKind::hexadecimal:
        bytes.clear();
        append_hexadecimal(token.value, bytes);
        plain.text(bytes);
        break;
      case EscapeKind::line_break:
      case EscapeKind::center: plain.new_lines(1); break;
      case EscapeKind::space: plain.new_lines(number_of(token.value, 1)); break;
      case EscapeKind::indent: plain.indent(number_of(token.value, 0)); break;
      case EscapeKind::temporary_indent: plain.temporary(number_of(token.value, 0)); break;
      case EscapeKind::skip: plain.blanks(number_of(token.value, 0)); break;
      case EscapeKind::highlight:
      case EscapeKind::normal:
      case EscapeKind::single_byte_set:
      case EscapeKind::multi_byte_set:
      case EscapeKind::fill:
      case EscapeKind::no_fill: break;
    }
  }
}

bool is_truncated(std::string_view raw, const Delimiters& delimiters) {
  return delimiters.truncation != 0 && raw.ends_with(delimiters.truncation);
}

}  // namespace smarthl7::hl7
