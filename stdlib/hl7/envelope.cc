// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/envelope.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/base/base64.h"
#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/envelope_xml.h"
#include "stdlib/hl7/json_text.h"

namespace smarthl7::hl7 {
namespace {

using Token = JsonText::Token;

constexpr std::size_t kMostSteps = 32;

/// One step of a JSON pointer: `~1` is a slash, `~0` a tilde.
[[nodiscard]] bool read_step(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '~') {
      out += text[at];
      continue;
    }
    ++at;
    if (at == text.size() || (text[at] != '0' && text[at] != '1')) return false;
    out += text[at] == '0' ? '~' : '/';
  }
  return true;
}

[[nodiscard]] bool is_index(std::string_view step) {
  if (step.empty() || (step.size() > 1 && step[0] == '0') || step.size() > 9) return false;
  return std::all_of(step.begin(), step.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Finds the string in a JSON document, and reads the rest of it too.
class JsonFinder {
 public:
  JsonFinder(std::string_view document, const Envelope& envelope, std::string& buffer)
      : json_(document), path_(envelope.path), buffer_(buffer) {}

  Result<std::string_view> run() {
    TRY(const Token first, json_.next());
    TRY_VOID(read(first, 0));
    TRY_VOID(json_.expect(Token::end, "nothing after the document"));
    if (!found_) return json_.error("expected a value at the envelope's place");
    return value_;
  }

  /// Where the string's content begins in the document.
  [[nodiscard]] std::size_t begin() const { return begin_; }

 private:
  /// A value on the way to the place: `depth` steps are taken. As deep as the path is long.
  Result<void> read(Token token, std::size_t depth) {
    if (depth == path_.size()) return take(token);
    if (token == Token::object) return read_object(depth);
    if (token == Token::array) return read_array(depth);
    return {};
  }

  Result<void> take(Token token) {
    if (found_) return json_.error("expected the envelope's place once");
    if (token != Token::string) return json_.error("expected a string, the message");
    found_ = true;
    begin_ = json_.begin() + 1;
    value_ = json_.take_text(buffer_);
    return {};
  }

  Result<void> read_object(std::size_t depth) {
    for (;;) {
      TRY(const Token key, json_.next());
      if (key == Token::end_object) return {};
      const bool on_the_way = json_.text() == path_[depth];
      TRY(const Token value, json_.next());
      TRY_VOID(on_the_way ? read(value, depth + 1) : json_.skip());
    }
  }

  Result<void> read_array(std::size_t depth) {
    for (std::size_t n = 0;; ++n) {
      TRY(const Token value, json_.next());
      if (value == Token::end_array) return {};
      const bool on_the_way = is_index(path_[depth]) && path_[depth] == std::to_string(n);
      TRY_VOID(on_the_way ? read(value, depth + 1) : json_.skip());
    }
  }

  JsonText json_;
  const std::vector<std::string>& path_;
  std::string& buffer_;
  std::string_view value_;
  bool found_ = false;
  std::size_t begin_ = 0;
};

void append_json_place(const Envelope& envelope, std::string_view message, std::string& out) {
  for (const std::string& step : envelope.path) {
    if (step == "0") {
      out += '[';
    } else {
      out += '{';
      append_json_string(step, out);
      out += ':';
    }
  }
  append_json_string(message, out);
  for (auto step = envelope.path.rbegin(); step != envelope.path.rend(); ++step) out += *step == "0" ? ']' : '}';
}

/// CR stands as a reference, since XML reads it as LF otherwise; CDATA has no references.
void append_xml_text(std::string_view text, bool cdata, std::string& out) {
  if (cdata) out += "<![CDATA[";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (cdata) {
      if (text.substr(at).starts_with("]]>")) {
        out += "]]]]><![CDATA[>";
        at += 2;
      } else {
        out += c;
      }
      continue;
    }
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\r': out += "&#13;"; break;
      default: out += c;
    }
  }
  if (cdata) out += "]]>";
}

Result<void> append_xml_place(const Envelope& envelope, std::string_view message, std::string& out) {
  for (std::size_t at = 0; at < message.size(); ++at) {
    const auto byte = static_cast<unsigned char>(message[at]);
    const bool no_character = message.substr(at).starts_with("\xEF\xBF\xBE") || message.substr(at).starts_with("\xEF\xBF\xBF");
    if ((byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t') || (byte == 0xEF && no_character)) {
      return fail(ErrorCode::invalid, "a character that XML does not have; base64 can carry it");
    }
  }
  for (const std::string& name : envelope.path) out += "<" + name + ">";
  append_xml_text(message, envelope.cdata && !envelope.base64, out);
  for (auto name = envelope.path.rbegin(); name != envelope.path.rend(); ++name) out += "</" + *name + ">";
  return {};
}

}  // namespace

Result<Envelope> parse_envelope(std::string_view text) {
  Envelope envelope;
  std::string_view rest;
  if (text.starts_with("json:")) {
    rest = text.substr(5);
    if (!rest.empty() && rest[0] != '/')
      return fail(ErrorCode::invalid, "expected a JSON pointer after json:, as json:/data/hl7");
    if (!rest.empty()) rest.remove_prefix(1);
    if (text.size() == 5) return envelope;  // the whole document is the string
  } else if (text.starts_with("xml:")) {
    envelope.kind = Envelope::Kind::xml;
    rest = text.substr(4);
  } else {
    return fail(ErrorCode::invalid, "expected json:/POINTER or xml:ELEMENT");
  }
  for (;;) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    std::string& step = envelope.path.emplace_back();
    if (envelope.kind == Envelope::Kind::json) {
      if (!read_step(rest.substr(0, end), step)) return fail(ErrorCode::invalid, "expected ~0 or ~1 after a tilde");
    } else {
      step = rest.substr(0, end);
      if (!is_xml_name(step)) return fail(ErrorCode::invalid, "expected names of elements, as xml:Envelope/Body/message");
    }
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (envelope.path.size() > kMostSteps) return fail(ErrorCode::invalid, fmt::format("expected at most {} steps", kMostSteps));
  return envelope;
}

Result<std::string_view> unwrap(std::string_view document, const Envelope& envelope, std::string& buffer, std::size_t largest) {
  if (document.size() > largest) return fail(ErrorCode::invalid, fmt::format("the document has more than {} bytes", largest));
  std::string_view text;
  std::string place;
  if (envelope.kind == Envelope::Kind::json) {
    JsonFinder finder(document, envelope, buffer);
    TRY(text, finder.run());
    place = JsonText(document).error_at(finder.begin(), "").error().text;
  } else {
    TRY_VOID(find_in_xml(document, envelope.path, buffer, place));
    text = buffer;
  }
  if (!envelope.base64) return text;
  std::string bytes;
  const std::size_t wrong = read_base64(text, bytes);
  if (wrong != std::string_view::npos) {
    return fail(ErrorCode::invalid, fmt::format("{}expected base64, at character {} of the text", place, wrong + 1));
  }
  buffer = std::move(bytes);
  return std::string_view(buffer);
}

Result<void> wrap(std::string_view message, const Envelope& envelope, std::string& out) {
  std::string encoded;
  if (envelope.base64) {
    append_base64(message, encoded);
    message = encoded;
  } else if (utf8_misfits(message).count > 0) {
    return fail(ErrorCode::invalid, "the message's text is not UTF-8; base64 can carry it");
  }
  const std::size_t before = out.size();
  if (envelope.kind == Envelope::Kind::json) {
    append_json_place(envelope, message, out);
    return {};
  }
  if (envelope.path.empty()) return fail(ErrorCode::invalid, "expected the name of an element");
  auto written = append_xml_place(envelope, message, out);
  if (!written) out.resize(before);
  return written;
}

}  // namespace smarthl7::hl7
