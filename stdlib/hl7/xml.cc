// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/xml.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/tree_text.h"
#include "stdlib/hl7/utf8.h"

namespace smarthl7::hl7 {
namespace {

constexpr std::string_view kUnknownType = "UNKNOWN";
constexpr std::string_view kNeedsEscape =
    "a character that XML does not have, in a message without an escape character (MSH-2)";

[[nodiscard]] bool is_element_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  if (name.empty() || !letter(name[0])) return false;
  for (const char c : name) {
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

/// A character that XML 1.0 (section 2.2) takes as it is; tab and all others from blank on.
[[nodiscard]] bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 || byte == '\t') && byte < 0x80 && c != '&' && c != '<' && c != '>';
}

void append_hex_escape(std::string_view bytes, std::string& out) {
  out += "<escape V=\"X";
  for (const char c : bytes) fmt::format_to(std::back_inserter(out), "{:02X}", static_cast<unsigned char>(c));
  out += "\"/>";
}

void append_escaped(char c, std::string& out) {
  switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    default: is_plain(c) ? out.push_back(c) : append_hex_escape({&c, 1}, out);
  }
}

void append_attribute(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"') {
      out += "&quot;";
    } else if (c == '\t') {
      out += "&#9;";
    } else if (c == '&' || c == '<' || c == '>') {
      append_escaped(c, out);
    } else {
      out.push_back(c);
    }
  }
}

class Writer {
 public:
  Writer(const Tree& tree, std::string& out, const XmlOptions& options) : tree_(tree), out_(out), options_(options) {}

  Result<void> run() {
    if (!is_element_name(tree_.structure())) return fail(ErrorCode::invalid, "the message type cannot name an XML element");
    if (options_.declaration) {
      out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
      out_ += '\n';
    }
    out_ += '<';
    out_ += tree_.structure();
    out_ += " xmlns=\"";
    out_ += kXmlNamespace;
    out_ += "\">";
    ++depth_;
    std::vector<Tree::Index> open;  // groups
    for (Tree::Index at = 0; at < tree_.size();) {
      for (; !open.empty() && tree_.node(open.back()).end <= at; open.pop_back()) close_group(open.back());
      if (tree_.node(at).kind == Tree::Kind::group) {
        open_group(at);
        open.push_back(at);
        ++at;
      } else {
        TRY_VOID(write_segment(at));
        at = tree_.node(at).end;
      }
    }
    for (; !open.empty(); open.pop_back()) close_group(open.back());
    --depth_;
    new_line();
    out_ += "</";
    out_ += tree_.structure();
    out_ += '>';
    out_ += '\n';
    return {};
  }

 private:
  void new_line() {
    if (!options_.indent) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  void append_group_name(Tree::Index at) {
    out_ += tree_.structure();
    out_ += '.';
    out_ += tree_.text(at);
  }

  void open_group(Tree::Index at) {
    new_line();
    out_ += '<';
    append_group_name(at);
    out_ += '>';
    ++depth_;
  }

  void close_group(Tree::Index at) {
    --depth_;
    new_line();
    out_ += "</";
    append_group_name(at);
    out_ += '>';
  }

  // ---- elements: NAME.number, opened on a line of its own

  void append_name(std::string_view owner, std::uint32_t number) {
    out_ += owner;
    out_ += '.';
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out_.append(digits, end);
  }

  void open(std::string_view owner, std::uint32_t number) {
    new_line();
    out_ += '<';
    append_name(owner, number);
    out_ += '>';
  }

  void close(std::string_view owner, std::uint32_t number) {
    out_ += "</";
    append_name(owner, number);
    out_ += '>';
  }

  void empty(std::string_view owner, std::uint32_t number) {
    new_line();
    out_ += '<';
    append_name(owner, number);
    out_ += "/>";
  }

  Result<void> write_segment(Tree::Index at) {
    const std::string_view name = tree_.text(at);
    ++segments_;
    if (!is_element_name(name)) {
      return fail(ErrorCode::invalid, fmt::format("segment {}: its name cannot name an XML element", segments_));
    }
    segment_ = at;
    const Tree::Node& node = tree_.node(at);
    new_line();
    out_ += '<';
    out_ += name;
    if (node.parts == 0) {
      out_ += "/>";
      return {};
    }
    out_ += '>';
    ++depth_;
    const Segment definition = tree_.version() ? tree_.version().segment(name) : Segment();
    std::uint32_t last = 0;
    for (Tree::Index field = tree_.first_child(at); field != Tree::kNone; field = tree_.next_sibling(field, at)) {
      last = tree_.node(field).number;
      const Field facts = definition ? definition.field(last) : Field();
      TRY_VOID(write_field(field, name, value_type(tree_, at, facts)));
    }
    if (node.parts > last && options_.keep_trailing) empty(name, node.parts);
    --depth_;
    new_line();
    out_ += "</";
    out_ += name;
    out_ += '>';
    return {};
  }

  Result<void> write_field(Tree::Index at, std::string_view owner, const ValueType& type) {
    const Tree::Node& node = tree_.node(at);
    if (node.leaf) {
      if (node.number <= 2 && tree_.is_header_segment(segment_)) return write_delimiters(at, owner);
      return write_value(at, owner, node.number, type);
    }
    std::uint32_t number = 1;
    for (Tree::Index i = tree_.first_child(at); i != Tree::kNone; i = tree_.next_sibling(i, at)) {
      for (; number < tree_.node(i).number; ++number) empty(owner, node.number);
      ++number;
      TRY_VOID(write_value(i, owner, node.number, type));
    }
    if (options_.keep_trailing) {
      for (; number <= node.parts; ++number) empty(owner, node.number);
    }
    return {};
  }

  /// MSH-1 and MSH-2 hold no escapes.
  Result<void> write_delimiters(Tree::Index at, std::string_view owner) {
    open(owner, tree_.node(at).number);
    const std::string_view text = tree_.text(at);
    for (const char c : text) {
      if (!is_plain(c) && c != '&' && c != '<' && c != '>') return fail_at(at, "a character that XML cannot carry");
      append_escaped(c, out_);
    }
    close(owner, tree_.node(at).number);
    return {};
  }

  /// A field's repetition, a component or a subcomponent, in an element OWNER.number.
  Result<void> write_value(Tree::Index at, std::string_view owner, std::uint32_t number, const ValueType& type) {
    const Tree::Node& node = tree_.node(at);
    open(owner, number);
    const std::string_view name = type.name.empty() ? kUnknownType : type.name;
    if (node.leaf) {
      TRY_VOID(write_leaf(at, type));
    } else {
      ++depth_;
      std::uint32_t last = 0;
      for (Tree::Index i = tree_.first_child(at); i != Tree::kNone; i = tree_.next_sibling(i, at)) {
        last = tree_.node(i).number;
        TRY_VOID(write_value(i, name, last, component_type(type, last)));
      }
      if (node.parts > last && options_.keep_trailing) empty(name, node.parts);
      --depth_;
      new_line();
    }
    close(owner, number);
    return {};
  }

  /// A value where the type has parts is their first; ER7 leaves the separators out, XML does not leave out the elements.
  Result<void> write_leaf(Tree::Index at, ValueType type) {
    std::vector<std::string_view>& around = around_;
    around.clear();
    while (type.datatype && type.datatype.is_composite() && around.size() < 4) {
      around.push_back(type.name);
      type = component_type(type, 1);
    }
    for (const std::string_view name : around) {
      out_ += '<';
      append_name(name, 1);
      out_ += '>';
    }
    TRY_VOID(write_text(at));
    for (std::size_t n = around.size(); n > 0; --n) close(around[n - 1], 1);
    return {};
  }

  [[nodiscard]] std::unexpected<Error> fail_at(Tree::Index at, std::string_view what) const {
    return fail(ErrorCode::invalid, fmt::format("{}: {}", place_of(tree_, at), what));
  }

  Result<void> write_text(Tree::Index at) {
    const std::string_view raw = tree_.text(at);
    const char escape = tree_.delimiters().escape;
    for (std::size_t from = 0; from < raw.size();) {
      std::size_t to = from;
      while (to < raw.size() && is_plain(raw[to]) && (raw[to] != escape || escape == 0)) ++to;
      out_ += raw.substr(from, to - from);
      if (to == raw.size()) break;
      const char c = raw[to];
      if (c == escape && escape != 0) {
        from = write_sequence(raw, to);
      } else if (static_cast<unsigned char>(c) >= 0x80) {
        const std::size_t length = character_at(raw.substr(to)).size;
        if (length == 0) return fail_at(at, "bytes that are not in the message's character set (MSH-18)");
        const std::string_view character = raw.substr(to, length);
        const bool no_character = character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";  // U+FFFE, U+FFFF
        if (no_character && escape == 0) return fail_at(at, kNeedsEscape);
        no_character ? append_hex_escape(character, out_) : static_cast<void>(out_ += character);
        from = to + length;
      } else {
        const bool control = static_cast<unsigned char>(c) < 0x20;
        if (control && escape == 0) return fail_at(at, kNeedsEscape);
        append_escaped(c, out_);
        from = to + 1;
      }
    }
    return {};
  }

  /// Writes the escape sequence at `at`; gives where the text goes on.
  std::size_t write_sequence(std::string_view raw, std::size_t at) {
    const EscapeSequence sequence = read_escape(raw, at, tree_.delimiters());
    if (sequence.kind == EscapeSequence::Kind::delimiter) {
      append_escaped(sequence.character, out_);
    } else if (sequence.kind == EscapeSequence::Kind::other && utf8_misfits(sequence.body).count == 0 &&
               has_no_controls(sequence.body)) {
      out_ += "<escape V=\"";
      append_attribute(sequence.body, out_);
      out_ += "\"/>";
    } else {  // an escape character that begins nothing is a character like others
      append_escaped(tree_.delimiters().escape, out_);
      return at + 1;
    }
    return sequence.end;
  }

  [[nodiscard]] static bool has_no_controls(std::string_view text) {
    for (const char c : text) {
      if (static_cast<unsigned char>(c) < 0x20) return false;
    }
    return true;
  }

  const Tree& tree_;
  std::string& out_;
  const XmlOptions& options_;
  std::size_t depth_ = 0;
  Tree::Index segment_ = 0;
  std::size_t segments_ = 0;
  std::vector<std::string_view> around_;
};

}  // namespace

Result<void> write_xml(const Tree& tree, std::string& out, const XmlOptions& options) {
  const std::size_t before = out.size();
  auto written = Writer(tree, out, options).run();
  if (!written) out.resize(before);
  return written;
}

}  // namespace smarthl7::hl7
