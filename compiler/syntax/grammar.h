// SPDX-License-Identifier: Apache-2.0
// The building blocks of the grammar: PEGTL rules that write flat nodes, commit, and recover. Internal; only the
// grammar_*.cc files and the grammar's own test include it (this is the one place where PEGTL is seen).
// Convention: rules in lower case may fail and leave no trace; NEED and HERE throw a Failure, so they never stand
// first in a choice, an option or a repetition (asserted below). One input, one control, one action: everything
// goes through run(). A block never throws; what an item throws is caught around that item.
#pragma once

#include <cstddef>
#include <string_view>
#include <tao/pegtl/memory_input.hpp>
#include <tao/pegtl/nothing.hpp>
#include <tao/pegtl/rules.hpp>
#include <type_traits>

#include "compiler/syntax/flat.h"
#include "compiler/syntax/parser.h"
#include "compiler/syntax/scan.h"

namespace smarthl7::syntax::grammar {

namespace pegtl = tao::pegtl;
using any_byte = pegtl::bytes<1>;

using Input = pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf, const char*>;

template <class Rule>
struct Control : pegtl::normal<Rule> {
  static constexpr bool enable = false;
};

#define SMARTHL7_RULE(input, state)                                                                      \
  template <pegtl::apply_mode, pegtl::rewind_mode, template <class...> class, template <class...> class> \
  [[nodiscard]] static bool match([[maybe_unused]] Input& input, [[maybe_unused]] State& state)

template <class Rule>
[[nodiscard]] bool run(Input& in, State& st) {
  return Control<Rule>::template match<pegtl::apply_mode::nothing, pegtl::rewind_mode::dontcare, pegtl::nothing, Control>(in,
                                                                                                                          st);
}

/// A literal as a template parameter; the reason why keywords cost no compile time.
template <std::size_t N>
struct Text {
  char data[N]{};
  constexpr Text(const char (&text)[N]) {  // NOLINT: implicit on purpose
    for (std::size_t i = 0; i < N; ++i) data[i] = text[i];
  }
  [[nodiscard]] constexpr std::string_view view() const { return {data, N - 1}; }
};

struct Committing {};  // base of the rules that throw

template <class... Rules>
inline constexpr bool starts_committed = false;
template <class First, class... Rest>
inline constexpr bool starts_committed<First, Rest...> = std::is_base_of_v<Committing, First>;

/// Where the input and the nodes were, to go back there.
class Mark {
 public:
  Mark(Input& in, State& st) : in_(in), st_(st), at_(in.current()), nodes_(st.nodes.size()) {}
  bool back() {
    in_.restart();
    in_.bump(static_cast<std::size_t>(at_ - in_.begin()));
    st_.nodes.resize(nodes_);
    return false;
  }
  [[nodiscard]] bool moved() const { return in_.current() != at_; }

 private:
  Input& in_;
  State& st_;
  const char* at_;
  std::size_t nodes_;
};

inline void go_to(Input& in, const char* at) { in.bump(static_cast<std::size_t>(at - in.current())); }

[[noreturn]] void fail_expected(Input& in, State& st, std::string_view expected, bool same_line,
                                diag::Code code = diag::Code::E0101);
[[noreturn]] void fail_at(State& st, diag::Code code, const char* begin, const char* end, std::string_view what);
/// No line break before the next token.
[[nodiscard]] bool next_on_line(Input& in, State& st);

/// Counts nesting; throws a Failure beyond kMaxDepth.
class Deeper {
 public:
  Deeper(Input& in, State& st) : st_(st) {
    if (st.depth >= kMaxDepth) fail_at(st, diag::Code::E0103, in.current(), in.current(), {});
    ++st_.depth;
  }
  ~Deeper() { --st_.depth; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  State& st_;
};

std::size_t open_node(Input& in, State& st, Kind kind);
inline bool close_node(Input& in, State& st, std::size_t index, bool good) {
  if (!good) {
    st.nodes.resize(index);
    return false;
  }
  st.nodes[index].end = st.offset(in.current());
  st.nodes[index].next = static_cast<std::uint32_t>(st.nodes.size());
  return true;
}
void add_leaf(State& st, Kind kind, const char* begin, const char* end);

using Scan = const char* (*)(const char*, const char*);
bool match_token(Input& in, State& st, Scan scan);
bool match_leaf(Input& in, State& st, Kind kind, Scan scan);
bool match_text(Input& in, State& st, std::string_view text);

/// A keyword or a sign.
template <Text T>
struct kw {
  using rule_t = any_byte::rule_t;
  using subs_t = pegtl::empty_list;
  SMARTHL7_RULE(in, st) { return match_text(in, st, T.view()); }
};
/// A sign that must not be followed by `=`.
struct assign_sign {
  using rule_t = any_byte::rule_t;
  using subs_t = pegtl::empty_list;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};
/// A token that becomes a node.
template <Kind K, Scan S>
struct leaf {
  using rule_t = any_byte::rule_t;
  using subs_t = pegtl::empty_list;
  SMARTHL7_RULE(in, st) { return match_leaf(in, st, K, S); }
};
/// A keyword that becomes a node.
template <Kind K, Text T>
struct kw_node {
  using rule_t = any_byte::rule_t;
  using subs_t = pegtl::empty_list;
  SMARTHL7_RULE(in, st) {
    const std::size_t index = open_node(in, st, K);
    return close_node(in, st, index, match_text(in, st, T.view()));
  }
};

template <Kind K, class... Rules>
struct node {
  using rule_t = pegtl::internal::seq<Rules...>;
  using subs_t = pegtl::type_list<Rules...>;
  SMARTHL7_RULE(in, st) {
    const std::size_t index = open_node(in, st, K);
    return close_node(in, st, index, (run<Rules>(in, st) && ...));
  }
};
template <class... Rules>
struct all {
  using rule_t = pegtl::internal::seq<Rules...>;
  using subs_t = pegtl::type_list<Rules...>;
  SMARTHL7_RULE(in, st) { return (run<Rules>(in, st) && ...); }
};
template <class... Rules>
struct either {
  static_assert(!(std::is_base_of_v<Committing, Rules> || ...), "a committing rule has no place in a choice");
  using rule_t = pegtl::internal::sor<Rules...>;
  using subs_t = pegtl::type_list<Rules...>;
  SMARTHL7_RULE(in, st) {
    Mark mark(in, st);
    return ((run<Rules>(in, st) || mark.back()) || ...);
  }
};
template <class... Rules>
struct maybe {
  static_assert(!starts_committed<Rules...>, "an option begins with a rule that may fail");
  using rule_t = pegtl::internal::opt<Rules...>;
  using subs_t = pegtl::type_list<Rules...>;
  SMARTHL7_RULE(in, st) {
    Mark mark(in, st);
    if (!(run<Rules>(in, st) && ...)) mark.back();
    return true;
  }
};
template <class... Rules>
struct many {
  static_assert(!starts_committed<Rules...>, "a repetition begins with a rule that may fail");
  using rule_t = pegtl::internal::star<Rules...>;
  using subs_t = pegtl::type_list<Rules...>;
  SMARTHL7_RULE(in, st) {
    for (;;) {
      Mark mark(in, st);
      if (!(run<Rules>(in, st) && ...)) return !mark.back();
      if (!mark.moved()) return true;
    }
  }
};

/// Fails if the next token stands on another line.
template <class Rule>
struct same_line {
  using rule_t = pegtl::internal::seq<Rule>;
  using subs_t = pegtl::type_list<Rule>;
  SMARTHL7_RULE(in, st) { return next_on_line(in, st) && run<Rule>(in, st); }
};
/// The rule, or "expected T".
template <Text T, class Rule, diag::Code C = diag::Code::E0101>
struct NEED : Committing {
  using rule_t = pegtl::internal::seq<Rule>;
  using subs_t = pegtl::type_list<Rule>;
  SMARTHL7_RULE(in, st) {
    if (!run<Rule>(in, st)) fail_expected(in, st, T.view(), false, C);
    return true;
  }
};
/// The rule on this line, or "expected T".
template <Text T, class Rule, diag::Code C = diag::Code::E0101>
struct HERE : Committing {
  using rule_t = pegtl::internal::seq<Rule>;
  using subs_t = pegtl::type_list<Rule>;
  SMARTHL7_RULE(in, st) {
    if (!next_on_line(in, st) || !run<Rule>(in, st)) fail_expected(in, st, T.view(), true, C);
    return true;
  }
};
/// R {, R}
template <Text T, class Rule>
struct comma_list : all<Rule, many<kw<",">, NEED<T, Rule>>> {};

// ---- blocks and recovery (recover.cc) -------------------------------------------------------------------------

using Match = bool (*)(Input&, State&);
/// `{ items }` as a node `block`; items that fail become `error` nodes. False only if there is no `{`.
bool match_block(Input& in, State& st, Match item, const BlockInfo& info);
/// The declarations of a file.
void match_file(Input& in, State& st, Match declaration);

template <class Item, const BlockInfo& Info>
struct block {
  using rule_t = pegtl::internal::seq<kw<"{">, pegtl::star<Item>, kw<"}">>;
  using subs_t = pegtl::type_list<kw<"{">, pegtl::star<Item>, kw<"}">>;
  SMARTHL7_RULE(in, st) { return match_block(in, st, &run<Item>, Info); }
};

// ---- what the files of the grammar offer each other -------------------------------------------------------------

bool match_expression(Input& in, State& st);
bool match_path(Input& in, State& st);
bool match_string(Input& in, State& st);
bool match_option(Input& in, State& st);
bool match_option_block(Input& in, State& st);
bool match_value(Input& in, State& st);
bool match_else(Input& in, State& st);
bool match_message_type(Input& in, State& st);
bool match_message_block(Input& in, State& st);
bool match_mapping_block(Input& in, State& st);
bool match_redaction_block(Input& in, State& st);
bool match_steps(Input& in, State& st);
bool match_test_block(Input& in, State& st);
bool match_alert_block(Input& in, State& st);
bool match_declaration(Input& in, State& st);

// The whole rules behind the entries, for the analysis of the grammar.
struct expression_rule;
struct path_rule;
struct string_rule;
struct option_rule;
struct option_block_rule;
struct value_rule;
struct else_rule;
struct message_type_rule;
struct message_block_rule;
struct mapping_block_rule;
struct redaction_block_rule;
struct steps_rule;
struct test_block_rule;
struct alert_block_rule;

template <Match M, class Rule>
struct entry {
  using rule_t = pegtl::internal::seq<Rule>;
  using subs_t = pegtl::type_list<Rule>;
  SMARTHL7_RULE(in, st) { return M(in, st); }
};
using expression = entry<match_expression, expression_rule>;
using path = entry<match_path, path_rule>;
using string = entry<match_string, string_rule>;
using option = entry<match_option, option_rule>;
using option_block = entry<match_option_block, option_block_rule>;
using value = entry<match_value, value_rule>;
using else_clause = entry<match_else, else_rule>;
using message_type = entry<match_message_type, message_type_rule>;
using message_block = entry<match_message_block, message_block_rule>;
using mapping_block = entry<match_mapping_block, mapping_block_rule>;
using redaction_block = entry<match_redaction_block, redaction_block_rule>;
using steps = entry<match_steps, steps_rule>;
using test_block = entry<match_test_block, test_block_rule>;
using alert_block = entry<match_alert_block, alert_block_rule>;

using name = leaf<Kind::name, scan_name>;
using dotted = leaf<Kind::name, scan_dotted>;
using any_word = leaf<Kind::name, scan_word>;
using upper = leaf<Kind::name, scan_upper>;
using code = leaf<Kind::name, scan_code>;
using when_word = either<kw_node<Kind::when_word, "when">, kw_node<Kind::when_word, "if">>;
using where = node<Kind::where, kw<"where">, HERE<"a condition", expression>>;

}  // namespace smarthl7::syntax::grammar
