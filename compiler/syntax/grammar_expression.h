// SPDX-License-Identifier: Apache-2.0
// Grammar of expressions: strings, paths, calls, look-ups, operators. Operators come out flat; lower_expression.cc
// knows their precedence. Internal.
#pragma once

#include "compiler/syntax/grammar.h"

namespace smarthl7::syntax::grammar {

/// `"..."`, `"""..."""`, `r"..."`, and the foreign `'...'`.
struct string_rule {
  using rule_t = pegtl::internal::seq<any_byte, pegtl::star<pegtl::sor<all<kw<"{">, expression, kw<"}">>, any_byte>>>;
  using subs_t = pegtl::type_list<any_byte, pegtl::star<pegtl::sor<all<kw<"{">, expression, kw<"}">>, any_byte>>>;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};

struct selection : node<Kind::index_selection, expression> {};
/// `[2]`, `[*]`, `[last]`, `[.5 == "MR"]`, tight after its word.
struct index {
  using rule_t = pegtl::internal::seq<kw<"[">, expression, kw<"]">>;
  using subs_t = pegtl::type_list<kw<"[">, expression, kw<"]">>;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};
/// `PID-3[1].4`, `GROUP.SEG[2]-5`, `-1`, `.4.1`, `PID.patient_name[1]`.
struct path_rule {
  using rule_t = pegtl::internal::seq<any_byte, pegtl::star<pegtl::sor<index, any_byte>>>;
  using subs_t = pegtl::type_list<any_byte, pegtl::star<pegtl::sor<index, any_byte>>>;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};

struct paren : node<Kind::paren, kw<"(">, NEED<"a value", expression>, NEED<"`)`", kw<")">>> {};
struct each_expression : node<Kind::each, kw<"each">, HERE<"a segment, group or repeating field", path>, maybe<where>,
                              NEED<"`:` and what must hold for each", kw<":">>, NEED<"what must hold for each", expression>> {};
struct raw_expression : node<Kind::raw, kw<"raw">, HERE<"a path", path>> {};
struct arguments : all<kw<"(">, maybe<comma_list<"an argument", expression>>, NEED<"`,` or `)`", kw<")">>> {};
struct keys : all<kw<"[">, NEED<"the key to look up", expression>, many<kw<",">, NEED<"the next key", expression>>,
                  NEED<"`]`", kw<"]">>> {};

/// A lower-case word: call if `(` follows tightly, look-up if `[` does, else a name.
struct name_primary {
  using rule_t = pegtl::internal::seq<name, pegtl::opt<pegtl::sor<arguments, keys>>>;
  using subs_t = pegtl::type_list<name, pegtl::opt<pegtl::sor<arguments, keys>>>;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};

/// A call, where a name without arguments means something else.
struct call_primary {
  using rule_t = name_primary::rule_t;
  using subs_t = name_primary::subs_t;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};

struct literal_number
    : either<leaf<Kind::unit, scan_unit>, leaf<Kind::version, scan_version>, leaf<Kind::number, scan_number>> {};
struct literal : either<string, literal_number, leaf<Kind::event, scan_event>, leaf<Kind::boolean, scan_boolean>> {};

struct operand
    : either<paren, literal, path, kw_node<Kind::null_value, "null">, raw_expression, each_expression, name_primary> {};

struct in_bracketed : node<Kind::in_bracketed, kw<"(">, NEED<"a value in quotes, or a number", literal>,
                           many<kw<",">, NEED<"a value in quotes, or a number", literal>>, NEED<"`,` or `)`", kw<")">>> {};
struct in_plain : node<Kind::in_plain, literal, many<kw<",">, literal>> {};
struct in_operator
    : node<Kind::op_in, kw<"in">,
           NEED<"a list of values, or the name of a table", either<in_bracketed, in_plain, path, call_primary, dotted>>> {};
/// `/re/`, as other tools write a pattern.
struct pattern_slash {
  using rule_t = any_byte::rule_t;
  using subs_t = pegtl::empty_list;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};
struct matches_operator
    : node<Kind::op_matches, kw<"matches">, NEED<"a pattern, as in r\"[0-9]+\"", either<string, pattern_slash>>> {};

using op_not = leaf<Kind::op_not, scan_not>;
struct binary_operator : all<leaf<Kind::op_binary, scan_binary>, many<op_not>, NEED<"a value after the operator", operand>> {};
struct operators : many<either<leaf<Kind::op_test, scan_test>, in_operator, matches_operator, binary_operator>> {};

struct expression_chain : either<node<Kind::chain, operand, operators>,
                                 node<Kind::chain, op_not, many<op_not>, NEED<"a value after `not`", operand>, operators>> {};
struct expression_rule {
  using rule_t = pegtl::internal::seq<expression_chain>;
  using subs_t = pegtl::type_list<expression_chain>;
  SMARTHL7_RULE(in, st) {
    const Deeper deeper(in, st);
    return run<expression_chain>(in, st);
  }
};

}  // namespace smarthl7::syntax::grammar
