// SPDX-License-Identifier: Apache-2.0
// Declarations of the language that this version does not run yet are refused by name, so that a file that passes is a file
// that runs. Reports to the sink; one thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_refused(Context& context);

}  // namespace smarthl7::check
