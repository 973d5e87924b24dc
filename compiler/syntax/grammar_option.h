// SPDX-License-Identifier: Apache-2.0
// Grammar of options, values, `else` clauses and message types: the parts that declarations and steps share. Internal.
#pragma once

#include "compiler/syntax/grammar.h"

namespace smarthl7::syntax::grammar {

struct literal_value
    : either<string, leaf<Kind::unit, scan_unit>, leaf<Kind::version, scan_version>, leaf<Kind::number, scan_number>,
             leaf<Kind::event, scan_event>, leaf<Kind::boolean, scan_boolean>> {};
/// A word as a value; reserved words too, as in `when_full drop`.
struct word_value {
  using rule_t = any_byte::rule_t;
  using subs_t = pegtl::empty_list;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};
/// `20 attempts`.
struct attempts : node<Kind::count, leaf<Kind::number, scan_whole>, same_line<kw_node<Kind::word, "attempts">>> {};
struct value_rule : either<attempts, literal_value, path, word_value> {};

struct option_values : all<value, many<kw<",">, NEED<"the next value", value, diag::Code::E0111>>> {};
/// After the option's name: a block, another option (`unreachable give_up after D`, `days by key PATH`), or values.
struct connective : leaf<Kind::connective, scan_connective> {};
struct option_body
    : either<same_line<option_block>, all<same_line<connective>, same_line<option_values>>, same_line<option_values>> {};
struct option_rule {
  using rule_t = pegtl::internal::seq<any_word, pegtl::opt<option>, option_body>;
  using subs_t = pegtl::type_list<any_word, pegtl::opt<option>, option_body>;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};

inline constexpr BlockInfo kOptionInfo{"an option block", nullptr, 0};
struct option_block_rule : block<option, kOptionInfo> {};

struct reject : node<Kind::reject, kw<"reject">, maybe<same_line<upper>>, maybe<same_line<string>>> {};
struct dead : node<Kind::dead, kw<"dead">, HERE<"the reason, in quotes", string>> {};
struct drop : node<Kind::drop, kw<"drop">, HERE<"the reason, in quotes", string>> {};
struct destinations : comma_list<"the name of the next destination", dotted> {};
struct deliver : node<Kind::deliver, kw<"->">, HERE<"the name of a destination", destinations>> {};
struct else_action : either<reject, kw_node<Kind::proceed, "continue">, kw_node<Kind::keep, "keep">, dead, drop, deliver,
                            node<Kind::value_clause, expression>> {};
struct else_rule : node<Kind::otherwise, kw<"else">,
                        HERE<"what happens then: `reject`, `continue`, `keep`, `dead`, `drop`, `->` or a value", else_action>> {
};

struct message_type_rule
    : node<Kind::message_type, any_word, maybe<same_line<leaf<Kind::version_clause, scan_any_version>>>,
           maybe<same_line<kw<"from">>, HERE<"the oldest version, as in 2.3", leaf<Kind::from_clause, scan_any_version>>>,
           maybe<same_line<leaf<Kind::structure_clause, scan_upper>>>> {};

}  // namespace smarthl7::syntax::grammar
