// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "compiler/format/doc.h"
#include "compiler/format/format.h"

namespace smarthl7::format {
namespace {

using syntax::Comment;
using syntax::Span;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kContinuation = 4;

struct Line {
  std::size_t indent = 0;
  std::string_view kind;  // aligned with neighbours of the same kind
  std::vector<std::string> cells;
  bool blank_before = false;
  std::string comment;  // at the end of the line
};

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_soft(char c) { return c == kSoftBlank || c == kSoftColumn || c == kSoftFirst; }

/// The cells in a row; soft breaks between them where a break is allowed.
std::string joined(const std::vector<std::string>& cells) {
  std::string out;
  for (const std::string& cell : cells) {
    if (!out.empty()) out += cell.starts_with("else ") ? kSoftColumn : ' ';
    out += cell;
  }
  return out;
}

/// Soft breaks as blanks.
std::string flat(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == kSoftColumn) {
      out += "   ";
    } else {
      out += is_soft(c) ? ' ' : c;
    }
  }
  return out;
}

/// Broken at soft breaks where a line would grow too long.
std::string filled(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = static_cast<std::size_t>(
        std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_soft) - text.begin());
    const std::string_view piece = text.substr(at, end - at);
    if (at != 0) {
      const std::size_t gap = text[at - 1] == kSoftColumn ? 3 : 1;
      if (text[at - 1] == kSoftFirst || column + gap + width(piece) > kLineWidth) {
        out += '\n';
        out.append(indent + kContinuation, ' ');
        column = indent + kContinuation;
      } else {
        out.append(gap, ' ');
        column += gap;
      }
    }
    out += piece;
    column += width(piece);
    at = end + 1;
  }
  return out;
}

class Layout {
 public:
  explicit Layout(const syntax::ParsedFile& file) : file_(file), bytes_(file.source->bytes()) {}
  std::string run(const std::vector<Doc>& docs);

 private:
  void statement(const Doc& doc, std::size_t indent);
  void declaration(const Doc& doc);
  void blocks(const Doc& doc, std::size_t indent);
  [[nodiscard]] bool inline_text(const Doc& doc, std::string& out) const;
  void add(Line line, std::uint32_t begin, std::uint32_t end);
  void comments_before(std::uint32_t offset, std::size_t indent);
  [[nodiscard]] std::size_t before_docs(std::uint32_t begin) const;
  void trailing_comment(std::uint32_t end);
  void plain_comment(const Comment& comment, std::size_t indent);
  [[nodiscard]] std::string comment_text(const Comment& comment, bool as_doc) const;
  [[nodiscard]] bool has_comment(Span span) const;
  [[nodiscard]] bool blank_between(std::uint32_t from, std::uint32_t to) const;
  void align();
  void align_run(std::size_t first, std::size_t last);
  [[nodiscard]] std::string text() const;

  const syntax::ParsedFile& file_;
  std::string_view bytes_;
  std::vector<Line> lines_;
  std::size_t comment_ = 0;    // the next one to write
  std::uint32_t written_ = 0;  // the source up to here is in lines_
  bool block_begins_ = true;   // nothing written in this block yet
};

bool Layout::blank_between(std::uint32_t from, std::uint32_t to) const {
  int breaks = 0;
  for (std::uint32_t at = from; at < to; ++at) {
    if (bytes_[at] == '\n' && ++breaks == 2) return true;
    if (bytes_[at] != '\n' && bytes_[at] != ' ' && bytes_[at] != '\t' && bytes_[at] != '\r') breaks = 0;
  }
  return false;
}

std::string Layout::comment_text(const Comment& comment, bool as_doc) const {
  std::string text(file_.source->text(comment.span));
  if (comment.doc && !as_doc) text.erase(0, 1);
  return text;
}

bool Layout::has_comment(Span span) const {
  return std::any_of(file_.comments.begin(), file_.comments.end(),
                     [span](const Comment& c) { return span.contains(c.span.begin); });
}

void Layout::add(Line line, std::uint32_t begin, std::uint32_t end) {
  line.blank_before = !block_begins_ && blank_between(written_, begin);
  block_begins_ = false;
  written_ = std::max(written_, end);
  lines_.push_back(std::move(line));
}

void Layout::plain_comment(const Comment& comment, std::size_t indent) {
  add({indent, "", {comment_text(comment, true)}, false, {}}, comment.span.begin, comment.span.end);
}

void Layout::comments_before(std::uint32_t offset, std::size_t indent) {
  for (; comment_ < file_.comments.size() && file_.comments[comment_].span.begin < offset; ++comment_) {
    plain_comment(file_.comments[comment_], indent);
  }
}

void Layout::trailing_comment(std::uint32_t end) {
  if (comment_ == file_.comments.size() || lines_.empty() || !lines_.back().comment.empty()) return;
  const Comment& comment = file_.comments[comment_];
  if (comment.span.begin < end) return;
  const std::string_view between = bytes_.substr(end, comment.span.begin - end);
  if (!std::all_of(between.begin(), between.end(), [](char c) { return c == ' ' || c == '\t'; })) return;
  lines_.back().comment = comment_text(comment, true);
  written_ = comment.span.end;
  ++comment_;
}

bool Layout::inline_text(const Doc& doc, std::string& out) const {
  for (const Part& part : doc.parts) {
    if (!out.empty()) out += ' ';
    out += flat(joined(part.cells));
    if (!part.block) continue;
    out += " {";
    for (const Doc& item : part.items) {
      std::string text;
      if (!inline_text(item, text)) return false;
      out += (out.ends_with('{') ? " " : "  ") + text;
    }
    out += " }";
  }
  return out.find('\n') == std::string::npos;
}

/// Where the doc comments of what begins there start in lines_: nothing may come between them and it.
std::size_t Layout::before_docs(std::uint32_t begin) const {
  std::size_t place = lines_.size();
  if (blank_between(written_, begin)) return place;
  while (place > 0 && lines_[place - 1].cells.front().starts_with("///")) {
    --place;
    if (lines_[place].blank_before) break;
  }
  return place;
}

void Layout::statement(const Doc& doc, std::size_t indent) {
  const bool with_block = std::any_of(doc.parts.begin(), doc.parts.end(), [](const Part& p) { return p.block; });
  const std::uint32_t head_end = with_block ? doc.parts.front().block_span.begin : doc.span.end;
  comments_before(doc.span.begin, indent);
  std::size_t place = before_docs(doc.span.begin);
  for (; comment_ < file_.comments.size() && file_.comments[comment_].span.begin < head_end; ++comment_) {
    const Comment& comment = file_.comments[comment_];
    Line line{indent, "", {comment_text(comment, false)}, false, {}};
    if (place < lines_.size()) {
      line.blank_before = std::exchange(lines_[place].blank_before, false);
    } else {
      line.blank_before = !block_begins_ && blank_between(written_, doc.span.begin);
      written_ = std::max(written_, doc.span.begin);
    }
    block_begins_ = false;
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(place++), std::move(line));
  }
  if (!with_block) {
    add({indent, doc.kind, doc.parts.front().cells, false, {}}, doc.span.begin, doc.span.end);
    trailing_comment(doc.span.end);
    return;
  }
  blocks(doc, indent);
}

void Layout::blocks(const Doc& doc, std::size_t indent) {
  std::string one_line;
  const bool one = bytes_.substr(doc.span.begin, doc.span.length()).find('\n') == std::string_view::npos &&
                   !has_comment(doc.span) && inline_text(doc, one_line) && indent + width(one_line) <= kLineWidth;
  if (one) {
    Line line{indent, doc.kind, doc.parts.front().cells, false, {}};
    const std::string head = flat(joined(line.cells));
    line.cells.push_back(one_line.substr(head.size() + 1));
    add(std::move(line), doc.span.begin, doc.span.end);
    trailing_comment(doc.span.end);
    return;
  }
  for (std::size_t i = 0; i < doc.parts.size(); ++i) {
    const Part& part = doc.parts[i];
    std::vector<std::string> cells = part.cells;
    if (i > 0) {
      // What stands between `}` and here goes to the end of the block before.
      comments_before(part.block ? part.block_span.begin : doc.span.end, indent + kIndent);
      cells = {"} " + joined(part.cells)};
    }
    if (part.block) cells.emplace_back("{");
    const std::uint32_t begin = i == 0 ? doc.span.begin : written_;
    add({indent, i == 0 ? doc.kind : "", std::move(cells), false, {}}, begin,
        part.block ? part.block_span.begin + 1 : doc.span.end);
    if (!part.block) {
      trailing_comment(doc.span.end);
      return;
    }
    trailing_comment(part.block_span.begin + 1);
    block_begins_ = true;
    for (const Doc& item : part.items) statement(item, indent + kIndent);
    comments_before(part.block_span.end, indent + kIndent);
    block_begins_ = true;
    written_ = std::max(written_, part.block_span.end);
  }
  block_begins_ = true;
  add({indent, "", {"}"}, false, {}}, doc.span.end, doc.span.end);
  trailing_comment(doc.span.end);
}

void Layout::declaration(const Doc& doc) {
  const std::size_t first = lines_.size();
  statement(doc, 0);
  // A declaration of several lines stands apart, with the comments that belong to it.
  std::size_t head = first;
  for (std::size_t i = first; i < lines_.size(); ++i) {
    if (i > first && lines_[i].indent == 0 && lines_[i].blank_before) head = i;
    if (!lines_[i].cells.front().starts_with("//")) break;
  }
  const bool long_now = lines_.back().cells.front() == "}";
  const bool long_before = first > 0 && lines_[first - 1].cells.front() == "}";
  if (first > 0 && (long_now || long_before)) lines_[long_before ? first : head].blank_before = true;
  if (head > 0 && long_now) lines_[head].blank_before = true;
}

void Layout::align_run(std::size_t first, std::size_t last) {
  std::vector<std::vector<std::string>> aligned;
  for (std::size_t i = first; i < last; ++i) aligned.push_back(lines_[i].cells);
  for (std::size_t column = 0;; ++column) {
    std::size_t most = 0;
    for (const auto& cells : aligned) {
      if (column + 1 < cells.size()) most = std::max(most, width(flat(cells[column])));
    }
    if (most == 0) break;
    for (auto& cells : aligned) {
      if (column + 1 < cells.size()) cells[column].append(most - width(flat(cells[column])), ' ');
    }
  }
  for (std::size_t i = first; i < last; ++i) {
    const std::string line = flat(joined(aligned[i - first]));
    if (line.find('\n') != std::string::npos || lines_[i].indent + width(line) > kLineWidth) return;
  }
  for (std::size_t i = first; i < last; ++i) lines_[i].cells = std::move(aligned[i - first]);
}

void Layout::align() {
  const auto alone = [](const Line& line) {
    const std::string text = flat(joined(line.cells));
    return line.kind.empty() || text.find('\n') != std::string::npos || line.indent + width(text) > kLineWidth;
  };
  for (std::size_t i = 0; i < lines_.size();) {
    std::size_t end = i + 1;
    const auto same = [&](const Line& line) {
      return line.kind == lines_[i].kind && line.indent == lines_[i].indent && !line.blank_before && !alone(line);
    };
    while (!alone(lines_[i]) && end < lines_.size() && same(lines_[end]) && lines_[end - 1].cells.back() != "{") ++end;
    if (end - i > 1) align_run(i, end);
    i = end;
  }
}

std::string Layout::text() const {
  std::string out;
  for (const Line& line : lines_) {
    if (line.blank_before && !out.empty()) out += '\n';
    const std::string whole = joined(line.cells);
    const std::string one = flat(whole);
    out.append(line.indent, ' ');
    const bool fits = one.find('\n') != std::string::npos || line.indent + width(one) <= kLineWidth;
    out += fits ? one : filled(whole, line.indent);
    if (!line.comment.empty()) out += "  " + line.comment;
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  }
  return out;
}

std::string Layout::run(const std::vector<Doc>& docs) {
  for (const Doc& doc : docs) declaration(doc);
  comments_before(file_.source->size() + 1, 0);
  align();
  return text();
}

}  // namespace

std::string lay_out(const syntax::ParsedFile& file, const std::vector<Doc>& docs) { return Layout(file).run(docs); }

std::string format(const syntax::ParsedFile& file) {
  if (file.has_errors) return std::string(file.source->bytes());
  return lay_out(file, build(file));
}

}  // namespace smarthl7::format
