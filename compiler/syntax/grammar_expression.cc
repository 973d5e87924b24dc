// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/grammar_expression.h"

#include <algorithm>

namespace smarthl7::syntax::grammar {
namespace {

bool tight(const Input& in, const State& st, char c) { return in.current() != st.stop && *in.current() == c; }

/// The inside of `{...}`; the input stands at the `{`.
void interpolation(Input& in, State& st) {
  const Deeper deeper(in, st);
  go_to(in, in.current() + 1);
  if (!match_expression(in, st)) fail_expected(in, st, "an expression between `{` and `}`", false);
  if (!match_text(in, st, "}")) fail_expected(in, st, "`}` after the expression", false);
}

/// Text and interpolations up to `end_mark`.
bool string_parts(Input& in, State& st, const char* begin, std::string_view end_mark, bool block) {
  const char* outer = st.string_begin;
  if (outer == nullptr) st.string_begin = begin;
  const char* text = in.current();
  const auto flush = [&](const char* to) {
    if (to != text) add_leaf(st, Kind::text_part, text, to);
  };
  for (;;) {
    const char* at = in.current();
    if (at == st.stop || (*at == '\n' && !block)) {
      fail_at(st, diag::Code::E0105, begin, begin + end_mark.size(),
              block ? "three quotes at the end of the block" : "a quote at the end of the string");
    }
    if (std::string_view(at, static_cast<std::size_t>(st.stop - at)).starts_with(end_mark)) {
      flush(at);
      go_to(in, at + end_mark.size());
      st.string_begin = outer;
      return true;
    }
    if (*at == '{') {
      const char* next = std::find_if_not(at + 1, st.stop, is_blank);
      if (!block && (next == st.stop || *next == '\n'))
        fail_at(st, diag::Code::E0105, begin, begin + 1, "a quote at the end of the string");
      flush(at);
      interpolation(in, st);
      text = in.current();
      if (!block && std::find(begin, text, '\n') != text)
        fail_at(st, diag::Code::E0105, begin, begin + 1, "a quote at the end of the string");
      continue;
    }
    const bool escape = *at == '\\' && at + 1 != st.stop && at[1] != '\n';
    go_to(in, at + (escape ? 2 : 1));
  }
}

/// r"..." or '...': to the quote on the same line, nothing inside counts.
bool verbatim(Input& in, State& st, const char* begin, const char* text, char quote) {
  const char* end = std::find_if(text, st.stop, [quote](char c) { return c == quote || c == '\n'; });
  if (end == st.stop || *end == '\n') fail_at(st, diag::Code::E0105, begin, text, "a quote at the end of the string");
  if (end != text) add_leaf(st, Kind::text_part, text, end);
  go_to(in, end + 1);
  return true;
}

const char* digits(const char* at, const char* stop) {
  while (at != stop && is_digit(*at)) ++at;
  return at;
}

/// One `-5`, `.4` or `.name` with its index; false if none stands here.
bool path_part(Input& in, State& st) {
  const char* at = in.current();
  if (at == st.stop || (*at != '-' && *at != '.')) return false;
  const char* end = digits(at + 1, st.stop);
  if (end == at + 1 && *at == '.' && end != st.stop && is_lower(*end)) end = scan_word(end, st.stop);
  if (end == at + 1) return false;
  const std::size_t part = st.nodes.size();
  add_leaf(st, Kind::path_part, at, end);
  go_to(in, end);
  if (tight(in, st, '[')) return run<index>(in, st) && close_node(in, st, part, true);
  return true;
}

bool path_node(Input& in, State& st, const char* at) {
  const char* end = scan_upper(at, st.stop);
  if (end == nullptr) return false;
  const std::size_t word = st.nodes.size();
  add_leaf(st, Kind::path_node, at, end);
  go_to(in, end);
  if (tight(in, st, '[')) return run<index>(in, st) && close_node(in, st, word, true);
  return true;
}

}  // namespace

bool string_rule::read(Input& in, State& st) {
  const char* begin = st.skip(in.current());
  const std::string_view rest(begin, static_cast<std::size_t>(st.stop - begin));
  const bool block = rest.starts_with("\"\"\"");
  const Kind kind = block                     ? Kind::string_block
                    : rest.starts_with('"')   ? Kind::string
                    : rest.starts_with("r\"") ? Kind::string_raw
                                              : Kind::string_single;
  if (kind == Kind::string_single && !rest.starts_with('\'')) return false;
  const std::size_t node = open_node(in, st, kind);
  if (kind == Kind::string_raw) return close_node(in, st, node, verbatim(in, st, begin, begin + 2, '"'));
  if (kind == Kind::string_single) return close_node(in, st, node, verbatim(in, st, begin, begin + 1, '\''));
  const std::string_view mark = block ? "\"\"\"" : "\"";
  go_to(in, begin + mark.size());
  return close_node(in, st, node, string_parts(in, st, begin, mark, block));
}

bool index::read(Input& in, State& st) {
  const Deeper deeper(in, st);
  go_to(in, in.current() + 1);
  const char* at = st.skip(in.current());
  const char* number = scan_whole(at, st.stop);
  const char* last = scan_text(at, st.stop, "last");
  const char* close = number != nullptr ? st.skip(number) : nullptr;
  if (number != nullptr && close != st.stop && *close == ']') {
    add_leaf(st, Kind::index_number, at, number);
    go_to(in, number);
  } else if (last != nullptr) {
    add_leaf(st, Kind::index_last, at, last);
    go_to(in, last);
  } else if (at != st.stop && *at == '*') {
    add_leaf(st, Kind::index_all, at, at + 1);
    go_to(in, at + 1);
  } else if (!run<selection>(in, st)) {
    fail_expected(in, st, "a number, `*`, `last` or a condition", false);
  }
  if (!match_text(in, st, "]")) fail_expected(in, st, "`]`", false);
  return true;
}

bool path_rule::read(Input& in, State& st) {
  const char* begin = st.skip(in.current());
  if (begin == st.stop) return false;
  const char* second = begin + 1;
  const bool relative = second != st.stop &&
                        ((*begin == '-' && is_digit(*second)) || (*begin == '.' && (is_digit(*second) || is_lower(*second))));
  if (!relative && scan_upper(begin, st.stop) == nullptr) return false;
  const std::size_t node = open_node(in, st, Kind::path);
  go_to(in, begin);
  if (!relative) {
    if (!path_node(in, st, begin)) return close_node(in, st, node, false);
    while (tight(in, st, '.') && scan_upper(in.current() + 1, st.stop) != nullptr) {
      if (!path_node(in, st, in.current() + 1)) break;
    }
  }
  while (path_part(in, st)) {
  }
  return close_node(in, st, node, true);
}

bool name_primary::read(Input& in, State& st) {
  const char* begin = st.skip(in.current());
  const char* end = scan_dotted(begin, st.stop);
  if (end == nullptr) return false;
  const char next = end == st.stop ? ' ' : *end;
  if (next != '(' && next != '[') {
    add_leaf(st, Kind::name_value, begin, end);
    go_to(in, end);
    return true;
  }
  const Deeper deeper(in, st);
  const std::size_t node = open_node(in, st, next == '(' ? Kind::call : Kind::lookup);
  add_leaf(st, Kind::name, begin, end);
  go_to(in, end);
  const bool good = next == '(' ? run<arguments>(in, st) : run<keys>(in, st);
  if (good && next == '[' && tight(in, st, '.')) {
    if (const char* column = scan_word(in.current() + 1, st.stop); column != nullptr) {
      add_leaf(st, Kind::column, in.current() + 1, column);
      go_to(in, column);
    }
  }
  return close_node(in, st, node, good);
}

bool call_primary::read(Input& in, State& st) {
  const char* end = scan_dotted(st.skip(in.current()), st.stop);
  return end != nullptr && end != st.stop && *end == '(' && name_primary::read(in, st);
}

bool pattern_slash::read(Input& in, State& st) {
  const char* begin = st.skip(in.current());
  if (begin == st.stop || *begin != '/') return false;
  const char* end = std::find_if(begin + 1, st.stop, [](char c) { return c == '/' || c == '\n'; });
  if (end == st.stop || *end == '\n') return false;
  add_leaf(st, Kind::pattern_slash, begin, end + 1);
  go_to(in, end + 1);
  return true;
}

bool match_expression(Input& in, State& st) { return run<expression_rule>(in, st); }
bool match_path(Input& in, State& st) { return run<path_rule>(in, st); }
bool match_string(Input& in, State& st) { return run<string_rule>(in, st); }

}  // namespace smarthl7::syntax::grammar
