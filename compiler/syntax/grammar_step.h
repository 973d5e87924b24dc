// SPDX-License-Identifier: Apache-2.0
// Grammar of the steps of a flow. Internal.
#pragma once

#include "compiler/syntax/grammar.h"
#include "compiler/syntax/grammar_option.h"

namespace smarthl7::syntax::grammar {

struct step_paths : comma_list<"the next path", path> {};
struct names : comma_list<"the next name", dotted> {};

struct from_step : node<Kind::from, kw<"from">, HERE<"the name of a source", names>> {};
struct validate_step
    : node<Kind::validate, kw<"validate">, HERE<"the name of a message", dotted>,
           maybe<either<same_line<kw_node<Kind::strict, "strict">>, same_line<kw_node<Kind::tolerant, "tolerant">>>>,
           maybe<else_clause>> {};
struct dedup_step
    : node<Kind::dedup, kw<"dedup">, HERE<"`by` and the paths that identify a message", kw<"by">>, HERE<"a path", step_paths>,
           many<either<node<Kind::within_clause, kw<"within">, HERE<"how long a message is remembered, as in 7d", value>>,
                       node<Kind::ignoring_clause, kw<"ignoring">, HERE<"a path", step_paths>>,
                       node<Kind::conflict_clause, kw<"conflict">, HERE<"`reject`", kw<"reject">>, maybe<same_line<upper>>>>>> {
};
struct map_step : node<Kind::map, kw<"map">, HERE<"the name of a mapping", dotted>, maybe<else_clause>> {};
struct apply_step : node<Kind::apply, kw<"apply">, HERE<"the name of a transform: xslt, jolt or javascript", name>,
                         HERE<"the name of a file, in quotes", string>, maybe<option_block>,
                         maybe<same_line<kw<"as">>, HERE<"a message type", message_type>>, maybe<else_clause>> {};
struct convert_step
    : node<Kind::convert, kw<"as">, HERE<"a message type: xml, json or hl7", message_type>, maybe<else_clause>> {};
struct redact_step : node<Kind::redact, kw<"redact">, HERE<"the name of a redaction", dotted>, maybe<else_clause>> {};

struct when_arm : node<Kind::arm, when_word, HERE<"a condition", expression>, NEED<"`{`", steps>> {};
struct when_step
    : node<Kind::when_step, when_arm,
           many<either<
               node<Kind::arm, kw<"otherwise">, same_line<when_word>, HERE<"a condition", expression>, NEED<"`{`", steps>>,
               node<Kind::arm, kw_node<Kind::arm_otherwise, "otherwise">, HERE<"`when` or `{`", steps>>>>> {};

/// What stands after the arrow of an arm.
struct target : either<steps, dead, drop, reject, node<Kind::deliver, destinations>> {};
struct arm_end : all<NEED<"`->` and where the message goes", kw<"->">>, HERE<"a destination, `dead`, `drop` or `{`", target>> {
};
struct otherwise_arm : node<Kind::arm, kw_node<Kind::arm_otherwise, "otherwise">, arm_end> {};
struct route_arm : node<Kind::arm, node<Kind::arm_values, comma_list<"the next value", value>>, arm_end> {};
struct fanout_arm : node<Kind::arm, when_word, HERE<"a condition", expression>, arm_end> {};
struct route_item : either<otherwise_arm, route_arm> {};
struct fanout_item : either<otherwise_arm, fanout_arm> {};
inline constexpr std::string_view kRouteWords[] = {"otherwise", "arms such as `\"MERCY\" -> mercy`"};
inline constexpr BlockInfo kRouteInfo{"a route", kRouteWords, std::size(kRouteWords)};
inline constexpr std::string_view kFanoutWords[] = {"when", "otherwise"};
inline constexpr BlockInfo kFanoutInfo{"a fanout", kFanoutWords, std::size(kFanoutWords)};
struct route_step : node<Kind::route, kw<"route">, HERE<"what decides the way: a path or `type`", expression>,
                         NEED<"`{`", block<route_item, kRouteInfo>>> {};
struct fanout_step : node<Kind::fanout, kw<"fanout">, NEED<"`{`", block<fanout_item, kFanoutInfo>>> {};
struct branch_step : node<Kind::branch, kw<"branch">, NEED<"`{`", steps>> {};
struct split_step
    : node<Kind::split, kw<"split">, HERE<"`each` and a group", kw<"each">>, HERE<"the group that becomes a message", path>> {};
struct batch_step : node<Kind::batch, kw<"batch">, HERE<"`up to` and how many", kw<"up">>, HERE<"`to`", kw<"to">>,
                         HERE<"how many", value>, NEED<"`or` and after what time", kw<"or">>, HERE<"a time, as in 5m", value>> {
};
struct respond_step : node<Kind::respond, kw<"respond">, HERE<"`from` and the destination", kw<"from">>,
                           HERE<"the name of a destination", dotted>,
                           NEED<"`within` and how long the answer may take", kw<"within">>, HERE<"a time, as in 30s", value>> {
};

struct step : either<from_step, validate_step, dedup_step, map_step, apply_step, convert_step, redact_step, when_step,
                     route_step, fanout_step, branch_step, split_step, batch_step, respond_step, deliver, dead, drop, reject> {
};
inline constexpr std::string_view kFlowWords[] = {"from",   "validate", "dedup", "map",    "apply",  "as",
                                                  "redact", "when",     "route", "fanout", "branch", "split",
                                                  "batch",  "respond",  "dead",  "drop",   "reject", "-> DEST"};
inline constexpr BlockInfo kFlowInfo{"a flow", kFlowWords, std::size(kFlowWords)};
struct steps_rule : block<step, kFlowInfo> {};

}  // namespace smarthl7::syntax::grammar
