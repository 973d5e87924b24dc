// SPDX-License-Identifier: Apache-2.0
// Is a Plan whole? Every index in range, every operand of the right type, no item inside itself, and no item so deep or so
// often repeated that evaluation would not end soon. What passes can be executed without further checks of the plan. The
// compiler asserts it of its own plans; the reader refuses others. Pure function; any thread; error: corrupt, with the item's
// number.
#pragma once

#include "compiler/plan/plan.h"
#include "stdlib/base/result.h"

namespace smarthl7::plan {

[[nodiscard]] Result<void> check_plan(const Plan& plan);

}  // namespace smarthl7::plan
