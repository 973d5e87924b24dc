// SPDX-License-Identifier: Apache-2.0
// The `test` blocks as data for the runner. The builder holds the lowered project already; conditions are appended to its
// plan, so this comes last and only into a plan that nobody stores. For a checked context; cannot fail; one thread.
#pragma once

#include <vector>

#include "compiler/lower/plan_builder.h"
#include "compiler/plan/trials.h"

namespace smarthl7::lower {

[[nodiscard]] std::vector<plan::Trial> lower_tests(PlanBuilder& builder);

}  // namespace smarthl7::lower
