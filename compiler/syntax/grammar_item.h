// SPDX-License-Identifier: Apache-2.0
// Grammar of what stands in messages, mappings and redactions. Internal.
#pragma once

#include "compiler/syntax/grammar.h"

namespace smarthl7::syntax::grammar {

struct type_length {
  using rule_t = pegtl::internal::seq<kw<"(">, any_byte, kw<")">>;
  using subs_t = pegtl::type_list<kw<"(">, any_byte, kw<")">>;
  SMARTHL7_RULE(in, st) {
    return match_text(in, st, "(") && match_leaf(in, st, Kind::length, scan_code) && match_text(in, st, ")");
  }
};

struct paths : comma_list<"the next path", path> {};

// message
struct one_item : node<Kind::one, kw<"one">, HERE<"the name of a group or segment", path>> {};
struct require_item : node<Kind::require, kw<"require">, HERE<"the path that must be there", paths>> {};
struct phi_clause : node<Kind::phi_clause, kw<"phi">, HERE<"the label: direct, quasi, clinical or none", any_word>> {};
struct segment_field : node<Kind::segment_field, leaf<Kind::number, scan_whole>, NEED<"the name of the field", any_word>,
                            NEED<"`:`", kw<":">>, NEED<"the data type, as in ST", upper>, maybe<type_length>,
                            many<either<kw_node<Kind::required, "required">, kw_node<Kind::optional, "optional">,
                                        kw_node<Kind::repeats, "repeats">, phi_clause>>> {};
inline constexpr std::string_view kSegmentWords[] = {"fields, as in `1 instrument : ST(20) required phi none`"};
inline constexpr BlockInfo kSegmentInfo{"a segment", kSegmentWords, 1};
struct segment_item : node<Kind::segment, kw<"segment">, HERE<"the name of a segment, as in ZLR", upper>,
                           many<either<kw_node<Kind::required, "required">, kw_node<Kind::optional, "optional">,
                                       kw_node<Kind::repeats, "repeats">,
                                       node<Kind::after_clause, kw<"after">, HERE<"the segment it follows", path>>>>,
                           NEED<"`{`", block<segment_field, kSegmentInfo>>> {};
struct rule_item : node<Kind::rule, kw<"rule">, HERE<"what the rule says, in quotes", string>,
                        NEED<"`:` and the condition", kw<":">>, NEED<"the condition", expression>> {};
struct table_item
    : node<Kind::table_item, kw<"table">, HERE<"the number of a table, as in 0105", code>,
           HERE<"`adds` or `closed`",
                either<kw_node<Kind::closed, "closed">,
                       all<kw<"adds">, HERE<"the codes, in quotes", comma_list<"the next code, in quotes", string>>>>>> {};
struct structure_item
    : node<Kind::structure_item, kw<"structure">,
           HERE<"the structure in braces, as in `{ MSH PID {OBR [{OBX}]} }`", leaf<Kind::structure_text, scan_structure>>> {};
struct condition_item : node<Kind::condition, expression> {};
struct message_item : either<one_item, require_item, segment_item, rule_item, table_item, structure_item, condition_item> {};
inline constexpr std::string_view kMessageWords[] = {"one", "require", "segment", "rule", "table", "structure", "conditions"};
inline constexpr BlockInfo kMessageInfo{"a message", kMessageWords, std::size(kMessageWords)};
struct message_block_rule : block<message_item, kMessageInfo> {};

// mapping
struct each_item : node<Kind::each_item, kw<"each">, HERE<"a group, segment or repeating field", path>, maybe<where>,
                        NEED<"`{` and what changes in each", mapping_block>> {};
struct assign_item : node<Kind::assign, path, NEED<"`=` and the new value", assign_sign>, NEED<"the new value", expression>,
                          maybe<else_clause>> {};
struct delete_item
    : node<Kind::remove, kw<"delete">, HERE<"what is deleted: a segment or a path", paths>, maybe<where>, maybe<else_clause>> {
};
struct insert_item : node<Kind::insert, kw<"insert">, HERE<"the segment that is added", path>,
                          maybe<node<Kind::after_clause, kw<"after">, HERE<"the segment it follows", path>>>,
                          NEED<"`{` and its fields", mapping_block>, maybe<else_clause>> {};
struct mapping_arm : node<Kind::arm, when_word, HERE<"a condition", expression>, NEED<"`{`", mapping_block>> {};
struct mapping_when
    : node<Kind::when_item, mapping_arm,
           many<either<node<Kind::arm, kw<"otherwise">, same_line<when_word>, HERE<"a condition", expression>,
                            NEED<"`{`", mapping_block>>,
                       node<Kind::arm, kw_node<Kind::arm_otherwise, "otherwise">, HERE<"`when` or `{`", mapping_block>>>>> {};
struct mapping_item : either<each_item, delete_item, insert_item, mapping_when, assign_item> {};
inline constexpr std::string_view kMappingWords[] = {"each", "delete", "insert", "when", "assignments"};
inline constexpr BlockInfo kMappingInfo{"a mapping", kMappingWords, std::size(kMappingWords)};
struct mapping_block_rule : block<mapping_item, kMappingInfo> {};

// redaction
struct redaction_labels
    : node<Kind::labels, kw<"labels">, HERE<"a label, as in `labels date year`", comma_list<"the next label", dotted>>> {};
struct redaction_item : node<Kind::redaction_item, either<redaction_labels, paths>,
                             maybe<same_line<leaf<Kind::method, scan_name>>, many<same_line<option>>>> {};
inline constexpr std::string_view kRedactionWords[] = {"lines such as `PID-5, PID-9 remove`", "labels"};
inline constexpr BlockInfo kRedactionInfo{"a redaction", kRedactionWords, std::size(kRedactionWords)};
struct redaction_block_rule : block<redaction_item, kRedactionInfo> {};

}  // namespace smarthl7::syntax::grammar
