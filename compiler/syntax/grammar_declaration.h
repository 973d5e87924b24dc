// SPDX-License-Identifier: Apache-2.0
// Grammar of the declarations, tests and alerts. Internal.
#pragma once

#include "compiler/syntax/grammar.h"

namespace smarthl7::syntax::grammar {

struct language
    : node<Kind::language, kw<"language">, HERE<"a number, as in `language 1`", leaf<Kind::number, scan_any_version>>> {};
struct use : node<Kind::use, kw<"use">, HERE<"the name of a library, as in std.retry", dotted>> {};

/// `port`, `code(0105)`, `list of text`, `optional number`.
struct type_rule {
  using rule_t = pegtl::internal::seq<name, pegtl::opt<any_byte>>;
  using subs_t = pegtl::type_list<name, pegtl::opt<any_byte>>;
  static bool read(Input& in, State& st);
  SMARTHL7_RULE(in, st) { return read(in, st); }
};
struct setting : node<Kind::setting, kw<"setting">, HERE<"the name of the setting", name>, NEED<"`:` and its type", kw<":">>,
                      NEED<"a type, as in `port`", type_rule>, maybe<assign_sign, NEED<"the value", expression>>> {};
struct secret : node<Kind::secret, kw<"secret">, HERE<"the name of the secret", name>> {};
struct oauth : node<Kind::oauth, kw<"oauth">, HERE<"a name", name>, NEED<"`{`", option_block>> {};
struct contact : node<Kind::contact, kw<"contact">, HERE<"the name of the contact", name>, NEED<"`{`", option_block>> {};

struct setting_value : node<Kind::setting_value, name, NEED<"`=` and the value", assign_sign>, NEED<"the value", expression>> {
};
inline constexpr std::string_view kEnvironmentWords[] = {"settings, as in `hub_port = 2575`"};
inline constexpr BlockInfo kEnvironmentInfo{"an environment", kEnvironmentWords, 1};
struct environment : node<Kind::environment, kw<"environment">, HERE<"the name of the environment", name>,
                          NEED<"`{`", block<setting_value, kEnvironmentInfo>>> {};

struct table
    : node<Kind::table, kw<"table">, HERE<"the name of the table", name>, HERE<"`from` and where it comes from", kw<"from">>,
           HERE<"a format, as in csv", name>, HERE<"the name of a file, in quotes", string>, NEED<"`{`", option_block>> {};
struct message
    : node<Kind::message, kw<"message">, HERE<"the name of the message", name>, NEED<"`=` and its type", assign_sign>,
           NEED<"a type, as in `hl7 2.5.1 ORU_R01`", message_type>, NEED<"`{`", message_block>> {};
struct mapping
    : node<Kind::mapping, kw<"mapping">, HERE<"the name of the mapping", name>, NEED<"`:` and the message it takes", kw<":">>,
           NEED<"the name of a message", dotted>, maybe<node<Kind::to_clause, kw<"->">, HERE<"the name of a message", dotted>>>,
           NEED<"`{`", mapping_block>> {};
struct base : node<Kind::base_clause, kw<"from">, HERE<"the name of what it starts from", dotted>> {};
struct redaction : node<Kind::redaction, kw<"redaction">, HERE<"the name of the redaction", name>, maybe<base>,
                        maybe<kw_node<Kind::allow, "allow">>, NEED<"`{`", redaction_block>> {};
struct retry : node<Kind::retry, kw<"retry">, HERE<"the name of the retry", name>, maybe<base>, NEED<"`{`", option_block>> {};
struct source
    : node<Kind::source, kw<"source">, HERE<"the name of the source", name>, NEED<"`=` and its transport", assign_sign>,
           NEED<"the name of a transport, as in mllp", name>, NEED<"`{`", option_block>> {};
struct destination : node<Kind::destination, kw<"destination">, HERE<"the name of the destination", name>,
                          NEED<"`=` and its transport", assign_sign>, NEED<"the name of a transport, as in mllp", name>,
                          NEED<"`{`", option_block>> {};
struct flow : node<Kind::flow, kw<"flow">, HERE<"the name of the flow", name>, NEED<"`{`", steps>> {};
struct alert : node<Kind::alert, kw<"alert">, HERE<"the name of the alert", name>, NEED<"`{`", alert_block>> {};
struct test : node<Kind::test, kw<"test">, HERE<"what the test shows, in quotes", string>, NEED<"`{`", test_block>> {};

struct declaration : either<language, use, setting, secret, oauth, contact, environment, table, message, mapping, redaction,
                            retry, source, destination, flow, alert, test> {};

// alerts
struct duration_clause : node<Kind::for_clause, kw<"for">, HERE<"a time, as in 5m", value>> {};
/// A number on the next line too; a word, such as a setting, only on this one.
struct threshold : either<leaf<Kind::unit, scan_unit>, leaf<Kind::number, scan_number>, same_line<value>> {};
struct alert_when : node<Kind::alert_when, kw<"when">, maybe<same_line<leaf<Kind::quantile, scan_quantile>>, kw<"of">>,
                         HERE<"the name of a metric", either<kw_node<Kind::name, "dead">, name>>,
                         NEED<"`in` and a flow, or `of` and a destination",
                              either<node<Kind::in_clause, kw<"in">, HERE<"the name of a flow", dotted>>,
                                     node<Kind::of_clause, kw<"of">, HERE<"the name of a destination", dotted>>>>,
                         NEED<"a comparison, as in `> 60s`", leaf<Kind::op_binary, scan_comparison>>,
                         NEED<"a value, as in 60s", threshold>, maybe<duration_clause>> {};
struct notify : node<Kind::notify, kw<"notify">, HERE<"the name of a contact", comma_list<"the next contact", dotted>>> {};
struct alert_item : either<alert_when, notify> {};
inline constexpr std::string_view kAlertWords[] = {"when", "notify"};
inline constexpr BlockInfo kAlertInfo{"an alert", kAlertWords, std::size(kAlertWords)};
struct alert_block_rule : block<alert_item, kAlertInfo> {};

// tests
struct answer
    : node<Kind::answer,
           either<kw_node<Kind::answer_nothing, "nothing">, kw_node<Kind::answer_garbage, "garbage">, upper,
                  leaf<Kind::name, scan_whole>>,
           maybe<node<Kind::late_clause, kw<"late">, HERE<"`by` and how late", kw<"by">>, HERE<"a time, as in 5s", value>>>,
           maybe<node<Kind::times_clause, leaf<Kind::number, scan_whole>, same_line<kw<"times">>>>> {};
struct answers
    : node<Kind::given_answers, kw<"given">, same_line<dotted>, same_line<kw<"answers">>,
           HERE<"a code, `nothing` or `garbage`", answer>,
           many<kw<",">, NEED<"`then` and the next answer", kw<"then">>, HERE<"a code, `nothing` or `garbage`", answer>>> {};
struct down : node<Kind::given_down, kw<"given">, HERE<"the name of a destination", dotted>,
                   HERE<"`answers` or `is down`", kw<"is">>, HERE<"`down`", kw<"down">>, maybe<same_line<duration_clause>>> {};
struct send : node<Kind::send, kw<"send">,
                   HERE<"`file` and its name, or a message in quotes",
                        either<all<kw_node<Kind::send_file, "file">, HERE<"the name of a file, in quotes", string>>, string>>,
                   maybe<same_line<kw<"to">>, HERE<"the name of a source", dotted>>> {};
struct after : node<Kind::after_item, kw<"after">, HERE<"a time, as in 1m", value>> {};
struct expect_condition : node<Kind::condition, expression> {};
inline constexpr std::string_view kExpectWords[] = {"conditions for each message"};
inline constexpr BlockInfo kExpectInfo{"it", kExpectWords, 1};
struct expect_ack : node<Kind::expect_ack, kw<"expect">, same_line<kw<"ack">>, HERE<"a code, as in AA", upper>> {};
struct expect_alert : node<Kind::expect_alert, kw<"expect">, same_line<kw<"alert">>, HERE<"the name of an alert", dotted>> {};
struct expect_gets
    : node<Kind::expect_gets, kw<"expect">,
           HERE<"`ack`, `alert`, or the name of a destination or `dead`", either<kw_node<Kind::name, "dead">, dotted>>,
           HERE<"`gets`", kw<"gets">>, HERE<"how many messages", leaf<Kind::number, scan_whole>>,
           maybe<block<expect_condition, kExpectInfo>>> {};
struct test_item : either<answers, down, send, after, expect_ack, expect_alert, expect_gets> {};
inline constexpr std::string_view kTestWords[] = {"given", "send", "after", "expect"};
inline constexpr BlockInfo kTestInfo{"a test", kTestWords, std::size(kTestWords)};
struct test_block_rule : block<test_item, kTestInfo> {};

}  // namespace smarthl7::syntax::grammar
