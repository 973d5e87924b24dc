// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/grammar_option.h"

#include <algorithm>

#include "compiler/syntax/words.h"

namespace smarthl7::syntax::grammar {
namespace {

/// Options whose value may be an option itself: `unreachable give_up after 7d`, `on AE for now`, `application ack within 1m`.
bool takes_option(std::string_view word) {
  return word == "unreachable" || word == "error" || word == "on" || word == "application";
}

std::string_view text_of(const State& st, const FlatNode& node) { return {st.start + node.begin, node.end - node.begin}; }

/// `listen tls { ... }`: the value of `listen` got lost, and `tls` became its value.
void check_lost_value(Input& in, State& st, std::size_t index) {
  const FlatNode& last = st.nodes.back();
  if (last.kind != Kind::name_value || !next_on_line(in, st) || *st.skip(in.current()) != '{') return;
  const FlatNode word = st.nodes[index + 1];
  throw Failure{diag::Code::E0111, word.end, "a value", true, word.begin, word.end};
}

/// Options whose value may be two words: `on AE for now`, `on refusal hold lane`.
bool takes_two_words(std::string_view word) { return word == "AE" || word == "AR" || word == "refusal"; }

/// The value is one leaf from the first word to the second; what is between them are blanks.
bool read_two_words(Input& in, State& st) {
  if (!next_on_line(in, st)) return false;
  const char* begin = st.skip(in.current());
  const char* middle = scan_word(begin, st.stop);
  if (middle == nullptr) return false;
  const char* second = st.skip(middle);
  const char* end = std::find(middle, second, '\n') == second ? scan_word(second, st.stop) : nullptr;
  if (end == nullptr || two_word_value({begin, middle}, {second, end}).empty()) return false;
  add_leaf(st, Kind::name_value, begin, end);
  go_to(in, end);
  return true;
}

/// `ack on receipt`, `barrier on ADT^A08`: `on` is an option with plain values.
bool read_on(Input& in, State& st) {
  if (!next_on_line(in, st)) return false;
  const char* begin = st.skip(in.current());
  const char* end = scan_word(begin, st.stop);
  if (end == nullptr || std::string_view(begin, end) != "on") return false;
  const std::size_t index = open_node(in, st, Kind::option);
  if (!run<any_word>(in, st)) return close_node(in, st, index, false);
  if (!run<same_line<option_values>>(in, st)) fail_expected(in, st, "a value", true, diag::Code::E0111);
  return close_node(in, st, index, true);
}

}  // namespace

bool word_value::read(Input& in, State& st) {
  const char* begin = st.skip(in.current());
  const char* end = begin != st.stop && is_lower(*begin) ? scan_word(begin, st.stop) : nullptr;
  while (end != nullptr && end != st.stop && *end == '.') {
    const char* next = scan_word(end + 1, st.stop);
    if (next == nullptr) break;
    end = next;
  }
  if (end == nullptr) return false;
  add_leaf(st, Kind::name_value, begin, end);
  go_to(in, end);
  return true;
}

bool option_rule::read(Input& in, State& st) {
  const std::size_t index = open_node(in, st, Kind::option);
  if (!run<any_word>(in, st)) return close_node(in, st, index, false);
  const std::string_view word = text_of(st, st.nodes.back());
  Mark mark(in, st);
  if (word == "days" && run<same_line<connective>>(in, st) && text_of(st, st.nodes.back()) == "by" && next_on_line(in, st) &&
      match_option(in, st)) {
    return close_node(in, st, index, true);
  }
  mark.back();
  if (takes_two_words(word) && read_two_words(in, st)) return close_node(in, st, index, true);
  if ((word == "ack" || word == "barrier") && read_on(in, st)) return close_node(in, st, index, true);
  if (takes_option(word) && next_on_line(in, st) && scan_word(st.skip(in.current()), st.stop) != nullptr) {
    return close_node(in, st, index, match_option(in, st));
  }
  if (!run<option_body>(in, st)) {
    mark.back();
    const FlatNode name_node = st.nodes[index + 1];
    throw Failure{diag::Code::E0111, name_node.end, "a value", true, name_node.begin, name_node.end};
  }
  check_lost_value(in, st, index);
  return close_node(in, st, index, true);
}

bool match_value(Input& in, State& st) { return run<value_rule>(in, st); }
bool match_option(Input& in, State& st) {
  const Deeper deeper(in, st);
  return run<option_rule>(in, st);
}
bool match_option_block(Input& in, State& st) { return run<option_block_rule>(in, st); }
bool match_else(Input& in, State& st) { return run<else_rule>(in, st); }
bool match_message_type(Input& in, State& st) { return run<message_type_rule>(in, st); }

}  // namespace smarthl7::syntax::grammar
