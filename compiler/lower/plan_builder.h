// SPDX-License-Identifier: Apache-2.0
// Builds a plan::Plan: interns strings, appends runs of ids, makes places, and knows the ids of declarations. Canonical: ids
// of declarations go by name, everything else by the order in which lowering walks, which is that of names and then of the
// source; so the same input gives the same plan. One thread; cannot fail (what reaches it has passed the check).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/check/context.h"
#include "compiler/plan/plan.h"

namespace smarthl7::lower {

using plan::Id;

class PlanBuilder {
 public:
  explicit PlanBuilder(const check::Context& context);

  [[nodiscard]] const check::Context& context() const { return context_; }
  [[nodiscard]] const check::Facts& facts() const { return *facts_; }
  /// Lowers with other facts until called again with null: a destination's key is checked for each flow that delivers there.
  void use_facts(const check::Facts* facts) { facts_ = facts != nullptr ? facts : &context_.facts; }
  [[nodiscard]] plan::Plan& plan() { return plan_; }

  /// The id of a string; "" is 0.
  Id text(std::string_view value);
  /// The place of a node in Plan::places.
  Id place(source::Span span);
  /// A run in Plan::lists. Lower what it holds first.
  plan::Range list(std::span<const Id> ids);
  /// The id of a builtin in Plan::builtins.
  Id builtin(std::string_view name);
  /// The id of a secret in Plan::secrets.
  Id secret(std::string_view name);

  Id add(plan::Path path);  // equal ones are kept once
  Id add(plan::Expr expr);
  Id add(plan::Scope scope);

  /// Lower what stands inside first, and refer to it with list().
  Id add(plan::Statement statement);
  Id add(plan::Arm arm);
  Id add(plan::Step step);

  /// Index of a declaration among those of its kind in the plan (tables, settings, messages, mappings, retries, sources,
  /// destinations, flows), by name.
  [[nodiscard]] Id id_of(const syntax::Declaration& declaration) const;
  /// The same for a name that resolve() has resolved; kNone without one.
  [[nodiscard]] Id id_of_use(const syntax::Node* name) const;
  /// Gives ids in the order of the span; once for each kind.
  void assign_ids(std::span<const syntax::Declaration* const> declarations);

 private:
  const check::Context& context_;
  const check::Facts* facts_;
  plan::Plan plan_;
  std::unordered_map<std::string, Id> strings_;
  std::unordered_map<std::string, Id> builtins_;
  std::unordered_map<std::string, Id> secrets_;
  std::unordered_map<const syntax::Declaration*, Id> ids_;
  std::map<std::string, Id, std::less<>> inputs_;  // by path
  std::map<std::string, Id> paths_;                // by their bytes
};

}  // namespace smarthl7::lower
