// SPDX-License-Identifier: Apache-2.0
// The flows of a plan in Graphviz's language, for those who lay out pictures of their own. Pure function; any thread.
#pragma once

#include <string>
#include <string_view>

#include "compiler/plan/plan.h"

namespace smarthl7::docs {

/// The flow of that name, or all flows if it is empty.
[[nodiscard]] std::string dot(const plan::Plan& plan, std::string_view flow = {});

}  // namespace smarthl7::docs
