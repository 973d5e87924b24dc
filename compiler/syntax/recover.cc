// SPDX-License-Identifier: Apache-2.0
// Blanks, commitment and recovery of the grammar: what happens around its rules.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "compiler/diag/suggest.h"
#include "compiler/syntax/grammar.h"

namespace smarthl7::syntax {

const char* State::skip(const char* at) {
  for (;;) {
    while (at != stop && (is_blank(*at) || *at == '\n')) ++at;
    if (at == stop) return at;
    const bool slashes = *at == '/' && at + 1 != stop && at[1] == '/';
    if (!slashes && *at != '#' && *at != ';') return at;
    const char* end = at + 1;
    if (*at != ';') {
      end = std::find(at, stop, '\n');
      while (end != at && is_blank(end[-1])) --end;
    }
    if (offset(at) >= blanks_seen) {
      blanks_seen = offset(at) + 1;
      const Span span{file.id(), offset(at), offset(end)};
      if (slashes) {
        const bool doc = span.length() >= 3 && at[2] == '/' && (span.length() == 3 || at[3] != '/');
        comments.push_back({span, doc});
      } else {
        foreign.push_back({span.begin, span.end});
      }
    }
    at = end;
  }
}

void State::report(diag::Diagnostic diagnostic) {
  failed = true;
  sink.report(std::move(diagnostic));
}

namespace grammar {
namespace {

using diag::Code;
using diag::Diagnostic;

bool line_break_between(const char* begin, const char* end) { return std::find(begin, end, '\n') != end; }

/// The token at `at`, as far as a message shows it.
std::string_view token_at(const State& st, const char* at) {
  if (at == st.stop) return {};
  const char* end = at;
  while (end != st.stop && is_word(*end)) ++end;
  if (end == at && *at == '"') {
    end = std::find_if(at + 1, st.stop, [](char c) { return c == '"' || c == '\n'; });
    if (end != st.stop && *end == '"') ++end;
  }
  if (end == at) {
    for (const std::string_view sign : {"->", "==", "!=", "<=", ">=", "&&", "||"}) {
      if (scan_text(at, st.stop, sign) != nullptr) return sign;
    }
    end = at + source::decode_utf8({at, static_cast<std::size_t>(st.stop - at)}, 0).length;
  }
  return {at, static_cast<std::size_t>(end - at)};
}

Span span_of(const State& st, const char* at, std::size_t length) {
  return {st.file.id(), st.offset(at), st.offset(at) + static_cast<std::uint32_t>(length)};
}

std::string shown(std::string_view token) {
  constexpr std::size_t kMost = 40;
  if (token.size() <= kMost) return fmt::format("`{}`", token);
  std::size_t cut = kMost;
  while (cut > 0 && (static_cast<unsigned char>(token[cut]) & 0xC0U) == 0x80U) --cut;
  return fmt::format("`{}...`", token.substr(0, cut));
}

std::string word_list(const BlockInfo& info) {
  std::string out = fmt::format("{} holds ", info.noun);
  for (std::size_t i = 0; i < info.word_count; ++i) {
    if (i != 0) out += i + 1 == info.word_count ? " and " : ", ";
    out += info.words[i];
  }
  return out;
}

/// `=` where a condition ends: the author compares.
bool report_equals(State& st, const char* at) {
  if (token_at(st, at) != "=") return false;
  Diagnostic diagnostic{Code::E0128, span_of(st, at, 1), "`=` assigns; a condition compares with `==`", {}, {}, {}, {}, {}};
  diagnostic.fixes.push_back(diag::replace(diagnostic.span, "=="));
  st.report(std::move(diagnostic));
  return true;
}

void report_expected(State& st, const Failure& failure) {
  const char* at = st.start + failure.at;
  const char* next = st.skip(at);
  const std::string_view token = token_at(st, next);
  if (token.empty() || line_break_between(at, next)) {
    Diagnostic diagnostic{failure.code, span_of(st, at, 0), fmt::format("expected {}", failure.expected), {}, {}, {}, {}, {}};
    if (failure.same_line && !token.empty()) diagnostic.help = "it stands on the same line as the word before it";
    st.report(std::move(diagnostic));
    return;
  }
  if ((failure.expected.starts_with("`{`") || failure.expected.starts_with("`->`")) && report_equals(st, next)) return;
  Diagnostic diagnostic{failure.code, span_of(st, next, token.size()), {}, {}, {}, {}, {}, {}};
  if (is_reserved(token) && failure.expected.find("name") != std::string_view::npos) {
    diagnostic.code = Code::E0113;
    diagnostic.message = fmt::format("expected {}, but `{}` is a reserved word", failure.expected, token);
  } else {
    diagnostic.message = fmt::format("expected {}, found {}", failure.expected, shown(token));
  }
  if (token == "==" && failure.expected.starts_with("`=`")) {
    diagnostic.help = "`=` assigns, `==` compares";
    diagnostic.fixes.push_back(diag::replace(diagnostic.span, "="));
  }
  st.report(std::move(diagnostic));
}

/// An option without its value; `begin` and `end` are its name.
void report_lost_value(State& st, const Failure& failure) {
  const Span span{st.file.id(), failure.begin, failure.end};
  const std::string_view word = st.file.text(span);
  Diagnostic diagnostic{Code::E0111, span, fmt::format("`{}` has no value", word), {}, {}, {}, {}, {}};
  const char* next = st.skip(st.start + failure.end);
  const std::string_view token = token_at(st, next);
  if (!token.empty() && is_word(token[0]) && !line_break_between(st.start + failure.end, next)) {
    diagnostic.message = fmt::format("did `{}` lose its value? `{}` is an option of its own", word, token);
  }
  diagnostic.help = "each option has a value, on the same line";
  st.report(std::move(diagnostic));
}

void report_failure(State& st, const Failure& failure) {
  const Span span{st.file.id(), failure.begin, failure.end};
  switch (failure.code) {
    case Code::E0103:
      st.sink.report(Code::E0103, span, fmt::format("nesting is limited to {} levels", kMaxDepth));
      st.failed = true;
      return;
    case Code::E0105:
      st.sink.report(Code::E0105, span, fmt::format("expected {}", failure.expected),
                     "a string ends on its line; three quotes begin a block");
      st.failed = true;
      st.string_open = st.string_open || failure.expected.starts_with("three");
      return;
    case Code::E0111:
      if (failure.end != 0) return report_lost_value(st, failure);
      [[fallthrough]];
    default: report_expected(st, failure);
  }
}

void report_stray(State& st, const char* at, const BlockInfo& info) {
  const std::string_view token = token_at(st, at);
  if (report_equals(st, at)) return;
  Diagnostic diagnostic{
      Code::E0102, span_of(st, at, token.size()), fmt::format("{} cannot stand here", shown(token)), {}, {}, {}, {}, {}};
  std::vector<std::string_view> words(info.words, info.words + info.word_count);
  if (const auto near = is_word(*at) ? diag::suggest(token, words) : std::nullopt; near && near != token) {
    diagnostic.help = fmt::format("did you mean `{}`?", *near);
    diagnostic.fixes.push_back(diag::replace(diagnostic.span, std::string(*near)));
  } else if (info.word_count != 0) {
    diagnostic.help = word_list(info);
  }
  st.report(std::move(diagnostic));
}

/// First byte of the line that holds `at`, and the width of its blanks.
const char* line_begin(const State& st, const char* at) {
  while (at != st.start && at[-1] != '\n') --at;
  return at;
}
std::uint32_t indent_of(const State& st, const char* at) {
  const char* line = line_begin(st, at);
  std::uint32_t width = 0;
  for (; line != st.stop && is_blank(*line); ++line) width = *line == '\t' ? (width / 4 + 1) * 4 : width + 1;
  return width;
}
bool first_on_line(const State& st, const char* at) {
  const char* line = line_begin(st, at);
  return std::all_of(line, at, is_blank);
}
bool at_head(const State& st, const char* at) { return (at == st.start || at[-1] == '\n') && is_declaration_head(at, st.stop); }

/// Past the string that begins at the quote; a plain one ends with its line at the latest.
const char* past_string(const State& st, const char* at) {
  const std::string_view rest(at, static_cast<std::size_t>(st.stop - at));
  if (rest.starts_with("\"\"\"")) {
    const std::size_t end = rest.find("\"\"\"", 3);
    return end == std::string_view::npos ? st.stop : at + end + 3;
  }
  const bool raw = at != st.start && at[-1] == 'r';
  for (++at; at != st.stop && *at != '\n'; ++at) {
    if (*at == '"') return at + 1;
    if (*at == '\\' && !raw && at + 1 != st.stop && at[1] != '\n') ++at;
  }
  return at;
}

/// Where reading goes on after an error in an item: after its line and the lines indented deeper, or at `}`.
const char* next_item(const State& st, const char* at, std::uint32_t indent) {
  unsigned open = 0;
  while (at != st.stop) {
    const char c = *at;
    if (c == '"') {
      at = past_string(st, at);
      continue;
    }
    if (c == '#' || (c == '/' && at + 1 != st.stop && at[1] == '/')) {
      at = std::find(at, st.stop, '\n');
      continue;
    }
    if (c == '{') ++open;
    if (c == '}' && open == 0) {
      // At the indent of the statement it is the statement's own: its `{` was lost in what could not be read.
      if (indent == 0 || !first_on_line(st, at) || indent_of(st, at) < indent) return at;
    } else if (c == '}') {
      --open;
    }
    ++at;
    if (c != '\n') continue;
    const char* line = at;
    while (line != st.stop && is_blank(*line)) ++line;
    if (line == st.stop || *line == '\n') continue;
    const std::uint32_t width = indent_of(st, line);
    if (at_head(st, line) || (*line == '}' && width < indent)) return line;
    if (open == 0 && width <= indent) return line;
  }
  return at;
}

/// An error inside a string is passed with the whole string.
const char* resume_point(State& st, const char* at) {
  const char* string = std::exchange(st.string_begin, nullptr);
  return string != nullptr ? std::min(string, at) : at;
}

void recovered_item(Input& in, State& st, Match item, const BlockInfo& info) {
  const char* start = in.current();
  const std::size_t nodes = st.nodes.size();
  const std::uint32_t outer_indent = st.statement_indent;
  const unsigned depth = st.depth;
  st.statement_indent = indent_of(st, start);
  bool good = false;
  try {
    good = item(in, st);
    if (!good) report_stray(st, start, info);
  } catch (const Failure& failure) {
    report_failure(st, failure);
  }
  if (!good) {
    st.depth = depth;
    st.nodes.resize(nodes);
    const char* from = resume_point(st, std::max(start, in.current()));
    const char* to = std::max({next_item(st, from, st.statement_indent), start + 1, in.current()});
    go_to(in, to);
    add_leaf(st, Kind::error, start, to);
  }
  st.statement_indent = outer_indent;
}

void report_unclosed(State& st, const char* open) {
  Diagnostic diagnostic{Code::E0104, span_of(st, open, 1), "this `{` has no `}`", {}, {}, {}, {}, {}};
  st.report(std::move(diagnostic));
}

constexpr std::string_view kDeclarationWords[] = {"language",    "use",         "setting", "secret",  "oauth",     "contact",
                                                  "environment", "table",       "message", "mapping", "redaction", "retry",
                                                  "source",      "destination", "flow",    "alert",   "test"};
constexpr BlockInfo kFileInfo{"a file", kDeclarationWords, std::size(kDeclarationWords)};

/// The head of a declaration that failed, so that its name is known.
void salvage_head(State& st, const char* start) {
  const char* word_end = scan_word(start, st.stop);
  if (word_end == nullptr || !is_declaration_word({start, static_cast<std::size_t>(word_end - start)})) return;
  const auto index = st.nodes.size();
  st.nodes.push_back({Kind::broken, st.offset(start), st.offset(word_end), 0});
  add_leaf(st, Kind::word, start, word_end);
  const char* name_begin = st.skip(word_end);
  if (const char* name_end = scan_name(name_begin, st.stop); name_end != nullptr && !line_break_between(word_end, name_begin)) {
    add_leaf(st, Kind::name, name_begin, name_end);
    st.nodes[index].end = st.offset(name_end);
  }
  st.nodes[index].next = static_cast<std::uint32_t>(st.nodes.size());
}

const char* next_head(const State& st, const char* at) {
  for (at = std::find(at, st.stop, '\n'); at != st.stop; at = std::find(at, st.stop, '\n')) {
    ++at;
    if (at_head(st, at)) return at;
  }
  return st.stop;
}

void report_indented(State& st, const char* at) {
  Diagnostic diagnostic{
      Code::E0108, span_of(st, at, token_at(st, at).size()), "a declaration begins in column 1", {}, {}, {}, {}, {}};
  const char* line = line_begin(st, at);
  if (first_on_line(st, at)) {
    diagnostic.fixes.push_back({"move it to column 1", {{span_of(st, line, static_cast<std::size_t>(at - line)), ""}}});
  } else {
    diagnostic.fixes.push_back({"begin a line", {{span_of(st, at, 0), "\n"}}});
  }
  st.report(std::move(diagnostic));
}

}  // namespace

void fail_expected(Input& in, State& st, std::string_view expected, bool same_line, Code what_code) {
  throw Failure{what_code, st.offset(in.current()), expected, same_line, 0, 0};
}

void fail_at(State& st, Code what_code, const char* begin, const char* end, std::string_view what) {
  throw Failure{what_code, st.offset(begin), what, false, st.offset(begin), st.offset(end)};
}

bool next_on_line(Input& in, State& st) {
  const char* next = st.skip(in.current());
  return next != st.stop && !line_break_between(in.current(), next);
}

std::size_t open_node(Input& in, State& st, Kind kind) {
  const std::uint32_t begin = st.offset(st.skip(in.current()));
  st.nodes.push_back({kind, begin, begin, 0});
  return st.nodes.size() - 1;
}

void add_leaf(State& st, Kind kind, const char* begin, const char* end) {
  st.nodes.push_back({kind, st.offset(begin), st.offset(end), static_cast<std::uint32_t>(st.nodes.size() + 1)});
}

bool match_token(Input& in, State& st, Scan scan) {
  const char* end = scan(st.skip(in.current()), st.stop);
  if (end == nullptr) return false;
  go_to(in, end);
  return true;
}

bool match_leaf(Input& in, State& st, Kind kind, Scan scan) {
  const char* begin = st.skip(in.current());
  const char* end = scan(begin, st.stop);
  if (end == nullptr) return false;
  add_leaf(st, kind, begin, end);
  go_to(in, end);
  return true;
}

bool match_text(Input& in, State& st, std::string_view text) {
  const char* end = scan_text(st.skip(in.current()), st.stop, text);
  if (end == nullptr) return false;
  go_to(in, end);
  return true;
}

bool assign_sign::read(Input& in, State& st) {
  const char* at = st.skip(in.current());
  if (at == st.stop || *at != '=' || (at + 1 != st.stop && at[1] == '=')) return false;
  go_to(in, at + 1);
  return true;
}

bool match_block(Input& in, State& st, Match item, const BlockInfo& info) {
  const char* open = st.skip(in.current());
  if (open == st.stop || *open != '{') return false;
  const Deeper deeper(in, st);
  const std::size_t index = open_node(in, st, Kind::block);
  const std::uint32_t indent = st.statement_indent;
  go_to(in, open + 1);
  for (;;) {
    const char* at = st.skip(in.current());
    if (at == st.stop || at_head(st, at) || (*at == '}' && first_on_line(st, at) && indent_of(st, at) < indent)) {
      if (at != st.stop || !st.string_open) report_unclosed(st, open);
      st.nodes[index].kind = Kind::block_open;
      break;
    }
    go_to(in, at);
    if (*at == '}') {
      go_to(in, at + 1);
      break;
    }
    recovered_item(in, st, item, info);
  }
  return close_node(in, st, index, true);
}

void match_file(Input& in, State& st, Match declaration) {
  if (std::string_view(st.start, static_cast<std::size_t>(st.stop - st.start)).starts_with("\xEF\xBB\xBF"))
    go_to(in, st.start + 3);
  const char* first_column = in.current();
  for (;;) {
    const char* at = st.skip(in.current());
    go_to(in, at);
    if (at == st.stop) return;
    if (*at == '}') {
      st.report({Code::E0102, span_of(st, at, 1), "this `}` closes nothing", {}, {}, {}, {}, {}});
      go_to(in, at + 1);
      continue;
    }
    if (at != first_column && (at == st.start || at[-1] != '\n') && is_declaration_word(token_at(st, at)))
      report_indented(st, at);
    const std::size_t nodes = st.nodes.size();
    st.depth = 0;
    st.statement_indent = 0;
    try {
      if (declaration(in, st)) continue;
      report_stray(st, at, kFileInfo);
    } catch (const Failure& failure) {
      report_failure(st, failure);
    }
    st.nodes.resize(nodes);
    salvage_head(st, at);
    const char* from = resume_point(st, std::max(in.current(), at));
    go_to(in, std::max({next_head(st, from), at + 1, in.current()}));
  }
}

}  // namespace grammar
}  // namespace smarthl7::syntax
