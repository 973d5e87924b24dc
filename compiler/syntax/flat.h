// SPDX-License-Identifier: Apache-2.0
// Between grammar and tree: nodes in preorder in one vector, each with the index after its last descendant.
// Written by the grammar (grammar.h), read by lower.cc; internal to this folder. One thread; lives for one parse.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::syntax {

enum class Kind : std::uint8_t {
  file,
  error,
  block,
  block_open,
  // leaves with text
  name,
  word,
  number,
  unit,
  version,
  event,
  boolean,
  null_value,
  name_value,
  text_part,
  // strings
  string,
  string_raw,
  string_block,
  string_single,
  pattern_slash,
  // paths
  path,
  path_node,
  path_part,
  index_number,
  index_all,
  index_last,
  index_selection,
  // expressions
  chain,
  op_not,
  op_binary,
  op_test,
  op_in,
  in_plain,
  in_bracketed,
  op_matches,
  paren,
  raw,
  call,
  lookup,
  column,
  each,
  where,
  count,
  // shared parts
  option,
  connective,
  otherwise,
  reject,
  keep,
  proceed,
  dead,
  drop,
  deliver,
  value_clause,
  type,
  type_argument,
  length,
  message_type,
  version_clause,
  from_clause,
  structure_clause,
  when_word,
  // declarations
  language,
  use,
  setting,
  secret,
  oauth,
  contact,
  environment,
  table,
  message,
  mapping,
  redaction,
  retry,
  source,
  destination,
  flow,
  alert,
  test,
  broken,
  setting_value,
  base_clause,
  to_clause,
  allow,
  // message items
  one,
  require,
  condition,
  segment,
  segment_field,
  rule,
  table_item,
  structure_item,
  structure_text,
  closed,
  required,
  optional,
  repeats,
  after_clause,
  phi_clause,
  // mapping and redaction items
  each_item,
  assign,
  remove,
  insert,
  when_item,
  redaction_item,
  labels,
  method,
  // steps
  from,
  validate,
  strict,
  tolerant,
  dedup,
  within_clause,
  ignoring_clause,
  conflict_clause,
  map,
  apply,
  convert,
  redact,
  when_step,
  route,
  fanout,
  branch,
  split,
  respond,
  batch,
  arm,
  arm_otherwise,
  arm_values,
  // tests and alerts
  given_answers,
  given_down,
  answer,
  answer_nothing,
  answer_garbage,
  late_clause,
  times_clause,
  for_clause,
  send,
  send_file,
  after_item,
  expect_ack,
  expect_gets,
  expect_alert,
  alert_when,
  quantile,
  of_clause,
  in_clause,
  notify,
};

struct FlatNode {
  Kind kind = Kind::error;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t next = 0;
};

/// A `;` or a `#` comment among the blanks.
struct ForeignBlank {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What a failed commitment throws; caught by the recovery around each item.
struct Failure {
  diag::Code code = diag::Code::E0101;
  std::uint32_t at = 0;       // where the next token should have been: the end of the one before
  std::string_view expected;  // "expected ..."; static text
  bool same_line = false;     // the token must stand on the line of the one before
  std::uint32_t begin = 0;    // for codes other than E0101 and E0111: the place itself
  std::uint32_t end = 0;
};

/// What a block holds, for messages.
struct BlockInfo {
  std::string_view noun;  // "a flow"
  const std::string_view* words = nullptr;
  std::size_t word_count = 0;
};

/// All that the grammar reads and writes beside its input.
struct State {
  const source::SourceFile& file;
  diag::Sink& sink;
  const char* start;
  const char* stop;
  std::vector<FlatNode> nodes;
  std::vector<Comment> comments;
  std::vector<ForeignBlank> foreign;
  unsigned depth = 0;
  std::uint32_t blanks_seen = 0;       // comments before this offset are recorded
  std::uint32_t statement_indent = 0;  // of the line on which the current statement began
  bool failed = false;                 // an error was reported
  const char* string_begin = nullptr;  // of the outermost string being read
  bool string_open = false;            // a block string runs to the end: what is unclosed there follows from it

  [[nodiscard]] std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - start); }
  /// The next byte that is neither blank nor comment.
  [[nodiscard]] const char* skip(const char* at);
  void report(diag::Diagnostic diagnostic);
};

}  // namespace smarthl7::syntax
