// SPDX-License-Identifier: Apache-2.0
// Receivers that know copies (`idempotent by ... within ...`): the key must tell messages apart and come once a message, and
// the receiver must remember for longer than the hub tries. Reads what the check of flows has gathered in context.delivered;
// reports to the sink; one thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// After check_flows().
void check_copies(Context& context);

}  // namespace smarthl7::check
