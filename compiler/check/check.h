// SPDX-License-Identifier: Apache-2.0
// All checks of a project, in their order. Fills the context and its facts; reports to its sink; one thread; nothing throws.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check(Context& context);

}  // namespace smarthl7::check
