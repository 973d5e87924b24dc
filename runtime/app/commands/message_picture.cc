// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/commands/message_picture.h"

#include <fmt/format.h>

#include <map>

#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/tree_text.h"

namespace smarthl7::app {
namespace {

constexpr std::size_t kLongest = 160;  // bytes of a value that are shown
constexpr std::size_t kNameColumn = 26, kValueColumn = 64;

class Picture {
 public:
  Picture(const hl7::Tree& tree, bool terminal, std::string& out) : tree_(tree), terminal_(terminal), out_(out) {}

  void draw() {
    coloured(kBold, tree_.structure());
    out_ += "  ";
    out_ += printable(tree_.version_text());
    if (tree_.version() && tree_.version().name() != tree_.version_text()) {
      out_ += fmt::format(" (read with the facts of {})", tree_.version().name());
    }
    out_ += '\n';
    std::vector<hl7::Tree::Index> open;
    for (hl7::Tree::Index at = 0; at < tree_.size();) {
      while (!open.empty() && tree_.node(open.back()).end <= at) open.pop_back();
      indent_ = 2 * (open.size() + 1);
      if (tree_.node(at).kind == hl7::Tree::Kind::group) {
        out_.append(indent_, ' ');
        coloured(kGroup, printable(tree_.text(at)));
        out_ += '\n';
        open.push_back(at++);
      } else {
        segment(at);
        at = tree_.node(at).end;
      }
    }
  }

 private:
  static constexpr std::string_view kBold = "1", kGroup = "35", kPath = "36", kDim = "2";

  void coloured(std::string_view colour, std::string_view text) {
    if (terminal_) out_ += fmt::format("\x1b[{}m", colour);
    out_ += text;
    if (terminal_) out_ += "\x1b[0m";
  }

  static std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte == 0x7F) {
        shown += c == '\n' ? "\\n" : fmt::format("\\x{:02X}", byte);
      } else {
        shown += c;
      }
    }
    return shown;
  }

  void segment(hl7::Tree::Index at) {
    const std::string name = printable(tree_.text(at));
    out_.append(indent_, ' ');
    coloured(kBold, name);
    if (const std::size_t count = ++counts_[name]; count > 1) coloured(kDim, fmt::format(" ({})", count));
    out_ += '\n';
    const hl7::Segment facts = tree_.version() ? tree_.version().segment(tree_.text(at)) : hl7::Segment();
    indent_ += 2;
    for (hl7::Tree::Index i = tree_.first_child(at); i != hl7::Tree::kNone; i = tree_.next_sibling(i, at)) {
      const hl7::Tree::Node& node = tree_.node(i);
      const hl7::Field field = facts ? facts.field(node.number) : hl7::Field();
      const hl7::ValueType type = hl7::value_type(tree_, at, field);
      const std::string path = fmt::format("{}-{}", name, node.number);
      const std::string_view label = field ? field.name() : std::string_view();
      if (node.leaf || node.parts == 1) {
        value(node.leaf ? i : tree_.first_child(i), path, label, type, field ? field.table() : hl7::Table());
        continue;
      }
      for (hl7::Tree::Index r = tree_.first_child(i); r != hl7::Tree::kNone; r = tree_.next_sibling(r, i)) {
        value(r, fmt::format("{}[{}]", path, tree_.node(r).number), label, type, field ? field.table() : hl7::Table());
      }
    }
  }

  /// A repetition, component or subcomponent.
  void value(hl7::Tree::Index at, const std::string& path, std::string_view label, const hl7::ValueType& type,
             const hl7::Table& table) {
    head(path, label);
    if (tree_.node(at).leaf) {
      leaf(at, table);
      return;
    }
    if (!type.name.empty()) {
      pad(kValueColumn);
      coloured(kDim, type.name);
    }
    out_ += '\n';
    indent_ += 2;
    for (hl7::Tree::Index i = tree_.first_child(at); i != hl7::Tree::kNone; i = tree_.next_sibling(i, at)) {
      const std::uint32_t number = tree_.node(i).number;
      const hl7::Component part = type.datatype ? type.datatype.component(number) : hl7::Component();
      const hl7::Table codes = part && part.table() ? part.table() : number == 1 ? table : hl7::Table();
      value(i, fmt::format("{}.{}", path, number), part ? part.name() : std::string_view(), hl7::component_type(type, number),
            codes);
    }
    indent_ -= 2;
  }

  void head(const std::string& path, std::string_view label) {
    line_ = out_.size();
    colours_ = 0;
    out_.append(indent_, ' ');
    const std::size_t before = out_.size();
    coloured(kPath, path);
    colours_ += out_.size() - before - path.size();
    if (!label.empty()) {
      pad(kNameColumn);
      out_ += label;
    }
  }

  void pad(std::size_t column) {
    const std::size_t width = out_.size() - line_ - colours_;
    out_.append(width + 2 < column ? column - width : 2, ' ');
  }

  void leaf(hl7::Tree::Index at, const hl7::Table& table) {
    pad(kValueColumn);
    if (tree_.is_null(at)) {
      coloured(kDim, "\"\" (null)");
      out_ += '\n';
      return;
    }
    const std::string_view raw = tree_.text(at);
    std::string_view part = raw;
    if (raw.size() > kLongest) {
      std::size_t size = kLongest;
      while (size > 0 && (static_cast<unsigned char>(raw[size]) & 0xC0U) == 0x80U) --size;
      part = raw.substr(0, size);
    }
    std::string text;
    const bool delimiters = tree_.node(at).kind == hl7::Tree::Kind::field && tree_.node(at).number <= 2;
    if (delimiters) {
      text = part;
    } else {
      hl7::append_plain_text(part, tree_.delimiters(), text);
    }
    out_ += printable(text);
    if (part.size() < raw.size()) coloured(kDim, fmt::format(" ... ({} bytes)", raw.size()));
    if (table) {
      if (const auto meaning = table.meaning(text)) coloured(kDim, fmt::format("  ({})", *meaning));
    }
    out_ += '\n';
  }

  const hl7::Tree& tree_;
  bool terminal_;
  std::string& out_;
  std::size_t indent_ = 0;
  std::size_t line_ = 0;     // where the line at hand begins
  std::size_t colours_ = 0;  // bytes of it that take no room
  std::map<std::string, std::size_t> counts_;
};

}  // namespace

void draw_message(const hl7::Tree& tree, bool terminal, std::string& out) { Picture(tree, terminal, out).draw(); }

}  // namespace smarthl7::app
