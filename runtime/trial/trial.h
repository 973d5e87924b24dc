// SPDX-License-Identifier: Apache-2.0
// Runs the tests of a project: for each one a world of its own with virtual time, in which the real engine, store, evaluator
// and transport work between scripted partners. Same seed, same history. TLS and release 2 of MLLP are not simulated:
// connections are in clear, release 1; secrets are made up. A Runner binds the plan once; it borrows the recorder. One thread.
// Failure: make() says what cannot be bound; run() never fails: what goes wrong is the outcome of the test.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/plan/trials.h"
#include "runtime/eval/recorder.h"
#include "stdlib/base/digest.h"
#include "stdlib/base/result.h"

namespace smarthl7::trial {

struct Setup {
  std::string environment;                      // empty: defaults, and else what the first environment says
  std::map<std::string, std::string> settings;  // over the environment's
  std::uint64_t seed = 1;
  eval::Recorder* recorder = nullptr;
};

/// An expectation that was not met. Texts hold values of the test's messages.
struct Failure {
  plan::TrialSpan span;
  std::string kind;                  // "ack", "gets", "dead", "condition"
  std::string message;               // "mercy took 0 messages, 1 was expected"
  std::vector<std::string> details;  // lines
};

struct Outcome {
  std::vector<Failure> failures;
  std::string error;                    // the hub did not start, the history did not end; empty: none
  std::chrono::microseconds simulated;  // time that passed in the test
  std::uint64_t seed = 0;
  [[nodiscard]] bool passed() const { return failures.empty() && error.empty(); }
};

class Runner {
 public:
  virtual ~Runner() = default;
  [[nodiscard]] virtual Outcome run(const plan::Trial& test) = 0;
};

/// `trials` outlives the Runner; `digest` is that of the project's plan.
[[nodiscard]] Result<std::unique_ptr<Runner>> make_runner(const plan::Trials& trials, const Sha256& digest, const Setup& setup);

}  // namespace smarthl7::trial
