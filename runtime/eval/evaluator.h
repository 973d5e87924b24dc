// SPDX-License-Identifier: Apache-2.0
// Evaluation: plan x message -> effects. No clock, randomness, environment or I/O inside.
// BoundPlan: a plan with its settings, secrets' names resolved, tables hashed, expressions and regular expressions made ready;
// immutable but for live_tables(), shared by all
// threads. Evaluator: one per thread, keeps buffers so that a message costs few allocations; not
// thread-safe. Failure: binding returns Result (a setting without value, a regular expression that does not compile);
// evaluation cannot fail: what goes wrong with a message is its verdict.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/eval/effects.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"
#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::eval {

struct Recorder;
struct TableVersion;
class LiveTables;

struct Bindings {
  std::string environment;                                                 // of the plan's environments; empty: none
  std::map<std::string, std::string> settings;                             // --set NAME=VALUE, over the environment's
  HashKey hash_key{};                                                      // of the data folder, for dedup and ordering keys
  std::map<std::string, std::shared_ptr<const TableVersion>> tables = {};  // by name: each of the plan's that reloads
  Recorder* recorder = nullptr;                // counts what runs, for the coverage of tests; null: nobody counts
  std::map<std::string, Secret> secrets = {};  // by name: those that secrets_of_redactions() asks for
};

/// Names of the secrets that the redactions of the plan's flows work with.
[[nodiscard]] std::vector<std::string> secrets_of_redactions(const plan::Plan& plan);

class BoundPlan {
 public:
  virtual ~BoundPlan() = default;
  [[nodiscard]] virtual const plan::Plan& plan() const = 0;
  [[nodiscard]] virtual const Sha256& digest() const = 0;
  /// Of dedup and ordering keys.
  [[nodiscard]] virtual const HashKey& hash_key() const = 0;
  /// Text of an option's value (settings put in), e.g. "0.0.0.0:2575".
  [[nodiscard]] virtual std::string option_text(const plan::OptionValue& option) const = 0;
  /// The rows of all tables, for whoever reads them again.
  [[nodiscard]] virtual LiveTables& live_tables() const = 0;
  /// `charset` of a source: the set of messages whose MSH-18 is silent.
  [[nodiscard]] virtual hl7::Charset charset_of(plan::Id source) const = 0;
};

[[nodiscard]] Result<std::shared_ptr<const BoundPlan>> bind(plan::Plan plan, const Sha256& digest, Bindings bindings);

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// The verdict of all flows of a source over one message. The result is valid until the next call.
  virtual const Effects& evaluate(plan::Id source, const hl7::Message& message) = 0;
};

[[nodiscard]] std::unique_ptr<Evaluator> make_evaluator(std::shared_ptr<const BoundPlan> plan);

}  // namespace smarthl7::eval
