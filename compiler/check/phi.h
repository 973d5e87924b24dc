// SPDX-License-Identifier: Apache-2.0
// What can be proven about patient data: the level of a message at each step (identified, limited, deidentified), that no
// destination gets more than it holds, and the way that an identifier took where one does. docs/phi.md says what is proven and
// what is not. Fills facts.phi and facts.levels; reports to the sink. One thread; nothing throws.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// After mappings, redactions, connections and flows.
void check_phi(Context& context);

}  // namespace smarthl7::check
