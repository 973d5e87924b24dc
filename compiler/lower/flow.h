// SPDX-License-Identifier: Apache-2.0
// Steps of a flow as operations of the plan. For a checked context; cannot fail; one thread.
#pragma once

#include "compiler/lower/plan_builder.h"

namespace smarthl7::lower {

[[nodiscard]] plan::Flow lower_flow(PlanBuilder& builder, const syntax::FlowDecl& flow);

}  // namespace smarthl7::lower
