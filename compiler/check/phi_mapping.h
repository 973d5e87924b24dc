// SPDX-License-Identifier: Apache-2.0
// Where a mapping takes what says who somebody is: names copied into other fields, joined, looked up, inserted, segments
// carried from one message to another; what it deletes and overwrites for certain. Internal to the checks of patient data.
// One thread; reports nothing; keeps facts.phi.
#pragma once

#include "compiler/check/context.h"
#include "compiler/check/phi_state.h"

namespace smarthl7::check {

/// After the mapping. `takes` and `gives` are the models of what comes in and goes out: the same for a mapping that edits.
[[nodiscard]] PhiState phi_after(Context& context, const syntax::MappingDecl& mapping, const PhiModel& takes,
                                 const PhiModel& gives, const PhiState& before);

}  // namespace smarthl7::check
