// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/words.h"

namespace smarthl7::syntax {
namespace {

constexpr std::string_view kReserved[] = {"and",  "or",   "not",   "in",   "matches",   "present",  "absent", "null",
                                          "else", "each", "where", "when", "otherwise", "true",     "false",  "raw",
                                          "last", "dead", "drop",  "ack",  "keep",      "continue", "reject", "from"};
constexpr std::string_view kDeclarations[] = {"language",    "use",         "setting", "secret",  "oauth",     "contact",
                                              "environment", "table",       "message", "mapping", "redaction", "retry",
                                              "source",      "destination", "flow",    "alert",   "test"};
constexpr std::string_view kConnectives[] = {"file", "secret", "oauth", "when", "within", "by", "after", "because", "from"};
constexpr std::string_view kMessage[] = {"one", "require", "segment", "rule", "table", "structure"};
constexpr std::string_view kMapping[] = {"each", "delete", "insert", "when", "otherwise"};
constexpr std::string_view kFlow[] = {"from",  "validate", "dedup",  "map",   "apply", "as",      "redact", "when", "otherwise",
                                      "route", "fanout",   "branch", "split", "batch", "respond", "dead",   "drop", "reject"};
constexpr std::string_view kTest[] = {"given", "send", "after", "expect"};
constexpr std::string_view kAlert[] = {"when", "notify"};
constexpr std::string_view kElse[] = {"reject", "continue", "keep", "dead", "drop"};
constexpr std::string_view kOperators[] = {"and",    "or",   "not", "in",   "matches", "present",
                                           "absent", "null", "raw", "each", "where"};
constexpr std::string_view kConstants[] = {"true", "false", "null"};
constexpr std::string_view kClauses[] = {
    "adds",     "after", "alert",   "allow",    "answers",  "attempts", "by",     "closed", "conflict", "days", "down",
    "file",     "for",   "garbage", "gets",     "ignoring", "is",       "labels", "late",   "nothing",  "of",   "on",
    "optional", "phi",   "repeats", "required", "strict",   "then",     "times",  "to",     "tolerant", "up",   "within"};
constexpr std::string_view kTypes[] = {"text", "number",  "bool", "duration", "size",    "port",
                                       "url",  "address", "code", "list",     "optional"};
constexpr std::string_view kFormats[] = {"hl7", "xml", "json", "bytes"};
constexpr std::string_view kTwoWords[] = {"for good", "for now", "go on", "hold key", "hold lane"};
constexpr std::string_view kForeign[] = {"if"};

}  // namespace

Words reserved_words() { return kReserved; }
Words declaration_words() { return kDeclarations; }
Words connective_words() { return kConnectives; }
Words message_words() { return kMessage; }
Words mapping_words() { return kMapping; }
Words flow_words() { return kFlow; }
Words test_words() { return kTest; }
Words alert_words() { return kAlert; }
Words else_words() { return kElse; }
Words operator_words() { return kOperators; }
Words constant_words() { return kConstants; }
Words clause_words() { return kClauses; }
Words type_words() { return kTypes; }
Words format_words() { return kFormats; }
Words foreign_words() { return kForeign; }

std::string_view two_word_value(std::string_view first, std::string_view second) {
  for (const std::string_view value : kTwoWords) {
    if (value.size() == first.size() + 1 + second.size() && value.starts_with(first) && value[first.size()] == ' ' &&
        value.ends_with(second))
      return value;
  }
  return {};
}

}  // namespace smarthl7::syntax
