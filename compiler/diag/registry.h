// SPDX-License-Identifier: Apache-2.0
// The one list of diagnostic codes. A code is never reused; each has a golden test and an explain page.
// Ranges: E01 syntax, E02 names, E03 paths, E04 types and fallibility, E05 flow, E06 PHI, E07 delivery and
// security, W warnings. Add a line to SMARTHL7_CODES in its range; nothing else. Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace smarthl7::diag {

enum class Severity : std::uint8_t { error, warning };

// X(code, severity, one line for lists: what is wrong, lower case)
#define SMARTHL7_CODES(X)                                                                 \
  X(E0101, error, "something is missing")                                                 \
  X(E0102, error, "a word or sign that cannot stand here")                                \
  X(E0103, error, "nested too deeply")                                                    \
  X(E0104, error, "a `{` without its `}`")                                                \
  X(E0105, error, "a string without its end")                                             \
  X(E0106, error, "an unknown escape in a string")                                        \
  X(E0107, error, "the file is not UTF-8")                                                \
  X(E0108, error, "a declaration that does not begin in column 1")                        \
  X(E0109, error, "an operator that cannot be chained or mixed like this")                \
  X(E0110, error, "a number or a path that is out of range")                              \
  X(E0111, error, "an option without a value")                                            \
  X(E0112, error, "an index where none can stand")                                        \
  X(E0113, error, "a reserved word as a name")                                            \
  X(E0114, error, "a name with capitals")                                                 \
  X(E0120, error, "a path written with dots, as in other tools")                          \
  X(E0121, error, "a path with a dash before its component")                              \
  X(E0122, error, "`&&`, `||` or `!` instead of `and`, `or`, `not`")                      \
  X(E0123, error, "`if` instead of `when`")                                               \
  X(E0124, error, "a string in single quotes")                                            \
  X(E0125, error, "a `;` at the end of a statement")                                      \
  X(E0126, error, "a comment that begins with `#`")                                       \
  X(E0127, error, "a pattern between slashes")                                            \
  X(E0128, error, "`=` in a condition")                                                   \
  /* E02 names: resolve */                                                                \
  X(E0201, error, "an unknown name")                                                      \
  X(E0202, error, "a name that is declared twice")                                        \
  X(E0203, error, "a name of another kind than is due")                                   \
  X(E0204, error, "an unknown module of the standard library")                            \
  X(E0205, error, "a name of the standard library without its `use`")                     \
  X(E0206, error, "an unknown version of the language")                                   \
  X(E0210, error, "a declaration that this version does not run yet")                     \
  X(E0211, error, "a step that this version does not run yet")                            \
  X(E0212, error, "a transport that this version does not run yet")                       \
  X(E0213, error, "a module of the standard library that this version does not have yet") \
  X(E0215, error, "a comment that silences without a reason, or what cannot be silenced") \
  /* E03 paths: check */                                                                  \
  X(E0301, error, "an unknown segment or group")                                          \
  X(E0302, error, "a segment that the message does not have")                             \
  X(E0303, error, "a field that the segment does not have")                               \
  X(E0304, error, "a component that the data type does not have")                         \
  X(E0305, error, "a component of a value that has none")                                 \
  X(E0306, error, "an unknown name of a field or component")                              \
  X(E0307, error, "a path that could mean several places")                                \
  X(E0308, error, "an index inside the `each` that it belongs to")                        \
  X(E0309, error, "a relative path with nothing to count from")                           \
  X(E0310, error, "an `each` that is not inside the one around it")                       \
  X(E0311, error, "a group, segment or part where another is due")                        \
  X(E0312, error, "a path to one value that may be there several times")                  \
  X(E0313, error, "an index beyond what the message can hold")                            \
  X(E0314, error, "a field or component that is withdrawn")                               \
  X(E0315, error, "an unknown HL7 version or structure")                                  \
  X(E0316, error, "a segment or table of the site that is not well described")            \
  X(E0317, error, "a profile that says a thing twice")                                    \
  X(E0318, error, "a message structure of the site that is not well written")             \
  /* E04 types and fallibility: check */                                                  \
  X(E0401, error, "a value of another type than is due")                                  \
  X(E0402, error, "text for a field that has components")                                 \
  X(E0403, error, "a copy between different data types")                                  \
  X(E0404, error, "a code that its closed table does not have")                           \
  X(E0405, error, "an unknown function")                                                  \
  X(E0406, error, "a wrong number of arguments")                                          \
  X(E0407, error, "a look-up that the table cannot answer")                               \
  X(E0408, error, "a pattern that is no regular expression")                              \
  X(E0409, error, "something else than a path or a value")                                \
  X(E0410, error, "a list where one value is due")                                        \
  X(E0411, error, "something that can fail and does not say what happens then")           \
  X(E0412, error, "a value that may be absent where one is needed")                       \
  X(E0413, error, "a comparison of two values that may both be absent")                   \
  X(E0414, error, "an `else` that cannot stand here")                                     \
  X(E0415, error, "a path that is assigned twice")                                        \
  X(E0416, error, "a path that is assigned and deleted")                                  \
  X(E0417, error, "something else than a condition")                                      \
  X(E0419, error, "a condition on several fields of every occurrence at once")            \
  X(E0420, error, "a path that cannot be written")                                        \
  X(E0422, error, "a constant that cannot be used")                                       \
  X(E0423, error, "an argument that must be a literal")                                   \
  X(E0424, error, "two dates or times that cannot be compared")                           \
  X(E0425, error, "a duration that does not fit the precision of a date or time")         \
  X(E0426, error, "a text that is not of the form of its field")                          \
  X(E0427, error, "a code without a table")                                               \
  X(E0440, error, "a place that only an `insert` gives")                                  \
  X(E0441, error, "something that cannot be inserted here")                               \
  X(E0442, error, "an `insert` of what there is one of at most")                          \
  X(E0443, error, "a message without a part that its type requires")                      \
  X(E0444, error, "a new segment without a field that it requires")                       \
  X(E0445, error, "a new message whose event is not known")                               \
  X(E0446, error, "a copy that the other version has no place for")                       \
  X(E0447, error, "a copy of a group to another group")                                   \
  X(E0448, error, "an index into what is made")                                           \
  X(E0449, error, "a mapping that this message type cannot have")                         \
  X(E0450, error, "an `as` that makes nothing")                                           \
  X(E0451, error, "a step or path that needs a message, and a document comes")            \
  X(E0452, error, "a document for a transport that carries messages")                     \
  X(E0480, error, "a value that does not fit the type of its setting")                    \
  X(E0481, error, "an unknown type of a setting")                                         \
  X(E0482, error, "a setting without a value")                                            \
  X(E0483, error, "something else than a setting in the text of an option")               \
  /* E05 flow: check */                                                                   \
  X(E0501, error, "a flow without a source")                                              \
  X(E0502, error, "a `from` that is not the first step of its flow")                      \
  X(E0503, error, "a way on which a message does not end")                                \
  X(E0504, error, "a step that no message reaches")                                       \
  X(E0505, error, "an arm that an earlier one hides")                                     \
  X(E0506, error, "a choice without `otherwise`")                                         \
  X(E0507, error, "a `route type` that does not name every accepted type")                \
  X(E0508, error, "a `reject` where the sender cannot be told")                           \
  X(E0509, error, "a step that takes another message than the one that comes")            \
  X(E0510, error, "a step that can fail and does not say what happens then")              \
  X(E0511, error, "an `else` that its step cannot do")                                    \
  X(E0512, error, "arms that give different messages")                                    \
  X(E0513, error, "a `dedup` that cannot decide for the whole message")                   \
  X(E0514, error, "an arm that no accepted type fits")                                    \
  X(E0515, error, "an unknown acknowledgement code")                                      \
  X(E0516, error, "a `respond from` that cannot be kept")                                 \
  X(E0520, error, "a `split` that makes no parts")                                        \
  X(E0521, error, "a `batch` that cannot be made")                                        \
  X(E0522, error, "an `ack when delivered` that cannot be kept")                          \
  X(E0530, error, "an unknown metric")                                                    \
  X(E0531, error, "a metric that its subject does not have")                              \
  X(E0532, error, "a metric that is compared with something else than it is")             \
  X(E0533, error, "an alert that watches nothing or tells nobody")                        \
  X(E0560, error, "a test's message that is no HL7")                                      \
  X(E0561, error, "an expected acknowledgement of nothing")                               \
  X(E0562, error, "a time or number in a test that is none")                              \
  X(E0563, error, "an expectation that this version does not run yet")                    \
  X(E0564, error, "a `send` that does not say where to")                                  \
  X(E0565, error, "a message expected where none is delivered")                           \
  X(E0566, error, "an answer that is never given")                                        \
  X(E0567, error, "two tests with one title")                                             \
  /* E06 PHI: check */                                                                    \
  X(E0601, error, "identified data for a destination that may not hold it")               \
  X(E0602, error, "an identifier that a redaction leaves")                                \
  X(E0603, error, "an identifier that went another way")                                  \
  X(E0604, error, "a method that leaves more than a destination holds")                   \
  X(E0605, error, "a redaction that cannot be proved")                                    \
  X(E0606, error, "a redaction that lists, for a destination outside")                    \
  X(E0607, error, "patient data where none may be")                                       \
  X(E0608, error, "an answer that may say more than its sender sends")                    \
  X(E0640, error, "a label that there is not")                                            \
  X(E0641, error, "a path that a redaction cannot name")                                  \
  X(E0642, error, "a place that no version of HL7 has")                                   \
  X(E0643, error, "a method that a redaction does not have")                              \
  X(E0644, error, "an option that the method of a redaction cannot take")                 \
  X(E0645, error, "a redaction that cannot start from this one")                          \
  X(E0646, error, "a place or label that a redaction names twice")                        \
  X(E0647, error, "a field that must stay")                                               \
  X(E0648, error, "a method that does not fit its place")                                 \
  X(E0649, error, "an item of a redaction that changes nothing")                          \
  /* E07 delivery and security: check */                                                  \
  X(E0701, error, "an unknown option")                                                    \
  X(E0702, error, "an option value of a wrong kind")                                      \
  X(E0703, error, "a required option is missing")                                         \
  X(E0704, error, "an option that is given twice")                                        \
  X(E0705, error, "an option with a wrong connective")                                    \
  X(E0706, error, "a connection without TLS and without a reason")                        \
  X(E0707, error, "a secret in clear")                                                    \
  X(E0708, error, "two sources on one port")                                              \
  X(E0709, error, "a retry that does not say how it begins, grows and ends")              \
  X(E0710, error, "an order that does not fit the number of connections")                 \
  X(E0711, error, "an unknown transport")                                                 \
  X(E0712, error, "an option that lost its value")                                        \
  X(E0713, error, "a retry that starts from itself")                                      \
  X(E0714, error, "an unknown message type in `accept`")                                  \
  X(E0715, error, "options that contradict each other")                                   \
  X(E0716, error, "a certificate that is not valid now")                                  \
  X(E0717, error, "a file that holds no certificate")                                     \
  X(E0720, error, "a file that cannot be read")                                           \
  X(E0721, error, "a table file that does not parse")                                     \
  X(E0722, error, "a column that the table file does not have")                           \
  X(E0723, error, "a key that stands twice in a table")                                   \
  X(E0724, error, "a table file with another number of cells in a line")                  \
  X(E0725, error, "an empty cell in a table that is read again while the hub runs")       \
  X(E0726, error, "a table file that may not be whole")                                   \
  X(E0730, error, "a dedup window that forgets too early")                                \
  X(E0731, error, "a delivery that comes back to its own source")                         \
  X(E0732, error, "two ends that meet in one folder")                                     \
  X(E0740, error, "`exactly_once` to a receiver that cannot honour it")                   \
  X(E0741, error, "a receiver that forgets before its sender stops trying")               \
  X(E0742, error, "a message that comes to a receiver twice with one key")                \
  X(E0743, error, "a key that does not tell messages apart")                              \
  /* W warnings */                                                                        \
  X(W0201, warning, "a declaration that nothing uses")                                    \
  X(W0202, warning, "a comment that silences nothing")                                    \
  X(W0203, warning, "an older spelling")                                                  \
  X(W0401, warning, "a code that its table does not suggest")                             \
  X(W0402, warning, "an `else` that is never reached")                                    \
  X(W0403, warning, "a default that is never used")                                       \
  X(W0420, warning, "a line of a mapping that changes nothing")                           \
  X(W0421, warning, "a block of a mapping without a line")                                \
  X(W0422, warning, "a part of a mapping that no message reaches")                        \
  X(W0423, warning, "a required part that may not be made")                               \
  X(W0501, warning, "a source that no flow takes from")                                   \
  X(W0502, warning, "an acknowledgement before the message is stored")                    \
  X(W0510, warning, "an accepted type that a `validate` always refuses")                  \
  X(W0560, warning, "a `given` that changes nothing")                                     \
  X(W0561, warning, "a test that expects nothing")                                        \
  X(W0562, warning, "conditions of messages that must not come")                          \
  X(W0701, warning, "a file that is not there now")                                       \
  X(W0702, warning, "a delivery that the receiver does not confirm")                      \
  X(W0703, warning, "a receiver that may forget a message that is tried for ever")        \
  X(W0704, warning, "control ids of several senders under one key")                       \
  X(W0705, warning, "a certificate that soon ends")                                       \
  X(W0706, warning, "a sender that gets no answer")                                       \
  X(W0710, warning, "two destinations with one address")

enum class Code : std::uint16_t {
#define SMARTHL7_CODE_NAME(code, severity, title) code,
  SMARTHL7_CODES(SMARTHL7_CODE_NAME)
#undef SMARTHL7_CODE_NAME
};

struct CodeInfo {
  Code code;
  std::string_view name;  // "E0101"
  Severity severity;
  std::string_view title;
};

/// Every code, in the order of the list.
[[nodiscard]] std::span<const CodeInfo> all_codes();
[[nodiscard]] const CodeInfo& info(Code code);
[[nodiscard]] std::string_view name_of(Code code);
[[nodiscard]] std::string_view name_of(Severity severity);
[[nodiscard]] std::optional<Code> code_named(std::string_view name);

}  // namespace smarthl7::diag
