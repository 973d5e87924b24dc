// SPDX-License-Identifier: Apache-2.0
// Declarations that nothing uses, and sources that no flow takes from: a warning each. Reports to the sink; one thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// Last of all checks. Silent if there are errors: what is wrong may be the use.
void check_unused(Context& context);

}  // namespace smarthl7::check
