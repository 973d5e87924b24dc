// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/json.h"

#include <fmt/format.h>

#include <vector>

#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/json_text.h"
#include "stdlib/hl7/tree_text.h"

namespace smarthl7::hl7 {
namespace {

class Writer {
 public:
  Writer(const Tree& tree, std::string& out, const JsonOptions& options) : tree_(tree), out_(out), options_(options) {}

  Result<void> run() {
    out_ += '{';
    ++depth_;
    TRY_VOID(member("structure", tree_.structure(), true));
    TRY_VOID(member("version", tree_.version_text()));
    TRY_VOID(member("delimiters", delimiters()));
    if (!tree_.start().empty()) TRY_VOID(member("start", tree_.start()));
    if (tree_.terminator() != "\r") TRY_VOID(member("terminator", tree_.terminator()));
    out_ += ',';
    new_line();
    key("segments");
    TRY_VOID(write_all());
    --depth_;
    new_line();
    out_ += '}';
    return {};
  }

 private:
  void new_line() {
    if (!options_.indent) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }
  void key(std::string_view name) {
    out_ += '"';
    out_ += name;
    out_ += options_.indent ? "\": " : "\":";
  }
  void key(std::uint32_t number, bool first) {
    if (!first) comma();
    const fmt::format_int text(number);
    key(std::string_view(text.data(), text.size()));
  }
  void comma() { out_ += options_.indent ? ", " : ","; }

  Result<void> string(std::string_view text) {
    if (utf8_misfits(text).count > 0)
      return fail(ErrorCode::invalid, "bytes that are not in the message's character set (MSH-18)");
    append_json_string(text, out_);
    return {};
  }

  Result<void> member(std::string_view name, std::string_view text, bool first = false) {
    if (!first) out_ += ',';
    new_line();
    key(name);
    return string(text);
  }

  /// MSH-1 and MSH-2 as they stand.
  [[nodiscard]] std::string delimiters() const {
    std::string text;
    for (const std::uint32_t number : {1U, 2U}) {
      const Tree::Index field = tree_.header_field(number);
      if (field != Tree::kNone) text += tree_.text(field);
    }
    return text;
  }

  // ---- groups and segments

  Result<void> write_all() {
    std::vector<Tree::Index> open;  // groups
    bool first = true;
    out_ += '[';
    ++depth_;
    for (Tree::Index at = 0; at < tree_.size(); first = false) {
      for (; !open.empty() && tree_.node(open.back()).end <= at; open.pop_back()) close_group();
      const bool after_opening = first || out_.back() == '[';
      if (!after_opening) out_ += ',';
      new_line();
      if (tree_.node(at).kind == Tree::Kind::group) {
        out_ += '{';
        key("group");
        TRY_VOID(string(tree_.text(at)));
        comma();
        key("segments");
        out_ += '[';
        ++depth_;
        open.push_back(at++);
      } else {
        TRY_VOID(write_segment(at));
        at = tree_.node(at).end;
      }
    }
    for (; !open.empty(); open.pop_back()) close_group();
    --depth_;
    new_line();
    out_ += ']';
    return {};
  }

  void close_group() {
    --depth_;
    new_line();
    out_ += "]}";
  }

  Result<void> write_segment(Tree::Index at) {
    const Tree::Node& node = tree_.node(at);
    out_ += '{';
    key("segment");
    TRY_VOID(string(tree_.text(at)));
    if (node.parts > 0) {
      comma();
      key("fields");
      TRY_VOID(write_fields(at));
    }
    if (next_ending_ < tree_.endings().size() && tree_.endings()[next_ending_].segment == at) {
      comma();
      key("end");
      TRY_VOID(string(tree_.endings()[next_ending_++].text));
    }
    out_ += '}';
    return {};
  }

  Result<void> write_fields(Tree::Index at) {
    const Tree::Node& node = tree_.node(at);
    const bool header = tree_.is_header_segment(at);
    const bool whole = header && at == 0;  // MSH-1 and MSH-2 are the message's `delimiters`
    bool first = true;
    std::uint32_t last = header ? 2 : 0;
    out_ += '{';
    if (header && !whole) {
      key(2, true);
      const Tree::Index encoding = tree_.child(at, 2);
      TRY_VOID(string(encoding == Tree::kNone ? std::string_view() : tree_.text(encoding)));
      first = false;
    }
    for (Tree::Index field = tree_.first_child(at); field != Tree::kNone; field = tree_.next_sibling(field, at)) {
      if (header && tree_.node(field).number <= 2) continue;
      last = tree_.node(field).number;
      key(last, first);
      first = false;
      TRY_VOID(write_field(field));
    }
    if (node.parts > last) {
      key(node.parts, first);
      out_ += "\"\"";
    }
    out_ += '}';
    return {};
  }

  Result<void> write_field(Tree::Index at) {
    const Tree::Node& node = tree_.node(at);
    if (node.leaf) return write_leaf(at);
    if (node.parts == 1) return write_value(tree_.first_child(at));
    out_ += '[';
    std::uint32_t number = 0;
    const auto next = [&] {
      if (++number > 1) comma();
    };
    for (Tree::Index i = tree_.first_child(at); i != Tree::kNone; i = tree_.next_sibling(i, at)) {
      while (number + 1 < tree_.node(i).number) {
        next();
        out_ += "\"\"";
      }
      next();
      TRY_VOID(write_value(i));
    }
    while (number < node.parts) {
      next();
      out_ += "\"\"";
    }
    out_ += ']';
    return {};
  }

  /// A repetition, component or subcomponent; at most three levels deep.
  Result<void> write_value(Tree::Index at) {
    const Tree::Node& node = tree_.node(at);
    if (node.leaf) return write_leaf(at);
    out_ += '{';
    std::uint32_t last = 0;
    for (Tree::Index i = tree_.first_child(at); i != Tree::kNone; i = tree_.next_sibling(i, at)) {
      key(tree_.node(i).number, last == 0);
      last = tree_.node(i).number;
      TRY_VOID(write_value(i));
    }
    if (node.parts > last) {
      key(node.parts, last == 0);
      out_ += "\"\"";
    }
    out_ += '}';
    return {};
  }

  Result<void> write_leaf(Tree::Index at) {
    const std::string_view raw = tree_.text(at);
    if (tree_.is_null(at)) {
      out_ += "null";
      return {};
    }
    if (utf8_misfits(raw).count > 0) {
      return fail(ErrorCode::invalid,
                  fmt::format("{}: bytes that are not in the message's character set (MSH-18)", place_of(tree_, at)));
    }
    if (is_plain(raw)) {
      append_json_string(raw, out_);
      return {};
    }
    const std::string_view text = decode(raw, tree_.delimiters(), decoded_);
    encoded_.clear();
    if (encode(text, tree_.delimiters(), encoded_) && encoded_ == raw && utf8_misfits(text).count == 0) {
      append_json_string(text, out_);
      return {};
    }
    out_ += '{';
    key("escaped");
    append_json_string(raw, out_);
    out_ += '}';
    return {};
  }

  /// Nothing in it is or needs an escape sequence.
  [[nodiscard]] bool is_plain(std::string_view raw) const {
    const Delimiters& delimiters = tree_.delimiters();
    const char escape = delimiters.escape == 0 ? '\x0B' : delimiters.escape;
    const char truncation = delimiters.truncation == 0 ? '\x0B' : delimiters.truncation;
    for (const char c : raw) {
      if (c == escape || c == truncation || c == '\x0B' || c == '\x1C' || c == '\r' || c == '\n') return false;
    }
    return true;
  }

  const Tree& tree_;
  std::string& out_;
  const JsonOptions& options_;
  std::size_t depth_ = 0;
  std::size_t next_ending_ = 0;
  std::string decoded_, encoded_;
};

}  // namespace

Result<void> write_json(const Tree& tree, std::string& out, const JsonOptions& options) {
  const std::size_t before = out.size();
  auto written = Writer(tree, out, options).run();
  if (!written) out.resize(before);
  return written;
}

}  // namespace smarthl7::hl7
