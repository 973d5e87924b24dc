// SPDX-License-Identifier: Apache-2.0
// The `test` blocks of a project as plain data: what the compiler makes of them and what runtime/trial runs. They stand
// beside the plan and are no part of it: a test changes neither a plan's bytes nor its digest. Their conditions are expressions
// of Trials::plan, which is the project's plan with these expressions appended.
// Value type; immutable; any thread. Ids are those of Trials::plan; absent: kNone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"

namespace smarthl7::plan {

/// Where something stands in the project's sources: the same numbers as source::Span.
struct TrialSpan {
  std::uint32_t file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// One answer of a scripted receiver.
struct TrialAnswer {
  enum class Kind : std::uint8_t { code, nothing, garbage } kind = Kind::code;
  std::string code;  // AA, AE, AR, CA, CE, CR, or a number of table 0357
  std::uint64_t late_micros = 0;
  std::uint64_t times = 0;  // 0: from then on
};

struct TrialCondition {
  TrialSpan span;
  std::vector<Id> exprs;  // one for each of TrialItem::messages
};

enum class TrialOp : std::uint8_t { answers, down, send, after, expect_ack, expect_gets, expect_dead, expect_alert };

struct TrialItem {
  TrialOp op = TrialOp::send;
  TrialSpan span;
  Id end = kNone;                          // answers, down, expect_gets: destination; send: source; expect_alert: alert
  std::vector<TrialAnswer> answers;        // answers
  std::uint64_t micros = 0;                // down (0: for good), after
  std::vector<std::string> frames;         // send: messages and batches as they go out, segments ended by CR
  std::string code;                        // expect_ack
  std::uint64_t count = 0;                 // expect_gets, expect_dead
  std::vector<Id> messages;                // ... what can arrive: messages of the plan, kNone for the open type `hl7`
  std::vector<TrialCondition> conditions;  // ... of each message that arrives
};

struct Trial {
  std::string title;
  TrialSpan span;  // of the word `test` and the title
  std::vector<TrialItem> items;
};

struct Trials {
  Plan plan;
  std::vector<Trial> tests;  // in the order of the files and of their lines
};

}  // namespace smarthl7::plan
