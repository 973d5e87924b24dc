// SPDX-License-Identifier: Apache-2.0
// Flows: the chain of steps, what each takes and gives, that every message ends, that no step or arm is dead, that a reject can
// be told to the sender. Writes facts.steps and context.keys; reports to the sink. One thread; nothing throws.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// After messages, mappings and connections.
void check_flows(Context& context);

}  // namespace smarthl7::check
