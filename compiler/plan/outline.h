// SPDX-License-Identifier: Apache-2.0
// A plan in words, line by line, each with what it belongs to: what `plan show` prints, `plan diff` compares, and pictures and
// interface specifications quote. Expressions come out in the spelling of the route language.
// Value types; pure function; any thread. The plan is one that read_plan() or lower() gave.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"

namespace smarthl7::plan {

enum class Subject : std::uint8_t {
  plan,
  input,
  setting,
  secret,
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
};
/// "message", "flow": the word of the route language.
[[nodiscard]] const char* name_of(Subject subject);

struct OutlineLine {
  Subject subject = Subject::plan;
  std::string name;  // of the subject: "lab_results"
  int indent = 0;    // 0: the subject's own line
  std::string text;
  Id place = kNone;
  Id step = kNone;     // the step it shows
  Id arm = kNone;      // the arm that it opens
  std::string number;  // of the step or arm, "2.1"; stands before the text where a plan is shown
  SMARTHL7_PLAN_EQUALITY(OutlineLine)
};

[[nodiscard]] std::vector<OutlineLine> outline(const Plan& plan);

/// "30s", "7d": in the largest unit without rest.
[[nodiscard]] std::string duration_text(std::uint64_t micros);
[[nodiscard]] const char* name_of(Level level);

}  // namespace smarthl7::plan
