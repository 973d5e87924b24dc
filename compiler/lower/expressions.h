// SPDX-License-Identifier: Apache-2.0
// Expressions, paths, scopes and `else` clauses into the plan, from the tree and the facts of the check. What arrives here has
// passed the check; a node without facts is a bug of ours and ends in an assertion. One thread; cannot fail.
#pragma once

#include "compiler/lower/plan_builder.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::lower {

/// A value or condition. Frames of its paths are numbered by the check.
Id lower_expression(PlanBuilder& builder, const syntax::Expr& expr);

/// The text of a reason: absent values print `-`. kNone for null.
Id lower_reason(PlanBuilder& builder, const syntax::StringExpr* reason);

/// A path as it was resolved (with its choice).
Id lower_path(PlanBuilder& builder, const syntax::PathExpr& path);

/// The scope of an `each` or a `delete SEG`; `where` may be null.
Id lower_scope(PlanBuilder& builder, const syntax::PathExpr& scope, const syntax::Expr* where);

/// Kind `none` for null.
plan::Else lower_else(PlanBuilder& builder, const syntax::ElseClause* clause);

}  // namespace smarthl7::lower
