// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/json_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/utf8.h"

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] bool is_digit(char c) { return c >= '0' && c <= '9'; }

[[nodiscard]] int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Four hex digits at `at`; -1 if they are not there.
[[nodiscard]] long read_unit(std::string_view raw, std::size_t at) {
  if (raw.size() - at < 4) return -1;
  long unit = 0;
  for (std::size_t n = 0; n < 4; ++n) {
    const int digit = hex_digit(raw[at + n]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

}  // namespace

std::unexpected<Error> JsonText::error_at(std::size_t at, std::string_view what) const {
  const std::string_view before = text_.substr(0, std::min(at, text_.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t feed = before.rfind('\n');
  std::size_t column = 1;
  for (const char c : before.substr(feed == std::string_view::npos ? 0 : feed + 1)) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++column;
  }
  return fail(ErrorCode::invalid, fmt::format("line {}, column {}: {}", line, column, what));
}

void JsonText::skip_blanks() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
}

Result<JsonText::Token> JsonText::next() {
  for (;;) {
    skip_blanks();
    begin_ = at_;
    copied_ = false;
    value_ = {};
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    const bool over = at_ == text_.size();
    switch (wants_) {
      case Wants::nothing:
        if (over) return Token::end;
        return error("expected nothing after the value");
      case Wants::first_value:
        if (c == ']') return close('[');
        return read_value();
      case Wants::value: return read_value();
      case Wants::first_key:
        if (c == '}') return close('{');
        [[fallthrough]];
      case Wants::key:
        if (c != '"') return error("expected a member's name in quotes");
        return read_string(true);
      case Wants::colon:
        if (c != ':') return error("expected a colon");
        ++at_;
        wants_ = Wants::value;
        continue;
      case Wants::after: {
        const bool object = open_.back() == '{';
        if (c == ',') {
          ++at_;
          wants_ = object ? Wants::key : Wants::value;
          continue;
        }
        if (c == (object ? '}' : ']')) return close(open_.back());
        return error(object ? "expected a comma or the end of the object" : "expected a comma or the end of the array");
      }
    }
  }
}

Result<JsonText::Token> JsonText::read_value() {
  if (at_ == text_.size()) return error("expected a value");
  switch (text_[at_]) {
    case '{':
    case '[': return open(text_[at_]);
    case '"': return read_string(false);
    case 't': return read_word("true", Token::truth);
    case 'f': return read_word("false", Token::truth);
    case 'n': return read_word("null", Token::null);
    default: return read_number();
  }
}

void JsonText::value_done() { wants_ = open_.empty() ? Wants::nothing : Wants::after; }

Result<JsonText::Token> JsonText::open(char kind) {
  if (open_.size() >= most_depth_) return error("nested too deep");
  open_.push_back(kind);
  ++at_;
  wants_ = kind == '{' ? Wants::first_key : Wants::first_value;
  return kind == '{' ? Token::object : Token::array;
}

Result<JsonText::Token> JsonText::close(char kind) {
  open_.pop_back();
  ++at_;
  value_done();
  return kind == '{' ? Token::end_object : Token::end_array;
}

Result<JsonText::Token> JsonText::read_word(std::string_view word, Token token) {
  if (!text_.substr(at_).starts_with(word)) return error("expected a value");
  value_ = text_.substr(at_, word.size());
  at_ += word.size();
  value_done();
  return token;
}

Result<JsonText::Token> JsonText::read_number() {
  std::size_t at = at_;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at - from;
  };
  const auto has = [&](std::string_view any) { return at < text_.size() && any.find(text_[at]) != std::string_view::npos; };
  if (has("-")) ++at;
  const bool zero = has("0");
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return error("expected a value");
  if (has(".")) {
    ++at;
    if (digits() == 0) return error("expected a number");
  }
  if (has("eE")) {
    ++at;
    if (has("+-")) ++at;
    if (digits() == 0) return error("expected a number");
  }
  value_ = text_.substr(at_, at - at_);
  at_ = at;
  value_done();
  return Token::number;
}

Result<JsonText::Token> JsonText::read_string(bool is_key) {
  const std::size_t from = at_ + 1;
  std::size_t at = from;
  bool escaped = false;
  for (;; ++at) {
    if (at == text_.size()) return error("expected the end of the string");
    const char c = text_[at];
    if (c == '"') break;
    if (c == '\\') {
      escaped = true;
      if (++at == text_.size()) return error("expected the end of the string");
    }
    if (static_cast<unsigned char>(text_[at]) < 0x20) return error_at(at, "a control character that must be escaped");
  }
  const std::string_view raw = text_.substr(from, at - from);
  if (const std::size_t bad = utf8_misfits(raw).first; bad < raw.size()) return error_at(from + bad, "bytes that are no UTF-8");
  value_ = raw;
  if (escaped) TRY_VOID(decode(raw, from));
  at_ = at + 1;
  if (is_key) {
    wants_ = Wants::colon;
    return Token::key;
  }
  value_done();
  return Token::string;
}

Result<void> JsonText::decode(std::string_view raw, std::size_t from) {
  buffer_.clear();
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t slash = std::min(raw.find('\\', at), raw.size());
    if (!skipping_) buffer_ += raw.substr(at, slash - at);
    if (slash == raw.size()) break;
    at = slash + 2;
    switch (raw[slash + 1]) {
      case '"': buffer_ += '"'; break;
      case '\\': buffer_ += '\\'; break;
      case '/': buffer_ += '/'; break;
      case 'b': buffer_ += '\b'; break;
      case 'f': buffer_ += '\f'; break;
      case 'n': buffer_ += '\n'; break;
      case 'r': buffer_ += '\r'; break;
      case 't': buffer_ += '\t'; break;
      case 'u': {
        const long unit = read_unit(raw, at);
        at += 4;
        if (unit < 0) return error_at(from + slash, "expected four hexadecimal digits");
        auto code = static_cast<std::uint32_t>(unit);
        if (code >= 0xD800 && code < 0xE000) {  // half of a pair
          const long low = at < raw.size() && raw.substr(at).starts_with("\\u") ? read_unit(raw, at + 2) : -1;
          if (code >= 0xDC00 || low < 0xDC00 || low > 0xDFFF) return error_at(from + slash, "half of a surrogate pair");
          code = 0x10000 + ((code - 0xD800) << 10U) + (static_cast<std::uint32_t>(low) - 0xDC00);
          at += 6;
        }
        append_character(code, buffer_);
        break;
      }
      default: return error_at(from + slash, "expected an escape that JSON knows");
    }
  }
  value_ = buffer_;
  copied_ = true;
  return {};
}

std::string_view JsonText::take_text(std::string& buffer) {
  if (!copied_) return value_;
  buffer.swap(buffer_);
  copied_ = false;
  value_ = buffer;
  return value_;
}

Result<void> JsonText::expect(Token token, std::string_view expected) {
  TRY(const Token found, next());
  if (found != token) return error(fmt::format("expected {}", expected));
  return {};
}

Result<void> JsonText::skip() {
  const auto opens = [](char c) { return c == '{' || c == '['; };
  if (begin_ >= text_.size() || !opens(text_[begin_])) return {};
  const std::size_t depth = open_.size() - 1;
  skipping_ = true;
  while (open_.size() > depth) TRY_VOID(next());
  skipping_ = false;
  return {};
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (std::size_t from = 0; from < text.size();) {
    std::size_t to = from;
    while (to < text.size() && static_cast<unsigned char>(text[to]) >= 0x20 && text[to] != '"' && text[to] != '\\') ++to;
    out += text.substr(from, to - from);
    if (to == text.size()) break;
    switch (const char c = text[to]) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out.append("\\u00").append({digits[static_cast<unsigned char>(c) >> 4U], digits[static_cast<unsigned char>(c) & 15U]});
    }
    from = to + 1;
  }
  out += '"';
}

}  // namespace smarthl7::hl7
