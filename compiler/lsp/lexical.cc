// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/lexical.h"

#include <algorithm>

#include "compiler/syntax/scan.h"

namespace smarthl7::lsp {
namespace {

using syntax::is_blank;
using syntax::is_digit;
using syntax::is_word;

bool is_space(char c) { return is_blank(c) || c == '\n'; }

/// The last declaration head in column 1 that does not begin after the offset.
std::uint32_t declaration_begin(std::string_view text, std::uint32_t offset) {
  std::size_t at = std::min<std::size_t>(offset, text.size());
  for (;;) {
    const std::size_t line = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
    if (syntax::is_declaration_head(text.data() + line, text.data() + text.size())) return static_cast<std::uint32_t>(line);
    if (line == 0) return 0;
    at = line - 1;
  }
}

std::uint32_t column_of(std::string_view text, std::uint32_t at) {
  const std::size_t line = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return at - static_cast<std::uint32_t>(line);
}

/// Reads code, strings and interpolations up to the offset.
class Scanner {
 public:
  Scanner(std::string_view text, std::uint32_t offset) : text_(text), stop_(offset) {}

  Spot run() {
    at_ = declaration_begin(text_, stop_);
    spot_.item = at_;
    while (at_ < stop_) {
      if (!strings_.empty() && strings_.back().depth == 0) {
        in_string();
      } else {
        in_code();
      }
    }
    spot_.string = !strings_.empty() && strings_.back().depth == 0;
    if (spot_.string) spot_.string_begin = strings_.back().begin;
    while (spot_.item < stop_ && is_space(text_[spot_.item])) ++spot_.item;
    spot_.before = text_.substr(spot_.item, stop_ - spot_.item);
    return std::move(spot_);
  }

 private:
  struct String {
    std::uint32_t begin = 0;
    bool block = false;
    bool raw = false;
    std::uint32_t depth = 0;  // of braces in its interpolation; 0: in its text
  };

  [[nodiscard]] bool follows(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  void in_string() {
    String& string = strings_.back();
    const char c = text_[at_];
    if (string.block ? follows("\"\"\"") : c == '"') {
      at_ += string.block ? 3 : 1;
      strings_.pop_back();
    } else if (!string.block && c == '\n') {
      strings_.pop_back();  // a string ends on its line
    } else if (!string.raw && c == '\\') {
      at_ += 2;
    } else if (!string.raw && c == '{') {
      string.depth = 1;
      ++at_;
    } else {
      ++at_;
    }
  }

  void in_code() {
    const char c = text_[at_];
    if (c == '"') {
      const bool raw = at_ > 0 && text_[at_ - 1] == 'r' && (at_ == 1 || !is_word(text_[at_ - 2]));
      const bool block = follows("\"\"\"");
      strings_.push_back({at_, block, raw, 0});
      at_ += block ? 3 : 1;
    } else if (follows("//")) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      if (end >= stop_) spot_.comment = true;
      at_ = static_cast<std::uint32_t>(end);
    } else if (!strings_.empty()) {
      String& string = strings_.back();
      if (c == '\n') return strings_.pop_back();
      if (c == '{') ++string.depth;
      if (c == '}') --string.depth;
      ++at_;
    } else if (c == '{') {
      spot_.blocks.push_back({trimmed(text_.substr(spot_.item, at_ - spot_.item)), at_});
      spot_.item = ++at_;
    } else if (c == '}') {
      if (!spot_.blocks.empty()) spot_.blocks.pop_back();
      spot_.item = ++at_;
    } else if (c == '\n') {
      ++at_;
      line_break();
    } else {
      ++at_;
    }
  }

  /// A line that is indented no deeper than the item begins the next one.
  void line_break() {
    std::uint32_t next = at_;
    while (next < text_.size() && is_blank(text_[next])) ++next;
    const bool empty = next >= text_.size() || text_[next] == '\n';
    std::uint32_t item = spot_.item;
    while (item < at_ && is_space(text_[item])) ++item;
    if (item >= at_ || (empty && next < stop_)) return;
    if (next - at_ <= column_of(text_, item) || empty) spot_.item = at_;
  }

  std::string_view text_;
  std::uint32_t stop_;
  std::uint32_t at_ = 0;
  std::vector<String> strings_;
  Spot spot_;
};

/// Before the bracket that belongs to the `]` before `at`; `at` if there is none on the line.
std::uint32_t before_bracket(std::string_view text, std::uint32_t at, std::uint32_t floor) {
  std::uint32_t depth = 0;
  for (std::uint32_t i = at; i > floor; --i) {
    const char c = text[i - 1];
    if (c == '\n') break;
    if (c == ']') ++depth;
    if (c == '[' && --depth == 0) return i - 1;
  }
  return at;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view Block::first_word() const {
  std::size_t end = 0;
  while (end < head.size() && is_word(head[end])) ++end;
  return head.substr(0, end);
}

std::string_view Block::last_word() const {
  std::size_t begin = head.size();
  while (begin > 0 && is_word(head[begin - 1])) --begin;
  return head.substr(begin);
}

Spot spot_at(std::string_view text, std::uint32_t offset) {
  return Scanner(text, std::min(offset, static_cast<std::uint32_t>(text.size()))).run();
}

std::uint32_t word_begin(std::string_view text, std::uint32_t offset, std::uint32_t floor) {
  std::uint32_t at = offset;
  while (at > floor) {
    const char c = text[at - 1];
    if (is_word(c) || c == '.') {
      --at;
    } else if (c == ']') {
      const std::uint32_t open = before_bracket(text, at, floor);
      if (open == at) break;
      at = open;
    } else if (c == '-' && (at == offset || is_digit(text[at]))) {
      --at;
    } else {
      break;
    }
  }
  return at;
}

OpenCall open_call(std::string_view text, std::uint32_t item, std::uint32_t offset) {
  std::uint32_t depth = 0;
  OpenCall call;
  bool quoted = false;
  for (std::uint32_t at = offset; at > item; --at) {
    const char c = text[at - 1];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ')' || c == ']') ++depth;
    if (c == '[' && depth > 0) --depth;
    if (c == ',' && depth == 0) ++call.argument;
    if (c != '(') continue;
    if (depth > 0) {
      --depth;
      continue;
    }
    std::uint32_t begin = at - 1;
    while (begin > item && (is_word(text[begin - 1]) || text[begin - 1] == '.')) --begin;
    call.name = text.substr(begin, at - 1 - begin);
    if (!call.name.empty()) return call;
    call.argument = 0;
  }
  return {};
}

std::vector<std::string_view> tokens(std::string_view text) {
  std::vector<std::string_view> result;
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    if (text.substr(at, 2) == "//") {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (text[at] == '"') {
      ++at;
      while (at < text.size() && text[at] != '"' && text[at] != '\n') at += text[at] == '\\' ? 2U : 1U;
      at = std::min(at + 1, text.size());
    } else if (is_word(text[at]) || ((text[at] == '.' || text[at] == '-') && at + 1 < text.size() && is_word(text[at + 1]))) {
      ++at;
      while (at < text.size() && (is_word(text[at]) || text[at] == '.' || text[at] == '^' ||
                                  (text[at] == '-' && at + 1 < text.size() && is_digit(text[at + 1])))) {
        ++at;
        if (at < text.size() && text[at] == '[') at = std::min(text.find(']', at), text.size() - 1) + 1;
      }
    } else {
      static constexpr std::string_view kPairs[] = {"==", "!=", "<=", ">=", "->"};
      at += std::ranges::find(kPairs, text.substr(at, 2)) != std::end(kPairs) ? 2U : 1U;
    }
    result.push_back(text.substr(begin, at - begin));
  }
  return result;
}

}  // namespace smarthl7::lsp
