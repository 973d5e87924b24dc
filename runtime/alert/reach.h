// SPDX-License-Identifier: Apache-2.0
// The destinations that a flow's steps, their `else` and its mappings can deliver to. Pure function of a plan; no failure.
#pragma once

#include <vector>

#include "compiler/plan/plan.h"

namespace smarthl7::alert {

/// Ids of destinations, in their order, each once.
[[nodiscard]] std::vector<plan::Id> reached_by(const plan::Plan& plan, const plan::Flow& flow);

}  // namespace smarthl7::alert
