// SPDX-License-Identifier: Apache-2.0
// Resolved paths into the plan; inside of expressions.h, which everything else calls. One thread; cannot fail.
#pragma once

#include "compiler/lower/plan_builder.h"

namespace smarthl7::lower {

Id lower_resolved(PlanBuilder& builder, const check::ResolvedPath& path);

}  // namespace smarthl7::lower
