// SPDX-License-Identifier: Apache-2.0
// Counts what of a plan has run: steps, arms, lines of mappings, rules, items of redactions, and each `else` that was taken.
// For the coverage of tests; the service has none, so each place that records costs it one branch. Owned by the caller of
// bind(), outlives the plan and its evaluators. One thread: whoever records runs in the simulation.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/plan/plan.h"

namespace smarthl7::eval {

struct Recorder {
  struct Counts {  // of a rule
    std::uint64_t checked = 0;
    std::uint64_t broken = 0;
  };

  explicit Recorder(const plan::Plan& plan)
      : steps(plan.steps.size()),
        step_elses(plan.steps.size()),
        whens(plan.steps.size()),
        otherwises(plan.steps.size()),
        arms(plan.arms.size()),
        statements(plan.statements.size()),
        statement_elses(plan.statements.size()),
        statement_whens(plan.statements.size()),
        statement_otherwises(plan.statements.size()) {
    for (const plan::Message& message : plan.messages) rules.emplace_back(message.rules.size());
    for (const plan::Redaction& redaction : plan.redactions) redactions.emplace_back(redaction.items.size());
  }

  std::vector<std::uint64_t> steps;                    // by step
  std::vector<std::uint64_t> step_elses;               // ... whose `else` was taken
  std::vector<std::uint64_t> whens;                    // ... of `when`: its condition was true
  std::vector<std::uint64_t> otherwises;               // ... or not
  std::vector<std::uint64_t> arms;                     // by arm
  std::vector<std::uint64_t> statements;               // by statement
  std::vector<std::uint64_t> statement_elses;          // ... whose `else` was taken
  std::vector<std::uint64_t> statement_whens;          // ... of `when`
  std::vector<std::uint64_t> statement_otherwises;     // ... or not
  std::vector<std::vector<Counts>> rules;              // by message and position in it
  std::vector<std::vector<std::uint64_t>> redactions;  // by redaction and position of its item: values it decided about
};

}  // namespace smarthl7::eval
