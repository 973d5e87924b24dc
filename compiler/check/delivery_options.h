// SPDX-License-Identifier: Apache-2.0
// The options of a destination that say how it delivers, beside order and retry: exactly once and what the receiver knows of
// copies, urgent messages, pace. Internal to the check of connections; fills the DestinationInfo; reports to the sink; one
// thread.
#pragma once

#include "compiler/check/option_block.h"

namespace smarthl7::check {

/// After the order was read.
void read_delivery_options(Context& context, OptionReader& reader, DestinationInfo& destination);

}  // namespace smarthl7::check
