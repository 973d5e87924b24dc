// SPDX-License-Identifier: Apache-2.0
// `respond from`: one step of a flow is looked at in the walk over it (FlowChecker::respond), and after all flows this, for a
// sender gets one answer. Reports to the sink; one thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// After the flows were walked: two flows of one source cannot both respond, nor send the destination more than one message.
void check_responses(Context& context);

}  // namespace smarthl7::check
