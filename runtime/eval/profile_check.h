// SPDX-License-Identifier: Apache-2.0
// The `validate` step: the standard's rules and the site's segments by hl7::Validator, then the message's own cardinalities,
// requires, conditions and rules. Every finding is given, with the place where it is and without values. One thread.
// Internal to this folder.
#pragma once

#include <vector>

#include "runtime/eval/interpreter.h"

namespace smarthl7::eval {

/// Appends to findings and counts them, listed or not. The interpreter stands on the message afterwards, seen as `message`.
hl7::Tally check_profile(const Bound& bound, Interpreter& interpreter, Stage& stage, plan::Id message,
                         hl7::Strictness strictness, std::vector<hl7::Finding>& findings);

}  // namespace smarthl7::eval
