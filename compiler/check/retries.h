// SPDX-License-Identifier: Apache-2.0
// Retries: what each says and takes over from its base, and that it ends. Fills context.retries, with those of the standard
// library; reports to the sink. One thread; nothing throws.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_retries(Context& context);

}  // namespace smarthl7::check
