// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/paths.h"

#include "compiler/lower/expressions.h"
#include "stdlib/base/assert.h"

namespace smarthl7::lower {

Id lower_resolved(PlanBuilder& builder, const check::ResolvedPath& path) {
  plan::Path made = path.path;
  made.segment.name = builder.text(path.segment);
  made.text = builder.text(path.text);
  made.choice = path.choice == nullptr ? plan::kNone : lower_expression(builder, *path.choice);
  return builder.add(made);
}

Id lower_path(PlanBuilder& builder, const syntax::PathExpr& path) {
  const auto at = builder.facts().paths.find(path.id);
  SMARTHL7_ASSERT(at != builder.facts().paths.end(), "a path that passed the check is resolved");
  return lower_resolved(builder, at->second);
}

Id lower_scope(PlanBuilder& builder, const syntax::PathExpr& scope, const syntax::Expr* where) {
  const auto at = builder.facts().scopes.find(scope.id);
  SMARTHL7_ASSERT(at != builder.facts().scopes.end(), "a scope that passed the check is resolved");
  plan::Scope made = at->second.scope;
  made.name = builder.text(at->second.name);
  if (made.kind == plan::ScopeKind::repetition) made.path = lower_resolved(builder, at->second.field);
  if (where != nullptr) made.where = lower_expression(builder, *where);
  return builder.add(made);
}

}  // namespace smarthl7::lower
