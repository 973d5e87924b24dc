// SPDX-License-Identifier: Apache-2.0
// What a value says about a person: the strongest of all inputs of its expression. A look-up gives what its keys say, unless
// the table says `phi LABEL`; no function launders. Internal to the checks of patient data; one thread; reports nothing.
#pragma once

#include "compiler/check/context.h"
#include "compiler/check/phi_state.h"

namespace smarthl7::check {

/// A path of the message: a segment, field or part, or all segments of a group.
[[nodiscard]] std::vector<PhiPlace> places_of(const PhiModel& model, const ResolvedPath& path);
/// What a value is made of; the trail begins with the paths that are read. Keeps it in facts.phi.
[[nodiscard]] PhiEntry phi_of(Context& context, const PhiModel& model, const PhiState& state, const syntax::Expr& expr);
/// No path in it: literals, settings.
[[nodiscard]] bool is_constant(const syntax::Expr& expr);
/// Where a condition compares a direct identifier with something (not only asks whether it is there): that it does; else null.
[[nodiscard]] Trail asks_who(Context& context, const PhiModel& model, const PhiState& state, const syntax::Expr& condition);

}  // namespace smarthl7::check
