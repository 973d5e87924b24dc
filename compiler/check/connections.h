// SPDX-License-Identifier: Apache-2.0
// Sources and destinations against the options of their connector: names, connectives, kinds and units, what is required, what
// contradicts, TLS or a reason, ports. Fills context.source_ends and context.destinations; reports to the sink. One thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// After settings and retries.
void check_connections(Context& context);

}  // namespace smarthl7::check
