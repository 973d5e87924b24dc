// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/grammar_declaration.h"

namespace smarthl7::syntax::grammar {

bool type_rule::read(Input& in, State& st) {
  const std::size_t index = open_node(in, st, Kind::type);
  if (!match_leaf(in, st, Kind::name, scan_name)) return close_node(in, st, index, false);
  const FlatNode word = st.nodes.back();
  const std::string_view text(st.start + word.begin, word.end - word.begin);
  if (text == "code") {
    if (!match_text(in, st, "(")) fail_expected(in, st, "`(` and the number of a table", true);
    if (!match_leaf(in, st, Kind::type_argument, scan_code)) fail_expected(in, st, "the number of a table, as in 0105", true);
    if (!match_text(in, st, ")")) fail_expected(in, st, "`)`", true);
  } else if (text == "list" || text == "optional") {
    const Deeper deeper(in, st);
    if (text == "list" && !match_text(in, st, "of")) fail_expected(in, st, "`of` and a type", true);
    if (!read(in, st)) fail_expected(in, st, "a type, as in `text`", true);
  }
  return close_node(in, st, index, true);
}

bool match_test_block(Input& in, State& st) { return run<test_block_rule>(in, st); }
bool match_alert_block(Input& in, State& st) { return run<alert_block_rule>(in, st); }
bool match_declaration(Input& in, State& st) { return run<declaration>(in, st); }

}  // namespace smarthl7::syntax::grammar
