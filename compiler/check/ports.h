// SPDX-License-Identifier: Apache-2.0
// Two sources cannot listen on one port of one address, in any environment. Reports to the sink; one thread.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// After the options of the sources were read.
void check_ports(Context& context);

}  // namespace smarthl7::check
