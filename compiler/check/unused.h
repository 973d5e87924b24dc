// SPDX-License-Identifier: Apache-2.0
// Declarations that nothing uses: a warning each. Reports to the sink; one thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// Last of all checks. Silent if a file has syntax errors: what could not be read may use it.
void check_unused(Context& context);

}  // namespace smarthl7::check
